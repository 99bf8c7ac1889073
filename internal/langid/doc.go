// Package langid tells in which language a text is written, short messages
// included, and whether that is sure.
package langid
