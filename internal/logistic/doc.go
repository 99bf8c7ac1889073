// Package logistic fits logistic regressions with an L2 penalty, of two classes or
// of many, and predicts by them. It knows nothing of what its rows stand for, reads
// no files and keeps nothing.
package logistic
