// Package eval measures what Purser finds, drafts and leaves alone on a suite
// of tickets whose good answers are known, and says how sure the figures are.
//
// A suite (package suite) is run through the same pipeline that serves agents
// (Run), and reported as JSON or as a table (Report). The package never stores an
// article, a vector or anything else, nor calls a model by itself: it is given a
// pipeline, a searcher and a workspace that is ready. It never counts a failed
// case as a zero: it is an error, and says so.
package eval
