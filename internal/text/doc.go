// Package text is what Purser knows about text itself: making it safe to
// store, cutting it into words and sentences, telling its language, turning
// it into lexemes for full-text search, and finding the figures, dates,
// amounts and contacts that it states.
//
// It imports nothing else of this module, keeps no state beyond the detector
// and analyzer that a caller makes, and never stores, logs or sends what it is
// given. All offsets are byte offsets into the string passed in; callers Clean
// text once, when it arrives, and use offsets into the cleaned text from then
// on.
package text

// Span is a piece of a text: the bytes from Start up to but not including End.
type Span struct{ Start, End int }

// In returns the piece of s that the span covers.
func (p Span) In(s string) string { return s[p.Start:p.End] }

// Len is the length of the span in bytes.
func (p Span) Len() int { return p.End - p.Start }
