// Package postgres keeps tickets and suggestions in PostgreSQL: it implements
// suggest.TicketStore and suggest.SuggestionStore on the tables of
// internal/pg's migrations.
//
// Every statement runs inside one workspace with bound parameters. Locks are
// taken in one order: customers, then tickets by id, then suggestions. It
// decides nothing that the rules of package suggest should decide, cleans no
// text beyond what the database can't hold, and never logs what it stores.
package postgres
