package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
)

const (
	hasContactsSQL = `SELECT EXISTS (SELECT FROM contact_lists), EXISTS (SELECT FROM first_imports)`

	contactsSQL = `SELECT kind, value FROM contacts`

	currentTextsSQL = `
	SELECT a.article_id::text, r.revision, a.locale, r.title, r.body, r.url
	FROM articles a JOIN revisions r USING (workspace_id, article_id, revision)
	WHERE a.remove_time IS NULL AND (a.article_id, r.revision) > ($1, $2) ORDER BY a.article_id, r.revision LIMIT $3`

	// What the first import brought, or, where articles are older than that table,
	// what was there before: later imports add nothing, so a poisoned article gains
	// nothing however late the list is made.
	learnedTextsSQL = `
	SELECT a.article_id::text, r.revision, a.locale, r.title, r.body, r.url
	FROM first_imports f, revisions r JOIN articles a USING (workspace_id, article_id)
	WHERE (a.article_id, r.revision) > ($1, $2)
	  AND CASE WHEN EXISTS (SELECT FROM revisions o WHERE o.create_time < f.create_time AND o.plan_id <> f.plan_id)
	           THEN r.create_time < f.create_time AND r.plan_id <> f.plan_id
	           ELSE r.plan_id = f.plan_id END
	ORDER BY a.article_id, r.revision LIMIT $3`

	beginContactsSQL = `
	INSERT INTO contact_lists (workspace_id, create_time) VALUES (purser_workspace(), now()) ON CONFLICT DO NOTHING`

	learnContactsSQL = `
	INSERT INTO contacts (workspace_id, kind, value, added_by, create_time)
	SELECT purser_workspace(), u.kind, u.value, '', now() FROM unnest($1::text[], $2::text[]) u (kind, value)
	ON CONFLICT DO NOTHING`
)

// TrustedContacts implements guard.Contacts: one round trip. Until the list of
// a first import is made, nothing is trusted.
func (s *Store) TrustedContacts(ctx context.Context, w knowledge.Workspace) (*knowledge.ContactList, error) {
	list, imported, err := s.listedContacts(ctx, w)
	if list == nil && imported {
		list = knowledge.NewContactList(nil)
	}
	return list, err
}

// listedContacts is the list, nil when there is none, and whether there was an
// import.
func (s *Store) listedContacts(ctx context.Context, w knowledge.Workspace) (list *knowledge.ContactList, imported bool, err error) {
	err = s.db.Batch(ctx, string(w), func(b *pgx.Batch) {
		b.Queue(hasContactsSQL)
		b.Queue(contactsSQL)
	}, func(r pgx.BatchResults) error {
		there := false
		if err := r.QueryRow().Scan(&there, &imported); err != nil {
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
	return list, imported, err
}

// snapshotContacts is what a plan is held against: the list, or what is trusted
// until there is one, which is what the articles hold; nil without articles.
func (s *Store) snapshotContacts(ctx context.Context, w knowledge.Workspace) (*knowledge.ContactList, error) {
	list, _, err := s.listedContacts(ctx, w)
	if err != nil || list != nil {
		return list, err
	}
	contacts, texts, err := s.namedContacts(ctx, w, currentTextsSQL)
	if err != nil || texts == 0 {
		return nil, err
	}
	return knowledge.NewContactList(contacts), nil
}

// LearnContacts makes the workspace's list, when there is none, of what its first
// import named. Again it does nothing.
func (s *Store) LearnContacts(ctx context.Context, w knowledge.Workspace) error {
	list, imported, err := s.listedContacts(ctx, w)
	if err != nil || list != nil || !imported {
		return err
	}
	contacts, _, err := s.namedContacts(ctx, w, learnedTextsSQL)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, string(w), func(tx *pg.Tx) error {
		tag, err := tx.Exec(ctx, beginContactsSQL)
		if err != nil || tag.RowsAffected() == 0 { // another job made it meanwhile
			return pg.Translate(err)
		}
		kinds, values := contactRows(contacts)
		_, err = tx.Exec(ctx, learnContactsSQL, kinds, values)
		return pg.Translate(err)
	})
}

func contactRows(contacts []knowledge.Contact) (kinds, values []string) {
	kinds, values = make([]string, len(contacts)), make([]string, len(contacts))
	for i, c := range contacts {
		kinds[i], values[i] = string(c.Kind), c.Value
	}
	return kinds, values
}

// textsAtOnce is how many texts are read before they are looked through: no
// statement waits for that.
const textsAtOnce = 500

// namedContacts are those that texts name, with how many texts there are.
func (s *Store) namedContacts(ctx context.Context, w knowledge.Workspace, sql string) (contacts []knowledge.Contact, texts int, err error) {
	type text struct {
		ArticleID string
		Revision  int
		Locale    string
		Title     string
		Body      string
		URL       string
	}
	seen := map[knowledge.Contact]bool{}
	last := text{ArticleID: uuid.Nil.String()}
	for {
		var page []text
		err := s.db.Batch(ctx, string(w), func(b *pgx.Batch) { b.Queue(sql, last.ArticleID, last.Revision, textsAtOnce) }, func(r pgx.BatchResults) error {
			rows, err := r.Query()
			if err != nil {
				return err
			}
			page, err = pgx.CollectRows(rows, pgx.RowToStructByPos[text])
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		for _, last = range page {
			texts++
			for _, c := range knowledge.DocumentContacts(knowledge.Document{Locale: last.Locale, Title: last.Title, Body: last.Body, URL: last.URL}) {
				if !seen[c] {
					seen[c] = true
					contacts = append(contacts, c)
				}
			}
		}
		if err := ctx.Err(); err != nil || len(page) < textsAtOnce {
			return contacts, texts, err
		}
	}
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
var ErrNoContacts = errors.New("the workspace trusts nothing by name yet; the list is made soon after its first import")

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
