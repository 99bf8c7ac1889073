package external

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// Bounds of what an answer can hold.
const (
	replyMost  = 100_000 // characters
	timeMost   = 1e9     // milliseconds
	tokensMost = 1_000_000_000
)

// line is an answer as it stands in a file; nil is what it does not tell.
type line struct {
	ID               string           `json:"id"`
	Ranked           *suite.OneOrMany `json:"ranked"`
	Text             *string          `json:"text"`
	Cited            *suite.OneOrMany `json:"cited"`
	Evidence         []passage        `json:"evidence"`
	Claims           []claim          `json:"claims"`
	Outcome          suggest.Outcome  `json:"outcome"`
	Reason           suggest.Reason   `json:"reason"`
	Confidence       *float64         `json:"confidence"`
	MS               *float64         `json:"ms"`
	Model            string           `json:"model"`
	PromptTokens     *int             `json:"prompt_tokens"`
	CompletionTokens *int             `json:"completion_tokens"`
	Error            string           `json:"error"`
}

type passage struct {
	Key  string `json:"key"`
	Text string `json:"text"`
	Lang string `json:"lang"`
}

type claim struct {
	Text  string            `json:"text"`
	Cited *suite.OneOrMany  `json:"cited"`
	Kind  suggest.ClaimKind `json:"kind"`
	cited []string
}

// cites reports whether the claim itself says what it cites.
func (c claim) cites() bool { return c.Cited != nil }

// answer is what another system made of a case.
type answer struct {
	line
	at int // line of the file
	// has are the fields that tell something, null those that are null.
	has, null          map[string]bool
	text               string
	ranked, cited      []string
	prompt, completion int
}

// decode reads a line; unread are the names of what nothing reads.
func decode(raw []byte) (a *answer, unread []string, err error) {
	a = &answer{}
	if err := json.Unmarshal(raw, &a.line); err != nil {
		if word := notJSON(raw, err); word != "" {
			return a, nil, fmt.Errorf("%s is no JSON; write null for what is not known", word)
		}
		return a, nil, errors.New(suite.JSONProblem(err))
	}
	keys := suite.KeysOf[line](raw)
	a.null, a.ID = keys.Null, cleaned(a.ID)
	if keys.Repeated != "" {
		return a, keys.Unread, fmt.Errorf("it gives %q twice; keep one", keys.Repeated)
	}
	return a, keys.Unread, a.fill()
}

// notJSON is a word of another language at which a line is broken; empty for none.
func notJSON(raw []byte, err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		rest := string(raw[max(0, syntax.Offset-2):])
		for _, word := range []string{"NaN", "Infinity", "None", "True", "False"} {
			if i := strings.Index(rest, word); i >= 0 && i < 3 {
				return word
			}
		}
	}
	return ""
}

func cleaned(s string) string { return strings.TrimSpace(text.Clean(s)) }

// fill cleans and checks what the line says.
func (a *answer) fill() error {
	var err error
	check := func(found error) {
		if err == nil {
			err = found
		}
	}
	a.Model, a.Error = strings.TrimSpace(a.Model), strings.TrimSpace(a.Error)
	if a.Text != nil {
		check(replyLength("text", *a.Text))
		a.text = cleaned(*a.Text)
	}
	a.ranked, a.cited = keysOf("ranked", a.Ranked, check), keysOf("cited", a.Cited, check)
	check(word("outcome", &a.Outcome, []suggest.Outcome{suggest.OutcomeDraft, suggest.OutcomeNoDraft, suggest.OutcomeHumanOnly}))
	check(word("reason", &a.Reason, suite.Reasons()))
	if v := a.Confidence; v != nil && !stat.IsShare(*v) {
		check(fmt.Errorf("the confidence must be between 0 and 1, and it is %v; divide percentages by 100, and write null where it is not known", *v))
	}
	if v := a.MS; v != nil && !(*v >= 0 && *v <= timeMost) {
		check(fmt.Errorf("ms can't be below 0, nor above %.0f; it is the milliseconds that the answer took", timeMost))
	}
	tokens := func(name string, from *int, to *int) {
		if from == nil {
			return
		}
		if *to = *from; *to < 0 || *to > tokensMost {
			check(fmt.Errorf("%s can't be below 0, nor above %d", name, tokensMost))
		}
	}
	tokens("prompt_tokens", a.PromptTokens, &a.prompt)
	tokens("completion_tokens", a.CompletionTokens, &a.completion)
	for i := range a.Evidence {
		check(a.Evidence[i].fill(i))
	}
	for i := range a.Claims {
		check(a.Claims[i].fill(i))
	}
	check(a.consistent())
	a.has = map[string]bool{
		"ranked": a.Ranked != nil, "text": a.Text != nil, "cited": a.Cited != nil || slices.ContainsFunc(a.Claims, claim.cites),
		"evidence": a.Evidence != nil, "claims": a.Claims != nil, "outcome": a.Outcome != "", "reason": a.Reason != "",
		"confidence": a.Confidence != nil, "ms": a.MS != nil, "model": a.Model != "", "prompt_tokens": a.PromptTokens != nil,
		"completion_tokens": a.CompletionTokens != nil, "error": a.Error != "",
	}
	maps.DeleteFunc(a.has, func(_ string, is bool) bool { return !is })
	return err
}

func (e *passage) fill(i int) error {
	if e.Key, e.Text = cleaned(e.Key), text.Clean(e.Text); e.Key == "" {
		return fmt.Errorf("evidence[%d].key is missing; name the article that the text is of", i+1)
	}
	if strings.TrimSpace(e.Lang) == "" {
		e.Lang = ""
		return nil
	}
	var err error
	if e.Lang, err = text.CanonicalLocale(e.Lang); err != nil {
		return fmt.Errorf("evidence[%d].lang is no language tag; give one such as \"en\" or \"pt-BR\"", i+1)
	}
	return nil
}

func (c *claim) fill(i int) (err error) {
	place := fmt.Sprintf("claims[%d].", i+1)
	if err := replyLength(place+"text", c.Text); err != nil {
		return err
	}
	if c.Text = cleaned(c.Text); c.Text == "" {
		return fmt.Errorf("%stext is missing; give the sentence", place)
	}
	c.cited = keysOf(place+"cited", c.Cited, func(found error) { err = found })
	if err != nil {
		return err
	}
	return word(place+"kind", &c.Kind, suggest.ClaimKinds())
}

func replyLength(name, s string) error {
	if n := utf8.RuneCountInString(s); n > replyMost {
		return fmt.Errorf("%s has %d characters; at most %d are read, as no customer is sent more", name, n, replyMost)
	}
	return nil
}

// keysOf are keys of articles, each once.
func keysOf(name string, list *suite.OneOrMany, check func(error)) []string {
	if list == nil {
		return nil
	}
	for i, key := range *list {
		if text.IsBlank(key) {
			check(fmt.Errorf("%s holds an empty key in place %d; leave it out, or name the article", name, i+1))
		}
	}
	return list.Distinct()
}

// word takes one of some words, in any case; empty for none.
func word[W ~string](name string, w *W, words []W) error {
	given := *w
	*w = W(strings.ToUpper(strings.TrimSpace(string(given))))
	if *w == "" || slices.Contains(words, *w) {
		return nil
	}
	list := make([]string, len(words))
	for i, known := range words {
		list[i] = string(known)
	}
	return fmt.Errorf("%s %q is unknown%s", name, say.Clip(string(given), idShown), meant(string(given), list, "; give one of "+strings.Join(list, ", ")))
}

// consistent finds what contradicts itself.
func (a *answer) consistent() error {
	drafts := a.text != ""
	switch {
	case a.Error != "":
		return nil
	case a.Outcome == suggest.OutcomeDraft && !drafts:
		return errors.New("the outcome is DRAFT and there is no text; a draft needs its text")
	case a.Outcome != "" && a.Outcome != suggest.OutcomeDraft && drafts:
		return fmt.Errorf("the outcome is %s and there is a text; leave one of them out, or say DRAFT", a.Outcome)
	case drafts && a.Reason != "":
		return fmt.Errorf("there is a text, and the reason %s for none; leave one of them out", a.Reason)
	case a.Outcome == suggest.OutcomeHumanOnly && a.Reason != "" && !a.leftToPerson(), a.Outcome == suggest.OutcomeNoDraft && a.leftToPerson():
		return fmt.Errorf("the reason %s does not go with the outcome %s; correct one of them", a.Reason, a.Outcome)
	case !drafts && len(a.Claims) > 0:
		return errors.New("there are claims without a text; give the text that they stand in")
	}
	if !slices.ContainsFunc(a.Claims, claim.cites) {
		return nil
	}
	for _, key := range a.cited {
		if !slices.ContainsFunc(a.Claims, func(c claim) bool { return slices.Contains(c.cited, key) }) {
			return fmt.Errorf("%q is in cited, and no claim cites it; add it to the claim that does, or leave it out", say.Clip(key, idShown))
		}
	}
	return nil
}
