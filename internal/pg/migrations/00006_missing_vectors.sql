-- What waits for a vector is no queue of its own any more: jobs work it off, a
-- share of the articles each. And what an import's contacts are learned from is
-- noted, since that happens after it.

-- +goose Up
ALTER TABLE vector_queue RENAME TO missing_vectors;
ALTER INDEX vector_queue_pkey RENAME TO missing_vectors_pkey;
-- When to try again; infinity where a text was given up.
ALTER TABLE missing_vectors RENAME COLUMN lease_time TO retry_time;

-- The import that first brought articles.
CREATE TABLE first_imports (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces,
    plan_id uuid NOT NULL,
    create_time timestamptz NOT NULL
);
ALTER TABLE first_imports ENABLE ROW LEVEL SECURITY;
CREATE POLICY workspace ON first_imports USING (workspace_id = (SELECT purser_workspace()));

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION purser_workspaces_to_embed(space text, maximum int) RETURNS TABLE (workspace_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    SELECT t.workspace_id FROM knowledge_totals t
    WHERE t.articles > 0 AND (
        NOT EXISTS (SELECT FROM spaces s WHERE s.workspace_id = t.workspace_id AND s.name = space)
        OR EXISTS (SELECT FROM missing_vectors m JOIN spaces s USING (workspace_id, space_id)
                   WHERE m.workspace_id = t.workspace_id AND s.name = space AND m.retry_time <= now()))
    LIMIT maximum
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE first_imports;
ALTER TABLE missing_vectors RENAME COLUMN retry_time TO lease_time;
ALTER INDEX missing_vectors_pkey RENAME TO vector_queue_pkey;
ALTER TABLE missing_vectors RENAME TO vector_queue;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION purser_workspaces_to_embed(space text, maximum int) RETURNS TABLE (workspace_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    SELECT t.workspace_id FROM knowledge_totals t
    WHERE t.articles > 0 AND (
        NOT EXISTS (SELECT FROM spaces s WHERE s.workspace_id = t.workspace_id AND s.name = space)
        OR EXISTS (SELECT FROM vector_queue q JOIN spaces s USING (workspace_id, space_id)
                   WHERE q.workspace_id = t.workspace_id AND s.name = space AND q.lease_time < now()))
    LIMIT maximum
$$;
-- +goose StatementEnd
