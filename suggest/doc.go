// Package suggest holds the nouns of drafting replies and the rules of their life:
// tickets and their messages, suggestions and what people decide on them, the
// interfaces of stores, and the service that makes suggestions on stored tickets
// by a pipeline that it knows as one method.
//
// It knows nothing of how a draft is made, never sends anything to a customer and
// never speaks SQL, HTTP or gRPC. The folders below it implement the interfaces
// it declares: suggest/pipeline makes drafts, suggest/postgres stores.
package suggest
