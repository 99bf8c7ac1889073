// Package request tells what a customer wants: the requests of a message apart,
// each with the context that it needs to be found, and whether a message goes on
// with what was said before.
//
// It goes by marks of sentences and lists, and by short lists of words in the
// language of the text (internal/lexicon), none where that is not known. It
// rather proposes too many requests than too few: Merge joins those that the same
// article answers. It searches nothing itself.
package request
