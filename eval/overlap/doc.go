// Package overlap measures how much of one text stands in another: ROUGE-L,
// chrF and the share of words to be changed.
//
// Every function is pure. It never judges whether a text is right: two replies
// can say the same in other words, and a wrong figure hardly moves a score.
package overlap
