package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/postgres"
)

// article puts an article at a revision, valid until a time or for good.
func (d *desk) article(revision int) suggest.Evidence {
	d.t.Helper()
	e := suggest.Evidence{Number: 1, ArticleID: uuid.NewString(), Key: uuid.NewString(), Locale: "en", Revision: revision, Text: "p", End: 1}
	_, err := d.schema.Owner.Exec(d.ctx, `
		INSERT INTO articles (workspace_id, article_id, key, locale, source, revision, labels, passages, index_version)
		VALUES ($1, $2, $3, 'en', 's', $4, '{}', 0, 1)`,
		string(d.w), e.ArticleID, e.Key, revision)
	d.ok(err)
	return e
}

func (d *desk) change(e suggest.Evidence, set string) {
	d.t.Helper()
	_, err := d.schema.Owner.Exec(d.ctx, `UPDATE articles SET `+set+` WHERE article_id = $1`, e.ArticleID)
	d.ok(err)
}

func TestSuperseded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	says := func(author suggest.Author) func(string, suggest.Evidence, suggest.Evidence) {
		return func(ticket string, _, _ suggest.Evidence) { d.says(ticket, author, "later") }
	}
	sets := func(set string) func(string, suggest.Evidence, suggest.Evidence) {
		return func(_ string, cited, _ suggest.Evidence) { d.change(cited, set) }
	}
	for name, c := range map[string]struct {
		then func(ticket string, cited, read suggest.Evidence)
		by   suggest.SupersededBy
	}{
		"nothing happens":              {func(string, suggest.Evidence, suggest.Evidence) {}, ""},
		"the customer writes":          {says(suggest.AuthorCustomer), suggest.SupersededByMessage},
		"an agent writes":              {says(suggest.AuthorAgent), suggest.SupersededByMessage},
		"a note is made":               {says(suggest.AuthorNote), ""},
		"what it cites is revised":     {sets(`revision = 4`), suggest.SupersededByKnowledge},
		"what it cites is rolled back": {sets(`revision = 2`), suggest.SupersededByKnowledge},
		"what it cites is removed":     {sets(`remove_time = now()`), suggest.SupersededByKnowledge},
		"what it cites runs out":       {sets(`valid_until = now()`), suggest.SupersededByKnowledge},
		"what it cites is put off":     {sets(`valid_from = now() + interval '1 hour'`), suggest.SupersededByKnowledge},
		"what it cites will run out":   {sets(`valid_until = now() + interval '1 hour'`), ""},
		"what it only read is revised": {func(_ string, _, read suggest.Evidence) { d.change(read, `revision = 9`) }, ""},
		"both": {func(ticket string, cited, _ suggest.Evidence) {
			d.change(cited, `revision = 4`)
			d.says(ticket, suggest.AuthorCustomer, "later")
		}, suggest.SupersededByMessage},
		"the customer writes elsewhere": {func(string, suggest.Evidence, suggest.Evidence) {
			d.says(d.ticket(uuid.NewString()).ID, suggest.AuthorCustomer, "later")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ticket := d.ticket(name).ID
			d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
			d.says(ticket, suggest.AuthorAgent, "We are looking.")
			cited, read := d.article(3), d.article(1)
			s := d.begin(ticket).Suggestion
			s = d.finish(s, []suggest.Evidence{cited})
			if s.State != suggest.StateGenerated || s.SupersededBy != "" {
				t.Fatalf("at first: %s by %q", s.State, s.SupersededBy)
			}
			c.then(ticket, cited, read)
			want := suggest.StateGenerated
			if c.by != "" {
				want = suggest.StateSuperseded
			}
			got := d.suggestion(s.ID)
			if got.State != want || got.SupersededBy != c.by || got.Revision != s.Revision {
				t.Errorf("%s by %q, want %s by %q", got.State, got.SupersededBy, want, c.by)
			}
			for _, state := range []suggest.State{suggest.StateGenerated, suggest.StateSuperseded} {
				found, err := d.Suggestions(d.ctx, d.w, suggest.SuggestionFilter{TicketID: ticket, States: []suggest.State{state}, Limit: 9})
				d.ok(err)
				if (len(found) == 1) != (state == want) {
					t.Errorf("asked for %s, found %d", state, len(found))
				}
			}
			_, err := d.decide(got, suggest.DecisionApprove)
			if c.by == "" {
				d.ok(err)
				return
			}
			if !errors.Is(err, suggest.ErrStale) {
				t.Errorf("approving: %v, want ErrStale", err)
			}
			got, err = d.Decide(d.ctx, d.w, suggest.DecideRequest{SuggestionID: s.ID, Revision: s.Revision, Decision: suggest.Decision{
				Kind: suggest.DecisionApprove, Actor: kari, Time: d.clock, AcceptedStale: true,
			}}, nil)
			d.ok(err)
			if got.State != suggest.StateReleased || got.SupersededBy != c.by || !got.Decision.AcceptedStale {
				t.Errorf("approved all the same: %s by %q", got.State, got.SupersededBy)
			}
		})
	}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	changes := []suggest.SentenceChange{{Kind: suggest.ChangeChanged, Before: "a", After: "b"}}
	for _, c := range []struct {
		given suggest.Decision
		state suggest.State
		text  string
	}{
		{suggest.Decision{Kind: suggest.DecisionApprove, FinalText: "ignored"}, suggest.StateReleased, "Your bag is on its way."},
		{suggest.Decision{Kind: suggest.DecisionEdit, FinalText: "Your\x00 bag is here."}, suggest.StateReleased, "Your bag is here."},
		{suggest.Decision{Kind: suggest.DecisionDiscard, DiscardReason: "WRONG", Comment: "No \x00such bag"}, suggest.StateDecided, ""},
		{suggest.Decision{Kind: suggest.DecisionOwn, FinalText: "We have it."}, suggest.StateReleased, "We have it."},
	} {
		t.Run(string(c.given.Kind), func(t *testing.T) {
			ticket := d.ticket(string(c.given.Kind)).ID
			d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
			s := d.draft(ticket)
			c.given.Actor, c.given.KeyID, c.given.Time = kari, d.key, d.now().Add(999)
			asked := 0
			got, err := d.Decide(d.ctx, d.w, suggest.DecideRequest{SuggestionID: s.ID, Revision: s.Revision, Decision: c.given},
				func(draft suggest.Draft) []suggest.SentenceChange {
					asked++
					if diff := cmp.Diff(*s.Draft, draft); diff != "" {
						t.Error(diff)
					}
					return changes
				})
			d.ok(err)
			want := s
			decision := c.given
			decision.FinalText, decision.Time = c.text, d.clock
			if c.given.Kind == suggest.DecisionEdit {
				decision.Changes = changes
			} else if asked > 0 {
				t.Error("asked for changes where nothing was edited")
			}
			if decision.Comment != "" {
				decision.Comment = "No such bag"
			}
			want.State, want.Revision, want.Decision = c.state, s.Revision+1, &decision
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(got, d.suggestion(s.ID)); diff != "" {
				t.Errorf("read again:\n%s", diff)
			}
		})
	}
}

func TestDecideRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	running := d.begin(ticket).Suggestion
	abandoned := d.begin(ticket).Suggestion
	d.ok(d.Abandon(d.ctx, d.w, abandoned.ID, "server"))
	for _, s := range []suggest.Suggestion{running, abandoned} {
		if _, err := d.decide(s, suggest.DecisionOwn); !errors.Is(err, suggest.ErrNotFinished) {
			t.Errorf("%s: %v", s.State, err)
		}
	}
	silent := d.finishAs(running, "server")
	for _, kind := range []suggest.DecisionKind{suggest.DecisionApprove, suggest.DecisionEdit, suggest.DecisionDiscard} {
		if _, err := d.decide(silent, kind); !errors.Is(err, suggest.ErrNoDraft) {
			t.Errorf("%s without a draft: %v", kind, err)
		}
	}
	if s, err := d.decide(silent, suggest.DecisionOwn); err != nil || s.State != suggest.StateReleased {
		t.Errorf("an own reply without a draft: %s, %v", s.State, err)
	}
	s := d.draft(ticket)
	s.Revision--
	if _, err := d.decide(s, suggest.DecisionApprove); !errors.Is(err, suggest.ErrRevision) {
		t.Errorf("an earlier revision: %v", err)
	}
	s.Revision++
	_, err := d.decide(s, suggest.DecisionDiscard)
	d.ok(err)
	at := d.clock
	s.Revision++
	var decided *suggest.DecidedError
	if _, err := d.decide(s, suggest.DecisionApprove); !errors.As(err, &decided) ||
		decided.By != kari || decided.Kind != suggest.DecisionDiscard || !decided.Time.Equal(at) {
		t.Errorf("a second decision: %v", err)
	}
}

func TestOneOfManyDecisions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	s := d.draft(ticket)
	kinds := []suggest.DecisionKind{suggest.DecisionApprove, suggest.DecisionEdit, suggest.DecisionDiscard, suggest.DecisionOwn}
	errs := d.queued(ticket, 20, func(store *postgres.Store, i int) error {
		_, err := store.Decide(d.ctx, d.w, suggest.DecideRequest{SuggestionID: s.ID, Revision: s.Revision, Decision: suggest.Decision{
			Kind: kinds[i%4], Actor: suggest.Actor{ID: fmt.Sprint("agent ", i)}, FinalText: "x", Time: start.Add(time.Duration(i) * time.Second),
		}}, nil)
		return err
	})
	got := d.suggestion(s.ID)
	won := 0
	for i, err := range errs {
		var decided *suggest.DecidedError
		switch {
		case err == nil:
			won++
			if got.Decision.Actor.ID != fmt.Sprint("agent ", i) {
				t.Errorf("agent %d was told it won, but %s did", i, got.Decision.Actor.ID)
			}
		case !errors.As(err, &decided) || decided.By != got.Decision.Actor || decided.Kind != got.Decision.Kind || !decided.Time.Equal(got.Decision.Time):
			t.Errorf("agent %d got %v, want *DecidedError by %s", i, err, got.Decision.Actor.ID)
		}
	}
	if won != 1 || got.Revision != s.Revision+1 {
		t.Errorf("%d of 20 decided; revision %d", won, got.Revision)
	}
}

// TestMessageOrDecision lets a customer write while agents approve: an
// approval stands only where it came before the message.
func TestMessageOrDecision(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket := d.ticket("T").ID
	d.says(ticket, suggest.AuthorCustomer, "Where is my bag?")
	var drafts []suggest.Suggestion
	for range 9 {
		drafts = append(drafts, d.draft(ticket))
	}
	now := d.now()
	errs := d.queued(ticket, 10, func(store *postgres.Store, i int) error {
		if i == 9 {
			_, _, err := store.AppendMessage(d.ctx, d.w, ticket, suggest.Message{ID: uuid.NewString(), Author: suggest.AuthorCustomer, Text: "Found it!"}, now)
			return err
		}
		_, err := store.Decide(d.ctx, d.w, suggest.DecideRequest{SuggestionID: drafts[i].ID, Revision: drafts[i].Revision, Decision: suggest.Decision{
			Kind: suggest.DecisionApprove, Actor: kari, Time: start,
		}}, nil)
		return err
	})
	d.ok(errs[9])
	before := 0
	for i, s := range drafts {
		got := d.suggestion(s.ID)
		switch {
		case errs[i] == nil && got.State == suggest.StateReleased && got.SupersededBy == "":
			before++
		case errors.Is(errs[i], suggest.ErrStale) && got.State == suggest.StateSuperseded:
		default:
			t.Errorf("%v, and it is %s by %q", errs[i], got.State, got.SupersededBy)
		}
	}
	t.Logf("%d of 9 were approved before the message", before)
}

func TestListingSuggestions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b := d.ticket("a").ID, d.ticket("b").ID
	d.says(a, suggest.AuthorCustomer, "Where is my bag?")
	d.says(b, suggest.AuthorCustomer, "Where is my dog?")
	var want []string
	at := d.now()
	for i := range 23 {
		ticket := a
		if i%2 == 1 {
			ticket = b
		}
		// Many begin at the same time: ids alone part them.
		begun, err := d.Begin(d.ctx, d.w, d.request(ticket), fmt.Sprintf("00000000-0000-4000-8000-%012d", i), "server", time.Hour, at.Add(time.Duration(i/4)*time.Second))
		d.ok(err)
		want = append([]string{begun.Suggestion.ID}, want...)
		if i%3 == 0 {
			d.finishAs(begun.Suggestion, "server")
		}
	}
	list := func(f suggest.SuggestionFilter) (ids []string) {
		if f.Limit == 0 {
			f.Limit = 100
		}
		found, err := d.Suggestions(d.ctx, d.w, f)
		d.ok(err)
		for _, s := range found {
			ids = append(ids, s.ID)
		}
		return ids
	}
	if diff := cmp.Diff(want, list(suggest.SuggestionFilter{})); diff != "" {
		t.Error(diff)
	}
	var paged []string
	f := suggest.SuggestionFilter{Limit: 5}
	for {
		found, err := d.Suggestions(d.ctx, d.w, f)
		d.ok(err)
		for _, s := range found {
			paged = append(paged, s.ID)
		}
		if len(found) < f.Limit {
			break
		}
		last := found[len(found)-1]
		f.AfterTime, f.AfterID = last.CreateTime, last.ID
		_, err = d.Begin(d.ctx, d.w, d.request(a), uuid.NewString(), "server", time.Hour, at.Add(time.Hour))
		d.ok(err)
	}
	if diff := cmp.Diff(want, paged); diff != "" {
		t.Errorf("by pages:\n%s", diff)
	}
	f = suggest.SuggestionFilter{Before: at.Add(time.Minute)}
	count := func(name string, f suggest.SuggestionFilter, want int) {
		f.Before = at.Add(time.Minute)
		if got := len(list(f)); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	count("before", f, 23)
	count("of one ticket", suggest.SuggestionFilter{TicketID: b}, 11)
	count("running", suggest.SuggestionFilter{States: []suggest.State{suggest.StateRunning}}, 15)
	count("silent", suggest.SuggestionFilter{Outcomes: []suggest.Outcome{suggest.OutcomeNoDraft, suggest.OutcomeHumanOnly}}, 8)
	count("drafts", suggest.SuggestionFilter{Outcomes: []suggest.Outcome{suggest.OutcomeDraft}}, 0)
	count("from", suggest.SuggestionFilter{From: at.Add(5 * time.Second)}, 3)
	count("all at once", suggest.SuggestionFilter{
		TicketID: a, From: at, States: []suggest.State{suggest.StateGenerated, suggest.StateDelivered}, Outcomes: []suggest.Outcome{suggest.OutcomeNoDraft},
	}, 4)
	_, err := d.Suggestions(d.ctx, d.w, suggest.SuggestionFilter{Limit: 1, AfterID: "x"})
	var field *suggest.FieldError
	if !errors.As(err, &field) || field.Field != "page_token" {
		t.Errorf("a place that nobody gave: %v", err)
	}
}
