// Package text is what Purser knows about text as such: making it safe to
// store, hashing it, its words by Unicode's borders, locales, and pieces of it.
//
// It imports nothing else of this module and never stores, logs or sends what
// it is given. All offsets are byte offsets into the string passed in; callers
// Clean text once, when it arrives, and use offsets into the cleaned text from
// then on.
package text

// Span is a piece of a text: the bytes from Start up to but not including End.
type Span struct{ Start, End int }

// In returns the piece of s that the span covers.
func (p Span) In(s string) string { return s[p.Start:p.End] }

// Len is the length of the span in bytes.
func (p Span) Len() int { return p.End - p.Start }
