package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest"
)

// Names of the fields of an answer.
const (
	nameID         = "id"
	nameRanked     = "ranked"
	nameText       = "text"
	nameCited      = "cited"
	nameEvidence   = "evidence"
	nameClaims     = "claims"
	nameOutcome    = "outcome"
	nameReason     = "reason"
	nameConfidence = "confidence"
	nameMS         = "ms"
	nameModel      = "model"
	namePrompt     = "prompt_tokens"
	nameCompletion = "completion_tokens"
	nameError      = "error"
)

func answerFields() []string {
	return []string{
		nameID, nameRanked, nameText, nameCited, nameEvidence, nameClaims, nameOutcome, nameReason, nameConfidence, nameMS,
		nameModel, namePrompt, nameCompletion, nameError,
	}
}

// Bounds of what an answer can hold.
const (
	replyMost   = 100_000 // characters
	messageMost = 1e9     // milliseconds
	tokensMost  = 1_000_000_000
)

// answer is what another system made of a case.
type answer struct {
	id   string
	line int
	// has are the fields that tell something, null those that are null.
	has, null  map[string]bool
	ranked     []string
	repeats    bool
	text       string
	cited      []string
	evidence   []outsideText
	claims     []outsideClaim
	outcome    suggest.Outcome
	reason     suggest.Reason
	confidence float64
	ms         float64
	failed     string
	model      string
	prompt     int
	completion int
	// citing is true when it says what is cited.
	citing bool
}

type outsideText struct{ key, text, lang string }

type outsideClaim struct {
	text string
	// citing is true when the claim itself says what it cites.
	citing bool
	cited  []string
	kind   suggest.ClaimKind
}

// fill takes the fields over and returns the names of those that nothing reads.
func (a *answer) fill(fields []field) (unread []string, err error) {
	seen := map[string]bool{}
	var first error
	for _, f := range fields {
		name := strings.ToLower(f.name)
		if !slices.Contains(answerFields(), name) {
			unread = append(unread, f.name)
			continue
		}
		if seen[name] && first == nil {
			first = fmt.Errorf("%s stands there twice; keep one", name)
		}
		seen[name] = true
		if string(f.raw) == "null" {
			a.null[name] = true
			continue
		}
		var more []string
		if more, err = a.set(name, f.raw); err != nil && first == nil {
			first = err
		}
		a.has[name] = name != nameID
		unread = append(unread, more...)
	}
	// An empty word says nothing.
	for name, empty := range map[string]bool{
		nameOutcome: a.outcome == "", nameReason: a.reason == "", nameError: a.failed == "", nameModel: a.model == "", nameID: true,
	} {
		if empty {
			delete(a.has, name)
		}
	}
	a.citing = a.has[nameCited] || slices.ContainsFunc(a.claims, func(c outsideClaim) bool { return c.citing })
	return unread, first
}

// set reads one field.
func (a *answer) set(name string, raw json.RawMessage) (unread []string, err error) {
	switch name {
	case nameRanked:
		a.ranked, a.repeats, err = keysOf(name, raw)
	case nameCited:
		a.cited, _, err = keysOf(name, raw)
	case nameText:
		a.text, err = replyOf(name, raw)
	case nameEvidence:
		unread, err = a.setEvidence(raw)
	case nameClaims:
		unread, err = a.setClaims(raw)
	case nameOutcome:
		a.outcome, err = wordOf(name, raw, []suggest.Outcome{suggest.OutcomeDraft, suggest.OutcomeNoDraft, suggest.OutcomeHumanOnly})
	case nameReason:
		a.reason, err = wordOf(name, raw, suite.Reasons())
	case nameConfidence:
		a.confidence, err = numberOf(name, raw)
		if err == nil && !stat.IsShare(a.confidence) {
			err = fmt.Errorf("the confidence must be between 0 and 1, and it is %s; divide percentages by 100, and write null where it is not known", say.Clip(string(raw), idShown))
		}
	case nameMS:
		a.ms, err = numberOf(name, raw)
		if err == nil && !(a.ms >= 0 && a.ms <= messageMost) {
			err = fmt.Errorf("ms can't be below 0, nor above %.0f; it is the milliseconds that the answer took", messageMost)
		}
	case namePrompt:
		a.prompt, err = countOf(name, raw)
	case nameCompletion:
		a.completion, err = countOf(name, raw)
	case nameModel:
		a.model, err = textOf(name, raw)
		a.model = strings.TrimSpace(a.model)
	case nameError:
		a.failed, err = textOf(name, raw)
		a.failed = strings.TrimSpace(a.failed)
	}
	return unread, err
}

// check finds what contradicts itself.
func (a *answer) check() error {
	drafts := a.text != ""
	human := a.reason != "" && suite.ExpectOf(a.reason) == suite.ExpectHuman
	switch {
	case a.failed != "":
		return nil
	case a.outcome == suggest.OutcomeDraft && !drafts:
		return errors.New("the outcome is DRAFT and there is no text; a draft needs its text")
	case a.outcome != "" && a.outcome != suggest.OutcomeDraft && drafts:
		return fmt.Errorf("the outcome is %s and there is a text; leave one of them out, or say DRAFT", a.outcome)
	case drafts && a.reason != "":
		return fmt.Errorf("there is a text, and the reason %s for none; leave one of them out", a.reason)
	case a.outcome == suggest.OutcomeHumanOnly && a.reason != "" && !human, a.outcome == suggest.OutcomeNoDraft && human:
		return fmt.Errorf("the reason %s does not go with the outcome %s; correct one of them", a.reason, a.outcome)
	case !drafts && len(a.claims) > 0:
		return errors.New("there are claims without a text; give the text that they stand in")
	}
	claimed := map[string]bool{}
	single := false
	for _, c := range a.claims {
		single = single || c.citing
		for _, key := range c.cited {
			claimed[key] = true
		}
	}
	for _, key := range a.cited {
		if single && !claimed[key] {
			return fmt.Errorf("%q is in cited, and no claim cites it; add it to the claim that does, or leave it out", say.Clip(key, idShown))
		}
	}
	return nil
}

func (a *answer) setEvidence(raw json.RawMessage) (unread []string, err error) {
	list, err := objectsOf(nameEvidence, raw, "key, text and lang")
	for i, fields := range list {
		var e outsideText
		place := fmt.Sprintf("%s[%d].", nameEvidence, i+1)
		for _, f := range fields {
			switch name := strings.ToLower(f.name); {
			case name != "key" && name != "text" && name != "lang":
				unread = append(unread, nameEvidence+"."+f.name)
				continue
			case string(f.raw) == "null":
				continue
			case name == "key":
				e.key, err = textOf(place+name, f.raw)
				e.key = strings.TrimSpace(text.Clean(e.key))
			case name == "text":
				e.text, err = textOf(place+name, f.raw)
				e.text = text.Clean(e.text)
			default:
				if e.lang, err = textOf(place+name, f.raw); err == nil && strings.TrimSpace(e.lang) != "" {
					if e.lang, err = text.CanonicalLocale(e.lang); err != nil {
						err = fmt.Errorf("%s%s is no language tag; give one such as \"en\" or \"pt-BR\"", place, name)
					}
				}
			}
			if err != nil {
				return unread, err
			}
		}
		if e.key == "" {
			return unread, fmt.Errorf("%skey is missing; name the article that the text is of", place)
		}
		a.evidence = append(a.evidence, e)
	}
	return unread, err
}

func (a *answer) setClaims(raw json.RawMessage) (unread []string, err error) {
	list, err := objectsOf(nameClaims, raw, "text, cited and kind")
	for i, fields := range list {
		var c outsideClaim
		place := fmt.Sprintf("%s[%d].", nameClaims, i+1)
		for _, f := range fields {
			switch name := strings.ToLower(f.name); {
			case name != nameText && name != nameCited && name != "kind":
				unread = append(unread, nameClaims+"."+f.name)
				continue
			case string(f.raw) == "null":
				continue
			case name == nameText:
				c.text, err = replyOf(place+name, f.raw)
			case name == nameCited:
				c.cited, _, err = keysOf(place+name, f.raw)
				c.citing = true
			default:
				c.kind, err = wordOf(place+name, f.raw, []suggest.ClaimKind{
					suggest.ClaimStatement, suggest.ClaimCourtesy, suggest.ClaimQuestion, suggest.ClaimFact,
				})
			}
			if err != nil {
				return unread, err
			}
		}
		if c.text == "" {
			return unread, fmt.Errorf("%stext is missing; give the sentence", place)
		}
		a.claims = append(a.claims, c)
	}
	return unread, err
}

// hintOf ends a sentence about a field that is not read with the one that may
// have been meant; it is empty when none is alike.
func hintOf(name string) string {
	for meant, words := range map[string]string{
		nameID:         " case case_id ticket ticket_id question_id ",
		nameRanked:     " ranking rankings results retrieved documents docs hits articles passages ",
		nameText:       " answer reply response draft output completion message content ",
		nameCited:      " citations sources references cites ",
		nameEvidence:   " context contexts ",
		nameClaims:     " sentences statements ",
		nameOutcome:    " decision status ",
		nameConfidence: " score probability conf certainty ",
		nameMS:         " latency latency_ms duration duration_ms time time_ms milliseconds ",
		namePrompt:     " input_tokens tokens_in ",
		nameCompletion: " output_tokens tokens_out ",
	} {
		if strings.Contains(words, " "+strings.ToLower(name)+" ") {
			return "; did you mean " + meant + "?"
		}
	}
	return meant(name, answerFields(), "")
}

// kindOf names a JSON value's kind.
func kindOf(raw json.RawMessage) string {
	switch raw[0] {
	case '"':
		return "a text"
	case '[':
		return "a list"
	case '{':
		return "an object"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

func textOf(name string, raw json.RawMessage) (string, error) {
	var s string
	if json.Unmarshal(raw, &s) != nil || string(raw) == "null" {
		return "", fmt.Errorf("%s must be a text in quotes, and it is %s", name, kindOf(raw))
	}
	return s, nil
}

// replyOf reads a text as drafts are written.
func replyOf(name string, raw json.RawMessage) (string, error) {
	s, err := textOf(name, raw)
	if n := utf8.RuneCountInString(s); n > replyMost {
		return "", fmt.Errorf("%s has %d characters; at most %d are read, as no customer is sent more", name, n, replyMost)
	}
	return strings.TrimSpace(text.Clean(s)), err
}

// wordOf reads one of some words, in any case; empty for none.
func wordOf[W ~string](name string, raw json.RawMessage, words []W) (W, error) {
	s, err := textOf(name, raw)
	word := W(strings.ToUpper(strings.TrimSpace(s)))
	if err != nil || word == "" || slices.Contains(words, word) {
		return word, err
	}
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return "", fmt.Errorf("%s %q is unknown%s", name, say.Clip(s, idShown), meant(s, list, "; give one of "+strings.Join(list, ", ")))
}

func numberOf(name string, raw json.RawMessage) (float64, error) {
	if kind := kindOf(raw); kind != "a number" {
		hint := ""
		if kind == "a text" {
			hint = "; write it without quotes"
		}
		return 0, fmt.Errorf("%s must be a number, and it is %s%s", name, kind, hint)
	}
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%s is %s, which is out of range", name, say.Clip(string(raw), idShown))
	}
	return v, nil
}

func countOf(name string, raw json.RawMessage) (int, error) {
	v, err := numberOf(name, raw)
	if err == nil && !(v >= 0 && v <= tokensMost && v == math.Trunc(v)) {
		err = fmt.Errorf("%s can't be below 0, nor above %d, and must be a whole number", name, tokensMost)
	}
	if err != nil {
		return 0, err
	}
	return int(v), nil
}

// keysOf reads keys of articles, each once; repeats tells that some stand there
// more often. A text is a list of one, and an empty one a list of none.
func keysOf(name string, raw json.RawMessage) (keys []string, repeats bool, err error) {
	if kindOf(raw) == "a text" {
		one, err := textOf(name, raw)
		if one = strings.TrimSpace(text.Clean(one)); one == "" {
			return []string{}, false, err
		}
		return []string{one}, false, err
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil, false, fmt.Errorf("%s must be a list of articles' keys, and it is %s", name, kindOf(raw))
	}
	keys = make([]string, 0, len(list))
	seen := make(map[string]bool, len(list))
	for i, item := range list {
		if kind := kindOf(item); kind != "a text" {
			return nil, false, fmt.Errorf("%s must be a list of articles' keys in quotes, and place %d of it holds %s; write the keys alone", name, i+1, kind)
		}
		key, err := textOf(name, item)
		key = strings.TrimSpace(text.Clean(key))
		switch {
		case err != nil:
			return nil, false, err
		case key == "":
			return nil, false, fmt.Errorf("%s holds an empty key in place %d; leave it out, or name the article", name, i+1)
		case seen[key]:
			repeats = true
		default:
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys, repeats, nil
}

// objectsOf reads a list of objects.
func objectsOf(name string, raw json.RawMessage, of string) ([][]field, error) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil, fmt.Errorf("%s must be a list of objects with %s, and it is %s", name, of, kindOf(raw))
	}
	out := make([][]field, len(list))
	for i, item := range list {
		item = bytes.TrimSpace(item)
		if kindOf(item) != "an object" {
			return nil, fmt.Errorf("%s must be a list of objects with %s, and place %d of it holds %s", name, of, i+1, kindOf(item))
		}
		fields, err := objectFields(item)
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", name, i+1, err)
		}
		out[i] = fields
	}
	return out, nil
}
