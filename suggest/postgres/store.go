package postgres

import (
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
)

// Store keeps tickets and suggestions. It is safe for concurrent use, but for one
// in a transaction.
type Store struct {
	db pg.Conn
}

var (
	_ suggest.TicketStore     = (*Store)(nil)
	_ suggest.SuggestionStore = (*Store)(nil)
	_ suggest.DecisionStore   = (*Store)(nil)
)

// New makes a store on a database that was migrated, or one that takes part in a
// transaction that is open. The caller closes db.
func New(db pg.Conn) *Store { return &Store{db: db} }
