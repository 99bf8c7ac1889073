// Package suggest drafts replies to customer messages for a person to decide
// on: tickets and their messages, the pipeline from message to suggestion, the
// checks that a sentence must pass, and the decisions that people make.
//
// It never sends anything to a customer and never speaks SQL, HTTP or gRPC.
// The folders below it implement the interfaces it declares.
package suggest
