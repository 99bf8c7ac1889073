package suggest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

func request(id string) suggest.SuggestRequest {
	return suggest.SuggestRequest{Request: suggest.Request{
		KeyID: "k", RequestID: id, PayloadHash: []byte("h"), TicketID: "t1", Actor: suggest.Actor{ID: "a1"},
	}}
}

func counter() func() string {
	var n atomic.Int64
	return func() string { return fmt.Sprintf("id-%d", n.Add(1)) }
}

func newService(t *testing.T, p *pipeline.Pipeline, m suggest.SuggestionStore) *suggest.Service {
	t.Helper()
	s := suggest.NewService(p, m, suggest.ServiceOptions{NewID: counter()})
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

var whole = []string{
	"started m1 joined=false", "evidence 1", "text Your cabin bag may weigh up to 8 kg.",
	"text  A heavier bag must be checked in at the airport for 45 EUR.", "suggestion DRAFT",
}

func TestServiceStreamsThenReplays(t *testing.T) {
	g := pipelinetest.NewGate()
	close(g.Open)
	in := pipelinetest.Customer(pipelinetest.Question)
	m := newMemory(in)
	s := newService(t, pipelinetest.New(t, pipelinetest.Baggage(), g, pipeline.Settings{}), m)
	first := &pipelinetest.Tape{}
	if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), first.Emit); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, first.All()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if m.count("begin") != 1 || m.count("finish") != 1 || m.count("renew") != 0 {
		t.Errorf("round trips: %v", m.calls)
	}
	if first.Last.State != suggest.StateGenerated || first.Last.TicketID != "t1" || first.Last.MessageID != "m1" || first.Last.Actor.ID != "a1" {
		t.Errorf("suggestion: %+v", first.Last)
	}

	again := &pipelinetest.Tape{}
	if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), again.Emit); err != nil {
		t.Fatal(err)
	}
	want := []string{"started m1 joined=true", "evidence 1", "text Your cabin bag may weigh up to 8 kg. A heavier bag must be checked in at the airport for 45 EUR.", "suggestion DRAFT"}
	if diff := cmp.Diff(want, again.All()); diff != "" {
		t.Errorf("replay (-want +got):\n%s", diff)
	}
	if g.Calls.Load() != 1 {
		t.Errorf("the model was called %d times", g.Calls.Load())
	}

	other := request("r")
	other.PayloadHash = []byte("another")
	if err := s.Suggest(t.Context(), pipelinetest.Workspace, other, again.Emit); !errors.Is(err, suggest.ErrRequestReused) {
		t.Errorf("another payload: got %v", err)
	}
}

func TestServiceTellsStartedBeforeAnythingSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := pipelinetest.Searcher(func(ctx context.Context, q knowledge.Query) (knowledge.Results, error) {
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
				return knowledge.Results{}, ctx.Err()
			}
			return pipelinetest.Baggage()(ctx, q)
		})
		s := newService(t, pipelinetest.New(t, slow, nil, pipeline.Settings{}), newMemory(pipelinetest.Customer(pipelinetest.Question)))
		begin := time.Now()
		var after time.Duration
		err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), func(e suggest.Event) error {
			if e.Started != nil {
				after = time.Since(begin)
			}
			return nil
		})
		if err != nil || after != 0 {
			t.Errorf("started after %s, %v", after, err)
		}
	})
}

func TestServiceLateSubscribersReceiveEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := pipelinetest.NewGate()
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		s := newService(t, pipelinetest.New(t, pipelinetest.Baggage(), g, pipeline.Settings{}), m)
		tapes := []*pipelinetest.Tape{{}, {}, {}}
		var wg sync.WaitGroup
		listen := func(tp *pipelinetest.Tape) {
			wg.Go(func() {
				if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), tp.Emit); err != nil {
					t.Error(err)
				}
			})
		}
		listen(tapes[0])
		<-g.Reached
		listen(tapes[1])
		listen(tapes[2])
		synctest.Wait()
		if len(tapes[1].All()) < 3 || len(tapes[2].All()) < 3 {
			t.Fatal("it never happened")
		}
		close(g.Open)
		wg.Wait()
		for i, tp := range tapes {
			want := slices.Clone(whole)
			if i > 0 {
				want[0] = "started m1 joined=true"
			}
			if diff := cmp.Diff(want, tp.All()); diff != "" {
				t.Errorf("listener %d (-want +got):\n%s", i, diff)
			}
		}
		if g.Calls.Load() != 1 || m.count("finish") != 1 {
			t.Errorf("model called %d times, finished %d times", g.Calls.Load(), m.count("finish"))
		}
	})
}

func TestServiceSlowSubscriberHoldsUpNobody(t *testing.T) {
	g := pipelinetest.NewGate()
	close(g.Open)
	s := newService(t, pipelinetest.New(t, pipelinetest.Baggage(), g, pipeline.Settings{}), newMemory(pipelinetest.Customer(pipelinetest.Question)))
	stuck := make(chan struct{})
	release := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		once := sync.Once{}
		_ = s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), func(suggest.Event) error {
			once.Do(func() { close(stuck); <-release })
			return nil
		})
	})
	<-stuck
	tp := &pipelinetest.Tape{}
	if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), tp.Emit); err != nil {
		t.Fatal(err)
	}
	if got := tp.All(); got[len(got)-1] != "suggestion DRAFT" {
		t.Errorf("got %v", got)
	}
	close(release)
	wg.Wait()
}

func TestServiceLastSubscriberEndsTheModelCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := pipelinetest.NewGate()
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		s := newService(t, pipelinetest.New(t, pipelinetest.Baggage(), g, pipeline.Settings{}), m)
		one, leaveOne := context.WithCancel(t.Context())
		two, leaveTwo := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		tp := &pipelinetest.Tape{}
		go func() { errs <- s.Suggest(one, pipelinetest.Workspace, request("r"), (&pipelinetest.Tape{}).Emit) }()
		<-g.Reached
		go func() { errs <- s.Suggest(two, pipelinetest.Workspace, request("r"), tp.Emit) }()
		synctest.Wait()
		if len(tp.All()) < 3 {
			t.Fatal("it never happened")
		}
		leaveOne()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("first listener: %v", err)
		}
		synctest.Wait()
		if g.Ended.Load() != 0 {
			t.Fatal("the model call ended though somebody listens")
		}
		leaveTwo()
		<-errs
		synctest.Wait()
		if g.Ended.Load() != 1 || m.count("abandon") != 1 {
			t.Fatal("it never happened")
		}
		if m.count("finish") != 0 {
			t.Error("an abandoned suggestion was recorded")
		}
		// The same request makes it again.
		close(g.Open)
		again := &pipelinetest.Tape{}
		if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), again.Emit); err != nil {
			t.Fatal(err)
		}
		if got := again.All(); got[len(got)-1] != "suggestion DRAFT" || g.Calls.Load() != 2 {
			t.Errorf("calls %d, events %v", g.Calls.Load(), got)
		}
	})
}

func TestServiceEmitErrorIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken pipe")
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		s := newService(t, pipelinetest.New(t, pipelinetest.Baggage(), pipelinetest.NewGate(), pipeline.Settings{}), m)
		err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), func(e suggest.Event) error {
			if e.Text != nil {
				return broken
			}
			return nil
		})
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if m.count("abandon") != 1 {
			t.Fatal("it never happened")
		}
	})
}

func TestServiceTakesOverFromADeadServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		// Another server began and died: its lease runs for ten more seconds.
		now := time.Now()
		if _, err := m.Begin(t.Context(), pipelinetest.Workspace, request("r").Request, "s1", "dead", 10*time.Second, now); err != nil {
			t.Fatal(err)
		}
		g := pipelinetest.NewGate()
		close(g.Open)
		s := newService(t, pipelinetest.New(t, pipelinetest.Baggage(), g, pipeline.Settings{}), m)
		tp := &pipelinetest.Tape{}
		if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), tp.Emit); err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(whole)
		want[0] = "started m1 joined=true"
		if diff := cmp.Diff(want, tp.All()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if took := time.Since(now); took < 10*time.Second || took > 12*time.Second {
			t.Errorf("took over after %s", took)
		}
	})
}

func TestServiceWaitsForAnotherServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		p := pipelinetest.New(t, pipelinetest.Baggage(), newSlowModel(40*time.Second), pipeline.Settings{TimeLimit: time.Minute})
		one, two := newService(t, p, m), newService(t, p, m)
		first, second := &pipelinetest.Tape{}, &pipelinetest.Tape{}
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := one.Suggest(t.Context(), pipelinetest.Workspace, request("r"), first.Emit); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if err := two.Suggest(t.Context(), pipelinetest.Workspace, request("r"), second.Emit); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if diff := cmp.Diff([]string{"started m1 joined=true"}, second.All()); diff != "" {
			t.Errorf("while it runs (-want +got):\n%s", diff)
		}
		wg.Wait()
		if m.count("renew") < 7 {
			t.Errorf("the lease was renewed %d times in 40 s", m.count("renew"))
		}
		if m.count("finish") != 1 {
			t.Errorf("finished %d times", m.count("finish"))
		}
		if got := strings.Join(second.All(), "\n"); !strings.HasSuffix(got, "suggestion DRAFT") || strings.Count(got, "started") != 1 {
			t.Errorf("got %s", got)
		}
	})
}

// newSlowModel writes one sentence at once and the other after d.
func newSlowModel(d time.Duration) pipelinetest.Drafter {
	return func(ctx context.Context, _ pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
		if err := write(pipelinetest.Cited("Your cabin bag may weigh up to 8 kg.", 1)); err != nil {
			return pipeline.Report{}, err
		}
		select {
		case <-time.After(d):
		case <-ctx.Done():
			return pipeline.Report{}, ctx.Err()
		}
		return pipeline.Report{Finish: "stop"}, write(pipelinetest.Cited("Payment is by card at the desk.", 1))
	}
}

func TestServiceLeaseLostInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		p := pipelinetest.New(t, pipelinetest.Baggage(), newSlowModel(20*time.Second), pipeline.Settings{})
		s := newService(t, p, m)
		tp := &pipelinetest.Tape{}
		done := make(chan error, 1)
		go func() { done <- s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), tp.Emit) }()
		synctest.Wait()
		// Another server takes over and dies in turn.
		m.mu.Lock()
		m.rows["k/r"].owner = "other"
		m.rows["k/r"].lease = time.Now().Add(8 * time.Second)
		m.mu.Unlock()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		want := []string{
			"started m1 joined=false", "evidence 1", "text Your cabin bag may weigh up to 8 kg.",
			"replace TAKEN_OVER Your cabin bag may weigh up to 8 kg.", "text  Payment is by card at the desk.", "suggestion DRAFT",
		}
		if diff := cmp.Diff(want, tp.All()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestServiceErrors(t *testing.T) {
	down := errors.New("the database is gone")
	t.Run("search", func(t *testing.T) {
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		failing := pipelinetest.Searcher(func(context.Context, knowledge.Query) (knowledge.Results, error) { return knowledge.Results{}, down })
		s := newService(t, pipelinetest.New(t, failing, nil, pipeline.Settings{}), m)
		if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), (&pipelinetest.Tape{}).Emit); !errors.Is(err, down) {
			t.Errorf("got %v", err)
		}
		if m.count("abandon") != 1 {
			t.Error("not given up")
		}
	})
	t.Run("finish", func(t *testing.T) {
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		m.finish = func() error { return down }
		s := newService(t, pipelinetest.New(t, pipelinetest.Baggage(), nil, pipeline.Settings{}), m)
		if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), (&pipelinetest.Tape{}).Emit); !errors.Is(err, down) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("panic", func(t *testing.T) {
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		mad := pipelinetest.Searcher(func(context.Context, knowledge.Query) (knowledge.Results, error) { panic("boom") })
		s := newService(t, pipelinetest.New(t, mad, nil, pipeline.Settings{}), m)
		if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), (&pipelinetest.Tape{}).Emit); !errors.Is(err, suggest.ErrInternal) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("deadline", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := pipelinetest.NewGate()
			m := newMemory(pipelinetest.Customer(pipelinetest.Question))
			s := newService(t, pipelinetest.New(t, pipelinetest.Baggage(), g, pipeline.Settings{}), m)
			ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
			defer cancel()
			tp := &pipelinetest.Tape{}
			// The draft is whole before the caller's deadline, with what the model had
			// written until then.
			if err := s.Suggest(ctx, pipelinetest.Workspace, request("r"), tp.Emit); err != nil {
				t.Fatal(err)
			}
			if !pipelinetest.HasNotice(tp.Last.Warnings, suggest.WarnIncomplete) {
				t.Errorf("warnings %v", tp.Last.Warnings)
			}
		})
	})
	t.Run("closing", func(t *testing.T) {
		g := pipelinetest.NewGate()
		m := newMemory(pipelinetest.Customer(pipelinetest.Question))
		s := suggest.NewService(pipelinetest.New(t, pipelinetest.Baggage(), g, pipeline.Settings{}), m, suggest.ServiceOptions{NewID: counter()})
		errs := make(chan error, 1)
		go func() {
			errs <- s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), (&pipelinetest.Tape{}).Emit)
		}()
		<-g.Reached
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-errs; !errors.Is(err, suggest.ErrClosing) {
			t.Errorf("listener got %v", err)
		}
		if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r2"), (&pipelinetest.Tape{}).Emit); !errors.Is(err, suggest.ErrClosing) {
			t.Errorf("new call got %v", err)
		}
	})
}

func TestServiceDecide(t *testing.T) {
	m := newMemory(pipelinetest.Customer(pipelinetest.Question))
	s := newService(t, pipelinetest.New(t, pipelinetest.Baggage(), pipelinetest.Writes(nil, pipelinetest.Cited("Your cabin bag may weigh up to 8 kg.", 1)), pipeline.Settings{}), m)
	tp := &pipelinetest.Tape{}
	if err := s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), tp.Emit); err != nil {
		t.Fatal(err)
	}
	decide := func(kind suggest.DecisionKind, final string) (suggest.Suggestion, error) {
		return s.Decide(t.Context(), m, pipelinetest.Workspace, suggest.DecideRequest{
			SuggestionID: tp.Last.ID, Revision: 2, Decision: suggest.Decision{Kind: kind, FinalText: final},
		})
	}
	for _, blank := range []string{"", " \n\t", "\u200b\u200b"} {
		if _, err := decide(suggest.DecisionEdit, blank); !errors.Is(err, suggest.ErrBlankText) {
			t.Errorf("edit to %q: %v", blank, err)
		}
		if _, err := decide(suggest.DecisionOwn, blank); !errors.Is(err, suggest.ErrBlankText) {
			t.Errorf("own %q: %v", blank, err)
		}
	}
	var field *suggest.FieldError
	if _, err := decide("MAYBE", "x"); !errors.As(err, &field) {
		t.Errorf("unknown kind: %v", err)
	}
	got, err := decide(suggest.DecisionEdit, "Hi Kari! Your cabin bag may weigh up to 8 kg.")
	if err != nil {
		t.Fatal(err)
	}
	want := []suggest.SentenceChange{
		{Kind: suggest.ChangeAdded, After: "Hi Kari!"},
		{Kind: suggest.ChangeKept, Before: "Your cabin bag may weigh up to 8 kg.", After: "Your cabin bag may weigh up to 8 kg."},
	}
	if diff := cmp.Diff(want, got.Decision.Changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if _, _, err := s.Deliver(t.Context(), m, pipelinetest.Workspace, suggest.DeliveryReport{TicketID: "t1"}); !errors.Is(err, suggest.ErrTextMissing) {
		t.Errorf("delivery of nothing: %v", err)
	}
	if _, _, err := s.Deliver(t.Context(), m, pipelinetest.Workspace, suggest.DeliveryReport{TicketID: "t1", Text: " \x00 "}); !errors.Is(err, suggest.ErrBlankText) {
		t.Errorf("delivery of blanks: %v", err)
	}
}
