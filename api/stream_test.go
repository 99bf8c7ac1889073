package api_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// eventually waits for what takes a moment.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited in vain: %s", what)
}

// opened is a stream that the test reads event by event.
type opened struct {
	played
	stream purserv1.SuggestionService_SuggestReplyClient
	cancel context.CancelFunc
}

func (c *caller) open(t *testing.T, r *purserv1.SuggestReplyRequest) *opened {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	stream, err := c.suggestions.SuggestReply(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	return &opened{stream: stream, cancel: cancel}
}

// until reads until an event of the kind has come.
func (o *opened) until(t *testing.T, kind string) {
	t.Helper()
	for len(o.order) == 0 || o.order[len(o.order)-1] != kind {
		e, err := o.stream.Recv()
		if err != nil {
			t.Fatalf("waiting for %s after %v: %v", kind, o.order, err)
		}
		o.take(e)
	}
}

func (o *opened) rest(t *testing.T) {
	t.Helper()
	for {
		e, err := o.stream.Recv()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("after %v: %v", o.order, err)
		}
		o.take(e)
	}
}

func TestTheSameRequestReplaysAFinishedStream(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	r := asks(t, d.ticket(t, "T-1", bagQuestion))
	first := d.mustSuggest(t, r)
	again := d.mustSuggest(t, r)
	equal(t, again.started.GetJoined(), true)
	equal(t, again.started.GetSuggestionId(), first.started.GetSuggestionId())
	equal(t, again.started.GetMessage().GetText(), bagQuestion)
	equal(t, again.shown, first.shown)
	equal(t, again.order[:2], []string{"started", "evidence"})
	if !proto.Equal(again.suggestion, first.suggestion) {
		t.Errorf("replayed %v\nfirst %v", again.suggestion, first.suggestion)
	}
	equal(t, len(d.model.Requests()), 1)

	for name, change := range map[string]func(*purserv1.SuggestReplyRequest){
		"another ticket": func(r *purserv1.SuggestReplyRequest) { r.TicketId = d.ticket(t, "T-2", bagQuestion) },
		"another locale": func(r *purserv1.SuggestReplyRequest) { r.Locale = "de" },
		"another actor":  func(r *purserv1.SuggestReplyRequest) { r.Actor = ola },
		"another limit":  func(r *purserv1.SuggestReplyRequest) { r.TimeLimit = durationpb.New(time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			other := proto.CloneOf(r)
			change(other)
			_, err := d.suggest(t.Context(), other)
			wantReason(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
		})
	}
	// Another key's requests are its own.
	agent := d.s.as(t, d.s.keyOf(t, d.admin, purserv1.KeyRole_KEY_ROLE_AGENT))
	if mine := agent.mustSuggest(t, r); mine.suggestion.GetSuggestionId() == first.suggestion.GetSuggestionId() {
		t.Error("another key got the first one's suggestion")
	}
}

func TestTheSameRequestJoinsARunningStream(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer, Between: 10 * time.Millisecond})
	r := asks(t, d.ticket(t, "T-1", bagQuestion))
	first := d.open(t, r)
	first.until(t, "text")
	second := d.open(t, r)
	second.until(t, "text")
	beside := start(t, startOptions{model: d.model, beside: d.s}).as(t, d.admin).open(t, r)
	beside.until(t, "started")
	for _, o := range []*opened{second, beside, first} {
		o.rest(t)
		equal(t, o.shown, bagDraft)
		equal(t, o.suggestion.GetDraft().GetText(), bagDraft)
		equal(t, o.started.GetSuggestionId(), first.started.GetSuggestionId())
		equal(t, o.started.GetMessage().GetText(), bagQuestion)
	}
	equal(t, []bool{first.started.GetJoined(), second.started.GetJoined(), beside.started.GetJoined()}, []bool{false, true, true})
	equal(t, len(d.model.Requests()), 1)
}

// The model call goes on while anyone listens, and ends with the last one.
func TestTheCallerThatBeganMayGo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer, Between: 15 * time.Millisecond})
	r := asks(t, d.ticket(t, "T-1", bagQuestion))
	first := d.open(t, r)
	first.until(t, "text")
	second := d.open(t, r)
	second.until(t, "started")
	first.cancel()
	second.rest(t)
	equal(t, second.suggestion.GetDraft().GetText(), bagDraft)
	equal(t, d.model.Gone(), 0)
	equal(t, len(d.model.Requests()), 1)
}

func TestAClientGoneMidStreamEndsTheModelCall(t *testing.T) {
	t.Parallel()
	half := "Please report the missing bag at the baggage desk before you leave the airport [1]. We trace"
	d := newDesk(t, openaitest.Script{Text: half, Hang: true})
	r := asks(t, d.ticket(t, "T-1", bagQuestion))
	o := d.open(t, r)
	o.until(t, "text")
	equal(t, d.model.Active(), 1)
	o.cancel()
	eventually(t, "the model call ends", func() bool { return d.model.Gone() == 1 && d.model.Active() == 0 })
	id := o.started.GetSuggestionId()
	eventually(t, "the suggestion is given up", func() bool {
		return d.get(t, &purserv1.Suggestion{SuggestionId: id}).GetState() == purserv1.SuggestionState_SUGGESTION_STATE_ABANDONED
	})
	given := d.get(t, &purserv1.Suggestion{SuggestionId: id})
	given.Revision = max(given.GetRevision(), 1)
	_, err := d.decide(t, given, approve)
	wantReason(t, err, codes.FailedPrecondition, "NOT_FINISHED")

	d.model.Set(func(openaitest.Request) openaitest.Script { return openaitest.Script{Text: bagAnswer} })
	again := d.mustSuggest(t, r)
	equal(t, again.suggestion.GetSuggestionId(), id)
	equal(t, again.suggestion.GetDraft().GetText(), bagDraft)
	equal(t, len(d.model.Requests()), 2)
}

// The caller's deadline is the caller's: the stream ends with it, or holds what
// could be made in time.
func TestDeadlinesOfStreams(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer, Before: time.Minute})
	ticket := d.ticket(t, "T-1", bagQuestion)
	t.Run("gone by", func(t *testing.T) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		_, err := d.suggest(ctx, asks(t, ticket))
		equal(t, status.Code(err), codes.DeadlineExceeded)
	})
	t.Run("the caller's own", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		p, err := d.suggest(ctx, asks(t, ticket))
		if err != nil {
			t.Fatalf("after %v: %v", p.order, err)
		}
		equal(t, codesOf(p.suggestion.GetDegraded()), []string{"MODEL_TOO_SLOW", "SEARCHED_BY_WORDS_ONLY"})
		equal(t, p.suggestion.GetProvenance().GetDrafter(), "extractive")
	})
	t.Run("the request's", func(t *testing.T) {
		r := asks(t, ticket)
		r.TimeLimit = durationpb.New(time.Second)
		began := time.Now()
		p := d.mustSuggest(t, r)
		equal(t, codesOf(p.suggestion.GetDegraded()), []string{"MODEL_TOO_SLOW", "SEARCHED_BY_WORDS_ONLY"})
		equal(t, p.suggestion.GetOutcome(), purserv1.Outcome_OUTCOME_DRAFT)
		if took := time.Since(began); took > 20*time.Second { // the server's own limit is longer
			t.Errorf("took %v of a second", took)
		}
	})
	for name, limit := range map[string]time.Duration{"too short": 100 * time.Millisecond, "too long": time.Hour} {
		t.Run(name, func(t *testing.T) {
			r := asks(t, ticket)
			r.TimeLimit = durationpb.New(limit)
			_, err := d.suggest(t.Context(), r)
			wantReason(t, err, codes.InvalidArgument, "INVALID_FIELD")
		})
	}
	eventually(t, "no model call goes on", func() bool { return d.model.Active() == 0 })
}

// A server that died left a lease behind; whoever asks again takes the work
// over when it has run out.
func TestAnotherServerTakesOverFromADeadOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	me, err := d.caller.admin.WhoAmI(t.Context(), &purserv1.WhoAmIRequest{})
	if err != nil {
		t.Fatal(err)
	}
	r := asks(t, d.ticket(t, "T-1", bagQuestion))
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(payload)
	dead, err := d.s.store.Begin(t.Context(), suggest.Workspace(me.GetWorkspaceId()), suggest.Request{
		KeyID: me.GetKey().GetKeyId(), RequestID: r.GetRequestId(), PayloadHash: hash[:], Actor: suggest.Actor{ID: "kari"}, TicketID: r.GetTicketId(),
	}, id(t), "a server that is no more", time.Minute, d.s.clock.now())
	if err != nil || !dead.Mine {
		t.Fatalf("%+v, %v", dead, err)
	}
	o := d.open(t, r)
	o.until(t, "started")
	equal(t, o.started.GetJoined(), true)
	equal(t, d.get(t, &purserv1.Suggestion{SuggestionId: dead.Suggestion.ID}).GetState(), purserv1.SuggestionState_SUGGESTION_STATE_RUNNING)
	d.s.passes(t, time.Minute, "suggestions", "lease_time")
	o.rest(t)
	equal(t, strings.Count(strings.Join(o.order, " "), "started"), 1)
	equal(t, o.suggestion.GetSuggestionId(), dead.Suggestion.ID)
	equal(t, o.suggestion.GetDraft().GetText(), bagDraft)
}

// A server that is stopped says so, and another one goes on.
func TestAServerThatCloses(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: "Please report the missing bag at the baggage desk before you leave the airport [1]. We trace", Hang: true})
	r := asks(t, d.ticket(t, "T-1", bagQuestion))
	o := d.open(t, r)
	o.until(t, "text")
	if err := d.s.service.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		_, err = o.stream.Recv()
	}
	st := wantReason(t, err, codes.Unavailable, "CLOSING")
	wantRetry(t, st)
	_, err = d.suggest(t.Context(), asks(t, d.ticket(t, "T-2", bagQuestion)))
	wantRetry(t, wantReason(t, err, codes.Unavailable, "CLOSING"))

	d.model.Set(func(openaitest.Request) openaitest.Script { return openaitest.Script{Text: bagAnswer} })
	next := start(t, startOptions{model: d.model, beside: d.s}).as(t, d.admin)
	equal(t, next.mustSuggest(t, r).suggestion.GetDraft().GetText(), bagDraft)
}

func wantRetry(t *testing.T, st *status.Status) {
	t.Helper()
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			if retry.GetRetryDelay().AsDuration() <= 0 {
				t.Error("try again at once?")
			}
			return
		}
	}
	t.Errorf("nothing says when to try again: %v", st.Details())
}

// Many callers with one request make one suggestion.
func TestManyCallersWithOneRequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer, Between: 2 * time.Millisecond})
	beside := start(t, startOptions{model: d.model, beside: d.s}).as(t, d.admin)
	r := asks(t, d.ticket(t, "T-1", bagQuestion))
	all := make([]*played, 10)
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			c := d.caller
			if i%3 == 0 {
				c = beside
			}
			all[i], errs[i] = c.suggest(t.Context(), r)
		})
	}
	wg.Wait()
	for i, p := range all {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		equal(t, p.shown, bagDraft)
		equal(t, p.suggestion.GetSuggestionId(), all[0].suggestion.GetSuggestionId())
	}
	equal(t, len(d.model.Requests()), 1)
}
