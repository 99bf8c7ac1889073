// Package confidence tells how sure one can be that what was found answers a
// ticket: by a workspace's profile, a fitted logistic model over the features of
// the search, or by the search's own estimate, each with its floors.
//
// It fits nothing; eval/calibrate does.
package confidence
