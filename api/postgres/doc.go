// Package postgres keeps keys and request ids in PostgreSQL.
package postgres
