package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/suggest"
)

// BenchmarkMaking measures what a suggestion costs in the database before and
// after the model, beside one round trip that only sets the workspace and
// asks for a ticket's id.
func BenchmarkMaking(b *testing.B) {
	d := newDesk(b)
	ticket := d.upsert(everything())
	for range 6 {
		d.says(ticket.ID, suggest.AuthorCustomer, "Where is my bag? It was on the flight to Oslo, and nobody at the desk could tell me.")
	}
	var evidence []suggest.Evidence
	for i := range 8 {
		evidence = append(evidence, suggest.Evidence{
			Number: i + 1, ArticleID: uuid.NewString(), Key: "k", Locale: "en", Revision: 1, Title: "Delayed bags", Text: string(make([]byte, 800)),
		})
	}
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			var id string
			err := d.schema.DB.Batch(d.ctx, string(d.w), func(batch *pgx.Batch) {
				batch.Queue(`SELECT ticket_id::text FROM tickets WHERE workspace_id = $1 AND ticket_id = $2`, string(d.w), ticket.ID)
			}, func(r pgx.BatchResults) error { return r.QueryRow().Scan(&id) })
			d.ok(err)
		}
	})
	var begun []suggest.Suggestion
	b.Run("begin", func(b *testing.B) {
		for b.Loop() {
			begun = append(begun, d.begin(ticket.ID).Suggestion)
		}
	})
	b.Run("join", func(b *testing.B) {
		r := d.request(ticket.ID)
		for b.Loop() {
			_, err := d.Begin(d.ctx, d.w, r, uuid.NewString(), "server", time.Hour, d.clock)
			d.ok(err)
		}
	})
	b.Run("finish", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s := d.begin(ticket.ID).Suggestion
			b.StartTimer()
			d.finish(s, evidence)
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			d.suggestion(begun[0].ID)
		}
	})
}

// BenchmarkAsks reads a history of 10,000 tickets with two asks each; the time
// is that of one ask.
func BenchmarkAsks(b *testing.B) {
	d := newDesk(b)
	const tickets = 10_000
	for _, statement := range []string{
		`INSERT INTO tickets (workspace_id, ticket_id, external_id, subject, channel, status, facts, contact_reason, labels, locale, create_time, update_time, message_count)
			SELECT $1, gen_random_uuid(), 'T' || i, 's', 'EMAIL', 'OPEN', '[]', '', '{}', 'en', now(), now(), 4 FROM generate_series(1, $2) i`,
		`INSERT INTO messages (workspace_id, ticket_id, sequence, message_id, external_id, author, channel, visibility, locale, text, sent_time, attachments, create_time)
			SELECT workspace_id, ticket_id, s, gen_random_uuid(), '', CASE WHEN s % 2 = 1 THEN 'CUSTOMER' ELSE 'AGENT' END, 'EMAIL', 'PRIVATE', 'en', repeat('word ', 60), now(), '[]', now()
			FROM tickets, generate_series(1, 4) s WHERE workspace_id = $1 AND $2 > 0`,
		`INSERT INTO suggestions (workspace_id, suggestion_id, ticket_id, message_id, message_sequence, key_id, request_id, payload_hash, actor, phase, revision, outcome, create_time)
			SELECT workspace_id, gen_random_uuid(), ticket_id, message_id, sequence, workspace_id, message_id::text, '', '{}', 'GENERATED', 1, 'DRAFT', now()
			FROM messages WHERE workspace_id = $1 AND $2 > 0 AND author = 'CUSTOMER'`,
		`ANALYZE messages, suggestions, tickets`,
	} {
		args := []any{string(d.w), tickets}
		if statement[0] == 'A' {
			args = nil
		}
		if _, err := d.schema.Owner.Exec(d.ctx, statement, args...); err != nil {
			b.Fatal(err)
		}
	}
	asks := 0
	for b.Loop() {
		d.ok(d.Asks(d.ctx, d.w, time.Now().Add(-24*time.Hour), time.Time{}, func(a suggest.Ask) error {
			if a.SuggestionID == "" {
				b.Error("an ask without its suggestion")
			}
			asks++
			return nil
		}))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(max(asks, 1)), "ns/ask")
}
