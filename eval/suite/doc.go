// Package suite reads tickets whose good answers are known, with the articles
// they run on, from JSON lines, YAML or tables, and finds what would make their
// figures wrong.
//
// It never runs a case and never guesses silently: what it can't read is an
// error, and what it passes over is a note, each with its file and line.
package suite
