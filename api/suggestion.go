package api

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
)

// Suggester makes suggestions and keeps what became of them.
type Suggester interface {
	Suggest(ctx context.Context, w suggest.Workspace, r suggest.SuggestRequest, emit func(suggest.Event) error) error
	Suggestion(ctx context.Context, w suggest.Workspace, id string) (suggest.Suggestion, error)
	Suggestions(ctx context.Context, w suggest.Workspace, f suggest.SuggestionFilter) ([]suggest.Suggestion, error)
	Decide(ctx context.Context, store suggest.DecisionStore, w suggest.Workspace, r suggest.DecideRequest) (suggest.Suggestion, error)
	Deliver(ctx context.Context, store suggest.DecisionStore, w suggest.Workspace, r suggest.DeliveryReport) (suggest.Message, *suggest.Suggestion, error)
}

type suggestionServer struct {
	purserv1.UnimplementedSuggestionServiceServer
	suggester Suggester
	requests  RequestStore
}

func (s *suggestionServer) SuggestReply(r *purserv1.SuggestReplyRequest, stream grpc.ServerStreamingServer[purserv1.SuggestReplyResponse]) error {
	ctx := stream.Context()
	p := principal(ctx)
	hash, err := payloadHash(r)
	if err != nil {
		return err
	}
	request := suggest.SuggestRequest{
		Request: suggest.Request{
			KeyID:       p.Key.ID,
			RequestID:   r.GetRequestId(),
			PayloadHash: hash,
			Actor:       actorIn(r.GetActor()),
			TicketID:    r.GetTicketId(),
		},
		Locale:   r.GetLocale(),
		Limit:    r.GetTimeLimit().AsDuration(),
		Guidance: r.GetGuidance(),
	}
	view := &draftView{}
	return s.suggester.Suggest(ctx, p.Workspace, request, func(e suggest.Event) error {
		return stream.Send(view.event(e))
	})
}

func (s *suggestionServer) GetSuggestion(ctx context.Context, r *purserv1.GetSuggestionRequest) (*purserv1.GetSuggestionResponse, error) {
	found, err := s.suggester.Suggestion(ctx, principal(ctx).Workspace, r.GetSuggestionId())
	if err != nil {
		return nil, err
	}
	return &purserv1.GetSuggestionResponse{Suggestion: suggestionOut(&found)}, nil
}

func (s *suggestionServer) ListSuggestions(ctx context.Context, r *purserv1.ListSuggestionsRequest) (*purserv1.ListSuggestionsResponse, error) {
	page, err := pageOf(ctx, r, 20)
	if err != nil {
		return nil, err
	}
	f := suggest.SuggestionFilter{
		TicketID: r.GetTicketId(),
		States:   enumsIn[suggest.State](r.GetStates(), "SUGGESTION_STATE_"),
		Outcomes: enumsIn[suggest.Outcome](r.GetOutcomes(), "OUTCOME_"),
		From:     timeIn(r.GetCreateTimeFrom()),
		Before:   timeIn(r.GetCreateTimeBefore()),
		Limit:    page.size + 1,
	}
	var after timePlace
	if err := page.after(&after); err != nil {
		return nil, err
	}
	f.AfterTime, f.AfterID = after.Create, string(after.ID)
	found, err := s.suggester.Suggestions(ctx, principal(ctx).Workspace, f)
	if err != nil {
		return nil, err
	}
	found, next, err := cutPage(page, found, func(g suggest.Suggestion) any { return timePlace{g.CreateTime, placeID(g.ID)} })
	if err != nil {
		return nil, err
	}
	return &purserv1.ListSuggestionsResponse{
		Suggestions:   mapAll(found, func(g suggest.Suggestion) *purserv1.Suggestion { return suggestionOut(&g) }),
		NextPageToken: next,
	}, nil
}

func (s *suggestionServer) DecideSuggestion(ctx context.Context, r *purserv1.DecideSuggestionRequest) (*purserv1.DecideSuggestionResponse, error) {
	d := suggest.Decision{Actor: actorIn(r.GetActor()), KeyID: principal(ctx).Key.ID, AcceptedStale: r.GetAcceptStale()}
	switch v := r.GetDecision().(type) {
	case *purserv1.DecideSuggestionRequest_Approve:
		d.Kind = suggest.DecisionApprove
	case *purserv1.DecideSuggestionRequest_Edit:
		d.Kind, d.FinalText = suggest.DecisionEdit, v.Edit.GetFinalText()
	case *purserv1.DecideSuggestionRequest_Discard:
		d.Kind, d.Comment = suggest.DecisionDiscard, v.Discard.GetComment()
		d.DiscardReason = enumIn[suggest.DiscardReason](v.Discard.GetReason(), "DISCARD_REASON_")
	case *purserv1.DecideSuggestionRequest_Own:
		d.Kind, d.FinalText = suggest.DecisionOwn, v.Own.GetFinalText()
	}
	d.AcceptedClaims = r.GetAcceptClaims().GetClaimIds()
	request := suggest.DecideRequest{
		SuggestionID: r.GetSuggestionId(), Revision: r.GetRevision(), Decision: d, AcceptOthers: r.GetAcceptClaims().GetOthers(),
	}
	return once(ctx, s.requests, purserv1.SuggestionService_DecideSuggestion_FullMethodName, r, &purserv1.DecideSuggestionResponse{},
		func(in Stores) (*purserv1.DecideSuggestionResponse, error) {
			decided, err := s.suggester.Decide(ctx, in.Decisions, principal(ctx).Workspace, request)
			if err != nil {
				return nil, err
			}
			return &purserv1.DecideSuggestionResponse{Suggestion: suggestionOut(&decided)}, nil
		})
}

func (s *suggestionServer) ReportDelivery(ctx context.Context, r *purserv1.ReportDeliveryRequest) (*purserv1.ReportDeliveryResponse, error) {
	report := suggest.DeliveryReport{
		TicketID:          r.GetTicketId(),
		SuggestionID:      r.GetSuggestionId(),
		Text:              r.GetText(),
		ExternalMessageID: r.GetExternalMessageId(),
		Channel:           enumIn[suggest.Channel](r.GetChannel(), "CHANNEL_"),
		Visibility:        enumIn[suggest.Visibility](r.GetVisibility(), "VISIBILITY_"),
		Actor:             actorIn(r.GetActor()),
		KeyID:             principal(ctx).Key.ID,
		Time:              timeIn(r.GetDeliveredTime()),
	}
	return once(ctx, s.requests, purserv1.SuggestionService_ReportDelivery_FullMethodName, r, &purserv1.ReportDeliveryResponse{},
		func(in Stores) (*purserv1.ReportDeliveryResponse, error) {
			m, g, err := s.suggester.Deliver(ctx, in.Decisions, principal(ctx).Workspace, report)
			if err != nil {
				return nil, err
			}
			return &purserv1.ReportDeliveryResponse{Message: messageOut(m), Suggestion: suggestionOut(g)}, nil
		})
}

// suggestionOut is a suggestion as the contract has it.
func suggestionOut(g *suggest.Suggestion) *purserv1.Suggestion {
	if g == nil {
		return nil
	}
	out := &purserv1.Suggestion{
		SuggestionId:       g.ID,
		TicketId:           g.TicketID,
		MessageId:          g.MessageID,
		ParentSuggestionId: g.ParentID,
		State:              purserv1.SuggestionState(enumOut(purserv1.SuggestionState_value, "SUGGESTION_STATE_", g.State)),
		SupersededBy:       purserv1.SupersededBy(enumOut(purserv1.SupersededBy_value, "SUPERSEDED_BY_", g.SupersededBy)),
		Revision:           g.Revision,
		Outcome:            purserv1.Outcome(enumOut(purserv1.Outcome_value, "OUTCOME_", g.Outcome)),
		Reason:             purserv1.OutcomeReason(enumOut(purserv1.OutcomeReason_value, "OUTCOME_REASON_", g.Reason)),
		Evidence:           mapAll(g.Evidence, evidenceOut),
		MessageFields:      mapAll(g.Fields, fieldOut),
		Guidance:           g.Guidance,
		Instructions:       g.Instructions,
		SettingsRevision:   g.SettingsRevision,
		Confidence:         g.Confidence,
		Warnings:           mapAll(g.Warnings, noticeOut),
		Degraded:           mapAll(g.Degraded, noticeOut),
		Decision:           decisionOut(g.Decision),
		Provenance: &purserv1.Provenance{
			Drafter:          g.Provenance.Drafter,
			Model:            g.Provenance.Model,
			PromptVersion:    g.Provenance.PromptVersion,
			PromptHash:       g.Provenance.PromptHash,
			Space:            g.Provenance.Space,
			PurserVersion:    g.Provenance.PurserVersion,
			PromptTokens:     int32Of(g.Provenance.PromptTokens),
			CompletionTokens: int32Of(g.Provenance.CompletionTokens),
			Profile:          g.Provenance.Profile,
			ProfileHash:      g.Provenance.ProfileHash,
		},
		Timings: mapAll(g.Timings, func(t suggest.Timing) *purserv1.StepTiming {
			return &purserv1.StepTiming{Step: t.Step, Duration: durationpb.New(t.Duration)}
		}),
		Actor:      actorOut(g.Actor),
		CreateTime: timeOut(g.CreateTime),
		FinishTime: timeOut(g.FinishTime),
	}
	view := &draftView{evidence: g.Evidence}
	out.Requests = mapAll(g.Requests, requestOut)
	if g.Draft != nil {
		view.text = g.Draft.Text
		out.Draft = view.draft(g.Draft)
	}
	if g.Delivery != nil {
		out.Delivery = &purserv1.Delivery{DeliveredTime: timeOut(g.Delivery.Time), Actor: actorOut(g.Delivery.Actor), MessageId: g.Delivery.MessageID}
	}
	return out
}

func decisionOut(d *suggest.Decision) *purserv1.Decision {
	if d == nil {
		return nil
	}
	return &purserv1.Decision{
		Kind:       purserv1.DecisionKind(enumOut(purserv1.DecisionKind_value, "DECISION_KIND_", d.Kind)),
		Actor:      actorOut(d.Actor),
		DecideTime: timeOut(d.Time),
		FinalText:  d.FinalText,
		Changes: mapAll(d.Changes, func(c suggest.SentenceChange) *purserv1.SentenceChange {
			return &purserv1.SentenceChange{Kind: purserv1.ChangeKind(enumOut(purserv1.ChangeKind_value, "CHANGE_KIND_", c.Kind)), Before: c.Before, After: c.After}
		}),
		DiscardReason: purserv1.DiscardReason(enumOut(purserv1.DiscardReason_value, "DISCARD_REASON_", d.DiscardReason)),
		Comment:       d.Comment,
		AcceptedStale: d.AcceptedStale,

		AcceptedClaimIds: d.AcceptedClaims,
	}
}
