-- Confidence profiles of workspaces. Every change is a row of its own, so who
-- changed what, and when, stays; the highest version is in force.

-- +goose Up
CREATE TABLE confidence_profiles (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    version int NOT NULL CHECK (version > 0),
    -- The profile's JSON; NULL where the workspace went back to the default one.
    profile json,
    -- The version that was brought back.
    restored int,
    actor jsonb NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, version),
    FOREIGN KEY (workspace_id, restored) REFERENCES confidence_profiles
);
ALTER TABLE confidence_profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY workspace ON confidence_profiles USING (workspace_id = (SELECT purser_workspace()));

-- +goose Down
DROP TABLE confidence_profiles;
