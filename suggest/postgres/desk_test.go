package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/postgres"
)

// start is when the tests' stories begin; whole microseconds, as stored.
var start = time.Date(2026, 3, 14, 9, 26, 53, 589793000, time.UTC)

var (
	kari = suggest.Actor{ID: "kari", Name: "Kari Nordmann"}
	ola  = suggest.Actor{ID: "ola"}
)

// desk is one workspace of a fresh database, with short ways to do what an
// agent's desktop does. Its clock goes on by a second with each step.
type desk struct {
	*postgres.Store
	t      testing.TB
	ctx    context.Context //nolint:containedctx // the test's own
	schema *pgtest.Schema
	w      suggest.Workspace
	clock  time.Time
	key    string
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	s := pgtest.New(t)
	return deskIn(t, s)
}

func deskIn(t testing.TB, s *pgtest.Schema) *desk {
	t.Helper()
	return &desk{
		Store: postgres.New(s.DB), t: t, ctx: t.Context(), schema: s, w: suggest.Workspace(s.Workspace(t)),
		clock: start, key: uuid.NewString(),
	}
}

func (d *desk) now() time.Time {
	d.clock = d.clock.Add(time.Second)
	return d.clock
}

func (d *desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// passes brings leases and claims nearer to their end, as if time had passed by
// the database's clock.
func (d *desk) passes(by time.Duration) {
	d.t.Helper()
	for _, update := range []string{
		`UPDATE suggestions SET lease_time = lease_time - $1::interval`,
		`UPDATE tickets SET claim_expire_time = claim_expire_time - $1::interval`,
	} {
		_, err := d.schema.Owner.Exec(d.ctx, update, by)
		d.ok(err)
	}
}

// ticket makes an e-mail ticket.
func (d *desk) ticket(externalID string) suggest.Ticket {
	d.t.Helper()
	return d.upsert(suggest.TicketChange{ExternalID: externalID, Channel: suggest.ChannelEmail, Subject: "Lost bag"})
}

func (d *desk) upsert(c suggest.TicketChange) suggest.Ticket {
	d.t.Helper()
	t, _, err := d.UpsertTicket(d.ctx, d.w, c, uuid.NewString(), d.now())
	d.ok(err)
	return t
}

// says appends a message without an external id.
func (d *desk) says(ticket string, author suggest.Author, text string) suggest.Message {
	d.t.Helper()
	m, _ := d.append(ticket, suggest.Message{Author: author, Text: text})
	return m
}

func (d *desk) append(ticket string, m suggest.Message) (suggest.Message, bool) {
	d.t.Helper()
	if m.ID == "" {
		m.ID = uuid.NewString()
	}
	stored, created, err := d.AppendMessage(d.ctx, d.w, ticket, m, d.now())
	d.ok(err)
	return stored, created
}

func (d *desk) request(ticket string) suggest.Request {
	return suggest.Request{
		KeyID: d.key, RequestID: uuid.NewString(), PayloadHash: []byte("payload"), Actor: kari, TicketID: ticket,
	}
}

// begin starts a suggestion under a lease of a minute.
func (d *desk) begin(ticket string) suggest.Begun {
	d.t.Helper()
	b, err := d.Begin(d.ctx, d.w, d.request(ticket), uuid.NewString(), "server", time.Minute, d.now())
	d.ok(err)
	return b
}

// draft makes a finished draft without citations.
func (d *desk) draft(ticket string) suggest.Suggestion {
	d.t.Helper()
	return d.finish(d.begin(ticket).Suggestion, nil)
}

// finish finishes a suggestion with a draft that cites the evidence.
func (d *desk) finish(s suggest.Suggestion, evidence []suggest.Evidence) suggest.Suggestion {
	d.t.Helper()
	s.Outcome, s.Confidence, s.FinishTime = suggest.OutcomeDraft, 0.83, d.now()
	claim := suggest.DraftClaim{Text: "Your bag is on its way.", End: 23, Kind: suggest.ClaimStatement}
	for _, e := range evidence {
		claim.Citations = append(claim.Citations, suggest.Citation{Number: e.Number, Start: e.Start, End: e.End})
	}
	s.Draft = &suggest.Draft{Text: claim.Text, Locale: "en", Claims: []suggest.DraftClaim{claim}}
	s.Evidence = evidence
	done, err := d.Finish(d.ctx, d.w, "server", s, suggest.Record{Question: "Where is my bag?"})
	d.ok(err)
	return done
}

func (d *desk) decide(s suggest.Suggestion, kind suggest.DecisionKind) (suggest.Suggestion, error) {
	decision := suggest.Decision{Kind: kind, Actor: kari, KeyID: d.key, Time: d.now()}
	if kind == suggest.DecisionEdit || kind == suggest.DecisionOwn {
		decision.FinalText = "We found your bag."
	}
	return d.Decide(d.ctx, d.w, suggest.DecideRequest{SuggestionID: s.ID, Revision: s.Revision, Decision: decision}, nil)
}

// released is an approved draft on a new ticket with one customer message.
func (d *desk) released(externalID string) suggest.Suggestion {
	d.t.Helper()
	t := d.ticket(externalID)
	d.says(t.ID, suggest.AuthorCustomer, "Where is my bag?")
	s, err := d.decide(d.draft(t.ID), suggest.DecisionApprove)
	d.ok(err)
	return s
}

func (d *desk) suggestion(id string) suggest.Suggestion {
	d.t.Helper()
	s, err := d.Suggestion(d.ctx, d.w, id)
	d.ok(err)
	return s
}

func (d *desk) view(ticket string) suggest.TicketView {
	d.t.Helper()
	v, err := d.View(d.ctx, d.w, suggest.TicketRef{ID: ticket}, 100)
	d.ok(err)
	return v
}

// together calls do with 0 to n-1 at the same time and returns what each
// returned.
func together(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range n {
		done.Go(func() {
			ready.Wait()
			errs[i] = do(i)
		})
	}
	ready.Done()
	done.Wait()
	return errs
}

// queuedCalls names the sessions that wait for a ticket.
const queuedCalls = "queued calls"

// queued has n calls wait for the ticket's row, which somebody else holds,
// before it lets them go at the same time. It fails when they don't wait.
func (d *desk) queued(ticket string, n int, do func(store *postgres.Store, i int) error) []error {
	d.t.Helper()
	db, err := pg.Open(d.ctx, d.schema.ServerURL, pg.Options{MaxConns: n, ApplicationName: queuedCalls})
	d.ok(err)
	d.t.Cleanup(db.Close)
	holder, err := d.schema.Owner.Begin(d.ctx)
	d.ok(err)
	_, err = holder.Exec(d.ctx, `SELECT FROM tickets WHERE ticket_id = $1 FOR NO KEY UPDATE`, ticket)
	if err != nil {
		_ = holder.Rollback(d.ctx)
		d.t.Fatal(err)
	}
	released := make(chan error, 1)
	go func() {
		err := d.awaitWaiters(n)
		_ = holder.Rollback(d.ctx)
		released <- err
	}()
	store := postgres.New(db)
	errs := together(n, func(i int) error { return do(store, i) })
	d.ok(<-released)
	return errs
}

func (d *desk) awaitWaiters(n int) error {
	waiting := 0
	for range 12_000 {
		// Only a session of the same role may see what another waits for.
		err := d.schema.DB.Pool().QueryRow(d.ctx, `
			SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'`, queuedCalls).Scan(&waiting)
		if err != nil || waiting == n {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("%d of %d wait for the ticket", waiting, n)
}
