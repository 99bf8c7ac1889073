package convert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
)

// RatedFile is the name of the file of replies that people rated, as
// "purser eval judge calibrate" reads it.
const RatedFile = "rated.jsonl"

// Article is a line of a suite's articles.
type Article struct {
	ID    string `json:"id"`
	Lang  string `json:"lang"`
	Title string `json:"title"`
	Body  string `json:"body"`
	URL   string `json:"url,omitempty"`
}

// Ticket is a line of a suite's tickets.
type Ticket struct {
	ID          string       `json:"id"`
	Lang        string       `json:"lang"`
	Text        string       `json:"text"`
	GoldIDs     []string     `json:"gold_ids,omitempty"`
	GoldReply   string       `json:"gold_reply,omitempty"`
	Expect      suite.Expect `json:"expect"`
	ExcludeLang string       `json:"exclude_lang,omitempty"`
}

// RatedReply is a reply with what people thought of it, from 1 to 5.
type RatedReply struct {
	Question      string   `json:"question,omitempty"`
	SystemReply   string   `json:"system_reply"`
	HumanReply    string   `json:"human_reply,omitempty"`
	GoldKnowledge []string `json:"gold_knowledge"`
	Accuracy      []int    `json:"accuracy"`
}

// Converted is what a set holds: articles and tickets, or rated replies.
type Converted struct {
	Articles []Article
	Tickets  []Ticket
	Replies  []RatedReply
}

// Set is a public data set.
type Set struct {
	Name string
	// About says what it is and which of its files to name.
	About string
	// Convert reads the published files. An error says which file was expected.
	Convert func(paths []string) (Converted, error)
}

// Sets are the sets that can be converted, by name.
func Sets() []Set {
	return []Set{
		{"clinc150", "150 intents and sentences out of scope, Larson and others 2019: data_full.json", clinc150},
		{"coronamelder", "help pages of the Dutch corona app in its languages, minvws/nl-covid19-notification-app-website: folders _questions of one or several of its commits", coronamelder},
		{"covid-faq", "FAQs in five languages with people's paraphrases, deepset-ai/COVID-QA: data/faqs/*.tsv and .csv, data/eval_question_similarity_*.csv", covidFAQ},
		{"dstc9", "replies of systems that people rated, alexa/alexa-with-dstc9-track1-dataset: the repository's folder", dstc9},
		{"techqa", "technical notes and questions, IBM TechQA: training_dev_technotes.json, training_Q_A.json, dev_Q_A.json", techQA},
		{"wixqa", "help centre articles and customers' questions, Wix/WixQA: wix_kb_corpus and wixqa_expertwritten as JSON lines", wixQA},
	}
}

// OnlyGold leaves out the articles that no ticket names.
func (c *Converted) OnlyGold() {
	gold := map[string]bool{}
	for _, t := range c.Tickets {
		for _, id := range t.GoldIDs {
			gold[id] = true
		}
	}
	c.Articles = slices.DeleteFunc(c.Articles, func(a Article) bool { return !gold[a.ID] })
}

// Every keeps the first of every n tickets or rated replies.
func (c *Converted) Every(n int) {
	c.Tickets, c.Replies = every(c.Tickets, n), every(c.Replies, n)
}

func every[T any](all []T, n int) []T {
	var kept []T
	for i := 0; i < len(all); i += n {
		kept = append(kept, all[i])
	}
	return kept
}

// Write writes what there is into a folder, which is made when it is missing, and
// returns the files' names.
func (c *Converted) Write(dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	if c.Replies != nil {
		path := filepath.Join(dir, RatedFile)
		return []string{path}, writeLines(path, c.Replies)
	}
	articles, tickets := filepath.Join(dir, suite.KnowledgeFile), filepath.Join(dir, suite.TicketsFile)
	return []string{articles, tickets}, errors.Join(writeLines(articles, c.Articles), writeLines(tickets, c.Tickets))
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

// readJSON reads a file that holds one JSON value.
func readJSON[T any](path string) (T, error) {
	var value T
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return value, err
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, fmt.Errorf("%s: %w", path, err)
	}
	return value, nil
}

// readRows reads a file of JSON lines, or of one list.
func readRows[T any](path string) ([]T, error) {
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return readJSON[[]T](path)
	}
	var rows []T
	for d := json.NewDecoder(bytes.NewReader(raw)); ; {
		var row T
		switch err := d.Decode(&row); {
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, fmt.Errorf("%s: object %d: %w", path, len(rows)+1, err)
		}
		rows = append(rows, row)
	}
}

// complete refuses a set in which articles or tickets are missing.
func complete(c Converted, files string) (Converted, error) {
	switch {
	case len(c.Articles) == 0:
		return c, fmt.Errorf("the files hold no articles; name %s", files)
	case len(c.Tickets) == 0:
		return c, fmt.Errorf("the files hold no questions that the articles belong to; name %s", files)
	}
	return c, nil
}

// oneLine is a text with its blanks, and the ones without width, made single.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\u200b", "")), " ")
}
