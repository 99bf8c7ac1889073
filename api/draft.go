package api

import (
	"unicode/utf8"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
)

// draftView turns a draft, or the events that it comes in, into the contract's
// words: it knows the texts into which the offsets point, which the contract gives
// in bytes and in code points.
type draftView struct {
	evidence []suggest.Evidence
	text     string
}

// event turns one event of a stream; the events must come in their order.
func (v *draftView) event(e suggest.Event) *purserv1.SuggestReplyResponse {
	out := &purserv1.SuggestReplyResponse{}
	switch {
	case e.Started != nil:
		out.Event = &purserv1.SuggestReplyResponse_Started{Started: &purserv1.SuggestionStarted{
			SuggestionId: e.Started.SuggestionID,
			TicketId:     e.Started.TicketID,
			Message:      messageOut(e.Started.Message),
			Joined:       e.Started.Joined,
		}}
	case e.Evidence != nil:
		v.evidence = e.Evidence.Evidence
		out.Event = &purserv1.SuggestReplyResponse_Evidence{Evidence: &purserv1.EvidenceFound{
			Evidence: mapAll(e.Evidence.Evidence, evidenceOut), Requests: mapAll(e.Evidence.Requests, requestOut),
		}}
	case e.Text != nil:
		v.text += e.Text.Text
		out.Event = &purserv1.SuggestReplyResponse_Text{Text: &purserv1.TextAdded{Text: e.Text.Text, Claims: mapAll(e.Text.Claims, v.claim)}}
	case e.Replace != nil:
		v.text = e.Replace.Text
		out.Event = &purserv1.SuggestReplyResponse_Replace{Replace: &purserv1.TextReplaced{
			Text: e.Replace.Text, Claims: mapAll(e.Replace.Claims, v.claim), Reason: noticeOut(e.Replace.Reason),
		}}
	case e.Claims != nil:
		out.Event = &purserv1.SuggestReplyResponse_Claims{Claims: &purserv1.ClaimsChanged{Claims: mapAll(e.Claims.Claims, v.claim)}}
	case e.Suggestion != nil:
		out.Event = &purserv1.SuggestReplyResponse_Suggestion{Suggestion: suggestionOut(e.Suggestion)}
	}
	return out
}

func (v *draftView) draft(d *suggest.Draft) *purserv1.Draft {
	out := &purserv1.Draft{Text: d.Text, Locale: d.Locale, Claims: mapAll(d.Claims, v.claim), LeftOut: mapAll(d.LeftOut, leftOutOut)}
	if need := d.Approval(""); !need.None() || d.Supervisor != "" {
		out.ApprovalNeeded = &purserv1.ApprovalNeeded{
			SingleClaimIds: need.Single, OtherClaimIds: need.Others, Supervisor: d.Supervisor != "", SupervisorReason: d.Supervisor,
		}
	}
	return out
}

func (v *draftView) claim(c suggest.DraftClaim) *purserv1.DraftClaim {
	return &purserv1.DraftClaim{
		ClaimId:        c.ID,
		Text:           c.Text,
		Range:          rangeIn(v.text, c.Start, c.End, 0),
		Kind:           purserv1.ClaimKind(enumOut(purserv1.ClaimKind_value, "CLAIM_KIND_", c.Kind)),
		Standing:       purserv1.Standing(enumOut(purserv1.Standing_value, "STANDING_", c.Standing)),
		Reason:         purserv1.ClaimReason(enumOut(purserv1.ClaimReason_value, "CLAIM_REASON_", c.Reason)),
		Explanation:    c.Explanation,
		Citations:      mapAll(c.Citations, v.citation),
		FactNames:      c.FactNames,
		RequestNumbers: mapAll(c.Requests, int32Of),
	}
}

// citation gives the place in the evidence's text and in the article's body.
func (v *draftView) citation(c suggest.Citation) *purserv1.Citation {
	out := &purserv1.Citation{EvidenceNumber: int32Of(c.Number)}
	for _, e := range v.evidence {
		if e.Number != c.Number {
			continue
		}
		start, end := c.Start-e.Start, c.End-e.Start
		if start < 0 || end > len(e.Text) || end <= start {
			start, end = 0, len(e.Text)
		}
		out.Range = rangeIn(e.Text, start, end, 0)
		out.BodyRange = bodyRange(e, start, end)
	}
	return out
}

func requestOut(r suggest.CustomerRequest) *purserv1.CustomerRequest {
	out := &purserv1.CustomerRequest{
		Number:          int32Of(r.Number),
		Text:            r.Text,
		MessageId:       r.MessageID,
		Range:           &purserv1.TextRange{},
		EvidenceNumbers: mapAll(r.Evidence, int32Of),
		Coverage:        purserv1.RequestCoverage(enumOut(purserv1.RequestCoverage_value, "REQUEST_COVERAGE_", r.Coverage)),
		ClaimIds:        r.ClaimIDs,
	}
	if r.End > 0 { // it stands there word for word
		out.Range = rangeIn(r.Text, 0, len(r.Text), r.StartCodePoint)
		out.Range.StartByte, out.Range.EndByte = int32Of(r.Start), int32Of(r.End)
	}
	return out
}

// rangeIn is a place in a text that begins at code point first.
func rangeIn(s string, start, end, first int) *purserv1.TextRange {
	out := &purserv1.TextRange{StartByte: int32Of(start), EndByte: int32Of(end)}
	if start < 0 || end > len(s) || end < start {
		return out
	}
	from := first + utf8.RuneCountInString(s[:start])
	out.StartCodePoint, out.EndCodePoint = int32Of(from), int32Of(from+utf8.RuneCountInString(s[start:end]))
	return out
}

// bodyRange is a place in the body of which the evidence is a part; start and end
// are in the evidence's text.
func bodyRange(e suggest.Evidence, start, end int) *purserv1.TextRange {
	out := rangeIn(e.Text, start, end, e.StartCodePoint)
	out.StartByte, out.EndByte = int32Of(e.Start+start), int32Of(e.Start+end)
	if e.Start > 0 && e.StartCodePoint == 0 { // not known
		out.StartCodePoint, out.EndCodePoint = 0, 0
	}
	return out
}

func evidenceOut(e suggest.Evidence) *purserv1.Evidence {
	return &purserv1.Evidence{
		Number:      int32Of(e.Number),
		ArticleKey:  e.Key,
		Locale:      e.Locale,
		Revision:    int32Of(e.Revision),
		Title:       e.Title,
		Url:         e.URL,
		HeadingPath: e.HeadingPath,
		Range:       bodyRange(e, 0, len(e.Text)),
		Text:        e.Text,
		Score:       e.Score,
		Kind:        articleKindOut(e.Kind),
		ReviseTime:  timeOut(e.ReviseTime),
		ValidFrom:   timeOut(e.ValidFrom),
		ValidUntil:  timeOut(e.ValidUntil),
	}
}

func fieldOut(f suggest.MessageField) *purserv1.MessageField {
	return &purserv1.MessageField{Name: f.Name, Label: f.Label, Value: f.Value}
}

func leftOutOut(l suggest.LeftOut) *purserv1.LeftOut {
	return &purserv1.LeftOut{
		Reason:      purserv1.LeftOutReason(enumOut(purserv1.LeftOutReason_value, "LEFT_OUT_REASON_", l.Reason)),
		Explanation: l.Explanation, Text: l.Text, AtByte: int32Of(l.At),
	}
}

func noticeOut(n suggest.Notice) *purserv1.Notice {
	return &purserv1.Notice{Code: string(n.Code), Message: n.Message}
}
