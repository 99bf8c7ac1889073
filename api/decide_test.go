package api_test

import (
	"strings"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

func TestDecideTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	g := d.mustSuggest(t, asks(t, d.ticket(t, "T-1", bagQuestion))).suggestion
	if _, err := d.decide(t, g, approve); err != nil {
		t.Fatal(err)
	}
	_, err := d.decide(t, g, func(r *purserv1.DecideSuggestionRequest) { discard(r); r.Actor = ola })
	st := wantReason(t, err, codes.Aborted, "ALREADY_DECIDED")
	if !strings.Contains(st.Message(), "Kari") {
		t.Errorf("the message %q does not say who was first", st.Message())
	}
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			equal(t, info.GetMetadata(), map[string]string{"decided_by": "kari", "decided_by_name": "Kari"})
		}
	}
	kept, err := d.suggestions.GetSuggestion(t.Context(), &purserv1.GetSuggestionRequest{SuggestionId: g.GetSuggestionId()})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, kept.GetSuggestion().GetDecision().GetKind(), purserv1.DecisionKind_DECISION_KIND_APPROVE)
}

// Many agents decide at once: one is first, all others learn who that was.
func TestManyAgentsDecideAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	g := d.mustSuggest(t, asks(t, d.ticket(t, "T-1", bagQuestion))).suggestion
	const agents = 8
	errs := make([]error, agents)
	names := make([]string, agents)
	var wg sync.WaitGroup
	for i := range agents {
		names[i] = "agent " + string(rune('A'+i))
		wg.Go(func() {
			_, errs[i] = d.decide(t, g, func(r *purserv1.DecideSuggestionRequest) {
				r.Actor = &purserv1.Actor{Id: names[i]}
				if i%2 == 0 {
					approve(r)
				} else {
					edit("An answer of my own making.")(r)
				}
			})
		})
	}
	wg.Wait()
	first := ""
	for i, err := range errs {
		if err == nil {
			if first != "" {
				t.Fatalf("both %s and %s decided", first, names[i])
			}
			first = names[i]
		}
	}
	if first == "" {
		t.Fatalf("nobody decided: %v", errs)
	}
	for _, err := range errs {
		if err == nil {
			continue
		}
		if st := wantReason(t, err, codes.Aborted, "ALREADY_DECIDED"); !strings.Contains(st.Message(), first) {
			t.Errorf("%q does not name %s", st.Message(), first)
		}
	}
}

func TestDecisionsThatAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	draft := d.mustSuggest(t, asks(t, d.ticket(t, "T-1", bagQuestion))).suggestion
	silent := d.mustSuggest(t, asks(t, d.ticket(t, "T-2", "Thank you so much!"))).suggestion
	equal(t, silent.GetOutcome(), purserv1.Outcome_OUTCOME_NO_DRAFT)
	equal(t, silent.GetReason(), purserv1.OutcomeReason_OUTCOME_REASON_NOTHING_TO_ANSWER)
	for name, c := range map[string]struct {
		of     *purserv1.Suggestion
		how    func(*purserv1.DecideSuggestionRequest)
		code   codes.Code
		reason string
	}{
		"approve what holds no draft": {silent, approve, codes.FailedPrecondition, "NO_DRAFT"},
		"edit what holds no draft":    {silent, edit("x y z"), codes.FailedPrecondition, "NO_DRAFT"},
		"discard what holds no draft": {silent, discard, codes.FailedPrecondition, "NO_DRAFT"},
		"edit to nothing":             {draft, edit(""), codes.InvalidArgument, "INVALID_FIELD"},
		"edit to blanks":              {draft, edit(" \n\t\u200b "), codes.InvalidArgument, "BLANK_TEXT"},
		"edit to control characters":  {draft, edit("\x00\u202e"), codes.InvalidArgument, "BLANK_TEXT"},
		"own reply of nothing":        {draft, own(""), codes.InvalidArgument, "INVALID_FIELD"},
		"own reply of blanks":         {draft, own("\n\n"), codes.InvalidArgument, "BLANK_TEXT"},
		"edit to a megabyte":          {draft, edit(strings.Repeat("a", 1<<20)), codes.InvalidArgument, "INVALID_FIELD"},
		"another revision":            {draft, func(r *purserv1.DecideSuggestionRequest) { approve(r); r.Revision++ }, codes.Aborted, "REVISION_MISMATCH"},
		"no revision":                 {draft, func(r *purserv1.DecideSuggestionRequest) { approve(r); r.Revision = 0 }, codes.InvalidArgument, "INVALID_FIELD"},
		"no decision":                 {draft, func(*purserv1.DecideSuggestionRequest) {}, codes.InvalidArgument, "INVALID_FIELD"},
		"no actor":                    {draft, func(r *purserv1.DecideSuggestionRequest) { approve(r); r.Actor = nil }, codes.InvalidArgument, "INVALID_FIELD"},
		"discard without reason": {draft, func(r *purserv1.DecideSuggestionRequest) {
			r.Decision = &purserv1.DecideSuggestionRequest_Discard{Discard: &purserv1.DiscardDraft{}}
		}, codes.InvalidArgument, "INVALID_FIELD"},
		"an unknown suggestion": {draft, func(r *purserv1.DecideSuggestionRequest) { approve(r); r.SuggestionId = id(t) }, codes.NotFound, "SUGGESTION_NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.decide(t, c.of, c.how)
			wantReason(t, err, c.code, c.reason)
		})
	}
	// None of it left a trace.
	if _, err := d.decide(t, draft, approve); err != nil {
		t.Error(err)
	}
	// A person may always write a reply of their own.
	answered, err := d.decide(t, silent, own("You are welcome."))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, answered.GetState(), purserv1.SuggestionState_SUGGESTION_STATE_RELEASED)
}

func TestDecideWithTheSameRequestID(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	g := d.mustSuggest(t, asks(t, d.ticket(t, "T-1", bagQuestion))).suggestion
	r := &purserv1.DecideSuggestionRequest{RequestId: id(t), Actor: kari, SuggestionId: g.GetSuggestionId(), Revision: g.GetRevision()}
	approve(r)
	first, err := d.suggestions.DecideSuggestion(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.suggestions.DecideSuggestion(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(first, again) {
		t.Errorf("another answer: %v", again)
	}
	edit("Something else.")(r)
	_, err = d.suggestions.DecideSuggestion(t.Context(), r)
	wantReason(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
}

func (c *caller) get(t *testing.T, g *purserv1.Suggestion) *purserv1.Suggestion {
	t.Helper()
	answer, err := c.suggestions.GetSuggestion(t.Context(), &purserv1.GetSuggestionRequest{SuggestionId: g.GetSuggestionId()})
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetSuggestion()
}

func TestWhatSupersedesASuggestion(t *testing.T) {
	t.Parallel()
	changed := bagArticle()
	changed.Body = strings.Replace(bagBody, "21 days", "30 days", 1)
	for name, c := range map[string]struct {
		overtake func(*testing.T, *desk, string)
		by       purserv1.SupersededBy
	}{
		"a newer message": {func(t *testing.T, d *desk, ticket string) {
			if _, err := d.tickets.AppendMessage(t.Context(), message(ticket, "And it holds my medicine!")); err != nil {
				t.Fatal(err)
			}
		}, purserv1.SupersededBy_SUPERSEDED_BY_NEWER_MESSAGE},
		"another agent's reply": {func(t *testing.T, d *desk, ticket string) {
			m := message(ticket, "We are on it.")
			m.Author = purserv1.Author_AUTHOR_AGENT
			if _, err := d.tickets.AppendMessage(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}, purserv1.SupersededBy_SUPERSEDED_BY_NEWER_MESSAGE},
		"a cited article that changed": {func(t *testing.T, d *desk, _ string) {
			d.imports(t, "help", changed)
		}, purserv1.SupersededBy_SUPERSEDED_BY_KNOWLEDGE_CHANGED},
		"a cited article that went": {func(t *testing.T, d *desk, _ string) {
			d.imports(t, "help", petArticle())
		}, purserv1.SupersededBy_SUPERSEDED_BY_KNOWLEDGE_CHANGED},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, openaitest.Script{Text: bagAnswer})
			ticket := d.ticket(t, "T-1", bagQuestion)
			g := d.mustSuggest(t, asks(t, ticket)).suggestion
			c.overtake(t, d, ticket)
			now := d.get(t, g)
			equal(t, now.GetState(), purserv1.SuggestionState_SUGGESTION_STATE_SUPERSEDED)
			equal(t, now.GetSupersededBy(), c.by)
			_, err := d.decide(t, now, approve)
			wantReason(t, err, codes.FailedPrecondition, "STALE")
			list, err := d.suggestions.ListSuggestions(t.Context(), &purserv1.ListSuggestionsRequest{States: []purserv1.SuggestionState{purserv1.SuggestionState_SUGGESTION_STATE_SUPERSEDED}})
			if err != nil || len(list.GetSuggestions()) != 1 {
				t.Errorf("listed as superseded: %v, %v", list, err)
			}
			decided, err := d.decide(t, now, func(r *purserv1.DecideSuggestionRequest) { approve(r); r.AcceptStale = true })
			if err != nil {
				t.Fatal(err)
			}
			equal(t, decided.GetDecision().GetAcceptedStale(), true)
			equal(t, decided.GetSupersededBy(), c.by)
			equal(t, decided.GetState(), purserv1.SuggestionState_SUGGESTION_STATE_RELEASED)
		})
	}
}

// What overtakes a suggestion while it is being made counts, too.
func TestSupersededWhileItIsMade(t *testing.T) {
	t.Parallel()
	changed := bagArticle()
	changed.Body = strings.Replace(bagBody, "21 days", "30 days", 1)
	for name, c := range map[string]struct {
		overtake func(*testing.T, *desk, string)
		by       purserv1.SupersededBy
	}{
		"a newer message": {func(t *testing.T, d *desk, ticket string) {
			if _, err := d.tickets.AppendMessage(t.Context(), message(ticket, "And it holds my medicine!")); err != nil {
				t.Fatal(err)
			}
		}, purserv1.SupersededBy_SUPERSEDED_BY_NEWER_MESSAGE},
		"knowledge that changed": {func(t *testing.T, d *desk, _ string) {
			d.imports(t, "help", changed)
		}, purserv1.SupersededBy_SUPERSEDED_BY_KNOWLEDGE_CHANGED},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, openaitest.Script{})
			overtaken := make(chan struct{})
			d.model.Set(func(openaitest.Request) openaitest.Script {
				<-overtaken
				return openaitest.Script{Text: bagAnswer}
			})
			ticket := d.ticket(t, "T-1", bagQuestion)
			o := d.open(t, asks(t, ticket))
			o.until(t, "evidence")
			c.overtake(t, d, ticket)
			close(overtaken)
			o.rest(t)
			equal(t, o.suggestion.GetMessageId(), o.started.GetMessage().GetMessageId())
			equal(t, o.suggestion.GetState(), purserv1.SuggestionState_SUGGESTION_STATE_SUPERSEDED)
			equal(t, o.suggestion.GetSupersededBy(), c.by)
			_, err := d.decide(t, o.suggestion, approve)
			wantReason(t, err, codes.FailedPrecondition, "STALE")
		})
	}
}

func TestWhatSupersedesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	ticket := d.ticket(t, "T-1", bagQuestion)
	g := d.mustSuggest(t, asks(t, ticket)).suggestion
	note := message(ticket, "Called the airport, no answer yet.")
	note.Author = purserv1.Author_AUTHOR_NOTE
	if _, err := d.tickets.AppendMessage(t.Context(), note); err != nil {
		t.Fatal(err)
	}
	d.imports(t, "more", petArticle())
	d.ticket(t, "T-2", "Another matter altogether, please.")
	equal(t, d.get(t, g).GetState(), purserv1.SuggestionState_SUGGESTION_STATE_GENERATED)
	if _, err := d.decide(t, g, approve); err != nil {
		t.Error(err)
	}
}

// No method tells a tenant anything about another's suggestion.
func TestAnotherTenantsSuggestionDoesNotExist(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	ticket := d.ticket(t, "T-1", bagQuestion)
	g := d.mustSuggest(t, asks(t, ticket)).suggestion
	other := d.s.as(t, d.s.workspace(t, "two"))
	othersTicket := other.ticket(t, "T-1", bagQuestion)
	for name, call := range map[string]struct {
		do     func(suggestionID, ticketID string) error
		reason string
	}{
		"GetSuggestion": {func(g, _ string) error {
			_, err := other.suggestions.GetSuggestion(t.Context(), &purserv1.GetSuggestionRequest{SuggestionId: g})
			return err
		}, "SUGGESTION_NOT_FOUND"},
		"DecideSuggestion": {func(g, _ string) error {
			r := &purserv1.DecideSuggestionRequest{RequestId: id(t), Actor: ola, SuggestionId: g, Revision: 2}
			approve(r)
			_, err := other.suggestions.DecideSuggestion(t.Context(), r)
			return err
		}, "SUGGESTION_NOT_FOUND"},
		"ReportDelivery of a suggestion": {func(g, _ string) error {
			_, err := other.report(t, func(r *purserv1.ReportDeliveryRequest) { r.TicketId, r.SuggestionId = othersTicket, g })
			return err
		}, "SUGGESTION_NOT_FOUND"},
		"ReportDelivery on a ticket": {func(_, ticket string) error {
			_, err := other.report(t, func(r *purserv1.ReportDeliveryRequest) { r.TicketId, r.Text = ticket, "hello there" })
			return err
		}, "TICKET_NOT_FOUND"},
		"SuggestReply": {func(_, ticket string) error {
			_, err := other.suggest(t.Context(), asks(t, ticket))
			return err
		}, "TICKET_NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			theirs := wantReason(t, call.do(g.GetSuggestionId(), ticket), codes.NotFound, call.reason)
			nobodys := wantReason(t, call.do(id(t), id(t)), codes.NotFound, call.reason)
			equal(t, theirs.Message(), nobodys.Message())
		})
	}
	list, err := other.suggestions.ListSuggestions(t.Context(), &purserv1.ListSuggestionsRequest{TicketId: ticket})
	if err != nil || len(list.GetSuggestions()) != 0 {
		t.Errorf("their list: %v, %v", list, err)
	}
	equal(t, d.get(t, g).GetState(), purserv1.SuggestionState_SUGGESTION_STATE_GENERATED)
	// Their own ticket finds nothing of the first one's articles.
	p := other.mustSuggest(t, asks(t, othersTicket))
	equal(t, len(p.evidence), 0)
	equal(t, p.suggestion.GetReason(), purserv1.OutcomeReason_OUTCOME_REASON_NO_KNOWLEDGE)
}

func TestAPersonMustWriteThisOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	p := d.mustSuggest(t, asks(t, d.ticket(t, "T-1", "My father died yesterday and his bag did not arrive. What should I do?")))
	equal(t, p.suggestion.GetOutcome(), purserv1.Outcome_OUTCOME_HUMAN_ONLY)
	equal(t, p.suggestion.GetReason(), purserv1.OutcomeReason_OUTCOME_REASON_BEREAVEMENT)
	equal(t, p.everShown, "")
	if p.suggestion.GetDraft() != nil {
		t.Errorf("a draft: %v", p.suggestion.GetDraft())
	}
	if len(p.suggestion.GetEvidence()) == 0 {
		t.Error("no articles for the person who writes")
	}
	equal(t, len(d.model.Requests()), 0)
	_, err := d.decide(t, p.suggestion, approve)
	wantReason(t, err, codes.FailedPrecondition, "NO_DRAFT")
}

func TestTicketsThatNothingCanBeSuggestedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	for name, c := range map[string]struct {
		r      *purserv1.SuggestReplyRequest
		code   codes.Code
		reason string
	}{
		"an unknown ticket":       {asks(t, id(t)), codes.NotFound, "TICKET_NOT_FOUND"},
		"no ticket id":            {asks(t, "T-1"), codes.InvalidArgument, "INVALID_FIELD"},
		"a ticket without words":  {asks(t, d.ticket(t, "empty")), codes.FailedPrecondition, "NOTHING_TO_ANSWER"},
		"an unknown locale":       {&purserv1.SuggestReplyRequest{RequestId: id(t), Actor: kari, TicketId: d.ticket(t, "T-1", bagQuestion), Locale: "klingonish-?"}, codes.InvalidArgument, "INVALID_FIELD"},
		"no actor":                {&purserv1.SuggestReplyRequest{RequestId: id(t), TicketId: id(t)}, codes.InvalidArgument, "INVALID_FIELD"},
		"no request id":           {&purserv1.SuggestReplyRequest{Actor: kari, TicketId: id(t)}, codes.InvalidArgument, "INVALID_FIELD"},
		"a blank request id":      {&purserv1.SuggestReplyRequest{RequestId: "", Actor: kari, TicketId: id(t)}, codes.InvalidArgument, "INVALID_FIELD"},
		"an actor without a name": {&purserv1.SuggestReplyRequest{RequestId: id(t), Actor: &purserv1.Actor{}, TicketId: id(t)}, codes.InvalidArgument, "INVALID_FIELD"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := d.suggest(t.Context(), c.r)
			wantReason(t, err, c.code, c.reason)
			equal(t, len(p.events), 0)
		})
	}
}
