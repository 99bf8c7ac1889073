// Package kind tells what a sentence of a reply is for (a greeting, empathy, a
// statement, a step …), whether it needs a source, and whether it says that
// something was done, promises something, or admits fault. It goes by the meaning
// of the sentence: logistic regressions on its vector, fitted to the examples below
// "examples". Where nobody embeds, or the vectors are of a model that no head was
// fitted to, a few certain phrases are known and everything else is a statement that
// may need a source. It never says whether a sentence is true, and changes no text.
//
// The examples are made up for this purpose, in ten languages. The figures of the
// head that ships, and the thresholds, are printed by
//
//	bin/purser local run -- go run ./suggest/kind/fit
package kind
