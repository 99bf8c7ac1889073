package extractive

import (
	"strings"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// hint is what kind of sentence a question asks for.
type hint int

const (
	hintFigure hint = iota + 1 // how much, how many, how heavy
	hintTime                   // when, how long, until when
	hintSteps                  // how do I
)

// hintOf recognises the question words of ten languages.
func hintOf(question, locale string) hint {
	q := " " + strings.ToLower(question) + " "
	for _, h := range hintWords(text.BaseLanguage(locale)) {
		if strings.Contains(q, " "+h.words) {
			return h.hint
		}
	}
	return 0
}

type hintWord struct {
	words string
	hint  hint
}

func hintWords(language string) []hintWord {
	switch language {
	case "de":
		return []hintWord{{"wie viel", hintFigure}, {"wieviel", hintFigure}, {"wie schwer", hintFigure}, {"wie groß", hintFigure}, {"wie lange", hintTime}, {"wann ", hintTime}, {"bis wann", hintTime}, {"wie kann", hintSteps}, {"wie mache", hintSteps}, {"wie ", hintSteps}}
	case "nl":
		return []hintWord{{"hoeveel", hintFigure}, {"hoe zwaar", hintFigure}, {"hoe groot", hintFigure}, {"hoe lang", hintTime}, {"wanneer", hintTime}, {"hoe ", hintSteps}}
	case "pl":
		return []hintWord{{"ile czasu", hintTime}, {"jak długo", hintTime}, {"kiedy", hintTime}, {"ile", hintFigure}, {"jak ", hintSteps}}
	case "fr":
		return []hintWord{{"combien de temps", hintTime}, {"combien", hintFigure}, {"quel poids", hintFigure}, {"quand", hintTime}, {"comment", hintSteps}}
	case "no":
		return []hintWord{{"hvor lenge", hintTime}, {"hvor lang tid", hintTime}, {"når ", hintTime}, {"hvor mye", hintFigure}, {"hvor mange", hintFigure}, {"hvor tung", hintFigure}, {"hvor stor", hintFigure}, {"hvordan", hintSteps}}
	case "es":
		return []hintWord{{"cuánto tiempo", hintTime}, {"cuándo", hintTime}, {"cuánto", hintFigure}, {"cuánta", hintFigure}, {"cómo ", hintSteps}} //nolint:misspell // Spanish
	case "it":
		return []hintWord{{"quanto tempo", hintTime}, {"quando", hintTime}, {"quanto", hintFigure}, {"quanti", hintFigure}, {"quante", hintFigure}, {"come ", hintSteps}}
	case "pt":
		return []hintWord{{"quanto tempo", hintTime}, {"quando", hintTime}, {"quanto", hintFigure}, {"quantos", hintFigure}, {"como ", hintSteps}}
	case "sv":
		return []hintWord{{"hur länge", hintTime}, {"hur lång tid", hintTime}, {"när ", hintTime}, {"hur mycket", hintFigure}, {"hur många", hintFigure}, {"hur stor", hintFigure}, {"hur ", hintSteps}}
	case "en":
		return []hintWord{{"how long", hintTime}, {"when ", hintTime}, {"what time", hintTime}, {"how soon", hintTime}, {"how much", hintFigure}, {"how many", hintFigure}, {"how heavy", hintFigure}, {"how big", hintFigure}, {"what size", hintFigure}, {"what does it cost", hintFigure}, {"how do", hintSteps}, {"how can", hintSteps}, {"how to", hintSteps}}
	}
	return nil
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
