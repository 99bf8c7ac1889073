package bench_test

import (
	"bytes"
	_ "embed" // for the statement
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pgvector/pgvector-go"
	pgxvector "github.com/pgvector/pgvector-go/pgx"

	"github.com/purser-desk/purser/knowledge"
)

//go:embed reference.sql
var searchSQL string

// The other statements of the reference set, each the least that its step needs.
// They run as the server's role, so policies hold for them too.
const (
	setWorkspace = `SELECT set_config('purser.workspace', $1, true)`

	// Whose key is it?
	keySQL = `SELECT k.role, k.secret_hash, k.expire_time, k.revoke_time, k.last_use_time, w.name
		FROM api_keys k JOIN workspaces w USING (workspace_id) WHERE k.workspace_id = $1 AND k.key_id = $2`

	// What is to be answered? A running row says that it is being worked on.
	beginSQL = `INSERT INTO suggestions (workspace_id, suggestion_id, ticket_id, message_id, message_sequence, key_id, request_id,
			payload_hash, actor, phase, revision, lease_owner, lease_time, create_time)
		SELECT $1, $2, t.ticket_id, m.message_id, t.message_count, $4, $5, $6, $7, 'RUNNING', 1, $8, $9, $10
		FROM tickets t CROSS JOIN LATERAL (SELECT message_id FROM messages m WHERE m.workspace_id = $1 AND m.ticket_id = t.ticket_id
			AND m.author = 'CUSTOMER' ORDER BY m.sequence DESC LIMIT 1) m
		WHERE t.workspace_id = $1 AND t.ticket_id = $3
		ON CONFLICT DO NOTHING RETURNING message_id, message_sequence`
	ticketSQL = `SELECT t.external_id, t.subject, t.channel, t.status, t.facts, t.contact_reason, t.labels, t.locale, t.due_time, t.event_time,
			c.display_name, (SELECT json_agg(json_build_object('kind', i.kind, 'value', i.value)) FROM customer_identities i
				WHERE i.workspace_id = $1 AND i.customer_id = t.customer_id)
		FROM tickets t LEFT JOIN customers c ON c.workspace_id = $1 AND c.customer_id = t.customer_id
		WHERE t.workspace_id = $1 AND t.ticket_id = $2`
	messagesSQL = `SELECT message_id, sequence, author, actor, channel, visibility, locale, text, sent_time, attachments
		FROM messages WHERE workspace_id = $1 AND ticket_id = $2 ORDER BY sequence DESC LIMIT 50`

	// What came of it?
	recordSQL = `WITH done AS (
			UPDATE suggestions SET phase = 'GENERATED', revision = 2, lease_owner = NULL, lease_time = NULL, outcome = 'DRAFT',
				confidence = $4, content = $5, record = $6, finish_time = $7
			WHERE workspace_id = $1 AND suggestion_id = $2 AND lease_owner = $3 RETURNING 1
		), cited AS (
			INSERT INTO suggestion_citations (workspace_id, suggestion_id, article_id, revision)
			SELECT $1, $2, article_id, 1 FROM done, unnest($8::uuid[]) c (article_id)
		)
		SELECT count(*) FROM done`
)

// steps of the reference set, in order.
var steps = []string{"key", "begin", "embed", "search", "chat", "record"}

// reference makes the statements and model calls of a suggestion bare: no
// pipeline, no gRPC, answers read to their end and not looked at.
type reference struct {
	s     *server
	pool  *pgxpool.Pool
	http  *http.Client
	space int
	key   uuid.UUID
	// content and record are what Purser stored of a suggestion, article what
	// that cites, chat the request that was sent for it.
	content, record []byte
	article         uuid.UUID
	chat            []byte
}

// newReference takes its sizes from a suggestion that Purser has made.
func newReference(t testing.TB, s *server, suggestionID string) *reference {
	t.Helper()
	ctx := t.Context()
	config, err := pgxpool.ParseConfig(s.schema.ServerURL)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = s.schema.DB.Pool().Config().MaxConns
	config.ConnConfig.RuntimeParams = s.schema.DB.Pool().Config().ConnConfig.RuntimeParams
	config.AfterConnect = pgxvector.RegisterTypes
	r := &reference{s: s, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
	if r.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.pool.Close)
	t.Cleanup(r.http.CloseIdleConnections)
	if err := s.schema.Owner.QueryRow(ctx, `SELECT space_id, (SELECT key_id FROM api_keys LIMIT 1) FROM spaces`).Scan(&r.space, &r.key); err != nil {
		t.Fatal(err)
	}
	err = s.schema.Owner.QueryRow(ctx, `SELECT content, record, record->'prompt', (SELECT article_id FROM suggestion_citations c
		WHERE c.suggestion_id = s.suggestion_id LIMIT 1) FROM suggestions s WHERE suggestion_id = $1`, suggestionID).
		Scan(&r.content, &r.record, &r.chat, &r.article)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// prepared is what the steps need and what is no part of them.
type prepared struct {
	ticket, suggestion uuid.UUID
	search             []any
	embed              []byte
}

func (r *reference) prepare(t testing.TB, k ticket) prepared {
	t.Helper()
	id, err := uuid.Parse(k.id)
	if err != nil {
		t.Fatal(err)
	}
	text := k.subject + "\n" + k.question
	lexemes := r.s.analyzer.Lexemes("en", text)
	slices.Sort(lexemes)
	lexemes = slices.Compact(lexemes)
	queries := make([]string, len(lexemes))
	for i, l := range lexemes {
		queries[i] = "'" + l + "'"
	}
	embed, err := json.Marshal(map[string]any{"model": "question", "input": []string{text}})
	if err != nil {
		t.Fatal(err)
	}
	f := knowledge.DefaultFusion()
	return prepared{
		ticket: id, suggestion: uuid.New(), embed: embed,
		search: []any{
			string(r.s.workspace), r.space, pgvector.NewHalfVector(vectorOf(k.question)), time.Now(), lexemes, queries,
			f.K1, f.B, f.TitleB, f.Best, f.Second, f.Title, f.Words, f.TitleWords,
		},
	}
}

// run makes the whole set once and returns how long each step took.
func (r *reference) run(t testing.TB, p prepared) (took []time.Duration) {
	t.Helper()
	w, now := string(r.s.workspace), time.Now()
	last := now
	lap := func() {
		now := time.Now()
		took = append(took, now.Sub(last))
		last = now
	}
	r.statements(t, w, func(b *pgx.Batch) { b.Queue(keySQL, w, r.key) })
	lap()
	r.statements(t, w, func(b *pgx.Batch) {
		b.Queue(beginSQL, w, p.suggestion, p.ticket, r.key, p.suggestion.String(), p.suggestion[:], `{"id":"kari"}`, "reference", now, now)
		b.Queue(ticketSQL, w, p.ticket)
		b.Queue(messagesSQL, w, p.ticket)
	})
	lap()
	r.post(t, "/embeddings", p.embed)
	lap()
	r.statements(t, w, func(b *pgx.Batch) { b.Queue(searchSQL, p.search...) })
	lap()
	r.post(t, "/chat/completions", r.chat)
	lap()
	r.statements(t, w, func(b *pgx.Batch) {
		b.Queue(recordSQL, w, p.suggestion, "reference", .5, r.content, r.record, now, []uuid.UUID{r.article})
	})
	lap()
	return took
}

// statements are sent in one round trip and read to their end.
func (r *reference) statements(t testing.TB, workspace string, queue func(*pgx.Batch)) {
	b := &pgx.Batch{}
	b.Queue(setWorkspace, workspace)
	queue(b)
	if err := r.pool.SendBatch(t.Context(), b).Close(); err != nil {
		t.Fatal(err)
	}
}

func (r *reference) post(t testing.TB, path string, body []byte) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.s.model.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := r.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
}

// found are the keys of the articles that the reference's search finds.
func (r *reference) found(t testing.TB, p prepared) (keys []string) {
	t.Helper()
	b := &pgx.Batch{}
	b.Queue(setWorkspace, string(r.s.workspace))
	b.Queue(`SELECT key FROM (`+searchSQL+`) x`, p.search...)
	results := r.pool.SendBatch(t.Context(), b)
	defer func() { _ = results.Close() }()
	if _, err := results.Exec(); err != nil {
		t.Fatal(err)
	}
	rows, err := results.Query()
	if err != nil {
		t.Fatal(err)
	}
	if keys, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		t.Fatal(err)
	}
	return slices.Compact(keys)
}

// TestReferenceFindsTheSame keeps the reference honest: it is no reference if it
// does not do the job.
func TestReferenceFindsTheSame(t *testing.T) {
	s := newServer(t)
	k := s.open(t, 0)
	r := newReference(t, s, s.suggest(t, k.id, "first").suggestion.GetSuggestionId())
	for n := 1; n <= 5; n++ {
		k := s.open(t, n)
		found, err := s.search.Search(t.Context(), s.workspace, knowledge.Query{Text: k.subject + "\n" + k.question, Locale: "en", Limit: 10, Time: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		var expected []string
		for _, h := range found.Hits {
			expected = append(expected, h.Key)
		}
		if got := r.found(t, r.prepare(t, k)); len(got) != 10 || !slices.Equal(got, expected) {
			t.Errorf("ticket %d: the reference finds %v, Purser %v", n, got, expected)
		}
	}
}
