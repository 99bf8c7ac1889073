// Package compare says what changed from one run to another on the same cases:
// which metrics are better, worse or can't be told, in which groups, and which
// cases to look at.
//
// It reads two finished runs and never runs a case. It compares nothing that
// differs in what was asked or expected.
package compare
