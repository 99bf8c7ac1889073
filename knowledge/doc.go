// Package knowledge is what a workspace knows: articles with immutable
// revisions, the passages they are cut into, imports that are planned before
// they are applied, and the search that finds evidence for a reply.
//
// It holds rules, not storage: it never speaks SQL, HTTP or gRPC. The folders
// below it implement the interfaces it declares.
package knowledge
