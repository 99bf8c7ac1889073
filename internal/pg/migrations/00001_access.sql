-- Workspaces, keys and request ids, and the wall between tenants: every tenant
-- table's key starts with workspace_id, and a policy compares it with the
-- setting that the server makes for each transaction. The setting is NULL
-- before its first use in a session and an empty string after, so an unset
-- workspace sees nothing.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION purser_workspace() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('purser.workspace', true), '')::uuid;
-- +goose StatementEnd

CREATE TABLE workspaces (
    workspace_id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> ''),
    create_time timestamptz NOT NULL
);

CREATE TABLE api_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    key_id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('AGENT', 'EDITOR', 'QA', 'SUPERVISOR', 'ADMIN')),
    secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
    creator jsonb,
    create_time timestamptz NOT NULL,
    expire_time timestamptz,
    revoke_time timestamptz,
    last_use_time timestamptz,
    PRIMARY KEY (workspace_id, key_id)
);

CREATE TABLE requests (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    key_id uuid NOT NULL,
    method text NOT NULL,
    request_id text NOT NULL,
    payload_hash bytea NOT NULL,
    response bytea,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, key_id, method, request_id)
);
CREATE INDEX requests_by_age ON requests (create_time);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['workspaces', 'api_keys', 'requests'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY workspace ON %I USING (workspace_id = (SELECT purser_workspace()))', t);
    END LOOP;
END $$;
-- +goose StatementEnd

-- Old request ids go by age across tenants, which no tenant's session may see.
-- +goose StatementBegin
CREATE FUNCTION purser_forget_requests(before timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    WITH gone AS (DELETE FROM requests WHERE create_time < before AND before < now() - interval '1 day' RETURNING 1)
    SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION purser_forget_requests(timestamptz) FROM PUBLIC;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION purser_forget_requests(timestamptz);
DROP TABLE requests;
DROP TABLE api_keys;
DROP TABLE workspaces;
DROP FUNCTION purser_workspace();
