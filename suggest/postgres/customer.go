package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// customerFor finds, makes or joins the customer that identities handed over
// together belong to.
//
// Where all of them belong to one customer already, its row is held against
// joining. Otherwise a lock of the workspace lets one transaction at a time
// change who is who, so that two never join the same customers crosswise.
func customerFor(ctx context.Context, tx pgx.Tx, c ticketCall) (uuid.UUID, error) {
	given := foldAll(c.change.Customer.Identities)
	name := storable(c.change.Customer.DisplayName)
	if given.count() == 0 {
		return namedCustomer(ctx, tx, c, name)
	}
	owners, err := ownersOf(ctx, tx, c.workspace, given)
	if err != nil {
		return uuid.Nil, err
	}
	if len(owners) == 1 && owners[0].identities == given.count() {
		held, err := holdCustomer(ctx, tx, c.workspace, owners[0].id, name)
		if err != nil || held {
			return owners[0].id, err
		}
	}
	return joinCustomers(ctx, tx, c, given, name)
}

// namedCustomer serves a customer without identities: the ticket's own, or a
// new one.
func namedCustomer(ctx context.Context, tx pgx.Tx, c ticketCall, name string) (uuid.UUID, error) {
	var id uuid.UUID
	err := tx.QueryRow(ctx, `
		SELECT customer_id FROM tickets
		WHERE workspace_id = $1 AND external_id = $2 AND customer_id IS NOT NULL`,
		c.workspace, c.externalID).Scan(&id)
	if err == nil {
		held, err := holdCustomer(ctx, tx, c.workspace, id, name)
		if err != nil || held {
			return id, err
		}
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return id, err
	}
	return addCustomer(ctx, tx, c, name)
}

// addCustomer makes a customer whose id follows from the new ticket's.
func addCustomer(ctx context.Context, tx pgx.Tx, c ticketCall, name string) (uuid.UUID, error) {
	id := uuid.NewSHA1(c.newID, []byte("customer"))
	_, err := tx.Exec(ctx, `
		INSERT INTO customers (workspace_id, customer_id, display_name, create_time) VALUES ($1, $2, $3, $4)`,
		c.workspace, id, name, c.now)
	return id, err
}

type owner struct {
	id         uuid.UUID
	identities int
}

func ownersOf(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, given identities) ([]owner, error) {
	rows, err := tx.Query(ctx, `
		SELECT i.customer_id, count(*)
		FROM unnest($2::text[], $3::text[]) AS g (kind, folded)
		JOIN customer_identities i ON i.workspace_id = $1 AND i.kind = g.kind AND i.folded = g.folded
		GROUP BY i.customer_id`, workspace, given.kinds, given.folded)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (owner, error) {
		var o owner
		return o, row.Scan(&o.id, &o.identities)
	})
}

// holdCustomer keeps a customer from being joined into another until the
// transaction ends, and gives it a name if one is told. held is false when it
// was joined already.
func holdCustomer(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID, name string) (held bool, err error) {
	var known string
	err = tx.QueryRow(ctx, `
		SELECT display_name FROM customers WHERE workspace_id = $1 AND customer_id = $2 FOR KEY SHARE`,
		workspace, id).Scan(&known)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil || name == "" || name == known {
		return err == nil, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE customers SET display_name = $3 WHERE workspace_id = $1 AND customer_id = $2`, workspace, id, name)
	return err == nil, err
}

// joinCustomers makes everything that the given identities belong to one
// customer, the oldest of them or a new one.
func joinCustomers(ctx context.Context, tx pgx.Tx, c ticketCall, given identities, name string) (uuid.UUID, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('purser customers ' || $1::text, 0))`, c.workspace); err != nil {
		return uuid.Nil, err
	}
	owners, err := ownersOf(ctx, tx, c.workspace, given)
	if err != nil {
		return uuid.Nil, err
	}
	known, err := lockCustomers(ctx, tx, c.workspace, owners)
	if err != nil {
		return uuid.Nil, err
	}
	var keep uuid.UUID
	switch len(known) {
	case 0:
		keep, err = addCustomer(ctx, tx, c, name)
	case 1:
		keep, err = known[0].id, rename(ctx, tx, c.workspace, known[0], name)
	default:
		keep, err = merge(ctx, tx, c.workspace, known, name)
	}
	if err != nil {
		return keep, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO customer_identities (workspace_id, kind, folded, value, customer_id)
		SELECT $1, g.kind, g.folded, g.value, $5 FROM unnest($2::text[], $3::text[], $4::text[]) AS g (kind, folded, value)
		ON CONFLICT (workspace_id, kind, folded) DO NOTHING`,
		c.workspace, given.kinds, given.folded, given.values, keep)
	return keep, err
}

type knownCustomer struct {
	id     uuid.UUID
	name   string
	create time.Time
}

// lockCustomers locks in the order of ids and returns the oldest first.
func lockCustomers(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, owners []owner) ([]knownCustomer, error) {
	ids := make([]uuid.UUID, len(owners))
	for i, o := range owners {
		ids[i] = o.id
	}
	rows, err := tx.Query(ctx, `
		SELECT customer_id, display_name, create_time FROM customers
		WHERE workspace_id = $1 AND customer_id = ANY($2) ORDER BY customer_id FOR UPDATE`, workspace, ids)
	if err != nil {
		return nil, err
	}
	known, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (knownCustomer, error) {
		var k knownCustomer
		return k, row.Scan(&k.id, &k.name, &k.create)
	})
	slices.SortStableFunc(known, func(a, b knownCustomer) int { return a.create.Compare(b.create) })
	return known, err
}

func rename(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, k knownCustomer, name string) error {
	if name == "" || name == k.name {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE customers SET display_name = $3 WHERE workspace_id = $1 AND customer_id = $2`, workspace, k.id, name)
	return err
}

// merge moves tickets and identities of all but the first to the first.
func merge(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, known []knownCustomer, name string) (uuid.UUID, error) {
	keep := known[0]
	var gone []uuid.UUID
	for _, k := range known[1:] {
		gone = append(gone, k.id)
		if name == "" && keep.name == "" {
			name = k.name
		}
	}
	if err := rename(ctx, tx, workspace, keep, name); err != nil {
		return keep.id, err
	}
	b := &pgx.Batch{}
	b.Queue(`
		SELECT ticket_id FROM tickets
		WHERE workspace_id = $1 AND customer_id = ANY($2) ORDER BY ticket_id FOR NO KEY UPDATE`, workspace, gone)
	b.Queue(`UPDATE tickets SET customer_id = $3 WHERE workspace_id = $1 AND customer_id = ANY($2)`, workspace, gone, keep.id)
	b.Queue(`UPDATE customer_identities SET customer_id = $3 WHERE workspace_id = $1 AND customer_id = ANY($2)`, workspace, gone, keep.id)
	b.Queue(`DELETE FROM customers WHERE workspace_id = $1 AND customer_id = ANY($2)`, workspace, gone)
	return keep.id, tx.SendBatch(ctx, b).Close()
}
