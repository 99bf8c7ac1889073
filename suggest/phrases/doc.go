// Package phrases holds lists of phrases by language, sorted by what they mean, and
// finds them in a text. Triage and the checks of sentences go by them.
//
// It decides nothing.
package phrases
