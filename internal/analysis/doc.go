// Package analysis turns text into lexemes for search by words: lower case,
// stems, parts of compounds, pairs of characters where a script has no blanks.
//
// An index and its questions must be made by the same version; see
// Version.
package analysis
