package pgtest

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
)

// template is the database that New copies: migrating it takes half a second of
// computing, and a copy a twentieth of that. It stays on the server, with the hash
// of its schema in its comment, until it is made anew for another one.
const (
	template       = "purser_test_template"
	templateSchema = "purser_test"
)

// prepareTemplate makes the template unless it is there. Of all tests on the
// server one at a time looks and makes.
func prepareTemplate(ctx context.Context, admin *pgx.Conn, super string) error {
	const lock = 7312
	hash, err := pg.SchemaHash()
	if err != nil {
		return err
	}
	if _, err := admin.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return err
	}
	defer func() { _, _ = admin.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lock) }() // it ends with the session at the latest
	var has string
	err = admin.QueryRow(ctx, `SELECT coalesce((SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1), '')`, template).Scan(&has)
	if err != nil || has == hash {
		return err
	}
	for _, statement := range []string{`DROP DATABASE IF EXISTS ` + template + ` WITH (FORCE)`, `CREATE DATABASE ` + template} {
		if _, err := admin.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(statement), err)
		}
	}
	if err := migrateTemplate(ctx, super); err != nil {
		return err
	}
	_, err = admin.Exec(ctx, fmt.Sprintf(`COMMENT ON DATABASE %s IS '%s'`, template, hash))
	return err
}

func migrateTemplate(ctx context.Context, super string) error {
	s, err := schemaOf(super, template, templateSchema)
	if err != nil {
		return err
	}
	admin, err := pgx.Connect(ctx, s.SuperuserURL)
	if err != nil {
		return err
	}
	defer func() { _ = admin.Close(context.WithoutCancel(ctx)) }()
	if _, err := admin.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS vector SCHEMA public`); err != nil {
		return err
	}
	if err := makeSchema(ctx, admin, templateSchema); err != nil {
		return err
	}
	_, err = pg.Migrate(ctx, s.OwnerURL, ServerRole)
	return err
}
