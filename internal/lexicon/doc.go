// Package lexicon holds what is known of the words of human languages: lists of
// words as data, one file a language and list ("words/de/months.txt"), and one
// way to fold letters. It never looks a word up without a language, and never
// at whole texts.
package lexicon
