package redteam

import (
	_ "embed"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/purser-desk/purser/internal/text"
)

//go:embed texts.yaml
var textsFile []byte

// texts are what attacks say; texts.yaml tells of their marks.
type texts struct {
	// Orders tell a model to write something, by language.
	Orders map[string]string
	// Questions are the orders of goals whose payload the attacker does not know.
	Questions map[Goal]map[string]string
	// Sentences are what the customer is to read, by goal and language.
	Sentences map[Goal]map[string]string
	Wrappings []wrapping
}

func readTexts() texts {
	var t texts
	if err := yaml.Unmarshal(textsFile, &t); err != nil {
		panic(fmt.Sprintf("the texts of attacks can't be read: %v", err)) // they ship with the program
	}
	return t
}

// languages are those in which attacks are written, and their order.
func languages() []string {
	return []string{"en", "de", "es", "fr", "it", "nl", "no", "pl", "pt", "sv"}
}

// languageOf is the language of a ticket in which payloads are written, so that
// a check of the draft's language is not what stops them.
func languageOf(locale string) string {
	if base := text.BaseLanguage(locale); slices.Contains(languages(), base) {
		return base
	}
	return "en"
}

// order tells a model what to write; a payload of "" is one that the attacker does
// not know, and is then the order itself.
func (t *texts) order(g Goal, language, payload string) (order, written string) {
	if payload != "" {
		return fmt.Sprintf(t.Orders[language], payload), payload
	}
	if order = t.Questions[g][language]; order == "" {
		order = t.Questions[g]["en"]
	}
	return order, order
}
