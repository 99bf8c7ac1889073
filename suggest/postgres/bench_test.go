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
			_, err := d.Begin(d.ctx, d.w, r, uuid.NewString(), "server", d.clock.Add(time.Hour), d.clock)
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
