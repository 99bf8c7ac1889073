-- What drafts of a workspace may lead customers to. The list is made when
-- articles are imported for the first time, from what they name; later imports
-- add nothing to it, the operator does.

-- +goose Up
CREATE TABLE contact_lists (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces,
    create_time timestamptz NOT NULL
);

CREATE TABLE contacts (
    workspace_id uuid NOT NULL REFERENCES contact_lists,
    kind text NOT NULL CHECK (kind IN ('DOMAIN', 'LINK', 'EMAIL', 'PHONE', 'IBAN')),
    value text NOT NULL COLLATE "C",
    -- Empty where the first import brought it.
    added_by text NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, kind, value)
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['contact_lists', 'contacts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY workspace ON %I USING (workspace_id = (SELECT purser_workspace()))', t);
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE contacts, contact_lists;
