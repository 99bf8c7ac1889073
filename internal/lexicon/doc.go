// Package lexicon holds what is known of the words of human languages. It never
// looks at whole texts.
package lexicon
