package postgres

import (
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
)

// Store keeps tickets and suggestions. It is safe for concurrent use. Where a
// context carries a transaction of pg.DB.Tx, its methods take part in it.
type Store struct {
	db *pg.DB
}

var (
	_ suggest.TicketStore     = (*Store)(nil)
	_ suggest.SuggestionStore = (*Store)(nil)
)

// New makes a store on a database that was migrated. The caller closes db.
func New(db *pg.DB) *Store { return &Store{db: db} }
