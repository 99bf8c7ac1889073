// Package triage tells whether a person must write a reply, or nobody needs to.
//
// It reads the whole message and drafts nothing.
package triage
