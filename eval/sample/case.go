package sample

import (
	"cmp"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Case is a case as it stands in tickets.jsonl, in the format that package eval
// reads; what eval does not read is for the person who looks it through.
type Case struct {
	ID         string             `json:"id"`
	Lang       string             `json:"lang,omitempty"`
	Subject    string             `json:"subject,omitempty"`
	Channel    suggest.Channel    `json:"channel"`
	Visibility suggest.Visibility `json:"visibility"`
	Customer   *Customer          `json:"customer,omitempty"`
	Facts      []Fact             `json:"facts,omitempty"`
	Labels     []string           `json:"labels,omitempty"`
	Messages   []Message          `json:"messages,omitempty"`
	Author     suggest.Author     `json:"author,omitempty"`
	Text       string             `json:"text"`
	Expect     suite.Expect       `json:"expect"`
	Reason     suggest.Reason     `json:"reason,omitempty"`
	GoldIDs    []string           `json:"gold_ids,omitempty"`
	GoldReply  string             `json:"gold_reply,omitempty"`
	ReplyLang  string             `json:"reply_lang,omitempty"`
	Tags       []string           `json:"tags"`
	Weight     float64            `json:"weight"`
	// Review is what a person has to decide; Candidates are articles that Purser
	// found at the time.
	Review     string   `json:"review,omitempty"`
	Candidates []string `json:"candidates,omitempty"`
}

// Customer is a pseudonym of who wrote.
type Customer struct {
	Name       string             `json:"name,omitempty"`
	Identities []suggest.Identity `json:"identities,omitempty"`
}

// Fact is a fact with its value as text.
type Fact struct {
	Name       string           `json:"name"`
	Kind       suggest.FactKind `json:"kind"`
	Value      string           `json:"value"`
	Source     string           `json:"source,omitempty"`
	MayMention bool             `json:"may_mention"`
}

// Message is something said before.
type Message struct {
	Author suggest.Author `json:"author"`
	Text   string         `json:"text"`
}

// newCase makes a case of an ask; ok is false when something that must not leave
// would still stand in it.
func (r *run) newCase(h *suggest.AskHistory) (c Case, ok bool) {
	if len(h.Messages) == 0 {
		return c, false
	}
	asked := h.Messages[len(h.Messages)-1]
	c = Case{
		ID: r.caseID(h.MessageID), Channel: asked.Channel, Visibility: asked.Visibility,
		Lang: cmp.Or(h.Ticket.Locale, asked.Locale), Weight: 1,
	}
	if c.Channel == "" {
		c.Channel = h.Ticket.Channel
	}
	if s := h.Suggestion; s != nil && s.Draft != nil {
		if c.Lang == "" {
			c.Lang = s.Draft.Locale
		}
		if text.BaseLanguage(s.Draft.Locale) != text.BaseLanguage(c.Lang) {
			c.ReplyLang = s.Draft.Locale
		}
	}
	hide := r.pseudonyms(h, c.Lang)
	c.ask(h, asked, hide)
	c.surroundings(h, hide)
	c.outcome(h, claimOf(h, r.Public.Has), hide)
	c.Candidates = candidates(h.Suggestion, r.Public.Has)
	if c.Review == "" {
		c.Candidates = nil
	}
	if strings.TrimSpace(c.Text) == "" || hide.Leaks(c.texts()) {
		return c, false
	}
	for kind, n := range hide.Counts() {
		r.replaced[kind] += n
	}
	return c, true
}

// ask takes over what was said. Notes are for colleagues, so they stay behind
// unless a note is what is asked; and what was said in private is no part of a
// public question.
func (c *Case) ask(h *suggest.AskHistory, asked suggest.Message, hide *pii.Pseudonyms) {
	if asked.Author == suggest.AuthorNote {
		c.Author = suggest.AuthorNote
	}
	c.Text, c.Subject = hide.Hide(asked.Text), hide.Hide(h.Ticket.Subject)
	for _, m := range h.Messages[:len(h.Messages)-1] {
		if m.Author == suggest.AuthorNote && asked.Author != suggest.AuthorNote ||
			m.Visibility != suggest.VisibilityPublic && asked.Visibility == suggest.VisibilityPublic {
			continue
		}
		c.Messages = append(c.Messages, Message{m.Author, hide.Hide(m.Text)})
	}
}

func (c *Case) surroundings(h *suggest.AskHistory, hide *pii.Pseudonyms) {
	if who := h.Ticket.Customer; who.DisplayName != "" || len(who.Identities) > 0 {
		c.Customer = &Customer{Name: hide.Whole(pii.KindName, who.DisplayName)}
		for _, id := range who.Identities {
			c.Customer.Identities = append(c.Customer.Identities, suggest.Identity{Kind: id.Kind, Value: hide.Whole(pipeline.PersonalKind(id.Kind), id.Value)})
		}
	}
	for _, l := range h.Ticket.Labels {
		if hide.Hide(l) == l {
			c.Labels = append(c.Labels, l)
		}
	}
	for _, f := range h.Ticket.Facts {
		fact := Fact{Name: hide.Hide(f.Name), Kind: f.Kind, Source: hide.Hide(f.Source), MayMention: f.MayMention}
		switch f.Kind {
		case suggest.FactAmount:
			fact.Value = suggest.FactValue(f)
		case suggest.FactDate:
			if fact.Value = suggest.FactValue(f); pii.IsBirthField(f.Name) {
				fact.Value = hide.Whole(pii.KindBirth, fact.Value)
			}
		case suggest.FactText, suggest.FactCode:
			fact.Value = hide.Hide(f.Text)
			if fact.Value == f.Text && hide.Knows(f.Text) {
				fact.Value = hide.Whole(pii.KindFact, f.Text) // too short to be looked for in texts
			}
		}
		if fact.Name != "" && fact.Value != "" {
			c.Facts = append(c.Facts, fact)
		}
	}
}

func (c *Case) outcome(h *suggest.AskHistory, what claim, hide *pii.Pseudonyms) {
	c.Expect, c.Reason, c.GoldIDs, c.Review = what.expect, what.reason, what.goldIDs, what.review
	c.GoldReply = hide.Hide(what.goldReply)
	c.Tags = append(c.Tags, "stratum:"+StratumOf(h.Ask))
	if h.Replied {
		c.Tags = append(c.Tags, "replied")
	}
	if s := h.Suggestion; s != nil {
		c.Tags = append(c.Tags, "outcome:"+string(s.Outcome))
		if s.Reason != "" {
			c.Tags = append(c.Tags, "reason:"+string(s.Reason))
		}
	}
	c.Tags = append(c.Tags, what.tags...)
	if c.Review != "" {
		c.Tags = append(c.Tags, "review")
	}
	slices.Sort(c.Tags)
}

// texts are all of the case that came from the ticket.
func (c *Case) texts() []string {
	out := []string{c.Text, c.Subject, c.GoldReply}
	for _, m := range c.Messages {
		out = append(out, m.Text)
	}
	for _, f := range c.Facts {
		out = append(out, f.Name, f.Value, f.Source)
	}
	if c.Customer != nil {
		out = append(out, c.Customer.Name)
		for _, id := range c.Customer.Identities {
			out = append(out, id.Value)
		}
	}
	return append(out, c.Labels...)
}
