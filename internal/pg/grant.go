package pg

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// privileges of the server's role, table by table. What must not change has no
// UPDATE; what only the operator does is not here.
var privileges = []struct{ tables, rights string }{
	{"workspaces, confidence_profiles, " + versionTable, "SELECT"},
	{"revisions, decisions, suggestion_citations, contact_lists, contacts, first_imports, workspace_settings", "SELECT, INSERT"},
	{"messages", "SELECT, INSERT, UPDATE (external_id, suggestion_id)"},
	{"deliveries", "SELECT, INSERT, UPDATE (echo_time)"},
	{"api_keys", "SELECT, INSERT, UPDATE (last_use_time, revoke_time)"},
	{"tickets, suggestions", "SELECT, INSERT, UPDATE"},
	{"requests, customers, customer_identities, articles, passages, passage_lexemes, title_lexemes, lexeme_counts, locale_totals, knowledge_totals, " +
		"spaces, passage_vectors, title_vectors, vector_cache, missing_vectors, import_plans, import_changes", "SELECT, INSERT, UPDATE, DELETE"},
	{"river_job, river_leader, river_queue, river_notification", "SELECT, INSERT, UPDATE, DELETE"},
	{"river_migration", "SELECT"},
}

var functions = []string{
	"purser_workspace()", "purser_forget_requests(timestamptz)", "purser_passages_with(tsquery, int)",
	"purser_titles_with(tsquery, int)", "purser_workspaces_to_embed(text, int)", "purser_workspaces_to_cut(int, int)",
}

// grant gives the role what is listed, and takes away what an earlier version
// granted besides. A role that owns the tables keeps what is its own; the server
// refuses it anyway.
func grant(ctx context.Context, pool *pgxpool.Pool, role string) error {
	name := pgx.Identifier{role}.Sanitize()
	return Translate(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var schema string
		var owner bool
		if err := tx.QueryRow(ctx, `SELECT current_schema(), pg_has_role($1, current_user, 'MEMBER')`, role).Scan(&schema, &owner); err != nil {
			return err
		}
		schema = pgx.Identifier{schema}.Sanitize()
		statements := []string{
			fmt.Sprintf(`GRANT USAGE ON SCHEMA %s TO %s`, schema, name),
			fmt.Sprintf(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA %s TO %s`, schema, name),
		}
		if !owner {
			statements = append(statements, fmt.Sprintf(`REVOKE ALL ON ALL TABLES IN SCHEMA %s FROM %s`, schema, name))
		}
		for _, p := range privileges {
			statements = append(statements, fmt.Sprintf(`GRANT %s ON %s TO %s`, p.rights, p.tables, name))
		}
		for _, f := range functions {
			statements = append(statements, fmt.Sprintf(`GRANT EXECUTE ON FUNCTION %s TO %s`, f, name))
		}
		for _, s := range statements {
			if _, err := tx.Exec(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	}))
}
