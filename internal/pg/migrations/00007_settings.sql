-- The workspaces' settings, every revision of them; the brand that a ticket names;
-- and which claims without support a person took upon themselves.

-- +goose Up
CREATE TABLE workspace_settings (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    revision bigint NOT NULL CHECK (revision > 0),
    document jsonb NOT NULL,
    actor jsonb NOT NULL,
    create_time timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, revision)
);
ALTER TABLE workspace_settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY workspace ON workspace_settings USING (workspace_id = (SELECT purser_workspace()));

ALTER TABLE tickets ADD COLUMN brand text NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN accepted_claims text[] NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE decisions DROP COLUMN accepted_claims;
ALTER TABLE tickets DROP COLUMN brand;
DROP TABLE workspace_settings;
