// Package entity finds what a text states exactly: numbers, amounts, dates,
// times and durations, and the contacts and accounts that it leads to; and tells
// whether one of them is stated by another text, however each is written.
//
// It never stores, logs or sends what it finds.
package entity
