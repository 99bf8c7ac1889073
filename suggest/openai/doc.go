// Package openai drafts replies with a language model behind any endpoint that
// speaks OpenAI's chat completions, hosted or local.
//
// It implements pipeline.Drafter. It never sees personal data, which the pipeline
// replaces before, never checks what the model wrote, which the pipeline does
// after, and never repeats what a provider says in an error.
package openai
