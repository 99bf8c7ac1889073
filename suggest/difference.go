package suggest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Difference is one thing in which two makings of a suggestion differ.
type Difference struct {
	// What differs, such as "outcome" or "prompt".
	What   string `json:"what"`
	Before string `json:"before"`
	After  string `json:"after"`
	// Result is true for what an agent sees, false for what made it.
	Result bool `json:"result"`
}

// Differences tells in what two makings of one suggestion differ, what an agent
// sees first. The draft's text is told as "text" with the texts themselves; see
// SentenceChanges. Times do not count.
func Differences(before Suggestion, rb Record, after Suggestion, ra Record) []Difference {
	var out []Difference
	add := func(result bool, what, b, a string) {
		if a != b {
			out = append(out, Difference{What: what, Before: b, After: a, Result: result})
		}
	}
	add(true, "outcome", string(before.Outcome), string(after.Outcome))
	add(true, "reason", string(before.Reason), string(after.Reason))
	add(true, "text", draftText(before), draftText(after))
	add(true, "claims", claimsText(before), claimsText(after))
	add(true, "left out", leftOutText(before), leftOutText(after))
	add(true, "requests", requestsText(before.Requests), requestsText(after.Requests))
	add(true, "language", draftLocale(before, rb), draftLocale(after, ra))
	add(true, "warnings", codesText(before.Warnings), codesText(after.Warnings))
	add(true, "degraded", codesText(before.Degraded), codesText(after.Degraded))
	if math.Abs(before.Confidence-after.Confidence) > 1e-9 {
		add(true, "confidence", fmt.Sprintf("%.4f", before.Confidence), fmt.Sprintf("%.4f", after.Confidence))
	}
	add(true, "evidence", evidenceText(before.Evidence), evidenceText(after.Evidence))
	add(false, "ranking", rankingText(rb.Ranking), rankingText(ra.Ranking))
	add(false, "blocked sentences", blockedText(rb.Blocked), blockedText(ra.Blocked))
	add(false, "question searched for", rb.Question, ra.Question)
	add(false, "model's answer", rb.Output, ra.Output)
	b, a := before.Provenance, after.Provenance
	add(false, "drafter", b.Drafter, a.Drafter)
	add(false, "model", b.Model, a.Model)
	add(false, "prompt version", b.PromptVersion, a.PromptVersion)
	add(false, "prompt", b.PromptHash, a.PromptHash)
	add(false, "embedding space", b.Space, a.Space)
	add(false, "confidence profile", strings.TrimSpace(b.Profile+" "+b.ProfileHash), strings.TrimSpace(a.Profile+" "+a.ProfileHash))
	add(false, "settings", compact(rb.Settings), compact(ra.Settings))
	add(false, "Purser", b.PurserVersion, a.PurserVersion)
	return out
}

func draftText(s Suggestion) string {
	if s.Draft == nil {
		return ""
	}
	return s.Draft.Text
}

func draftLocale(s Suggestion, r Record) string {
	if s.Draft == nil {
		return r.Locale
	}
	return s.Draft.Locale
}

// claimsText tells kinds, standings and citations; the words are told as text.
func claimsText(s Suggestion) string {
	if s.Draft == nil {
		return ""
	}
	parts := make([]string, 0, len(s.Draft.Claims))
	for _, c := range s.Draft.Claims {
		part := string(c.Kind) + " " + string(c.Standing)
		if c.Reason != "" {
			part += " " + string(c.Reason)
		}
		for _, k := range c.Citations {
			part += fmt.Sprintf(" [%d:%d-%d]", k.Number, k.Start, k.End)
		}
		if len(c.FactNames) > 0 {
			part += " (" + strings.Join(c.FactNames, ", ") + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

func leftOutText(s Suggestion) string {
	if s.Draft == nil {
		return ""
	}
	parts := make([]string, 0, len(s.Draft.LeftOut))
	for _, l := range s.Draft.LeftOut {
		parts = append(parts, fmt.Sprintf("%s at %d", l.Reason, l.At))
	}
	return strings.Join(parts, ", ")
}

func requestsText(list []CustomerRequest) string {
	parts := make([]string, 0, len(list))
	for _, r := range list {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", r.Number, r.Coverage)))
	}
	return strings.Join(parts, ", ")
}

func codesText(list []Notice) string {
	codes := make([]string, 0, len(list))
	for _, n := range list {
		codes = append(codes, string(n.Code))
	}
	slices.Sort(codes)
	return strings.Join(slices.Compact(codes), ", ")
}

func evidenceText(list []Evidence) string {
	parts := make([]string, 0, len(list))
	for _, e := range list {
		parts = append(parts, fmt.Sprintf("%s [%s] r%d:%d-%d", e.Key, e.Locale, e.Revision, e.Start, e.End))
	}
	return strings.Join(parts, ", ")
}

func rankingText(list []RankedArticle) string {
	parts := make([]string, 0, len(list))
	for _, a := range list {
		parts = append(parts, fmt.Sprintf("%s [%s]", a.Key, a.Locale))
	}
	return strings.Join(parts, ", ")
}

func blockedText(m map[string]int) string {
	parts := make([]string, 0, len(m))
	for _, check := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %d", check, m[check]))
	}
	return strings.Join(parts, ", ")
}

func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}
