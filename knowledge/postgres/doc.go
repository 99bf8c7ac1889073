// Package postgres keeps a workspace's knowledge in PostgreSQL with pgvector and
// searches it there: articles, plans, passages, lexemes and vectors. It holds no
// rule of ranking or importing of its own, and it never embeds anything.
package postgres
