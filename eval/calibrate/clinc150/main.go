// Command clinc150 makes an evaluation suite of the CLINC150 data set (Larson
// and others, "An evaluation dataset for intent classification and out-of-scope
// prediction", 2019): an article for each intent, with its name as title and
// twenty of its training sentences as body; the test sentences as tickets; and the
// out-of-scope ones as tickets that no article answers. It reads nothing but the
// data set's file and writes nothing but the suite's two.
//
//	go run ./eval/calibrate/clinc150 data.json suite/
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
)

// bodySentences is how many training sentences an article holds.
const bodySentences = 20

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: clinc150 data.json DIR")
		os.Exit(2)
	}
	if err := convert(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "clinc150:", err)
		os.Exit(1)
	}
}

// sentence is a text with its intent.
type sentence [2]string

type article struct {
	ID    string `json:"id"`
	Lang  string `json:"lang"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

type ticket struct {
	ID      string   `json:"id"`
	Lang    string   `json:"lang"`
	Text    string   `json:"text"`
	GoldIDs []string `json:"gold_ids,omitempty"`
	Expect  string   `json:"expect"`
}

func convert(from, dir string) error {
	raw, err := os.ReadFile(filepath.Clean(from))
	if err != nil {
		return fmt.Errorf("read the data set: %w", err)
	}
	var data struct {
		Train, Test []sentence
		OOS         []sentence `json:"oos_test"`
	}
	if err := json.Unmarshal(raw, &data); err != nil {
		return fmt.Errorf("%s is not CLINC150's data_full.json or the like: %w", from, err)
	}
	if len(data.Train) == 0 || len(data.Test) == 0 || len(data.OOS) == 0 {
		return fmt.Errorf("%s holds no train, test or oos_test; name CLINC150's data_full.json or the like", from)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the suite's folder: %w", err)
	}
	if err := writeLines(filepath.Join(dir, suite.KnowledgeFile), articles(data.Train)); err != nil {
		return err
	}
	var tickets []ticket
	for i, s := range data.Test {
		tickets = append(tickets, ticket{ID: fmt.Sprintf("test-%04d", i+1), Lang: "en", Text: s[0], GoldIDs: []string{s[1]}, Expect: string(suite.ExpectAnswer)})
	}
	for i, s := range data.OOS {
		tickets = append(tickets, ticket{ID: fmt.Sprintf("oos-%04d", i+1), Lang: "en", Text: s[0], Expect: string(suite.ExpectNone)})
	}
	return writeLines(filepath.Join(dir, suite.TicketsFile), tickets)
}

// articles are the intents, by name, with the first of their sentences.
func articles(train []sentence) []article {
	sentences := map[string][]string{}
	var names []string
	for _, s := range train {
		if len(sentences[s[1]]) == 0 {
			names = append(names, s[1])
		}
		if len(sentences[s[1]]) < bodySentences {
			sentences[s[1]] = append(sentences[s[1]], s[0])
		}
	}
	slices.Sort(names)
	out := make([]article, 0, len(names))
	for _, name := range names {
		out = append(out, article{ID: name, Lang: "en", Title: strings.ReplaceAll(name, "_", " "), Body: strings.Join(sentences[name], "\n")})
	}
	return out
}

func writeLines[T any](path string, values []T) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, v := range values {
		if err := enc.Encode(v); err != nil {
			return err
		}
	}
	return disk.Write(path, b.Bytes())
}
