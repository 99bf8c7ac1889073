// Package stat holds the statistics behind an evaluation: intervals, paired
// tests, agreement, ranking and calibration measures.
//
// Every function is pure: the same arguments give the same bits, also where
// chance is used, since the seed is an argument. It knows nothing of tickets
// or models, never reads, writes or logs, and never panics on empty input:
// what can't be computed is an Estimate with N 0, or NaN where a function
// returns a bare number. So it is with values that are no numbers.
package stat
