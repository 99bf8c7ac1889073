// Package calibrate fits the confidence of suggestions to what happened on
// suites whose answers are known, and says honestly how good the fit is.
//
// The model is a logistic regression with an L2 penalty on standardised
// features of retrieval, chosen and evaluated by nested cross-validation that
// never puts one article on both sides, with isotonic regression on top where
// data suffice. Fitting is reproducible: the same samples and seed give the
// same profile. The package never runs a suite and never changes a setting; it
// writes a Profile, and whoever serves decides to load it.
package calibrate
