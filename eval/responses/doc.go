// Package responses is the cache of what models answered, so that running a suite
// again costs nothing and gives the same drafts.
//
// It never decides whether an old response will do: the key holds everything that
// was asked and the caller's name for the model and its settings, and any
// difference is another question. What is kept is what the model was sent and
// said, with personal data replaced as it was then; the folder is as private as
// the suite.
package responses
