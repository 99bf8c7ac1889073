// Package llm is the one way to a model provider over HTTP: bounded waits, few
// and polite retries, a breaker and rate limits, for embeddings and chat alike.
// It knows what the endpoints that speak OpenAI's API have in common: where they
// are, how a key is shown, how they refuse, and how they stream.
//
// It knows no prompt, never logs a request or an answer, and never repeats a
// request once its answer has begun.
package llm
