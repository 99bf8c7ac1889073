package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/suggest"
)

// Expect says what a good desk does with a ticket.
type Expect string

// What can be expected.
const (
	// ExpectAnswer: the knowledge holds the answer, so a draft helps.
	ExpectAnswer Expect = "answer"
	// ExpectNone: it does not, or nothing was asked, so no draft helps.
	ExpectNone Expect = "none"
	// ExpectHuman: a person must write this one.
	ExpectHuman Expect = "human"
	// ExpectOpen: nobody has said. The case counts only where no expectation is
	// needed, such as for how often a draft is given and how near it comes to the
	// gold reply.
	ExpectOpen Expect = "open"
)

// Case is one ticket of a suite with what is expected of Purser.
type Case struct {
	// ID names the case in its suite.
	ID string
	// Lang is the customer's language, BCP 47; empty when not stated.
	Lang       string
	Subject    string
	Channel    suggest.Channel
	Visibility suggest.Visibility
	// Messages in order; the last is the one to answer.
	Messages []Message
	Facts    []suggest.Fact
	Customer suggest.Customer
	// Labels restrict the search to articles that carry all of them.
	Labels []string
	// ExcludeLangs hides articles in these languages from the search.
	ExcludeLangs []string
	// ExcludeIDs hides the articles with these keys from the search.
	ExcludeIDs []string

	Expect Expect
	// Reason is the typed reason expected for no draft; empty when any will do.
	Reason suggest.Reason
	// GoldIDs are the keys of the articles that answer; any of them will do.
	GoldIDs []string
	// GoldReply is a good reply; empty when none is known.
	GoldReply string
	// ReplyLang is the language that a draft must be in; empty: Lang.
	ReplyLang string
	// MustSay and MustNotSay are words that a draft has to hold or may not,
	// compared without regard to case and blanks.
	MustSay, MustNotSay []string
	// MustFind are words that the evidence has to hold, such as a row of a table,
	// compared likewise.
	MustFind []string
	// MaxChars bounds the draft's length in characters; 0 means unbounded.
	MaxChars int
	// Tags group cases for figures of their own and for the gate.
	Tags []string
	// Weight is how many tickets of the population the case stands for: one over
	// the probability with which it was sampled. 0 when the suite is no sample.
	Weight float64
	// Origin is where the case was read, such as "tickets.jsonl:12".
	Origin string
}

// Message is one message of a case.
type Message struct {
	Author suggest.Author
	Text   string
}

// Question is the text of the message to answer.
func (c *Case) Question() string {
	if len(c.Messages) == 0 {
		return ""
	}
	return c.Messages[len(c.Messages)-1].Text
}

// Input is what the pipeline is given for the case: nothing of what is
// expected.
func (c *Case) Input() suggest.Input {
	in := suggest.Input{
		Ticket: suggest.Ticket{
			ExternalID: c.ID, Subject: c.Subject, Channel: c.Channel, Status: suggest.StatusOpen,
			Customer: c.Customer, Facts: c.Facts, Labels: c.Labels, Locale: c.Lang,
			MessageCount: len(c.Messages),
		},
		ExcludeLocales: c.ExcludeLangs,
		ExcludeKeys:    c.ExcludeIDs,
	}
	for i, m := range c.Messages {
		in.Messages = append(in.Messages, suggest.Message{
			ID: strconv.Itoa(i + 1), Sequence: i + 1, Author: m.Author, Channel: c.Channel,
			Visibility: c.Visibility, Text: m.Text,
		})
	}
	return in
}

// Hash tells apart cases that ask or expect something else: SHA-256,
// hexadecimal. Tags do not count, since they only group.
func (c *Case) Hash() string {
	parts := []any{
		c.Lang, c.Subject, c.Channel, c.Visibility, c.Messages, c.Facts, c.Customer, c.Labels, c.ExcludeLangs, c.ExcludeIDs,
		c.Expect, c.Reason, c.GoldIDs, c.GoldReply, c.ReplyLang, c.MustSay, c.MustNotSay, c.MaxChars,
	}
	if len(c.MustFind) > 0 { // so that other cases keep their hash
		parts = append(parts, c.MustFind)
	}
	raw, err := json.Marshal(parts)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Fold makes texts comparable as MustSay and MustNotSay are: without regard to
// case and blanks.
func Fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
