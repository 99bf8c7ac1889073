// Package extractive drafts replies without a language model: it picks the
// sentences of the evidence that answer, keeps their order and their words, and
// puts the greeting and closing of the channel and language around them.
//
// It implements pipeline.Drafter. It never writes a statement of its own, and
// never translates: it drafts only from evidence in the draft's language.
package extractive
