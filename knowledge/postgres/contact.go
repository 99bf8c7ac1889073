package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
)

const (
	hasContactsSQL = `SELECT EXISTS (SELECT FROM contact_lists)`

	contactsSQL = `SELECT kind, value FROM contacts`

	currentTextsSQL = `
	SELECT a.locale, r.title, r.body, r.url FROM articles a JOIN revisions r USING (workspace_id, article_id, revision)
	WHERE a.remove_time IS NULL`

	beginContactsSQL = `
	INSERT INTO contact_lists (workspace_id, create_time) VALUES (purser_workspace(), $1) ON CONFLICT DO NOTHING`

	learnContactsSQL = `
	INSERT INTO contacts (workspace_id, kind, value, added_by, create_time)
	SELECT purser_workspace(), u.kind, u.value, '', $1 FROM unnest($2::text[], $3::text[]) u (kind, value)
	ON CONFLICT DO NOTHING`
)

// TrustedContacts implements guard.Contacts: one round trip.
func (s *Store) TrustedContacts(ctx context.Context, w knowledge.Workspace) (*knowledge.ContactList, error) {
	var list *knowledge.ContactList
	err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(hasContactsSQL)
		b.Queue(contactsSQL)
	}, func(r pgx.BatchResults) error {
		there := false
		if err := r.QueryRow().Scan(&there); err != nil {
			return err
		}
		rows, err := r.Query()
		if err != nil {
			return err
		}
		contacts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[knowledge.Contact])
		if there {
			list = knowledge.NewContactList(contacts)
		}
		return err
	})
	return list, err
}

// snapshotContacts is what a plan is held against: the list, or what is trusted
// until there is one, which is what the articles hold; nil without articles.
func (s *Store) snapshotContacts(ctx context.Context, tx pgx.Tx) (*knowledge.ContactList, error) {
	there := false
	if err := tx.QueryRow(ctx, hasContactsSQL).Scan(&there); err != nil {
		return nil, pg.Translate(err)
	}
	if !there {
		contacts, articles, err := currentContacts(ctx, tx)
		if err != nil || articles == 0 {
			return nil, err
		}
		return knowledge.NewContactList(contacts), nil
	}
	rows, err := tx.Query(ctx, contactsSQL)
	if err != nil {
		return nil, pg.Translate(err)
	}
	contacts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[knowledge.Contact])
	return knowledge.NewContactList(contacts), pg.Translate(err)
}

// learnContacts makes the workspace's list when there is none: of what its
// articles hold before this import, or, where it is the first, of what this one
// brings. Later imports add nothing, so a poisoned article gains nothing.
func (s *Store) learnContacts(ctx context.Context, tx pgx.Tx, a knowledge.Application) error {
	there := false
	if err := tx.QueryRow(ctx, hasContactsSQL).Scan(&there); err != nil || there {
		return pg.Translate(err)
	}
	contacts, articles, err := currentContacts(ctx, tx)
	if err != nil {
		return err
	}
	if articles == 0 {
		for i := range a.Articles {
			contacts = append(contacts, knowledge.DocumentContacts(a.Articles[i].Document)...)
		}
	}
	if _, err := tx.Exec(ctx, beginContactsSQL, a.Time); err != nil {
		return pg.Translate(err)
	}
	kinds, values := contactRows(contacts)
	_, err = tx.Exec(ctx, learnContactsSQL, a.Time, kinds, values)
	return pg.Translate(err)
}

func contactRows(contacts []knowledge.Contact) (kinds, values []string) {
	kinds, values = make([]string, len(contacts)), make([]string, len(contacts))
	for i, c := range contacts {
		kinds[i], values[i] = string(c.Kind), c.Value
	}
	return kinds, values
}

// currentContacts are those of all articles that are in force, with how many
// articles there are.
func currentContacts(ctx context.Context, tx pgx.Tx) (contacts []knowledge.Contact, articles int, err error) {
	rows, err := tx.Query(ctx, currentTextsSQL)
	if err != nil {
		return nil, 0, pg.Translate(err)
	}
	seen := map[knowledge.Contact]bool{}
	var d knowledge.Document
	_, err = pgx.ForEachRow(rows, []any{&d.Locale, &d.Title, &d.Body, &d.URL}, func() error {
		articles++
		for _, c := range knowledge.DocumentContacts(d) {
			if !seen[c] {
				seen[c] = true
				contacts = append(contacts, c)
			}
		}
		return nil
	})
	return contacts, articles, pg.Translate(err)
}

// Contacts is the operator's way to what workspaces trust, as the tables' owner.
type Contacts struct{ pool *pgxpool.Pool }

// OpenContacts connects with the owner's URL; Close ends it.
func OpenContacts(ctx context.Context, ownerURL string) (*Contacts, error) {
	pool, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return nil, pg.Translate(err)
	}
	return &Contacts{pool}, nil
}

// Close ends the connections.
func (c *Contacts) Close() { c.pool.Close() }

// ListedContact is a contact with how it came to be listed.
type ListedContact struct {
	Kind  knowledge.ContactKind
	Value string
	// AddedBy is empty where the first import brought it.
	AddedBy string
	Time    time.Time
}

// ErrNoContacts says that a workspace has no list yet: its first import makes it.
var ErrNoContacts = errors.New("the workspace trusts nothing by name yet; its first import makes the list")

// List returns what the workspace trusts, by kind and value. It fails with
// ErrNoContacts.
func (c *Contacts) List(ctx context.Context, w knowledge.Workspace) ([]ListedContact, error) {
	there := false
	if err := c.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM contact_lists WHERE workspace_id = $1)`, string(w)).Scan(&there); err != nil {
		return nil, pg.Translate(err)
	}
	if !there {
		return nil, ErrNoContacts
	}
	rows, err := c.pool.Query(ctx, `SELECT kind, value, added_by, create_time FROM contacts WHERE workspace_id = $1 ORDER BY kind, value`, string(w))
	if err != nil {
		return nil, pg.Translate(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ListedContact])
	return list, pg.Translate(err)
}

// Allow puts a contact on the list; added is false when it stood there. It fails
// with ErrNoContacts: a list that began with one contact would trust nothing of
// what the articles hold.
func (c *Contacts) Allow(ctx context.Context, w knowledge.Workspace, contact knowledge.Contact, by string, now time.Time) (added bool, err error) {
	tag, err := c.pool.Exec(ctx, `INSERT INTO contacts (workspace_id, kind, value, added_by, create_time)
		SELECT workspace_id, $2, $3, $4, $5 FROM contact_lists WHERE workspace_id = $1 ON CONFLICT DO NOTHING`,
		string(w), contact.Kind, contact.Value, by, now)
	if err != nil || tag.RowsAffected() > 0 {
		return err == nil, pg.Translate(err)
	}
	_, err = c.List(ctx, w)
	return false, err
}

// Remove takes a contact off the list; removed is false when it did not stand
// there.
func (c *Contacts) Remove(ctx context.Context, w knowledge.Workspace, contact knowledge.Contact) (removed bool, err error) {
	tag, err := c.pool.Exec(ctx, `DELETE FROM contacts WHERE workspace_id = $1 AND kind = $2 AND value = $3`, string(w), contact.Kind, contact.Value)
	return tag.RowsAffected() > 0, pg.Translate(err)
}

// EachArticle calls visit with every article in force.
func (c *Contacts) EachArticle(ctx context.Context, w knowledge.Workspace, visit func(knowledge.Document)) error {
	rows, err := c.pool.Query(ctx, `
		SELECT a.key, a.locale, r.title, r.body, r.url FROM articles a JOIN revisions r USING (workspace_id, article_id, revision)
		WHERE a.workspace_id = $1 AND a.remove_time IS NULL`, string(w))
	if err != nil {
		return pg.Translate(err)
	}
	var d knowledge.Document
	_, err = pgx.ForEachRow(rows, []any{&d.Key, &d.Locale, &d.Title, &d.Body, &d.URL}, func() error {
		visit(d)
		return nil
	})
	return pg.Translate(err)
}
