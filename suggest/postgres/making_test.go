package postgres_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/postgres"
)

// attempt is one call of Begin.
type attempt struct {
	request   suggest.Request
	id, owner string
	lease     time.Duration
}

func (d *desk) attempt(ticket string) attempt {
	return attempt{request: d.request(ticket), id: uuid.NewString(), owner: "first", lease: time.Minute}
}

func (d *desk) try(a attempt, now time.Time) (suggest.Begun, error) {
	return d.Begin(d.ctx, d.w, a.request, a.id, a.owner, a.lease, now)
}

func TestBegin(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.upsert(everything())
	asked := d.says(ticket.ID, suggest.AuthorCustomer, "Where is my bag?")
	noted := d.says(ticket.ID, suggest.AuthorNote, "Bag seen in Oslo")
	ticket = d.view(ticket.ID).Ticket
	a := d.attempt(ticket.ID)
	now := d.now()
	got, err := d.try(a, now)
	d.ok(err)
	want := suggest.Begun{
		Suggestion: suggest.Suggestion{
			ID: a.id, TicketID: ticket.ID, MessageID: asked.ID, State: suggest.StateRunning, Revision: 1, Actor: kari, CreateTime: now,
		},
		Ticket: ticket, Messages: []suggest.Message{asked, noted}, Mine: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	later := a
	later.id, later.owner = uuid.NewString(), "second"
	got, err = d.try(later, now.Add(time.Second))
	d.ok(err)
	want.Mine, want.Joined = false, true
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("joining:\n%s", diff)
	}
	reused := later
	reused.request.PayloadHash = []byte("another")
	if _, err := d.try(reused, now); !errors.Is(err, suggest.ErrRequestReused) {
		t.Errorf("another payload: %v", err)
	}
	elsewhere := later
	elsewhere.request.TicketID = d.ticket("elsewhere").ID
	d.says(elsewhere.request.TicketID, suggest.AuthorCustomer, "Hello")
	d.passes(time.Hour)
	if _, err := d.try(elsewhere, now); !errors.Is(err, suggest.ErrRequestReused) {
		t.Errorf("another ticket: %v", err)
	}
	if _, err := d.try(reused, now); !errors.Is(err, suggest.ErrRequestReused) {
		t.Errorf("another payload once the lease ran out: %v", err)
	}
	if diff := cmp.Diff(want.Suggestion, d.suggestion(a.id)); diff != "" {
		t.Errorf("refused, but changed:\n%s", diff)
	}
	d.ok(d.Renew(d.ctx, d.w, a.id, a.owner, time.Minute))
	otherKey := later
	otherKey.request.KeyID = uuid.NewString()
	if got, err := d.try(otherKey, now); err != nil || got.Joined || !got.Mine {
		t.Errorf("the same request id under another key: %+v, %v", got, err)
	}
	done := d.finishAs(want.Suggestion, a.owner)
	d.passes(time.Hour)
	got, err = d.try(later, now)
	d.ok(err)
	if diff := cmp.Diff(done, got.Suggestion); diff != "" || got.Mine || !got.Joined {
		t.Errorf("a finished one is mine %v, joined %v:\n%s", got.Mine, got.Joined, diff)
	}
	if _, err := d.try(reused, now); !errors.Is(err, suggest.ErrRequestReused) {
		t.Errorf("another payload after the end: %v", err)
	}
}

func (d *desk) finishAs(s suggest.Suggestion, owner string) suggest.Suggestion {
	d.t.Helper()
	s.Outcome, s.Reason, s.FinishTime = suggest.OutcomeNoDraft, suggest.ReasonNoKnowledge, d.now()
	done, err := d.Finish(d.ctx, d.w, owner, s, suggest.Record{})
	d.ok(err)
	return done
}

func TestBeginChoosesTheMessage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, c := range map[string]struct {
		authors []suggest.Author
		want    int
	}{
		"newest of the customer":       {[]suggest.Author{suggest.AuthorCustomer, suggest.AuthorCustomer}, 2},
		"before the answer":            {[]suggest.Author{suggest.AuthorCustomer, suggest.AuthorAgent}, 1},
		"the customer before the note": {[]suggest.Author{suggest.AuthorNote, suggest.AuthorCustomer, suggest.AuthorNote}, 2},
		"a call has notes alone":       {[]suggest.Author{suggest.AuthorNote, suggest.AuthorNote, suggest.AuthorAgent}, 2},
		"nobody asked":                 {[]suggest.Author{suggest.AuthorAgent}, 0},
		"nothing was said":             {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			ticket := d.ticket(name)
			ids := []string{""}
			for _, author := range c.authors {
				ids = append(ids, d.says(ticket.ID, author, "x").ID)
			}
			b, err := d.try(d.attempt(ticket.ID), d.now())
			if c.want == 0 {
				if !errors.Is(err, suggest.ErrNothingToAnswer) {
					t.Errorf("got %v, want ErrNothingToAnswer", err)
				}
				return
			}
			d.ok(err)
			if b.Suggestion.MessageID != ids[c.want] {
				t.Errorf("answers another message than the %d.", c.want)
			}
		})
	}
}

func TestBeginBoundsMessages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	asked := d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	for i := range 60 {
		d.says(ticket, suggest.AuthorNote, fmt.Sprint("note ", i))
	}
	b := d.begin(ticket)
	if n := len(b.Messages); n != 51 || b.Messages[0].ID != asked.ID || b.Messages[1].Text != "note 10" || b.Messages[50].Text != "note 59" {
		t.Errorf("%d messages, from %q and %q to %q", n, b.Messages[0].Text, b.Messages[1].Text, b.Messages[n-1].Text)
	}
}

func TestLeases(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	a := d.attempt(ticket)
	now := d.now()
	begun, err := d.try(a, now)
	d.ok(err)
	second := a
	second.id, second.owner = uuid.NewString(), "second"

	d.passes(50 * time.Second)
	d.ok(d.Renew(d.ctx, d.w, a.id, "first", time.Hour))
	d.passes(50 * time.Minute)
	if b, err := d.try(second, now); err != nil || b.Mine {
		t.Errorf("taken over before its renewed lease ran out: %+v, %v", b, err)
	}
	// An answer that was lost: the same attempt again is the same.
	if b, err := d.try(a, now.Add(time.Second)); err != nil || !b.Mine || b.Joined {
		t.Errorf("the same attempt again: mine %v, joined %v, %v", b.Mine, b.Joined, err)
	}
	newer := d.says(ticket, suggest.AuthorCustomer, "And my dog?")
	d.passes(a.lease)
	taken, err := d.try(second, now.Add(time.Minute))
	d.ok(err)
	if !taken.Mine || !taken.Joined || taken.Suggestion.ID != a.id || taken.Suggestion.MessageID != newer.ID || len(taken.Messages) != 2 {
		t.Errorf("taken over: %+v", taken)
	}
	if err := d.Renew(d.ctx, d.w, a.id, "first", time.Hour); !errors.Is(err, suggest.ErrLeaseLost) {
		t.Errorf("renewing a lost lease: %v", err)
	}
	if _, err := d.Finish(d.ctx, d.w, "first", begun.Suggestion, suggest.Record{}); !errors.Is(err, suggest.ErrLeaseLost) {
		t.Errorf("finishing under a lost lease: %v", err)
	}
	d.ok(d.Abandon(d.ctx, d.w, a.id, "first"))
	if s := d.suggestion(a.id); s.State != suggest.StateRunning {
		t.Errorf("who lost the lease gave it up: %s", s.State)
	}
	d.ok(d.Abandon(d.ctx, d.w, a.id, "second"))
	if s := d.suggestion(a.id); s.State != suggest.StateAbandoned {
		t.Errorf("after giving up: %s", s.State)
	}
	third := a
	third.id, third.owner = uuid.NewString(), "third"
	b, err := d.try(third, now.Add(time.Second))
	if err != nil || !b.Mine || b.Suggestion.ID != a.id || b.Suggestion.State != suggest.StateRunning {
		t.Errorf("what was given up is not made again: %+v, %v", b, err)
	}
	if s := d.finishAs(b.Suggestion, "third"); s.State != suggest.StateGenerated {
		t.Errorf("the new message was there when it was taken over, but it is %s", s.State)
	}
	if _, err := d.Finish(d.ctx, d.w, "third", b.Suggestion, suggest.Record{}); !errors.Is(err, suggest.ErrLeaseLost) {
		t.Errorf("finishing twice: %v", err)
	}
	d.ok(d.Abandon(d.ctx, d.w, a.id, "third"))
	if s := d.suggestion(a.id); s.State != suggest.StateGenerated {
		t.Errorf("giving up after the end made it %s", s.State)
	}
}

func TestOneOfManyBegins(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	request, now := d.request(ticket), d.now()
	race := func(now time.Time) (mine int, id string) {
		begun := make([]suggest.Begun, 20)
		errs := together(20, func(i int) (err error) {
			begun[i], err = d.Begin(d.ctx, d.w, request, uuid.NewString(), fmt.Sprint("server ", i, now), time.Minute, now)
			return err
		})
		d.ok(errors.Join(errs...))
		for _, b := range begun {
			if b.Mine {
				mine++
			}
			if b.Suggestion.ID != begun[0].Suggestion.ID || len(b.Messages) != 1 {
				t.Errorf("they found different things: %+v", b)
			}
		}
		return mine, begun[0].Suggestion.ID
	}
	n, first := race(now)
	if n != 1 {
		t.Errorf("%d of 20 make it", n)
	}
	d.passes(time.Hour)
	if n, id := race(now.Add(time.Hour)); n != 1 || id != first {
		t.Errorf("%d of 20 took %s over, want one and %s", n, id, first)
	}
}

// TestFinishKeepsEverything writes what is hard to keep in JSON, and reads it
// back as it was, but for what PostgreSQL can't hold.
func TestFinishKeepsEverything(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	s := d.begin(ticket).Suggestion
	s.Outcome, s.Confidence, s.FinishTime = suggest.OutcomeDraft, 0.1+0.2, d.now()
	s.Draft = &suggest.Draft{Text: "<b>&\u2028 \\u0000 \"é\" 🧳", Locale: "en", Claims: []suggest.DraftClaim{{
		Text: "x", Start: 1, End: 2, Kind: suggest.ClaimStatement, Standing: suggest.StandingCustomersOwn, Citations: []suggest.Citation{{Number: 1, Start: 3, End: 4}}, FactNames: []string{"f"},
	}}}
	s.Evidence = []suggest.Evidence{{
		Number: 1, ArticleID: uuid.NewString(), Key: "k", Locale: "en", Revision: 7, Title: "t", URL: "u", HeadingPath: []string{"h"},
		Start: 1, End: 9, Text: "passage", Score: 1.0 / 3,
	}}
	s.Warnings = []suggest.Notice{{Code: suggest.WarnIncomplete, Message: "m"}}
	s.Degraded = []suggest.Notice{{Code: suggest.DegradedNoModel, Message: "m"}}
	s.Provenance = suggest.Provenance{Drafter: "extractive", PromptHash: "h", CompletionTokens: 7}
	s.Timings = []suggest.Timing{{Step: suggest.StepDraft, Duration: 1234567}}
	record := suggest.Record{
		Ticket: json.RawMessage(`{"b":1,"a":[1.50,1e3]}`), Locale: "nb", Question: "hva",
		Messages: []suggest.Message{{ID: "m", Sequence: 1, SentTime: start}},
		Facts:    everything().Facts, Settings: json.RawMessage(`{"z":null}`), Features: map[string]float64{"b": 0.1, "a": 2},
		Prompt: json.RawMessage(`["\u0000a\\u0000","\ud800","\ud83e\uddf3\ud800\udc00\uDBFF\uDFFF","\udfff\ud83ex","\\\u0000\\\\u0000"]`),
		Output: "nul\x00", Finish: "stop", Blocked: map[string]int{"figures": 1},
	}
	got, err := d.Finish(d.ctx, d.w, "server", s, record)
	d.ok(err)
	want := s
	want.State, want.Revision, want.SupersededBy = suggest.StateSuperseded, 2, suggest.SupersededByKnowledge // no such article
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	kept, err := d.Record(d.ctx, d.w, s.ID)
	d.ok(err)
	record.Output = "nul"
	record.Facts[0].Text = "X4T9Q2"
	// Only a parser can tell an escaped NUL from an escaped backslash and text.
	record.Prompt = json.RawMessage(`["a\\u0000","\ufffd","\ud83e\uddf3\ud800\udc00\uDBFF\uDFFF","\ufffd\ufffdx","\\\\\\u0000"]`)
	if diff := cmp.Diff(record, kept); diff != "" {
		t.Error(diff)
	}
}

// TestFinishReturnsWhatIsStored compares what Finish says with what is read
// afterwards.
func TestFinishReturnsWhatIsStored(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, draft := range map[string]*suggest.Draft{
		"plain":           {Text: "Bags are free.", Locale: "en", Claims: []suggest.DraftClaim{{Text: "Bags are free.", End: 14, Kind: suggest.ClaimQuestion}}},
		"a NUL":           {Text: "Bags\x00 are free.", Locale: "en"},
		"invalid UTF-8":   {Text: "Bags \xff are free.", Locale: "en"},
		"a line parter":   {Text: "Bags\u2028are free.", Locale: "en"},
		"no draft at all": nil,
	} {
		ticket := d.ticket(name).ID
		d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
		s := d.begin(ticket).Suggestion
		s.Outcome, s.Draft, s.FinishTime = suggest.OutcomeDraft, draft, d.now()
		s.Evidence, s.Warnings = []suggest.Evidence{}, []suggest.Notice{}
		got, err := d.Finish(d.ctx, d.w, "server", s, suggest.Record{})
		d.ok(err)
		if diff := cmp.Diff(d.suggestion(s.ID), got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: (-stored +returned)\n%s", name, diff)
		}
	}
}

func TestFinishFailsWhole(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	s := d.begin(ticket).Suggestion
	s.Outcome, s.FinishTime = suggest.OutcomeDraft, d.now()
	s.Draft = &suggest.Draft{Claims: []suggest.DraftClaim{{Citations: []suggest.Citation{{Number: 1}}}}}
	s.Evidence = []suggest.Evidence{{Number: 1, ArticleID: "no id", Revision: 1}}
	if _, err := d.Finish(d.ctx, d.w, "server", s, suggest.Record{}); err == nil {
		t.Error("cited an article without an id")
	}
	if got := d.suggestion(s.ID); got.State != suggest.StateRunning || got.Draft != nil {
		t.Errorf("%+v", got)
	}
}

// TestRoundTrips counts on the wire what a suggestion costs in the database
// before and after the model.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	proxy := pgtest.NewProxy(t, d.schema.ServerURL)
	db, err := pg.Open(d.ctx, proxy.URL, pg.Options{MaxConns: 1})
	d.ok(err)
	t.Cleanup(db.Close)
	d.Store = postgres.New(db)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	var s suggest.Suggestion
	steps := []struct {
		name string
		do   func()
		want int
	}{
		{"Begin", func() { s = d.begin(ticket).Suggestion }, 1},
		{"Renew", func() { d.ok(d.Renew(d.ctx, d.w, s.ID, "server", time.Minute)) }, 1},
		{"Finish", func() { s = d.finish(s, nil) }, 1},
		{"Suggestion", func() { s = d.suggestion(s.ID) }, 1},
		{"View", func() { d.view(ticket) }, 1},
		{"Queue", func() { d.queue(suggest.QueueFilter{}) }, 1},
		{"Claim", func() { _, err := d.Claim(d.ctx, d.w, ticket, kari, time.Minute); d.ok(err) }, 1},
		{"Decide", func() { _, err := d.decide(s, suggest.DecisionApprove); d.ok(err) }, 4},
		{"AppendMessage", func() {
			d.append(ticket, suggest.Message{ExternalID: uuid.NewString(), Author: suggest.AuthorNote, Text: "x"})
		}, 4},
		{"UpsertTicket", func() { d.ticket("T") }, 3},
	}
	for round := range 3 { // the first prepares statements
		for _, step := range steps {
			proxy.RoundTrips()
			step.do()
			if got := proxy.RoundTrips(); round == 2 && got != step.want {
				t.Errorf("%s takes %d round trips, want %d", step.name, got, step.want)
			}
		}
	}
}

// TestBeginWithoutAnAnswer loses the answer to Begin: what was begun is found
// again by the same attempt.
func TestBeginWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	proxy := pgtest.NewProxy(t, d.schema.ServerURL)
	db, err := pg.Open(d.ctx, proxy.URL, pg.Options{MaxConns: 1})
	d.ok(err)
	t.Cleanup(db.Close)
	d.Store = postgres.New(db)
	d.draft(ticket)
	a := d.attempt(ticket)
	now := d.now()
	proxy.CutAfter(a.request.RequestID)
	_, err = d.try(a, now)
	var unknown *pg.UnknownOutcomeError
	if !errors.As(err, &unknown) {
		t.Fatalf("got %v (%T), want *UnknownOutcomeError", err, err)
	}
	b, err := d.try(a, now)
	if err != nil || !b.Mine || b.Joined {
		t.Errorf("trying again: mine %v, joined %v, %v", b.Mine, b.Joined, err)
	}
	proxy.CutAfter("where the bag is")
	s := b.Suggestion
	s.Outcome, s.FinishTime = suggest.OutcomeNoDraft, d.now()
	_, err = d.Finish(d.ctx, d.w, a.owner, s, suggest.Record{Question: "where the bag is"})
	if !errors.As(err, &unknown) {
		t.Fatalf("got %v (%T), want *UnknownOutcomeError", err, err)
	}
	if got := d.suggestion(s.ID); got.Outcome != suggest.OutcomeNoDraft {
		t.Errorf("read back: %+v", got)
	}
}
