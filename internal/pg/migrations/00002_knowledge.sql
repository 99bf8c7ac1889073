-- Articles with immutable revisions, the passages of the current revision in
-- three narrow tables (text, lexemes, vectors), statistics for ranking, import
-- plans and the queue of what waits for a vector.

-- +goose Up
CREATE TABLE articles (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    article_id uuid NOT NULL,
    key text NOT NULL,
    locale text NOT NULL,
    source text NOT NULL,
    revision int NOT NULL CHECK (revision > 0),
    labels text[] NOT NULL,
    valid_from timestamptz NOT NULL DEFAULT '-infinity',
    valid_until timestamptz NOT NULL DEFAULT 'infinity',
    passages int NOT NULL,
    index_version int NOT NULL,
    remove_time timestamptz,
    PRIMARY KEY (workspace_id, article_id),
    UNIQUE (workspace_id, key, locale)
);
CREATE INDEX articles_by_source ON articles (workspace_id, source);

CREATE TABLE revisions (
    workspace_id uuid NOT NULL,
    article_id uuid NOT NULL,
    revision int NOT NULL CHECK (revision > 0),
    title text NOT NULL,
    body text NOT NULL,
    body_hash bytea NOT NULL,
    labels text[] NOT NULL,
    url text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    source text NOT NULL,
    actor jsonb NOT NULL,
    plan_id uuid NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, article_id, revision),
    FOREIGN KEY (workspace_id, article_id) REFERENCES articles
);

-- Of current revisions alone: search never has to ask which one is. A passage
-- is named by its place in its article, so that an import needs no further
-- index; text_hash is that of what is embedded, which the title is part of.
CREATE TABLE passages (
    workspace_id uuid NOT NULL,
    article_id uuid NOT NULL,
    ordinal int NOT NULL CHECK (ordinal >= 0),
    revision int NOT NULL,
    heading_path text[] NOT NULL,
    start_offset int NOT NULL,
    end_offset int NOT NULL,
    text_hash bytea NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (workspace_id, article_id, ordinal),
    FOREIGN KEY (workspace_id, article_id) REFERENCES articles
);

-- A lexeme's weight is its frequency in the passage: D once, C twice, B three
-- times, A more often. BM25 reads it back with ts_rank, and a tsvector stays
-- narrow.
CREATE TABLE passage_lexemes (
    workspace_id uuid NOT NULL,
    article_id uuid NOT NULL,
    ordinal int NOT NULL,
    length int NOT NULL,
    lexemes tsvector NOT NULL,
    PRIMARY KEY (workspace_id, article_id, ordinal)
);
CREATE INDEX passage_lexemes_words ON passage_lexemes USING gin (lexemes) WITH (fastupdate = off);

CREATE TABLE title_lexemes (
    workspace_id uuid NOT NULL,
    article_id uuid NOT NULL,
    length int NOT NULL,
    text_hash bytea NOT NULL,
    lexemes tsvector NOT NULL,
    PRIMARY KEY (workspace_id, article_id)
);
CREATE INDEX title_lexemes_words ON title_lexemes USING gin (lexemes) WITH (fastupdate = off);

-- Number of articles of a locale that hold a lexeme in a passage ('B') or in the
-- title ('T').
CREATE TABLE lexeme_counts (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    field text COLLATE "C" NOT NULL CHECK (field IN ('B', 'T')),
    lexeme text NOT NULL COLLATE "C",
    locale text NOT NULL COLLATE "C",
    count int NOT NULL,
    PRIMARY KEY (workspace_id, field, lexeme, locale)
);

-- What ranking needs to know of all articles of a locale: how many, and how long
-- they are together.
CREATE TABLE locale_totals (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    locale text NOT NULL COLLATE "C",
    articles int NOT NULL,
    passages int NOT NULL,
    passage_lexemes bigint NOT NULL,
    title_lexemes bigint NOT NULL,
    PRIMARY KEY (workspace_id, locale)
);

-- One row a workspace, with a version that grows with every import that is
-- applied. Its lock orders those who change what is searched: an import takes it
-- for update, a worker that stores vectors for share.
CREATE TABLE knowledge_totals (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces,
    version bigint NOT NULL,
    articles int NOT NULL,
    passages int NOT NULL
);

-- A model of embedding. Search asks the one that its embedder names; the
-- active one is the last that had a vector for everything.
CREATE TABLE spaces (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    space_id int NOT NULL,
    name text NOT NULL,
    dimensions int NOT NULL CHECK (dimensions BETWEEN 1 AND 4000),
    active boolean NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, space_id),
    UNIQUE (workspace_id, name)
);
CREATE UNIQUE INDEX spaces_one_active ON spaces (workspace_id) WHERE active;

-- No dimension in the type, so that spaces of several share the tables; an
-- index for one space casts and names it.
CREATE TABLE passage_vectors (
    workspace_id uuid NOT NULL,
    space_id int NOT NULL,
    article_id uuid NOT NULL,
    ordinal int NOT NULL,
    vector halfvec NOT NULL,
    PRIMARY KEY (workspace_id, space_id, article_id, ordinal),
    FOREIGN KEY (workspace_id, space_id) REFERENCES spaces
);

CREATE TABLE title_vectors (
    workspace_id uuid NOT NULL,
    space_id int NOT NULL,
    article_id uuid NOT NULL,
    vector halfvec NOT NULL,
    PRIMARY KEY (workspace_id, space_id, article_id),
    FOREIGN KEY (workspace_id, space_id) REFERENCES spaces
);

-- Per workspace: a shared cache would tell one tenant what another one has.
CREATE TABLE vector_cache (
    workspace_id uuid NOT NULL,
    space_id int NOT NULL,
    text_hash bytea NOT NULL,
    vector halfvec NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, space_id, text_hash),
    FOREIGN KEY (workspace_id, space_id) REFERENCES spaces
);

-- What waits for a vector: a passage, or the title where ordinal is -1. A worker
-- leases rows for seconds, so a worker that was killed is overtaken soon. A row
-- that can't be embedded stays, with a lease that never ends.
CREATE TABLE vector_queue (
    workspace_id uuid NOT NULL,
    space_id int NOT NULL,
    article_id uuid NOT NULL,
    ordinal int NOT NULL,
    text_hash bytea NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    lease_time timestamptz NOT NULL DEFAULT '-infinity',
    failure text NOT NULL DEFAULT '',
    PRIMARY KEY (workspace_id, space_id, ordinal, article_id),
    FOREIGN KEY (workspace_id, space_id) REFERENCES spaces
);

CREATE TABLE import_plans (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    plan_id uuid NOT NULL,
    source text NOT NULL,
    keep_missing boolean NOT NULL,
    base_version bigint NOT NULL,
    actor jsonb NOT NULL,
    added int NOT NULL,
    changed int NOT NULL,
    removed int NOT NULL,
    unchanged int NOT NULL,
    existing int NOT NULL,
    blocked boolean NOT NULL,
    problems jsonb NOT NULL,
    problem_count int NOT NULL,
    create_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL,
    apply_time timestamptz,
    PRIMARY KEY (workspace_id, plan_id)
);

CREATE TABLE import_changes (
    workspace_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    ordinal int NOT NULL,
    kind text NOT NULL CHECK (kind IN ('REMOVED', 'CHANGED', 'ADDED')),
    article_id uuid NOT NULL,
    revision int NOT NULL,
    key text NOT NULL,
    locale text NOT NULL,
    title text NOT NULL,
    fields text[] NOT NULL,
    origin text NOT NULL,
    passages_before int NOT NULL,
    passages_after int NOT NULL,
    document json,
    PRIMARY KEY (workspace_id, plan_id, ordinal),
    FOREIGN KEY (workspace_id, plan_id) REFERENCES import_plans ON DELETE CASCADE
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['articles', 'revisions', 'passages', 'passage_lexemes', 'title_lexemes',
        'lexeme_counts', 'locale_totals', 'knowledge_totals', 'spaces', 'passage_vectors', 'title_vectors', 'vector_cache',
        'vector_queue', 'import_plans', 'import_changes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY workspace ON %I USING (workspace_id = (SELECT purser_workspace()))', t);
    END LOOP;
END $$;
-- +goose StatementEnd

-- @@ is not leakproof, so under a policy the server's role would never use the
-- GIN index. The owner's function may, and filters by the workspace itself; it
-- sees nothing when no workspace is set.
-- +goose StatementBegin
CREATE FUNCTION purser_passages_with(query tsquery, maximum int) RETURNS TABLE (article_id uuid, ordinal int)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 200 SET search_path FROM CURRENT
AS $$
    SELECT l.article_id, l.ordinal FROM passage_lexemes l
    WHERE l.workspace_id = (SELECT purser_workspace()) AND l.lexemes @@ query
    LIMIT maximum
$$;
CREATE FUNCTION purser_titles_with(query tsquery, maximum int) RETURNS TABLE (article_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 200 SET search_path FROM CURRENT
AS $$
    SELECT l.article_id FROM title_lexemes l
    WHERE l.workspace_id = (SELECT purser_workspace()) AND l.lexemes @@ query
    LIMIT maximum
$$;
-- Which workspaces have vectors to make in a space of this name, or articles and
-- no such space yet; ids alone, for the server's workers.
CREATE FUNCTION purser_workspaces_to_embed(space text, maximum int) RETURNS TABLE (workspace_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    SELECT t.workspace_id FROM knowledge_totals t
    WHERE t.articles > 0 AND (
        NOT EXISTS (SELECT FROM spaces s WHERE s.workspace_id = t.workspace_id AND s.name = space)
        OR EXISTS (SELECT FROM vector_queue q JOIN spaces s USING (workspace_id, space_id)
                   WHERE q.workspace_id = t.workspace_id AND s.name = space AND q.lease_time < now()))
    LIMIT maximum
$$;
REVOKE ALL ON FUNCTION purser_passages_with(tsquery, int), purser_titles_with(tsquery, int), purser_workspaces_to_embed(text, int) FROM PUBLIC;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION purser_workspaces_to_embed(text, int);
DROP FUNCTION purser_titles_with(tsquery, int);
DROP FUNCTION purser_passages_with(tsquery, int);
DROP TABLE import_changes, import_plans, vector_queue, vector_cache, title_vectors, passage_vectors, spaces,
    knowledge_totals, locale_totals, lexeme_counts, title_lexemes, passage_lexemes, passages, revisions, articles;
