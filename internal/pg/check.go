package pg

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// CheckServer refuses a database that this binary must not serve from: a role
// for which the wall between tenants does not hold (owner, superuser,
// BYPASSRLS, or a member of one), a table without row level security, a
// missing extension, a schema that is not this binary's.
func (d *DB) CheckServer(ctx context.Context) error {
	var role string
	var super, bypass, member, owner, extension bool
	err := d.pool.QueryRow(ctx, `
		SELECT r.rolname, r.rolsuper, r.rolbypassrls,
		       EXISTS (SELECT FROM pg_roles g WHERE (g.rolsuper OR g.rolbypassrls) AND pg_has_role(current_user, g.oid, 'MEMBER')),
		       EXISTS (SELECT FROM pg_class c WHERE c.relname IN ('workspaces', 'articles', 'tickets')
		               AND c.relnamespace = current_schema()::regnamespace AND pg_has_role(current_user, c.relowner, 'MEMBER')),
		       to_regtype('halfvec') IS NOT NULL
		FROM pg_roles r WHERE r.rolname = current_user`).Scan(&role, &super, &bypass, &member, &owner, &extension)
	if err != nil {
		return Translate(err)
	}
	refuse := func(what string) error {
		return &ConfigError{Setting: "DATABASE_URL", Err: fmt.Errorf("the role %s %s, so the wall between tenants would not hold; serve with a role that owns nothing, such as the one that \"purser migrate --server-role\" was given", role, what)}
	}
	switch {
	case super:
		return refuse("is a superuser")
	case bypass:
		return refuse("has BYPASSRLS")
	case member:
		return refuse("may become a superuser or a role with BYPASSRLS")
	case owner:
		return refuse("owns the tables")
	case !extension:
		return errNoExtension
	}
	if err := d.checkSchema(ctx); err != nil {
		return err
	}
	return d.checkWall(ctx)
}

// checkWall refuses a tenant's table that somebody took the policies from.
func (d *DB) checkWall(ctx context.Context) error {
	var table string
	err := d.pool.QueryRow(ctx, `
		SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
			AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
		ORDER BY 1 LIMIT 1`).Scan(&table)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return Translate(err)
	}
	return &ConfigError{Setting: "database", Err: fmt.Errorf("the table %s has no row level security, so the wall between tenants would not hold; restore it from a backup of the schema, or run: ALTER TABLE %s ENABLE ROW LEVEL SECURITY", table, pgx.Identifier{table}.Sanitize())}
}

func (d *DB) checkSchema(ctx context.Context) error {
	var migrated bool
	if err := d.pool.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, versionTable).Scan(&migrated); err != nil {
		return Translate(err)
	}
	if !migrated {
		return &ConfigError{Setting: "database", Err: errors.New("it holds no tables yet; run \"purser migrate\" with the owner's URL first")}
	}
	p, done, err := provider(d.pool)
	if err != nil {
		return err
	}
	defer done()
	var want int64
	for _, s := range p.ListSources() {
		want = max(want, s.Version)
	}
	var have int64
	if err := d.pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM `+versionTable+` WHERE is_applied`).Scan(&have); err != nil {
		return Translate(err)
	}
	switch {
	case have > want:
		return newerSchema(have, want)
	case have < want:
		return &ConfigError{Setting: "database", Err: fmt.Errorf("its schema (version %d) is older than this binary (version %d); run \"purser migrate\"", have, want)}
	}
	return nil
}
