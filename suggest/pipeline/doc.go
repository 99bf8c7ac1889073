// Package pipeline makes a suggestion from a ticket, one file for each step:
// intake, triage, retrieve, decide, draft (with fallbacks), check, record.
//
// It stores nothing, so evaluation runs the same one, and sends nothing to
// anybody but the drafters that it was given.
package pipeline
