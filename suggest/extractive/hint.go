package extractive

import (
	"strings"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/knowledge"
)

// hint is what kind of sentence a question asks for.
type hint int

const (
	hintNumber hint = iota + 1 // how much, how many, how heavy
	hintTime                   // when, how long, until when
	hintSteps                  // how do I
)

// hintOf recognises the question words of the languages that have a list of them.
func hintOf(question, locale string) hint {
	q := " " + strings.ToLower(question) + " "
	for words, asks := range lexicon.Of(locale, "asks-for").All() {
		kind, whole, _ := strings.Cut(asks, " ")
		if whole != "" {
			words += " "
		}
		if strings.Contains(q, " "+words) {
			return map[string]hint{"number": hintNumber, "time": hintTime, "steps": hintSteps}[kind]
		}
	}
	return 0
}

// meets reports whether a sentence is of the kind that is asked for.
func (h hint) meets(s knowledge.Sentence, locale string) bool {
	if h == hintSteps {
		return s.Kind == knowledge.SentenceItem
	}
	if !strings.ContainsAny(s.Text, "0123456789") {
		return false
	}
	for _, f := range entity.Find(s.Text, locale) {
		timely := f.Kind == entity.Date || f.Kind == entity.Time || f.Kind == entity.Duration
		if timely == (h == hintTime) {
			return true
		}
	}
	return false
}
