// Package api serves the contract purser.v1 over gRPC: it authenticates,
// checks requests, keeps request ids, and translates between messages and the
// domain. Every rule about tickets, drafts and knowledge lives elsewhere.
package api
