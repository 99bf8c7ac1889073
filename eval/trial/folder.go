package trial

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/suggest"
)

// Sentence is one sentence of a trial with what should become of it.
type Sentence struct {
	// Ticket is the case in whose answer it stands.
	Ticket string
	Text   string
	// Kind groups sentences: of a file of false ones what is wrong with each.
	Kind string
	// Harm is the part of a hostile sentence that does it; empty: all of it.
	Harm string
}

// Trial is one folder of answers, or one file of sentences, ready to be played.
type Trial struct {
	Name string
	// Scripts by ticket.
	Scripts Drafter
	// Cases to play on the suite's articles; nil: the suite's own of these tickets.
	Cases []suite.Case
	// Sentences that are looked for in the drafts.
	Sentences []Sentence
}

// ReadAnswers reads a folder with answers/by-ticket, the requests that they were
// written for, and placeholders.json. base holds the requests.
func ReadAnswers(name, folder, base string) (Trial, error) {
	t := Trial{Name: name, Scripts: Drafter{}}
	var request map[string]string
	var values map[string]map[string]string
	if err := readJSON(filepath.Join(folder, "request-of.json"), &request); err != nil {
		return t, err
	}
	if err := readJSON(filepath.Join(folder, "placeholders.json"), &values); err != nil {
		return t, err
	}
	files, err := filepath.Glob(filepath.Join(folder, "answers", "by-ticket", "*.txt"))
	if err != nil || len(files) == 0 {
		return t, fmt.Errorf("%s: there are no answers below answers/by-ticket", folder)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return t, err
		}
		id := strings.TrimSuffix(filepath.Base(file), ".txt")
		offered, err := readOffered(filepath.Join(base, "requests", request[id]+".json"))
		if err != nil {
			return t, err
		}
		t.Scripts[id] = Script{Text: strings.TrimRight(string(text), "\n"), Offered: offered, Values: values[id]}
	}
	return t, nil
}

var offeredEvidence = regexp.MustCompile(`(?s)<\w+[^>]*?\b(?:number|id|n)="?(\d+)"?[^>]*>\n(.*?)\n</`)

// readOffered reads the numbered evidence of a recorded request.
func readOffered(file string) (map[int]string, error) {
	var r struct {
		Body struct {
			Messages []struct{ Role, Content string }
		}
	}
	if err := readJSON(file, &r); err != nil {
		return nil, err
	}
	out := map[int]string{}
	for _, m := range r.Body.Messages {
		if m.Role == "system" {
			continue
		}
		for _, found := range offeredEvidence.FindAllStringSubmatch(m.Content, -1) {
			if n, err := strconv.Atoi(found[1]); err == nil {
				out[n] = found[2]
			}
		}
	}
	return out, nil
}

// ReadLabels reads sentences with a label: field names the one that holds it, and
// keep says which to take. ticket and sentence name the rest.
func ReadLabels(file, field string, keep func(label string) bool) ([]Sentence, error) {
	var out []Sentence
	err := eachLine(file, func(line []byte) error {
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		label := fmt.Sprint(row[field])
		if keep == nil || keep(label) {
			out = append(out, Sentence{Ticket: fmt.Sprint(row["ticket"]), Text: fmt.Sprint(row["sentence"]), Kind: label})
		}
		return nil
	})
	return out, err
}

// gateLine is one sentence that is judged against one article.
type gateLine struct {
	Kind, Locale, Question, Article, Sentence, Harm string
	// Cited is nil where every sentence stands with a mark.
	Cited *bool
}

// ReadGate makes a ticket of each line of a file: the question, answered with a
// greeting, the sentence and a closing, where nothing but its article is found.
// articles are the keys of all.
func ReadGate(name, file string, articles []string) (Trial, error) {
	t := Trial{Name: name, Scripts: Drafter{}}
	err := eachLine(file, func(line []byte) error {
		var g gateLine
		if err := json.Unmarshal(line, &g); err != nil {
			return err
		}
		id := fmt.Sprintf("%s-%03d", name, len(t.Cases)+1)
		t.add(id, g, articles)
		return nil
	})
	return t, err
}

// ReadActions makes a ticket of each line of a plain file of sentences.
func ReadActions(file, question, article string, articles []string) (Trial, error) {
	t := Trial{Name: "actions", Scripts: Drafter{}}
	b, err := os.ReadFile(file)
	if err != nil {
		return t, err
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" {
			cut := marks.ReplaceAllString(line, "")
			t.add(fmt.Sprintf("action-%03d", len(t.Cases)+1), gateLine{Kind: "action", Locale: "en", Question: question, Article: article, Sentence: strings.TrimSpace(cut)}, articles)
		}
	}
	return t, nil
}

func (t *Trial) add(id string, g gateLine, articles []string) {
	c := suite.Case{
		ID: id, Lang: g.Locale, Channel: suggest.ChannelEmail, Visibility: suggest.VisibilityPrivate, Expect: suite.ExpectAnswer,
		Messages: []suite.Message{{Author: suggest.AuthorCustomer, Text: g.Question}}, Tags: []string{g.Kind},
	}
	for _, key := range articles {
		if key != g.Article {
			c.ExcludeIDs = append(c.ExcludeIDs, key)
		}
	}
	t.Cases = append(t.Cases, c)
	sentence := g.Sentence
	switch {
	case strings.Contains(sentence, "{c}"):
		sentence = strings.ReplaceAll(sentence, "{c}", "[1]")
	case g.Cited == nil || *g.Cited:
		sentence += " [1]"
	}
	list := lexicon.Of(g.Locale, "courtesies")
	greeting, _ := list.Value("greeting")
	closing, _ := list.Value("closing")
	t.Scripts[id] = Script{Text: strings.TrimSpace(strings.ReplaceAll(greeting, "{name}", "") + "\n\n" + sentence + "\n\n" + closing), Article: g.Article}
	t.Sentences = append(t.Sentences, Sentence{Ticket: id, Text: strings.TrimSpace(strings.ReplaceAll(g.Sentence, "{c}", "")), Kind: g.Kind, Harm: g.Harm})
}

// maxLine bounds one line of a file.
const maxLine = 1 << 20

func eachLine(file string, take func(line []byte) error) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if len(line) > maxLine {
			return fmt.Errorf("%s:%d: the line is longer than %d bytes", file, n, maxLine)
		}
		if err := take([]byte(line)); err != nil {
			return fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	return nil
}

func readJSON(file string, into any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
