// Package langid tells in which language a text is written, short messages
// included, and whether that is sure. It never looks at anything but the text.
//
// How likely letters are in each language comes from trigrams.bin, made by the
// command in the folder model from the language models of lingua-go (see the
// NOTICE there; that module's code is no part of Purser):
//
//	make trigrams
//
// What is changed here is measured before and after: BenchmarkAccuracy prints
// how often the language of messages, questions and titles is told.
package langid
