package sample

import (
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// claim is what can be said of an ask by what people did.
type claim struct {
	expect    suite.Expect
	reason    suggest.Reason
	goldIDs   []string
	goldReply string
	tags      []string
	// review tells a person what is left to decide; empty when nothing is.
	review string
}

// lightEdit is the share of words that a light edit changes less than, as in the
// metric of that name.
const lightEdit = .2

// claimOf says what what people did shows, and no more:
//
//   - A draft that was approved, or of which statements were kept word for word,
//     was worth reading, so an answer is expected, and the articles that the kept
//     statements cite answer. So it is with a draft that nobody decided on when
//     the reply differs from it in less than a fifth of its words.
//   - A draft that was thrown away as not needed, without a reply, and a message
//     in which Purser found nothing to answer and that was resolved without a
//     reply, ask for no draft.
//   - All else is open. That an agent wrote a reply does not show that the
//     knowledge holds it, and that Purser left something to a person does not
//     show that a person had to write it.
//
// The text that was sent is the gold reply in any case. known tells whether an
// article is still there.
func claimOf(h *suggest.AskHistory, known func(key string) bool) claim {
	c := claim{expect: suite.ExpectOpen, goldReply: sent(h)}
	s := h.Suggestion
	switch {
	case s == nil && h.Replied:
		c.review = "An agent replied and no suggestion was asked for: does the knowledge hold the answer (answer, with gold_ids), or not (none), or must a person write it (human)?"
	case s == nil:
		c.review = "Nobody replied: should a draft be given (answer), or is no draft right (none)?"
	case s.Outcome == suggest.OutcomeHumanOnly:
		c.review = "Purser left it to a person (" + string(s.Reason) + "): was that right (human, with reason), or not (answer or none)?"
	case s.Outcome == suggest.OutcomeNoDraft:
		c.ofAbstention(h)
	case s.Draft != nil:
		c.ofDraft(h, known)
	}
	return c
}

// sent is the text that a person let go out; empty when none is known.
func sent(h *suggest.AskHistory) string {
	if h.Suggestion != nil && h.Suggestion.Decision != nil && h.Suggestion.Decision.FinalText != "" {
		return h.Suggestion.Decision.FinalText
	}
	texts := make([]string, 0, len(h.Replies))
	for _, m := range h.Replies {
		texts = append(texts, m.Text)
	}
	return strings.Join(texts, "\n\n")
}

func (c *claim) ofAbstention(h *suggest.AskHistory) {
	s := h.Suggestion
	switch {
	case s.Reason == suggest.ReasonNothingToAnswer && h.Resolved:
		c.expect, c.reason = suite.ExpectNone, s.Reason
	case h.Replied || s.Decision != nil:
		c.review = "Purser gave no draft (" + string(s.Reason) + ") and an agent replied: does the knowledge hold the answer (answer, with gold_ids), or not (none)?"
	default:
		c.review = "Purser gave no draft (" + string(s.Reason) + ") and nobody replied: was that right (none), or not (answer)?"
	}
}

func (c *claim) ofDraft(h *suggest.AskHistory, known func(key string) bool) {
	s := h.Suggestion
	kind := suggest.DecisionKind("")
	if s.Decision != nil {
		kind = s.Decision.Kind
	}
	switch kind {
	case suggest.DecisionApprove:
		c.answered(cited(s, nil), known)
		return
	case suggest.DecisionDiscard:
		if s.Decision.DiscardReason == "NOT_NEEDED" && !h.Replied {
			c.expect = suite.ExpectNone
			return
		}
		c.review = "The draft was thrown away (" + string(s.Decision.DiscardReason) + "): does the knowledge hold a better answer (answer, with gold_ids), or not (none)?"
		return
	case suggest.DecisionEdit, suggest.DecisionOwn:
	}
	if c.goldReply == "" {
		c.review = "A draft was given, and nobody decided or replied: was it worth reading (answer, with gold_ids), or not (none)?"
		return
	}
	light := overlap.ChangedShare(s.Draft.Text, c.goldReply) < lightEdit
	if light {
		c.tags = append(c.tags, "edit:light")
	} else {
		c.tags = append(c.tags, "edit:heavy")
	}
	kept := cited(s, func(claim string) bool { return strings.Contains(oneLine(c.goldReply), oneLine(claim)) })
	switch {
	case len(kept) > 0 && (light || kind == suggest.DecisionEdit):
		c.answered(kept, known)
	case light:
		c.answered(cited(s, nil), known)
	default:
		c.review = "The reply shares little with the draft that was there: does the knowledge hold the answer (answer, with gold_ids), or not (none)?"
	}
}

// answered expects an answer from articles, as far as they are still there.
func (c *claim) answered(keys []string, known func(key string) bool) {
	gone := false
	for _, key := range keys {
		if known(key) {
			c.goldIDs = append(c.goldIDs, key)
		} else {
			gone = true
		}
	}
	if gone {
		c.tags = append(c.tags, "knowledge:gone")
	}
	if len(c.goldIDs) == 0 && gone {
		c.review = "The articles that the reply rests on are gone: does another one hold the answer (answer, with gold_ids), or none (none)?"
		return
	}
	c.expect = suite.ExpectAnswer
}

// cited are the keys of the articles that the draft's claims cite, in the order
// of the evidence; of those alone that kept, when given, finds in the reply.
func cited(s *suggest.Suggestion, kept func(claim string) bool) []string {
	used := map[int]bool{}
	for _, claim := range s.Draft.Claims {
		if kept != nil && !kept(claim.Text) {
			continue
		}
		for _, c := range claim.Citations {
			used[c.Number] = true
		}
	}
	var keys []string
	for _, e := range s.Evidence {
		if used[e.Number] && !slices.Contains(keys, e.Key) {
			keys = append(keys, e.Key)
		}
	}
	return keys
}

// candidates are articles that Purser found, for who decides what is open.
func candidates(s *suggest.Suggestion, known func(key string) bool) []string {
	if s == nil {
		return nil
	}
	var keys []string
	for _, e := range s.Evidence {
		if known(e.Key) && !slices.Contains(keys, e.Key) {
			keys = append(keys, e.Key)
		}
	}
	return keys
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
