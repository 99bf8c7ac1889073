// Package trial measures the checks of drafts on answers that somebody wrote
// beforehand, in a folder of such trials: whole answers as a strong model writes
// them, false sentences planted into answers, and single sentences, true and
// hostile, that are to be judged against one article. It plays them as the model
// would write them and counts what became of each sentence. It writes no answer
// and draws no conclusion beyond the targets that it names.
package trial
