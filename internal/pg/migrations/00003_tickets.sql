-- Customers, tickets, messages, suggestions, decisions and deliveries.

-- +goose Up
CREATE TABLE customers (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    customer_id uuid NOT NULL,
    display_name text NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, customer_id)
);

-- An address belongs to one customer; comparing is by its folded form.
CREATE TABLE customer_identities (
    workspace_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('EMAIL', 'HANDLE', 'PHONE', 'CUSTOMER_NUMBER')),
    folded text NOT NULL,
    value text NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (workspace_id, kind, folded),
    FOREIGN KEY (workspace_id, customer_id) REFERENCES customers
);
CREATE INDEX customer_identities_by_customer ON customer_identities (workspace_id, customer_id);

CREATE TABLE tickets (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    ticket_id uuid NOT NULL,
    external_id text NOT NULL,
    subject text NOT NULL,
    channel text NOT NULL,
    status text NOT NULL CHECK (status IN ('OPEN', 'PENDING', 'RESOLVED', 'REOPENED')),
    customer_id uuid,
    facts jsonb NOT NULL,
    contact_reason text NOT NULL,
    labels text[] NOT NULL,
    locale text NOT NULL,
    -- Infinity for none, so that the queue's order is one of plain columns:
    -- under a policy the planner takes coalesce() for leaky and would not use
    -- an index to go on behind a place.
    due_time timestamptz NOT NULL DEFAULT 'infinity',
    event_time timestamptz NOT NULL DEFAULT 'infinity',
    claim_actor jsonb,
    claim_expire_time timestamptz,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    resolve_time timestamptz,
    message_count int NOT NULL DEFAULT 0,
    last_customer_time timestamptz,
    preview text NOT NULL DEFAULT '',
    PRIMARY KEY (workspace_id, ticket_id),
    UNIQUE (workspace_id, external_id),
    FOREIGN KEY (workspace_id, customer_id) REFERENCES customers
) WITH (fillfactor = 85);
-- The queue's order, for what waits and for what is done: the second grows for
-- ever, so that the first need not.
CREATE INDEX tickets_queue ON tickets (workspace_id, due_time, event_time, create_time, ticket_id)
    WHERE status <> 'RESOLVED';
CREATE INDEX tickets_resolved ON tickets (workspace_id, due_time, event_time, create_time, ticket_id)
    WHERE status = 'RESOLVED';
CREATE INDEX tickets_by_customer ON tickets (workspace_id, customer_id, create_time DESC);

CREATE TABLE messages (
    workspace_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    sequence int NOT NULL CHECK (sequence > 0),
    message_id uuid NOT NULL,
    external_id text NOT NULL,
    author text NOT NULL CHECK (author IN ('CUSTOMER', 'AGENT', 'NOTE')),
    actor jsonb,
    channel text NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'PRIVATE')),
    locale text NOT NULL,
    text text NOT NULL,
    sent_time timestamptz NOT NULL,
    attachments jsonb NOT NULL,
    suggestion_id uuid,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, ticket_id, sequence),
    UNIQUE (workspace_id, message_id),
    FOREIGN KEY (workspace_id, ticket_id) REFERENCES tickets
);
CREATE UNIQUE INDEX messages_by_external_id ON messages (workspace_id, ticket_id, external_id) WHERE external_id <> '';

-- A row with a lease while it runs, so that any server can wait for it and take
-- it over when its server has died; then the record of what made it. Whether it
-- is superseded is not stored but asked: that can't be out of date.
CREATE TABLE suggestions (
    workspace_id uuid NOT NULL,
    suggestion_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    message_id uuid NOT NULL,
    -- The newest message that it was made from, answered or not.
    message_sequence int NOT NULL,
    parent_suggestion_id uuid,
    key_id uuid NOT NULL,
    request_id text NOT NULL,
    payload_hash bytea NOT NULL,
    actor jsonb NOT NULL,
    phase text NOT NULL CHECK (phase IN ('RUNNING', 'ABANDONED', 'GENERATED', 'NEEDS_APPROVAL', 'DECIDED', 'RELEASED', 'DELIVERED')),
    revision bigint NOT NULL,
    lease_owner text,
    lease_time timestamptz,
    outcome text CHECK (outcome IN ('DRAFT', 'NO_DRAFT', 'HUMAN_ONLY')),
    reason text,
    confidence double precision,
    -- json, not jsonb: read back as they were written.
    content json,
    record json,
    create_time timestamptz NOT NULL,
    finish_time timestamptz,
    PRIMARY KEY (workspace_id, suggestion_id),
    UNIQUE (workspace_id, key_id, request_id),
    FOREIGN KEY (workspace_id, ticket_id) REFERENCES tickets
);
CREATE INDEX suggestions_by_ticket ON suggestions (workspace_id, ticket_id, create_time DESC, suggestion_id DESC);
CREATE INDEX suggestions_by_time ON suggestions (workspace_id, create_time DESC, suggestion_id DESC);

-- What a draft cites, to know when that knowledge changes.
CREATE TABLE suggestion_citations (
    workspace_id uuid NOT NULL,
    suggestion_id uuid NOT NULL,
    article_id uuid NOT NULL,
    revision int NOT NULL,
    PRIMARY KEY (workspace_id, suggestion_id, article_id),
    FOREIGN KEY (workspace_id, suggestion_id) REFERENCES suggestions
);
CREATE INDEX suggestion_citations_by_article ON suggestion_citations (workspace_id, article_id);

-- The primary key is what makes a decision happen once.
CREATE TABLE decisions (
    workspace_id uuid NOT NULL,
    suggestion_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('APPROVE', 'EDIT', 'DISCARD', 'OWN')),
    actor jsonb NOT NULL,
    key_id uuid NOT NULL,
    final_text text NOT NULL,
    changes json NOT NULL,
    discard_reason text NOT NULL,
    comment text NOT NULL,
    accepted_stale boolean NOT NULL,
    superseded_by text NOT NULL,
    decide_time timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, suggestion_id),
    FOREIGN KEY (workspace_id, suggestion_id) REFERENCES suggestions
);

CREATE TABLE deliveries (
    workspace_id uuid NOT NULL,
    message_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    suggestion_id uuid,
    actor jsonb NOT NULL,
    delivered_time timestamptz NOT NULL,
    create_time timestamptz NOT NULL,
    -- When the desktop handed over the same reply as a message; a reply is
    -- recognised once.
    echo_time timestamptz,
    PRIMARY KEY (workspace_id, message_id),
    FOREIGN KEY (workspace_id, ticket_id) REFERENCES tickets,
    FOREIGN KEY (workspace_id, suggestion_id) REFERENCES suggestions
);
CREATE UNIQUE INDEX deliveries_by_suggestion ON deliveries (workspace_id, suggestion_id) WHERE suggestion_id IS NOT NULL;
CREATE INDEX deliveries_by_ticket ON deliveries (workspace_id, ticket_id);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['customers', 'customer_identities', 'tickets', 'messages', 'suggestions',
        'suggestion_citations', 'decisions', 'deliveries'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY workspace ON %I USING (workspace_id = (SELECT purser_workspace()))', t);
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE deliveries, decisions, suggestion_citations, suggestions, messages, tickets, customer_identities, customers;
