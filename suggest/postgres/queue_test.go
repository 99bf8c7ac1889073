package postgres_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/postgres"
)

func (d *desk) queue(f suggest.QueueFilter) []string {
	d.t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	items, err := d.Queue(d.ctx, d.w, f)
	d.ok(err)
	var got []string
	for _, i := range items {
		got = append(got, i.Ticket.ExternalID)
	}
	return got
}

func TestQueueOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	for _, c := range []struct {
		name       string
		due, event time.Time
	}{
		{"no times, first", time.Time{}, time.Time{}},
		{"no times, second", time.Time{}, time.Time{}},
		{"departs tomorrow", time.Time{}, hour(24)},
		{"departs tonight", time.Time{}, hour(10)},
		{"due late", hour(9), time.Time{}},
		{"due soon, departs tomorrow", hour(2), hour(24)},
		{"due soon, departs tonight", hour(2), hour(10)},
		{"overdue", hour(-9), time.Time{}},
	} {
		d.upsert(suggest.TicketChange{ExternalID: c.name, Channel: suggest.ChannelChat, DueTime: c.due, EventTime: c.event})
	}
	want := []string{
		"overdue", "due soon, departs tonight", "due soon, departs tomorrow", "due late",
		"departs tonight", "departs tomorrow", "no times, first", "no times, second",
	}
	if diff := cmp.Diff(want, d.queue(suggest.QueueFilter{})); diff != "" {
		t.Error(diff)
	}
}

func TestQueueFilters(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	all := []suggest.Status{suggest.StatusOpen, suggest.StatusPending, suggest.StatusResolved, suggest.StatusReopened}
	for _, status := range all[:3] {
		d.upsert(suggest.TicketChange{ExternalID: string(status), Channel: suggest.ChannelEmail, Status: status})
	}
	reopened := d.upsert(suggest.TicketChange{ExternalID: "REOPENED", Channel: suggest.ChannelChat, Status: suggest.StatusResolved})
	d.says(reopened.ID, suggest.AuthorCustomer, "And another thing")
	hers := d.upsert(suggest.TicketChange{ExternalID: "hers", Channel: suggest.ChannelChat})
	past := d.upsert(suggest.TicketChange{ExternalID: "was hers", Channel: suggest.ChannelChat})
	_, err := d.Claim(d.ctx, d.w, past.ID, kari, time.Minute)
	d.ok(err)
	d.passes(time.Minute)
	_, err = d.Claim(d.ctx, d.w, hers.ID, kari, time.Minute)
	d.ok(err)
	for name, c := range map[string]struct {
		filter suggest.QueueFilter
		want   []string
	}{
		"what waits":            {suggest.QueueFilter{}, []string{"OPEN", "REOPENED", "hers", "was hers"}},
		"pending":               {suggest.QueueFilter{Statuses: all[1:2]}, []string{"PENDING"}},
		"resolved":              {suggest.QueueFilter{Statuses: all[2:3]}, []string{"RESOLVED"}},
		"pending and resolved":  {suggest.QueueFilter{Statuses: all[1:3]}, []string{"PENDING", "RESOLVED"}},
		"any status":            {suggest.QueueFilter{Statuses: all}, []string{"OPEN", "PENDING", "RESOLVED", "REOPENED", "hers", "was hers"}},
		"any status, first two": {suggest.QueueFilter{Statuses: all, Limit: 2}, []string{"OPEN", "PENDING"}},
		"chat":                  {suggest.QueueFilter{Channels: []suggest.Channel{suggest.ChannelChat}}, []string{"REOPENED", "hers", "was hers"}},
		"two channels":          {suggest.QueueFilter{Channels: []suggest.Channel{suggest.ChannelEmail, suggest.ChannelPhone}}, []string{"OPEN"}},
		"free, or Ola's":        {suggest.QueueFilter{UnclaimedOrBy: ola.ID}, []string{"OPEN", "REOPENED", "was hers"}},
		"free, or Kari's":       {suggest.QueueFilter{UnclaimedOrBy: kari.ID}, []string{"OPEN", "REOPENED", "hers", "was hers"}},
		"unknown status":        {suggest.QueueFilter{Statuses: []suggest.Status{"LOST\x00"}}, nil},
	} {
		if diff := cmp.Diff(c.want, d.queue(c.filter)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	items, err := d.Queue(d.ctx, d.w, suggest.QueueFilter{Limit: 9})
	d.ok(err)
	if c := items[2].Ticket.Claim; c == nil || c.Actor != kari {
		t.Errorf("her claim shows as %+v", c)
	}
	if c := items[3].Ticket.Claim; c != nil {
		t.Errorf("a claim that ran out shows as %+v", c)
	}
	_, err = d.Queue(d.ctx, d.w, suggest.QueueFilter{Limit: 9, After: &suggest.QueuePlace{ID: "x"}})
	var field *suggest.FieldError
	if !errors.As(err, &field) || field.Field != "page_token" {
		t.Errorf("a place that nobody gave: %v", err)
	}
}

// TestQueuePages reads page by page, through JSON as a token would be, while
// tickets come and change: what was there all along comes exactly once.
func TestQueuePages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	want := map[string]bool{}
	for i := range 50 {
		change := suggest.TicketChange{ExternalID: fmt.Sprint("T", i), Channel: suggest.ChannelChat}
		if i%3 == 0 { // many with the same times: ids alone part them
			change.DueTime = start.Add(time.Duration(i%2) * time.Hour)
		}
		if i%5 == 0 {
			change.EventTime = start.Add(time.Hour + 123456*time.Nanosecond)
		}
		ticket, _, err := d.UpsertTicket(d.ctx, d.w, change, uuid.NewString(), start)
		d.ok(err)
		want[ticket.ExternalID] = true
	}
	whole := d.queue(suggest.QueueFilter{})
	if len(whole) != 50 {
		t.Fatalf("%d tickets", len(whole))
	}
	var after *suggest.QueuePlace
	var got []string
	for page := 0; ; page++ {
		items, err := d.Queue(d.ctx, d.w, suggest.QueueFilter{Limit: 7, After: after})
		d.ok(err)
		for _, i := range items {
			if want[i.Ticket.ExternalID] {
				got = append(got, i.Ticket.ExternalID)
			}
		}
		if len(items) < 7 {
			break
		}
		last := items[len(items)-1].Ticket
		token, err := json.Marshal(suggest.QueuePlace{Due: last.DueTime, Event: last.EventTime, Create: last.CreateTime, ID: last.ID})
		d.ok(err)
		after = new(suggest.QueuePlace)
		d.ok(json.Unmarshal(token, after))
		// A new ticket before and behind the place, and news on one read.
		d.upsert(suggest.TicketChange{ExternalID: fmt.Sprint("early", page), Channel: suggest.ChannelChat, DueTime: start.Add(-time.Hour)})
		d.upsert(suggest.TicketChange{ExternalID: fmt.Sprint("late", page), Channel: suggest.ChannelChat})
		d.says(last.ID, suggest.AuthorCustomer, "Hello?")
	}
	if diff := cmp.Diff(whole, got); diff != "" {
		t.Error(diff)
	}
}

// plan is EXPLAIN's answer, as the server's role, for the prepared statement
// on db's one connection whose text holds the marker.
func plan(t *testing.T, db *pg.DB, w suggest.Workspace, marker, args, mode string) string {
	t.Helper()
	tx, err := db.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	exec := func(statement string, args ...any) {
		if _, err := tx.Exec(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`SELECT set_config('purser.workspace', $1, true)`, string(w))
	exec(`SELECT set_config('plan_cache_mode', $1, true)`, mode)
	var name string
	err = tx.QueryRow(t.Context(), `SELECT name FROM pg_prepared_statements WHERE statement LIKE '%' || $1 || '%'`, marker).Scan(&name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tx.Query(t.Context(), fmt.Sprintf(`EXPLAIN (COSTS OFF) EXECUTE %s (%s)`,
		pgx.Identifier{name}.Sanitize(), args), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// TestIndexesAreUsed looks at the plans of the statements that the store
// prepared, on a filled database, as the server's role, where policies can
// keep the planner from an index.
func TestIndexesAreUsed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := deskIn(t, d.schema)
	for _, w := range []suggest.Workspace{d.w, other.w} {
		_, err := d.schema.Owner.Exec(d.ctx, `
			INSERT INTO tickets (workspace_id, ticket_id, external_id, subject, channel, status, facts, contact_reason, labels, locale,
				due_time, create_time, update_time)
			SELECT $1, gen_random_uuid(), 'T' || n, '', 'EMAIL', CASE WHEN n % 4 = 0 THEN 'OPEN' ELSE 'RESOLVED' END, '[]', '', '{}', '',
				CASE WHEN n % 3 = 0 THEN now() + n * interval '1 s' ELSE 'infinity' END, now() + n * interval '1 ms', now()
			FROM generate_series(1, 6000) n`, string(w))
		d.ok(err)
		_, err = d.schema.Owner.Exec(d.ctx, `
			INSERT INTO messages (workspace_id, ticket_id, sequence, message_id, external_id, author, channel, visibility, locale, text,
				sent_time, attachments, create_time)
			SELECT workspace_id, ticket_id, 1, gen_random_uuid(), '', 'CUSTOMER', 'EMAIL', 'PRIVATE', '', 'Hello', now(), '[]', now()
			FROM tickets WHERE workspace_id = $1`, string(w))
		d.ok(err)
		_, err = d.schema.Owner.Exec(d.ctx, `
			INSERT INTO suggestions (workspace_id, suggestion_id, ticket_id, message_id, message_sequence, key_id, request_id, payload_hash,
				actor, phase, revision, create_time)
			SELECT workspace_id, gen_random_uuid(), ticket_id, gen_random_uuid(), 1, gen_random_uuid(), external_id, '', '{}', 'GENERATED', 1, create_time
			FROM tickets WHERE workspace_id = $1`, string(w))
		d.ok(err)
	}
	for _, table := range []string{"tickets", "messages", "suggestions"} {
		_, err := d.schema.Owner.Exec(d.ctx, `ANALYZE `+table)
		d.ok(err)
	}
	db, err := pg.Open(d.ctx, d.schema.ServerURL, pg.Options{MaxConns: 1})
	d.ok(err)
	t.Cleanup(db.Close)
	store := postgres.New(db)
	resolved := []suggest.Status{suggest.StatusResolved}
	var items []suggest.QueueItem
	for range 10 { // from the sixth time on the server may keep one plan for all
		items, err = store.Queue(d.ctx, d.w, suggest.QueueFilter{Limit: 20})
		d.ok(err)
		_, err = store.Queue(d.ctx, d.w, suggest.QueueFilter{Limit: 20, Statuses: resolved})
		d.ok(err)
		_, err = store.Suggestions(d.ctx, d.w, suggest.SuggestionFilter{Limit: 20})
		d.ok(err)
		_, err = store.Suggestions(d.ctx, d.w, suggest.SuggestionFilter{Limit: 20, TicketID: items[0].Ticket.ID})
		d.ok(err)
	}
	nowhere := `'00000000-0000-0000-0000-000000000000'`
	args := map[string]string{}
	for marker, statuses := range map[string]string{"queue_waiting": `'{OPEN,REOPENED}'`, "queue_resolved": `'{RESOLVED}'`} {
		args[marker] = `'-infinity', '-infinity', '-infinity', ` + nowhere + `, ` + statuses + `, 20`
	}
	args["suggestions_all"] = `'infinity', ` + nowhere + `, 20`
	args["suggestions_of_ticket"] = args["suggestions_all"] + `, '` + items[0].Ticket.ID + `'`
	for name, c := range map[string]struct{ marker, want string }{
		"the queue":                    {`queue_waiting`, `Index Scan using tickets_queue on tickets`},
		"the queue's next page":        {`queue_waiting`, `Index Cond: ((workspace_id = '` + string(d.w) + `'::uuid) AND (ROW(due_time, event_time, create_time, ticket_id) > ROW(`},
		"the queue's latest":           {`queue_waiting`, `suggestions_by_ticket on suggestions`},
		"what is done":                 {`queue_resolved`, `Index Scan using tickets_resolved on tickets`},
		"suggestions":                  {`suggestions_all`, `Index Scan using suggestions_by_time on suggestions`},
		"a ticket's suggestions":       {`suggestions_of_ticket`, `Index Scan using suggestions_by_ticket on suggestions`},
		"whether one is superseded":    {`suggestions_all`, `messages_pkey on messages`},
		"whether what it cites stands": {`suggestions_all`, `suggestion_citations_pkey on suggestion_citations`},
	} {
		for _, mode := range []string{"force_custom_plan", "auto"} {
			got := plan(t, db, d.w, c.marker, "'"+string(d.w)+"', "+args[c.marker], mode)
			if !strings.Contains(got, c.want) || strings.Contains(got, "Seq Scan on tickets") || strings.Contains(got, "Seq Scan on suggestions ") {
				t.Errorf("%s, %s: want %s in\n%s", name, mode, c.want, got)
			}
		}
	}
}
