// Package sentence cuts text into sentences, by Unicode's borders and by what
// its language writes with dots that end nothing: abbreviations, ordinals, dates.
//
// It never changes text: a sentence is a span of what was passed in.
package sentence
