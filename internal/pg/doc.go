// Package pg is the project's one way to PostgreSQL: a pool whose every
// statement runs inside a workspace, migrations, the transaction helper, and
// what SQLSTATEs mean. It knows no table by its business; it never retries a
// statement on its own.
package pg
