package suggest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/purser-desk/purser/internal/text"
)

// Times of the lease on a suggestion that is being made.
const (
	// leaseFor is how long a server's word counts that it is at work: after its
	// death the suggestion is taken over within this time.
	leaseFor = 15 * time.Second
	// renewEvery is how often it renews.
	renewEvery = 5 * time.Second
	// storeTimeout bounds a statement that must happen though nobody waits.
	storeTimeout = 10 * time.Second
	// Waiting for another server begins with pollFirst and slows to pollMost.
	pollFirst = 100 * time.Millisecond
	pollMost  = time.Second
)

// ErrClosing says that the server is being stopped; the same request can be made
// elsewhere.
var ErrClosing = errors.New("the server is stopping; ask again")

// ErrInternal says that making a suggestion failed for a defect of Purser's own.
var ErrInternal = errors.New("making the suggestion failed inside Purser; its log says where")

// Pipeline makes suggestions from tickets. It stores nothing.
type Pipeline interface {
	// Run makes a suggestion from what is given and tells emit the evidence and
	// then the text as it comes, never Started or Suggestion. The suggestion carries
	// no ids. Run fails with ErrNothingToAnswer, with an error of the search, of
	// emit, or of ctx.
	Run(ctx context.Context, w Workspace, in Input, emit func(Event) error) (Suggestion, Record, error)
}

// Service makes suggestions on stored tickets and keeps what became of them. It
// is safe for concurrent use. Close ends what it runs.
type Service struct {
	pipeline Pipeline
	store    SuggestionStore
	newID    func() string
	now      func() time.Time
	log      *slog.Logger
	registry registry
}

// ServiceOptions are what a Service can be told; the zero value is ready to use.
type ServiceOptions struct {
	// NewID makes ids of suggestions, messages and the owners of leases; a UUID
	// version 7 when nil.
	NewID func() string
	// Clock is time.Now when nil.
	Clock  func() time.Time
	Logger *slog.Logger
}

// NewService makes a Service.
func NewService(p Pipeline, store SuggestionStore, o ServiceOptions) *Service {
	s := &Service{
		pipeline: p, store: store, newID: o.NewID, now: o.Clock, log: o.Logger,
		registry: registry{runs: map[runKey][]*run{}},
	}
	if s.newID == nil {
		s.newID = newUUID
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

func newUUID() string {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.NewString()
	}
	return id.String()
}

// Close ends every run, also one that begins meanwhile, and waits for them as
// long as ctx allows. What was being made is given up and made again by the next
// that asks.
func (s *Service) Close(ctx context.Context) error {
	if err := s.registry.close(ctx, ErrClosing); err != nil {
		return fmt.Errorf("wait for suggestions to end: %w", err)
	}
	return nil
}

// Suggest makes a suggestion, or joins the one that the same request began, or
// plays one that is finished, and tells emit every event: Started at once, the
// whole Suggestion last. It returns emit's error at once. It fails with
// ErrTicketNotFound, ErrNothingToAnswer, ErrRequestReused, ErrClosing,
// *FieldError for a wrong locale, with an error of the store or the search, or
// that of ctx.
//
// The making goes on while anyone listens, also when the caller that began it
// has gone; it ends with the last subscriber, and the same request then makes it
// again. A server that dies leaves a lease behind: when it runs out, one of the
// servers that wait takes the work over.
func (s *Service) Suggest(ctx context.Context, w Workspace, r SuggestRequest, emit func(Event) error) error {
	var err error
	if r.Locale, err = optionalLocale("locale", r.Locale); err != nil {
		return err
	}
	// An owner is one attempt, not one server: what an earlier attempt of this
	// server does late must not touch what a later one makes.
	owner := s.newID()
	received := &subscriber{emit: emit}
	for wait := pollFirst; ; wait = min(2*wait, pollMost) {
		begun, making, err := s.attempt(ctx, w, r, owner)
		if err != nil {
			return err
		}
		received.joined = begun.Joined
		switch {
		case making != nil:
			err := subscribed(ctx, making, received.receive)
			if !errors.Is(err, ErrLeaseLost) {
				return err
			}
			received.restart() // another server makes it now
		case begun.Suggestion.State == StateRunning:
			if err := received.receive(startedEvent(begun)); err != nil {
				return err
			}
		case begun.Suggestion.State != StateAbandoned:
			return s.replay(ctx, w, begun, received.receive)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// attempt asks the store for the suggestion, and returns the run to follow, the
// caller counted in: a new one when the caller holds the lease, else the one on
// this server, nil when there is none.
func (s *Service) attempt(ctx context.Context, w Workspace, asked SuggestRequest, owner string) (Begun, *run, error) {
	if !s.registry.enter() {
		return Begun{}, nil, ErrClosing
	}
	defer s.registry.leave()
	begun, err := s.store.Begin(ctx, w, asked.Request, s.newID(), owner, leaseFor, s.now())
	if err != nil {
		return Begun{}, nil, err
	}
	if begun.Mine {
		r, err := s.begin(ctx, w, asked, begun, owner)
		return begun, r, err
	}
	if begun.Suggestion.State == StateRunning || begun.Suggestion.State == StateAbandoned {
		if r := s.registry.find(w, begun.Suggestion.ID); r != nil && r.subscribe() {
			return begun, r, nil
		}
	}
	return begun, nil, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// subscribed follows a run that the caller is counted in for.
func subscribed(ctx context.Context, r *run, emit func(Event) error) error {
	defer r.unsubscribe()
	return r.follow(ctx, emit)
}

// begin starts making what the caller holds the lease of, with the caller as
// its first subscriber.
func (s *Service) begin(ctx context.Context, w Workspace, asked SuggestRequest, begun Begun, owner string) (*run, error) {
	in := Input{
		Ticket: begun.Ticket, Messages: begun.Messages, MessageID: begun.Suggestion.MessageID,
		Locale: asked.Locale, Limit: asked.Limit, Guidance: text.Clean(asked.Guidance), Agent: text.Clean(asked.Actor.Name),
	}
	in.Deadline, _ = ctx.Deadline() // the run's own context has none
	runCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	r := newRun(w, begun.Suggestion.ID, owner, cancel)
	r.publish(startedEvent(begun))
	if !s.registry.add(r) {
		cancel(nil)
		s.abandon(ctx, r)
		return nil, ErrClosing
	}
	go func() {
		defer s.registry.leave()
		defer cancel(nil)
		err := s.makeSafely(runCtx, r, in, begun)
		s.registry.remove(r)
		r.end(err)
	}()
	return r, nil
}

func startedEvent(b Begun) Event {
	m := Message{ID: b.Suggestion.MessageID}
	if i := slices.IndexFunc(b.Messages, func(m Message) bool { return m.ID == b.Suggestion.MessageID }); i >= 0 {
		m = b.Messages[i]
	} else if b.Suggestion.MessageID == "" {
		if i := AnsweredIndex(b.Messages, ""); i >= 0 {
			m = b.Messages[i]
		}
	}
	return Event{Started: &Started{
		SuggestionID: b.Suggestion.ID, TicketID: b.Suggestion.TicketID, Message: m, Joined: b.Joined,
	}}
}

// makeSafely is make, in which a panic ends this suggestion and not the server.
func (s *Service) makeSafely(ctx context.Context, r *run, in Input, begun Begun) (err error) {
	defer func() {
		if v := recover(); v != nil {
			// What panicked may hold a customer's words, so only the place is told.
			s.log.LogAttrs(ctx, slog.LevelError, "making a suggestion panicked",
				slog.String("suggestion", r.id), slog.String("stack", string(debug.Stack())))
			s.abandon(ctx, r)
			err = ErrInternal
		}
	}()
	return s.make(ctx, r, in, begun)
}

// make runs the pipeline and records what came of it.
func (s *Service) make(ctx context.Context, r *run, in Input, begun Begun) error {
	ctx, stop := s.keepLease(ctx, r)
	defer stop()
	made, record, err := s.pipeline.Run(ctx, r.workspace, in, func(e Event) error {
		r.publish(e)
		return context.Cause(ctx)
	})
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		stop()
		if !errors.Is(err, ErrLeaseLost) {
			s.abandon(ctx, r)
		}
		return err
	}
	head := begun.Suggestion
	made.ID, made.TicketID, made.ParentID = head.ID, head.TicketID, head.ParentID
	made.Actor, made.CreateTime, made.Revision = head.Actor, head.CreateTime, head.Revision
	if head.MessageID != "" {
		made.MessageID = head.MessageID
	}
	made.State, made.FinishTime = StateGenerated, s.now()

	storeCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	stored, err := s.store.Finish(storeCtx, r.workspace, r.owner, made, record)
	if err != nil {
		if !errors.Is(err, ErrLeaseLost) {
			s.abandon(ctx, r)
		}
		return fmt.Errorf("record the suggestion: %w", err)
	}
	r.publish(Event{Suggestion: &stored})
	return nil
}

// keepLease renews the lease until stop is called; the returned context ends
// with ErrLeaseLost when another server took over, or when the lease could not
// be renewed in time.
func (s *Service) keepLease(ctx context.Context, r *run) (leased context.Context, stop func()) {
	leased, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		renewed := time.Now()
		tick := time.NewTicker(renewEvery)
		defer tick.Stop()
		for {
			select {
			case <-leased.Done():
				return
			case <-tick.C:
			}
			now := time.Now()
			renewCtx, cancelRenew := context.WithTimeout(leased, renewEvery)
			err := s.store.Renew(renewCtx, r.workspace, r.id, r.owner, leaseFor)
			cancelRenew()
			switch {
			case err == nil:
				renewed = now
			case errors.Is(err, ErrLeaseLost), time.Since(renewed) > leaseFor-renewEvery:
				cancel(ErrLeaseLost)
				return
			}
		}
	}()
	var once sync.Once
	return leased, func() {
		once.Do(func() {
			cancel(nil)
			<-done
		})
	}
}

// abandon gives a lease up though nobody may be waiting any more.
func (s *Service) abandon(ctx context.Context, r *run) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if err := s.store.Abandon(ctx, r.workspace, r.id, r.owner); err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "could not give a suggestion up; its lease runs out by itself",
			slog.String("suggestion", r.id), slog.Any("error", err))
	}
}

// replay plays a finished suggestion from its record.
func (s *Service) replay(ctx context.Context, w Workspace, begun Begun, emit func(Event) error) error {
	made := begun.Suggestion
	started := startedEvent(begun)
	if started.Started.Message.Text == "" {
		if record, err := s.store.Record(ctx, w, made.ID); err == nil {
			begun.Messages = record.Messages
			started = startedEvent(begun)
		}
	}
	events := []Event{started, {Evidence: &EvidenceFound{Evidence: made.Evidence, Requests: made.Requests}}}
	if made.Draft != nil {
		events = append(events, Event{Text: &TextAdded{Text: made.Draft.Text, Claims: made.Draft.Claims}})
	}
	events = append(events, Event{Suggestion: &made})
	for _, e := range events {
		if err := emit(e); err != nil {
			return err
		}
	}
	return nil
}

// Suggestion returns one; it fails with ErrSuggestionNotFound.
func (s *Service) Suggestion(ctx context.Context, w Workspace, id string) (Suggestion, error) {
	return s.store.Suggestion(ctx, w, id)
}

// Record returns what made a suggestion; it fails with ErrSuggestionNotFound.
func (s *Service) Record(ctx context.Context, w Workspace, id string) (Record, error) {
	return s.store.Record(ctx, w, id)
}

// Suggestions lists, newest first.
func (s *Service) Suggestions(ctx context.Context, w Workspace, f SuggestionFilter) ([]Suggestion, error) {
	return s.store.Suggestions(ctx, w, f)
}

// Decide records what a person decided, exactly once. An edit keeps the final
// text and its differences from the draft by sentence; one that changes nothing
// stays an edit whose sentences are all kept, since that is what the person
// did. It fails with ErrBlankText for an edit or an own reply without text, and
// as DecisionStore.Decide does. The store may be one in a transaction that is
// open.
func (s *Service) Decide(ctx context.Context, store DecisionStore, w Workspace, r DecideRequest) (Suggestion, error) {
	switch r.Decision.Kind {
	case DecisionEdit, DecisionOwn:
		r.Decision.FinalText = text.Clean(r.Decision.FinalText)
		if text.IsBlank(r.Decision.FinalText) {
			return Suggestion{}, ErrBlankText
		}
	case DecisionApprove, DecisionDiscard:
		r.Decision.FinalText = "" // the store takes the draft's
	default:
		return Suggestion{}, &FieldError{Field: "decision", Message: "give approve, edit, discard or own"}
	}
	r.Decision.Comment = text.Clean(r.Decision.Comment)
	if r.Decision.Time.IsZero() {
		r.Decision.Time = s.now()
	}
	final := r.Decision.FinalText
	return store.Decide(ctx, w, r, func(d Draft) []SentenceChange {
		return SentenceChanges(d.Text, final, d.Locale)
	})
}

// Deliver records that a reply was sent, with or without a suggestion. It fails
// with ErrTextMissing for a reply without both, and as DecisionStore.Deliver
// does. The store may be one in a transaction that is open.
func (s *Service) Deliver(ctx context.Context, store DecisionStore, w Workspace, r DeliveryReport) (Message, *Suggestion, error) {
	now := s.now()
	if r.Text != "" {
		if r.Text = text.Clean(r.Text); text.IsBlank(r.Text) {
			return Message{}, nil, ErrBlankText
		}
	}
	if r.SuggestionID == "" && r.Text == "" {
		return Message{}, nil, ErrTextMissing
	}
	if r.Time.IsZero() {
		r.Time = now
	}
	return store.Deliver(ctx, w, r, s.newID(), now)
}
