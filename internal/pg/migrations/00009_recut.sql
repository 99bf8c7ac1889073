-- Articles that an older version has cut are cut again behind running searches.

-- +goose Up
CREATE INDEX articles_by_index_version ON articles (index_version) WHERE remove_time IS NULL;

-- Which workspaces have such articles, and whether they have vectors; ids alone,
-- for the server's workers.
-- +goose StatementBegin
CREATE FUNCTION purser_workspaces_to_cut(version int, maximum int) RETURNS TABLE (workspace_id uuid, embedded boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    SELECT t.workspace_id, EXISTS (SELECT FROM spaces s WHERE s.workspace_id = t.workspace_id)
    FROM (SELECT DISTINCT a.workspace_id FROM articles a WHERE a.index_version < version AND a.remove_time IS NULL LIMIT maximum) t
$$;
REVOKE ALL ON FUNCTION purser_workspaces_to_cut(int, int) FROM PUBLIC;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION purser_workspaces_to_cut(int, int);
DROP INDEX articles_by_index_version;
