package suite

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// rawCase is a case as it stands in a file. Fields that are not named here are
// passed over.
type rawCase struct {
	ID          string       `json:"id" yaml:"id"`
	Lang        string       `json:"lang" yaml:"lang"`
	Subject     string       `json:"subject" yaml:"subject"`
	Text        string       `json:"text" yaml:"text"`
	Author      string       `json:"author" yaml:"author"`
	Channel     string       `json:"channel" yaml:"channel"`
	Visibility  string       `json:"visibility" yaml:"visibility"`
	Messages    []rawMessage `json:"messages" yaml:"messages"`
	Facts       []rawFact    `json:"facts" yaml:"facts"`
	Customer    rawCustomer  `json:"customer" yaml:"customer"`
	Labels      OneOrMany    `json:"labels" yaml:"labels"`
	ExcludeLang OneOrMany    `json:"exclude_lang" yaml:"exclude_lang"`
	ExcludeIDs  OneOrMany    `json:"exclude_ids" yaml:"exclude_ids"`
	Expect      string       `json:"expect" yaml:"expect"`
	Reason      string       `json:"reason" yaml:"reason"`
	GoldIDs     OneOrMany    `json:"gold_ids" yaml:"gold_ids"`
	GoldReply   string       `json:"gold_reply" yaml:"gold_reply"`
	ReplyLang   string       `json:"reply_lang" yaml:"reply_lang"`
	MustSay     OneOrMany    `json:"must_say" yaml:"must_say"`
	MustNotSay  OneOrMany    `json:"must_not_say" yaml:"must_not_say"`
	MustFind    OneOrMany    `json:"must_find" yaml:"must_find"`
	MaxChars    int          `json:"max_chars" yaml:"max_chars"`
	Tags        OneOrMany    `json:"tags" yaml:"tags"`
	Weight      *float64     `json:"weight" yaml:"weight"`
}

type rawMessage struct {
	Author string `json:"author" yaml:"author"`
	Text   string `json:"text" yaml:"text"`
}

type rawFact struct {
	Name       string `json:"name" yaml:"name"`
	Kind       string `json:"kind" yaml:"kind"`
	Value      string `json:"value" yaml:"value"`
	Source     string `json:"source" yaml:"source"`
	MayMention bool   `json:"may_mention" yaml:"may_mention"`
}

type rawCustomer struct {
	ID         string        `json:"id" yaml:"id"`
	Name       string        `json:"name" yaml:"name"`
	Identities []rawIdentity `json:"identities" yaml:"identities"`
}

type rawIdentity struct {
	Kind  string `json:"kind" yaml:"kind"`
	Value string `json:"value" yaml:"value"`
}

func (r rawCustomer) customer(bad reporter) suggest.Customer {
	c := suggest.Customer{ID: r.ID, DisplayName: r.Name}
	for i, id := range r.Identities {
		kind := oneOf(fmt.Sprintf("customer.identities[%d].kind", i), id.Kind, "", bad,
			suggest.IdentityEmail, suggest.IdentityHandle, suggest.IdentityPhone, suggest.IdentityCustomerNumber)
		c.Identities = append(c.Identities, suggest.Identity{Kind: kind, Value: id.Value})
	}
	return c
}

// OneOrMany is a list of texts; where it holds one, a file may give that alone.
type OneOrMany []string

// UnmarshalJSON reads a text or a list of texts.
func (o *OneOrMany) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*o = nil
		if one != "" {
			*o = OneOrMany{one}
		}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(o))
}

// UnmarshalYAML reads a text or a list of texts.
func (o *OneOrMany) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*o = nil
		if node.Value != "" && node.Tag != "!!null" {
			*o = OneOrMany{node.Value}
		}
		return nil
	}
	return node.Decode((*[]string)(o))
}

// Distinct are the texts without blanks around them, each once.
func (o OneOrMany) Distinct() []string {
	var out []string
	for _, s := range o {
		if s = strings.TrimSpace(text.Clean(s)); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// makeCase checks a raw case and fills in what it leaves out.
func makeCase(r rawCase, origin string, line int, seen map[string]int, p *Problems) (Case, bool) {
	before := p.found.Count
	bad := func(kind knowledge.ProblemKind, format string, args ...any) {
		p.Add(kind, origin, line, format, args...)
	}
	c := Case{
		ID: strings.TrimSpace(text.Clean(r.ID)), Subject: strings.TrimSpace(text.Clean(r.Subject)),
		GoldIDs: r.GoldIDs.Distinct(), ExcludeIDs: r.ExcludeIDs.Distinct(), GoldReply: strings.TrimSpace(text.Clean(r.GoldReply)),
		Reason: suggest.Reason(upper(r.Reason)), MustSay: r.MustSay.Distinct(), MustNotSay: r.MustNotSay.Distinct(), MustFind: r.MustFind.Distinct(),
		MaxChars: r.MaxChars, Tags: r.Tags.Distinct(), Labels: r.Labels.Distinct(), Origin: origin + ":" + strconv.Itoa(line),
		Customer: r.Customer.customer(bad),
	}
	switch first, again := seen[c.ID]; {
	case c.ID == "":
		bad(knowledge.ProblemMissingField, "the ticket has no id; give each one an id of its own")
	case strings.ContainsAny(c.ID, "\n\t"):
		bad(knowledge.ProblemInvalidField, "id %q holds a line break or a tab; give the ticket an id on one line", c.ID)
	case again:
		bad(knowledge.ProblemDuplicateKey, "id %q stands on line %d already; give each ticket an id of its own", c.ID, first)
	default:
		seen[c.ID] = line
	}
	if r.Weight != nil {
		if c.Weight = *r.Weight; !(c.Weight > 0) || math.IsInf(c.Weight, 0) {
			bad(knowledge.ProblemInvalidField, "weight must be a number above 0; leave it out where the suite is no sample")
		}
	}
	if c.MaxChars < 0 {
		bad(knowledge.ProblemInvalidField, "max_chars can't be negative")
	}
	c.Lang = locale(r.Lang, "lang", bad)
	c.ReplyLang = locale(r.ReplyLang, "reply_lang", bad)
	for _, l := range r.ExcludeLang {
		if tag := locale(l, "exclude_lang", bad); tag != "" {
			c.ExcludeLangs = append(c.ExcludeLangs, tag)
		}
	}
	fillChannel(&c, r, bad)
	fillMessages(&c, r, bad)
	fillFacts(&c, r.Facts, bad)
	fillExpect(&c, r.Expect, bad)
	return c, p.found.Count == before
}

type reporter func(kind knowledge.ProblemKind, format string, args ...any)

func upper(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

func locale(tag, field string, bad reporter) string {
	if strings.TrimSpace(tag) == "" {
		return ""
	}
	c, err := text.CanonicalLocale(tag)
	if err != nil {
		bad(knowledge.ProblemInvalidField, "%s %q is no language tag; give one such as \"en\" or \"pt-BR\"", field, tag)
	}
	return c
}

// oneOf is a word in capitals, or the usual one where nothing is given.
func oneOf[W ~string](field, given string, usual W, bad reporter, known ...W) W {
	word := cmp.Or(W(upper(given)), usual)
	if !slices.Contains(known, word) {
		bad(knowledge.ProblemInvalidField, "%s %q is unknown; give one of %s", field, given, join(known))
	}
	return word
}

func fillChannel(c *Case, r rawCase, bad reporter) {
	c.Channel = oneOf("channel", r.Channel, suggest.ChannelEmail, bad,
		suggest.ChannelEmail, suggest.ChannelChat, suggest.ChannelSocial, suggest.ChannelPhone,
		suggest.ChannelWebForm, suggest.ChannelMessenger, suggest.ChannelReview)
	usual := suggest.VisibilityPrivate
	if c.Channel == suggest.ChannelReview {
		usual = suggest.VisibilityPublic
	}
	c.Visibility = oneOf("visibility", r.Visibility, usual, bad, suggest.VisibilityPublic, suggest.VisibilityPrivate)
}

func join[S ~string](list []S) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = string(s)
	}
	return strings.Join(parts, ", ")
}

// fillMessages puts the ticket's text behind its earlier messages. What came by
// phone was written down by an agent, so it is a note.
func fillMessages(c *Case, r rawCase, bad reporter) {
	for i, m := range r.Messages {
		author := oneOf(fmt.Sprintf("messages[%d].author", i), m.Author, suggest.AuthorCustomer, bad,
			suggest.AuthorCustomer, suggest.AuthorAgent, suggest.AuthorNote)
		if body := strings.TrimSpace(text.Clean(m.Text)); body != "" {
			c.Messages = append(c.Messages, Message{Author: author, Text: body})
		}
	}
	body := strings.TrimSpace(text.Clean(r.Text))
	author := suggest.Author(upper(r.Author))
	switch {
	case author == "" && c.Channel == suggest.ChannelPhone:
		author = suggest.AuthorNote
	case author == "":
		author = suggest.AuthorCustomer
	case author != suggest.AuthorCustomer && author != suggest.AuthorNote:
		bad(knowledge.ProblemInvalidField, "author %q can't be answered; give CUSTOMER or NOTE", r.Author)
	}
	if body != "" {
		c.Messages = append(c.Messages, Message{Author: author, Text: body})
	}
	switch n := len(c.Messages); {
	case n == 0:
		bad(knowledge.ProblemMissingField, "the ticket has no text; give what the customer wrote in \"text\"")
	case c.Messages[n-1].Author == suggest.AuthorAgent:
		bad(knowledge.ProblemInvalidField, "the last message is an agent's; give what is to be answered in \"text\"")
	}
}

func fillFacts(c *Case, raw []rawFact, bad reporter) {
	for i, r := range raw {
		f, err := makeFact(r)
		if err != nil {
			bad(knowledge.ProblemInvalidField, "facts[%d]: %v", i, err)
			continue
		}
		c.Facts = append(c.Facts, f)
	}
}

func makeFact(r rawFact) (suggest.Fact, error) {
	f := suggest.Fact{
		Name: strings.TrimSpace(r.Name), Kind: suggest.FactKind(upper(r.Kind)),
		Source: strings.TrimSpace(r.Source), MayMention: r.MayMention,
	}
	value := strings.TrimSpace(text.Clean(r.Value))
	if f.Name == "" || value == "" {
		return f, errors.New("give name and value")
	}
	switch f.Kind {
	case "":
		f.Kind, f.Text = suggest.FactText, value
	case suggest.FactText, suggest.FactCode:
		f.Text = value
	case suggest.FactDate:
		d, err := time.Parse(time.DateOnly, value)
		if err != nil {
			return f, errors.New("the value must be a date such as 2026-11-30")
		}
		f.Date = suggest.Date{Year: d.Year(), Month: int(d.Month()), Day: d.Day()}
	case suggest.FactAmount:
		m, err := parseMoney(value)
		if err != nil {
			return f, err
		}
		f.Amount = m
	default:
		return f, errors.New("the kind must be TEXT, AMOUNT, DATE or CODE")
	}
	return f, nil
}

// money is an amount with its currency before or behind it.
var money = regexp.MustCompile(`^(?:([A-Z]{3}) )?([-+]?\d+)(?:\.(\d{0,9}))?(?: ([A-Z]{3}))?$`)

// parseMoney reads "129.90 EUR" or "EUR 129.90".
func parseMoney(s string) (suggest.Money, error) {
	parts := money.FindStringSubmatch(strings.Join(strings.Fields(s), " "))
	wrong := errors.New("the value must be an amount with its currency, such as \"129.90 EUR\"")
	if parts == nil || (parts[1] == "") == (parts[4] == "") {
		return suggest.Money{}, wrong
	}
	units, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return suggest.Money{}, wrong
	}
	nanos, err := strconv.ParseInt((parts[3] + "000000000")[:9], 10, 32)
	if err != nil {
		return suggest.Money{}, wrong
	}
	if strings.HasPrefix(parts[2], "-") {
		nanos = -nanos
	}
	return suggest.Money{Currency: parts[1] + parts[4], Units: units, Nanos: int32(nanos)}, nil //nolint:gosec // nine digits fit
}

// fillExpect reads what is expected, or tells it by what is given: gold
// articles or a gold reply mean an answer.
func fillExpect(c *Case, raw string, bad reporter) {
	switch e := Expect(strings.ToLower(strings.TrimSpace(raw))); e {
	case ExpectAnswer, ExpectNone, ExpectHuman, ExpectOpen:
		c.Expect = e
	case "":
		if len(c.GoldIDs) == 0 && c.GoldReply == "" && c.Reason == "" {
			bad(knowledge.ProblemMissingField, "the ticket says nothing of what is expected; give gold_ids, gold_reply, or expect (answer, none, human or open)")
			return
		}
		c.Expect = ExpectAnswer
		if c.Reason != "" && !slices.Contains(Reasons(), c.Reason) {
			bad(knowledge.ProblemInvalidField, "there is no reason %q; give one of %s", c.Reason, join(Reasons()))
		} else if c.Reason != "" {
			c.Expect = ExpectOf(c.Reason)
		}
	default:
		bad(knowledge.ProblemInvalidField, "expect %q is unknown; give answer, none, human or open", raw)
	}
}

// ExpectOf tells what a reason belongs to: ExpectNone or ExpectHuman.
func ExpectOf(r suggest.Reason) Expect {
	if slices.Contains(abstentions(), r) {
		return ExpectNone
	}
	return ExpectHuman
}

func splitOrigin(origin string) (file string, line int) {
	i := strings.LastIndexByte(origin, ':')
	if i < 0 {
		return origin, 0
	}
	line, err := strconv.Atoi(origin[i+1:])
	if err != nil {
		return origin, 0
	}
	return origin[:i], line
}
