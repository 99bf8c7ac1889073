package api_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// The tests' knowledge, and what a good model writes from it.
const (
	bagBody = "Report a missing bag at the baggage desk before you leave the airport. We trace delayed bags for 21 days. " +
		"After that you may claim up to 1,300 EUR with the form at https://skerry.example/bags."
	bagQuestion = "My bag did not arrive in Bergen. What should I do now?"
	bagAnswer   = "Hello,\n\nPlease report the missing bag at the baggage desk before you leave the airport [1]. We trace delayed bags for 21 days [1].\n\nKind regards"
	bagDraft    = "Hello,\n\nPlease report the missing bag at the baggage desk before you leave the airport. We trace delayed bags for 21 days.\n\nKind regards"
	petBody     = "A small dog may travel in the cabin when the dog and its carrier weigh at most 8 kg together. Book the dog at least 48 hours before departure."
)

func bagArticle() *purserv1.ImportDocument {
	return &purserv1.ImportDocument{Key: "baggage.delayed", Locale: "en", Title: "Delayed and missing bags", Body: bagBody, Url: "https://skerry.example/help/bags"}
}

func petArticle() *purserv1.ImportDocument {
	return &purserv1.ImportDocument{Key: "pets.cabin", Locale: "en", Title: "Dogs in the cabin", Body: petBody}
}

// imports plans and applies an import of documents as a whole source.
func (c *caller) imports(t *testing.T, source string, documents ...*purserv1.ImportDocument) {
	t.Helper()
	plan, err := c.plan(t, &purserv1.PlanImportHeader{RequestId: id(t), Actor: kari, Source: source}, documents...)
	if err != nil {
		t.Fatal(err)
	}
	if plan.GetProblemCount() > 0 {
		t.Fatalf("the import has problems: %v", plan.GetProblems())
	}
	if _, err := c.knowledge.ApplyImport(t.Context(), &purserv1.ApplyImportRequest{RequestId: id(t), Actor: kari, PlanId: plan.GetPlanId(), AllowRemovals: true}); err != nil {
		t.Fatal(err)
	}
}

func (c *caller) plan(t *testing.T, header *purserv1.PlanImportHeader, documents ...*purserv1.ImportDocument) (*purserv1.ImportPlan, error) {
	t.Helper()
	stream, err := c.knowledge.PlanImport(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// What is sent after a refusal fails with EOF; the reason comes at the end.
	_ = stream.Send(&purserv1.PlanImportRequest{Part: &purserv1.PlanImportRequest_Header{Header: header}})
	if len(documents) > 0 {
		_ = stream.Send(&purserv1.PlanImportRequest{Part: &purserv1.PlanImportRequest_Documents{Documents: &purserv1.ImportDocuments{Documents: documents}}})
	}
	answer, err := stream.CloseAndRecv()
	return answer.GetPlan(), err
}

// played is a whole stream.
type played struct {
	events     []*purserv1.SuggestReplyResponse
	started    *purserv1.SuggestionStarted
	evidence   []*purserv1.Evidence
	shown      string // what a screen holds at the end
	everShown  string // everything that was ever on it
	replaced   int
	suggestion *purserv1.Suggestion
	order      []string
}

func asks(t *testing.T, ticket string) *purserv1.SuggestReplyRequest {
	t.Helper()
	return &purserv1.SuggestReplyRequest{RequestId: id(t), Actor: kari, TicketId: ticket}
}

// suggest plays a stream to its end.
func (c *caller) suggest(ctx context.Context, r *purserv1.SuggestReplyRequest) (*played, error) {
	p := &played{}
	stream, err := c.suggestions.SuggestReply(ctx, r)
	if err != nil {
		return p, err
	}
	for {
		e, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return p, err
		}
		p.take(e)
	}
}

func (p *played) take(e *purserv1.SuggestReplyResponse) {
	p.events = append(p.events, e)
	switch v := e.GetEvent().(type) {
	case *purserv1.SuggestReplyResponse_Started:
		p.order, p.started = append(p.order, "started"), v.Started
	case *purserv1.SuggestReplyResponse_Evidence:
		p.order, p.evidence = append(p.order, "evidence"), v.Evidence.GetEvidence()
	case *purserv1.SuggestReplyResponse_Text:
		p.order = append(p.order, "text")
		p.shown += v.Text.GetText()
		p.everShown += v.Text.GetText()
	case *purserv1.SuggestReplyResponse_Replace:
		p.order = append(p.order, "replace")
		p.replaced++
		p.shown = v.Replace.GetText()
		p.everShown += v.Replace.GetText()
	case *purserv1.SuggestReplyResponse_Suggestion:
		p.order, p.suggestion = append(p.order, "suggestion"), v.Suggestion
	}
}

func (c *caller) mustSuggest(t *testing.T, r *purserv1.SuggestReplyRequest) *played {
	t.Helper()
	p, err := c.suggest(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if p.suggestion == nil {
		t.Fatalf("the stream ended without a suggestion: %v", p.order)
	}
	return p
}

func codesOf(notices []*purserv1.Notice) []string {
	var out []string
	for _, n := range notices {
		out = append(out, n.GetCode())
	}
	return out
}

// model starts a scripted model.
func model(t *testing.T, script openaitest.Script) *openaitest.Server {
	t.Helper()
	m := openaitest.Fixed(script)
	t.Cleanup(m.Close)
	return m
}

// desk is a server with a workspace that knows about bags.
type desk struct {
	*caller
	s     *server
	model *openaitest.Server
	admin string
}

func newDesk(t *testing.T, script openaitest.Script) *desk {
	t.Helper()
	return deskBeside(t, nil, script)
}

// deskBeside is a server with a workspace of its own on another one's schema.
func deskBeside(t *testing.T, beside *server, script openaitest.Script) *desk {
	t.Helper()
	m := model(t, script)
	s := start(t, startOptions{model: m, beside: beside})
	admin := s.workspace(t, "desk of "+t.Name())
	d := &desk{caller: s.as(t, admin), s: s, model: m, admin: admin}
	d.imports(t, "help", bagArticle())
	return d
}

func (c *caller) decide(t *testing.T, g *purserv1.Suggestion, f func(*purserv1.DecideSuggestionRequest)) (*purserv1.Suggestion, error) {
	t.Helper()
	r := &purserv1.DecideSuggestionRequest{RequestId: id(t), Actor: kari, SuggestionId: g.GetSuggestionId(), Revision: g.GetRevision()}
	f(r)
	answer, err := c.suggestions.DecideSuggestion(t.Context(), r)
	return answer.GetSuggestion(), err
}

func approve(r *purserv1.DecideSuggestionRequest) {
	r.Decision = &purserv1.DecideSuggestionRequest_Approve{Approve: &purserv1.ApproveDraft{}}
}

func edit(text string) func(*purserv1.DecideSuggestionRequest) {
	return func(r *purserv1.DecideSuggestionRequest) {
		r.Decision = &purserv1.DecideSuggestionRequest_Edit{Edit: &purserv1.EditDraft{FinalText: text}}
	}
}

func own(text string) func(*purserv1.DecideSuggestionRequest) {
	return func(r *purserv1.DecideSuggestionRequest) {
		r.Decision = &purserv1.DecideSuggestionRequest_Own{Own: &purserv1.OwnReply{FinalText: text}}
	}
}

func discard(r *purserv1.DecideSuggestionRequest) {
	r.Decision = &purserv1.DecideSuggestionRequest_Discard{Discard: &purserv1.DiscardDraft{Reason: purserv1.DiscardReason_DISCARD_REASON_TONE, Comment: "too stiff"}}
}

func TestADraftFromQuestionToApproval(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	ticket := d.ticket(t, "T-1", bagQuestion)
	p := d.mustSuggest(t, asks(t, ticket))

	equal(t, p.order[:3], []string{"started", "evidence", "text"})
	equal(t, p.order[len(p.order)-1], "suggestion")
	equal(t, p.started.GetMessage().GetText(), bagQuestion)
	equal(t, p.started.GetTicketId(), ticket)
	equal(t, p.started.GetJoined(), false)
	equal(t, p.evidence[0].GetArticleKey(), "baggage.delayed")
	equal(t, p.shown, bagDraft)

	g := p.suggestion
	equal(t, g.GetSuggestionId(), p.started.GetSuggestionId())
	equal(t, g.GetState(), purserv1.SuggestionState_SUGGESTION_STATE_GENERATED)
	equal(t, g.GetOutcome(), purserv1.Outcome_OUTCOME_DRAFT)
	equal(t, g.GetDraft().GetText(), bagDraft)
	equal(t, g.GetDraft().GetLocale(), "en")
	equal(t, g.GetProvenance().GetDrafter(), "openai")
	equal(t, g.GetProvenance().GetModel(), "scripted")
	equal(t, g.GetActor().GetId(), "kari")
	equal(t, codesOf(g.GetDegraded()), []string{"SEARCHED_BY_WORDS_ONLY"})
	statements := 0
	for _, claim := range g.GetDraft().GetClaims() {
		equal(t, bagDraft[claim.GetRange().GetStartByte():claim.GetRange().GetEndByte()], claim.GetText())
		if claim.GetKind() != purserv1.ClaimKind_CLAIM_KIND_STATEMENT {
			continue
		}
		statements++
		for _, c := range claim.GetCitations() {
			if place := c.GetBodyRange(); place.GetStartByte() < 0 || place.GetEndByte() <= place.GetStartByte() || int(place.GetEndByte()) > len(bagBody) {
				t.Errorf("%q cites %d to %d of %d bytes", claim.GetText(), place.GetStartByte(), place.GetEndByte(), len(bagBody))
			}
		}
	}
	equal(t, statements, 2)

	approved, err := d.decide(t, g, approve)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, approved.GetState(), purserv1.SuggestionState_SUGGESTION_STATE_RELEASED)
	equal(t, approved.GetDecision().GetFinalText(), bagDraft)
	equal(t, approved.GetRevision(), g.GetRevision()+1)
	kept, err := d.suggestions.GetSuggestion(t.Context(), &purserv1.GetSuggestionRequest{SuggestionId: g.GetSuggestionId()})
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(kept.GetSuggestion(), approved) {
		t.Errorf("stored %v\nanswered %v", kept.GetSuggestion(), approved)
	}
	view, err := d.tickets.GetTicket(t.Context(), &purserv1.GetTicketRequest{Id: &purserv1.GetTicketRequest_TicketId{TicketId: ticket}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, view.GetLatestSuggestionId(), g.GetSuggestionId())
	equal(t, len(view.GetMessages()), 1) // approved is not sent
}

func TestWhatAPersonCanDecide(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	edited := strings.Replace(bagDraft, "Hello,", "Dear Kari,", 1) + " from Bergen"
	for name, c := range map[string]struct {
		how   func(*purserv1.DecideSuggestionRequest)
		kind  purserv1.DecisionKind
		state purserv1.SuggestionState
		final string
	}{
		"approve": {approve, purserv1.DecisionKind_DECISION_KIND_APPROVE, purserv1.SuggestionState_SUGGESTION_STATE_RELEASED, bagDraft},
		"edit":    {edit(edited), purserv1.DecisionKind_DECISION_KIND_EDIT, purserv1.SuggestionState_SUGGESTION_STATE_RELEASED, edited},
		"discard": {discard, purserv1.DecisionKind_DECISION_KIND_DISCARD, purserv1.SuggestionState_SUGGESTION_STATE_DECIDED, ""},
		"own":     {own("I will call you."), purserv1.DecisionKind_DECISION_KIND_OWN, purserv1.SuggestionState_SUGGESTION_STATE_RELEASED, "I will call you."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := d.mustSuggest(t, asks(t, d.ticket(t, "decide "+name, bagQuestion))).suggestion
			decided, err := d.decide(t, g, c.how)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, decided.GetState(), c.state)
			equal(t, decided.GetDecision().GetKind(), c.kind)
			equal(t, decided.GetDecision().GetFinalText(), c.final)
			equal(t, decided.GetDecision().GetActor().GetId(), "kari")
			equal(t, decided.GetDraft().GetText(), bagDraft)
			switch name {
			case "edit":
				kinds := map[purserv1.ChangeKind]int{}
				for _, change := range decided.GetDecision().GetChanges() {
					kinds[change.GetKind()]++
				}
				if kinds[purserv1.ChangeKind_CHANGE_KIND_CHANGED] == 0 || kinds[purserv1.ChangeKind_CHANGE_KIND_KEPT] < 2 {
					t.Errorf("changes: %v", decided.GetDecision().GetChanges())
				}
			case "discard":
				equal(t, decided.GetDecision().GetDiscardReason(), purserv1.DiscardReason_DISCARD_REASON_TONE)
				equal(t, decided.GetDecision().GetComment(), "too stiff")
			}
		})
	}
}

func (c *caller) report(t *testing.T, f func(*purserv1.ReportDeliveryRequest)) (*purserv1.ReportDeliveryResponse, error) {
	t.Helper()
	r := &purserv1.ReportDeliveryRequest{RequestId: id(t), Actor: kari}
	f(r)
	return c.suggestions.ReportDelivery(t.Context(), r)
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	ticket := d.ticket(t, "T-1", bagQuestion)
	g := d.mustSuggest(t, asks(t, ticket)).suggestion

	_, err := d.report(t, func(r *purserv1.ReportDeliveryRequest) { r.TicketId, r.SuggestionId = ticket, g.GetSuggestionId() })
	wantReason(t, err, codes.FailedPrecondition, "NOT_RELEASED")
	if _, err := d.decide(t, g, approve); err != nil {
		t.Fatal(err)
	}
	_, err = d.report(t, func(r *purserv1.ReportDeliveryRequest) {
		r.TicketId, r.SuggestionId = d.ticket(t, "T-2", bagQuestion), g.GetSuggestionId()
	})
	wantReason(t, err, codes.InvalidArgument, "OTHER_TICKET")
	sent, err := d.report(t, func(r *purserv1.ReportDeliveryRequest) {
		r.TicketId, r.SuggestionId, r.ExternalMessageId = ticket, g.GetSuggestionId(), "out-1"
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, sent.GetMessage().GetText(), bagDraft)
	equal(t, sent.GetMessage().GetAuthor(), purserv1.Author_AUTHOR_AGENT)
	equal(t, sent.GetMessage().GetSuggestionId(), g.GetSuggestionId())
	equal(t, sent.GetSuggestion().GetState(), purserv1.SuggestionState_SUGGESTION_STATE_DELIVERED)
	equal(t, sent.GetSuggestion().GetDelivery().GetMessageId(), sent.GetMessage().GetMessageId())

	// The desktop then hands the reply over as a message, too.
	echo := message(ticket, bagDraft)
	echo.Author, echo.ExternalId = purserv1.Author_AUTHOR_AGENT, "out-1"
	appended, err := d.tickets.AppendMessage(t.Context(), echo)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, appended.GetCreated(), false)
	equal(t, appended.GetMessage().GetMessageId(), sent.GetMessage().GetMessageId())

	_, err = d.report(t, func(r *purserv1.ReportDeliveryRequest) { r.TicketId, r.SuggestionId = ticket, g.GetSuggestionId() })
	wantReason(t, err, codes.FailedPrecondition, "ALREADY_DELIVERED")
}

func TestDeliveryWithoutASuggestionIsOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	ticket := d.ticket(t, "T-1", bagQuestion)
	g := d.mustSuggest(t, asks(t, ticket)).suggestion
	for name, c := range map[string]struct{ text, reason string }{
		"no text":    {"", "TEXT_MISSING"},
		"blank text": {" \u200b\n", "BLANK_TEXT"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.report(t, func(r *purserv1.ReportDeliveryRequest) { r.TicketId, r.Text = ticket, c.text })
			wantReason(t, err, codes.InvalidArgument, c.reason)
		})
	}
	sent, err := d.report(t, func(r *purserv1.ReportDeliveryRequest) { r.TicketId, r.Text = ticket, "We found it! It comes tonight." })
	if err != nil {
		t.Fatal(err)
	}
	equal(t, sent.GetSuggestion().GetSuggestionId(), g.GetSuggestionId())
	equal(t, sent.GetSuggestion().GetDecision().GetKind(), purserv1.DecisionKind_DECISION_KIND_OWN)
	equal(t, sent.GetSuggestion().GetState(), purserv1.SuggestionState_SUGGESTION_STATE_DELIVERED)

	// It is recognised when the desktop hands it over, though nobody gave an id.
	echo := message(ticket, "We found it! It comes tonight.")
	echo.Author, echo.ExternalId = purserv1.Author_AUTHOR_AGENT, "out-7"
	appended, err := d.tickets.AppendMessage(t.Context(), echo)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, appended.GetCreated(), false)
	equal(t, appended.GetMessage().GetMessageId(), sent.GetMessage().GetMessageId())
	equal(t, appended.GetMessage().GetExternalId(), "out-7")
	// The same words once more are another reply.
	echo.RequestId, echo.ExternalId = id(t), "out-8"
	if appended, err = d.tickets.AppendMessage(t.Context(), echo); err != nil || !appended.GetCreated() {
		t.Errorf("a second reply of the same words: %v, %v", appended, err)
	}

	// A ticket that nothing was suggested for.
	bare := d.ticket(t, "T-2", bagQuestion)
	sent, err = d.report(t, func(r *purserv1.ReportDeliveryRequest) { r.TicketId, r.Text = bare, "We found it!" })
	if err != nil {
		t.Fatal(err)
	}
	if sent.GetSuggestion() != nil {
		t.Errorf("a suggestion out of nowhere: %v", sent.GetSuggestion())
	}
}

func TestListSuggestions(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	one, two := d.ticket(t, "T-1", bagQuestion), d.ticket(t, "T-2", "Thank you!")
	first := d.mustSuggest(t, asks(t, one)).suggestion
	silent := d.mustSuggest(t, asks(t, two)).suggestion
	last := d.mustSuggest(t, asks(t, one)).suggestion
	if _, err := d.decide(t, last, approve); err != nil {
		t.Fatal(err)
	}
	list := func(r *purserv1.ListSuggestionsRequest) []string {
		t.Helper()
		var ids []string
		for {
			page, err := d.suggestions.ListSuggestions(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range page.GetSuggestions() {
				ids = append(ids, g.GetSuggestionId())
			}
			if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
				return ids
			}
			if len(page.GetSuggestions()) != int(r.GetPageSize()) {
				t.Fatalf("a page of %d is not the last", len(page.GetSuggestions()))
			}
		}
	}
	a, b, c := first.GetSuggestionId(), silent.GetSuggestionId(), last.GetSuggestionId()
	for name, w := range map[string]struct {
		r    *purserv1.ListSuggestionsRequest
		want []string
	}{
		"all, newest first":   {&purserv1.ListSuggestionsRequest{PageSize: 1}, []string{c, b, a}},
		"of a ticket":         {&purserv1.ListSuggestionsRequest{PageSize: 2, TicketId: one}, []string{c, a}},
		"by state":            {&purserv1.ListSuggestionsRequest{States: []purserv1.SuggestionState{purserv1.SuggestionState_SUGGESTION_STATE_RELEASED}}, []string{c}},
		"by outcome":          {&purserv1.ListSuggestionsRequest{Outcomes: []purserv1.Outcome{purserv1.Outcome_OUTCOME_NO_DRAFT}}, []string{b}},
		"since the last":      {&purserv1.ListSuggestionsRequest{CreateTimeFrom: last.GetCreateTime()}, []string{c}},
		"before the last":     {&purserv1.ListSuggestionsRequest{CreateTimeBefore: last.GetCreateTime()}, []string{b, a}},
		"in the future":       {&purserv1.ListSuggestionsRequest{CreateTimeFrom: timestamppb.New(s24(d))}, nil},
		"of another's ticket": {&purserv1.ListSuggestionsRequest{TicketId: id(t)}, nil},
	} {
		t.Run(name, func(t *testing.T) { equal(t, list(w.r), w.want, cmpopts.EquateEmpty()) })
	}
	for name, r := range map[string]*purserv1.ListSuggestionsRequest{
		"page size": {PageSize: 1000}, "state": {States: []purserv1.SuggestionState{77}}, "ticket": {TicketId: "T-1"},
	} {
		t.Run("refused "+name, func(t *testing.T) {
			_, err := d.suggestions.ListSuggestions(t.Context(), r)
			wantReason(t, err, codes.InvalidArgument, "INVALID_FIELD")
		})
	}
	for _, token := range []string{"nonsense", "e30", "eyJpZCI6ImEnOyBEUk9QIFRBQkxFIn0"} {
		_, err := d.suggestions.ListSuggestions(t.Context(), &purserv1.ListSuggestionsRequest{PageToken: token})
		wantReason(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID")
	}
}

func s24(d *desk) time.Time { return d.s.clock.now().Add(24 * time.Hour) }
