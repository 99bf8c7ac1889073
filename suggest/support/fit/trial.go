package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/purser-desk/purser/suggest/support"
)

// sample is one sentence with what it is held against and whether it is so.
type sample struct {
	Set, Kind, Article, Sentence string
	True                         bool
	Cited                        []int
	Context                      support.Context
}

// readLines decodes a file of JSON lines.
func readLines[T any](file string) ([]T, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var out []T
	in := bufio.NewScanner(f)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		if len(in.Bytes()) == 0 {
			continue
		}
		var v T
		if err := json.Unmarshal(in.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, v)
	}
	return out, in.Err()
}

// article is one text of a knowledge base.
type article struct{ Key, Locale, Title, Body, URL string }

// library are articles by set, and by title.
type library struct{ articles []article }

func (l *library) find(key, locale string) (article, bool) {
	for _, want := range []string{locale, "en"} {
		for _, a := range l.articles {
			if a.Key == key && a.Locale == want {
				return a, true
			}
		}
	}
	return article{}, false
}

func (l *library) titled(title string) (article, bool) {
	plain := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, a := range l.articles {
		if plain(a.Title) == plain(title) {
			return a, true
		}
	}
	return article{}, false
}

// demo reads Markdown files with a head.
func (l *library) demo(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.md"))
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(string(data), "---\n")
		head, body, _ := strings.Cut(rest, "---\n")
		a := article{Locale: filepath.Base(filepath.Dir(file)), Body: body}
		for line := range strings.Lines(head) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			value = strings.Trim(value, `"`)
			switch name {
			case "key":
				a.Key = value
			case "title":
				a.Title = value
			case "url":
				a.URL = value
			}
		}
		l.articles = append(l.articles, a)
	}
	return nil
}

func (l *library) kb(file string) error {
	type row struct{ ID, Lang, Title, Body string }
	rows, err := readLines[row](file)
	for _, r := range rows {
		l.articles = append(l.articles, article{Key: r.ID, Locale: r.Lang, Title: r.Title, Body: r.Body})
	}
	return err
}

var (
	evidenceTag = regexp.MustCompile(`(?s)<evidence number="(\d+)"[^>]*>\nTitle: ([^\n]*)\n(.*?)\n</evidence>`)
	factsTag    = regexp.MustCompile(`(?s)<facts[^>]*>\n(.*?)\n</facts>`)
	messageTag  = regexp.MustCompile(`(?s)<message[^>]*>\n(.*?)\n</message>`)
	languageOf  = regexp.MustCompile(`- Language: (\w+)`)
)

var localeNames = map[string]string{"English": "en", "German": "de", "French": "fr", "Dutch": "nl", "Polish": "pl", "Norwegian": "no", "Spanish": "es", "Italian": "it", "Arabic": "ar", "Romanian": "ro", "Swedish": "sv", "Portuguese": "pt"}

// ticket is the prompt of one answer.
type ticket struct {
	context support.Context
	number  map[int]int // of the evidence in the prompt → of the article
}

// own is what a ticket's customer wrote, and what the desktop told.
type own struct {
	ID, Subject, Text string
	Facts             []struct {
		Name, Kind string
		Value      any
		MayMention bool `json:"may_mention"`
	}
}

func readTicket(l *library, dir, id, request string, values map[string]string, customers map[string]own) (ticket, error) {
	var body struct {
		Body struct{ Messages []struct{ Content string } }
	}
	data, err := os.ReadFile(filepath.Join(dir, "requests", request+".json"))
	if err != nil {
		return ticket{}, err
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return ticket{}, err
	}
	restore := func(s string) string {
		for k, v := range values {
			s = strings.ReplaceAll(s, k, v)
		}
		return s
	}
	all := ""
	for _, m := range body.Body.Messages {
		all += m.Content + "\n"
	}
	t := ticket{number: map[int]int{}}
	t.context.Now = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	if m := languageOf.FindStringSubmatch(all); m != nil {
		t.context.Locale = localeNames[m[1]]
	}
	for _, m := range evidenceTag.FindAllStringSubmatch(all, -1) {
		n, _ := strconv.Atoi(m[1])
		a, ok := l.titled(restore(m[2]))
		if !ok {
			a = article{Title: m[2], Body: restore(m[3]), Locale: t.context.Locale}
		}
		at := slices.IndexFunc(t.context.Sources, func(s support.Source) bool { return s.Title == a.Title })
		if at < 0 {
			at = len(t.context.Sources)
			t.context.Sources = append(t.context.Sources, support.Source{Number: at + 1, Locale: a.Locale, Title: a.Title, Text: a.Body, URL: a.URL})
		}
		t.number[n] = at + 1
	}
	if m := factsTag.FindStringSubmatch(all); m != nil {
		for line := range strings.Lines(m[1]) {
			name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "- "), ": ")
			if ok {
				t.context.Facts = append(t.context.Facts, support.Fact{Name: name, Value: restore(value)})
			}
		}
	}
	if o, ok := customers[id]; ok {
		t.context.Customer, t.context.Facts = []string{o.Subject + "\n" + o.Text}, nil
		for _, f := range o.Facts {
			if v, ok := f.Value.(string); ok && f.MayMention {
				t.context.Facts = append(t.context.Facts, support.Fact{Name: f.Name, Value: v})
			}
		}
		return t, nil
	}
	for _, m := range messageTag.FindAllStringSubmatch(all, -1) {
		t.context.Customer = append(t.context.Customer, restore(m[1]))
	}
	return t, nil
}

// readTrials reads the sets of a folder such as the one that CONTRIBUTING names.
func readTrials(dir, datasets, demo string) ([]sample, error) {
	l := &library{}
	if err := l.demo(demo); err != nil {
		return nil, err
	}
	for _, n := range []string{"wixqa", "techqa", "covid-faq", "coronamelder"} {
		if err := l.kb(filepath.Join(datasets, n, "kb.jsonl")); err != nil {
			return nil, err
		}
	}
	strong := filepath.Join(dir, "strong-model")
	requests, values := map[string]string{}, map[string]map[string]string{}
	for file, into := range map[string]any{"request-of.json": &requests, "placeholders.json": &values} {
		data, err := os.ReadFile(filepath.Join(strong, file))
		if err == nil {
			err = json.Unmarshal(data, into)
		}
		if err != nil {
			return nil, err
		}
	}
	customers := map[string]own{}
	written, err := readLines[own](filepath.Join(demo, "..", "tickets.jsonl"))
	if err != nil {
		return nil, err
	}
	for _, o := range written {
		customers[o.ID] = o
	}
	var out []sample
	tickets := map[string]ticket{}
	of := func(id string) (ticket, error) {
		if t, ok := tickets[id]; ok {
			return t, nil
		}
		t, err := readTicket(l, strong, id, requests[id], values[id], customers)
		tickets[id] = t
		return t, err
	}
	restore := func(id, s string) string {
		for k, v := range values[id] {
			s = strings.ReplaceAll(s, k, v)
		}
		return s
	}
	type said struct {
		Ticket, Sentence string
		Evidence         []int
		Should, Cause    string
	}
	rows, err := readLines[said](filepath.Join(strong, "sentences.jsonl"))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		t, err := of(r.Ticket)
		if err != nil {
			return nil, err
		}
		s := sample{Set: "sentences", Kind: r.Should, Article: r.Ticket, Sentence: restore(r.Ticket, r.Sentence), True: true, Context: t.context}
		for _, n := range r.Evidence {
			s.Cited = append(s.Cited, t.number[n])
		}
		if len(r.Evidence) == 0 {
			s.Set = "sentences without marks"
		}
		out = append(out, s)
	}
	type planted struct{ Ticket, Sentence, Kind string }
	plants, err := readLines[planted](filepath.Join(strong, "planted", "planted.jsonl"))
	if err != nil {
		return nil, err
	}
	answers := map[string]string{}
	for _, r := range plants {
		t, err := of(r.Ticket)
		if err != nil {
			return nil, err
		}
		if answers[r.Ticket] == "" {
			data, err := os.ReadFile(filepath.Join(strong, "planted", "answers", "by-ticket", r.Ticket+".txt"))
			if err != nil {
				return nil, err
			}
			answers[r.Ticket] = string(data)
		}
		s := sample{Set: "planted", Kind: r.Kind, Article: r.Ticket, Sentence: restore(r.Ticket, r.Sentence), Context: t.context}
		if _, behind, ok := strings.Cut(answers[r.Ticket], strings.TrimRight(r.Sentence, ".")); ok {
			for _, m := range regexp.MustCompile(`^ ?((?:\[\d+\])+)`).FindAllStringSubmatch(behind, 1) {
				for _, n := range regexp.MustCompile(`\d+`).FindAllString(m[1], -1) {
					k, _ := strconv.Atoi(n)
					s.Cited = append(s.Cited, t.number[k])
				}
			}
		}
		out = append(out, s)
	}
	type gate struct {
		Article, Locale, Question, Kind, Sentence string
		Cited                                     bool
	}
	for _, file := range []string{"true", "hostile"} {
		rows, err := readLines[gate](filepath.Join(dir, "gate", file+".jsonl"))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			a, ok := l.find(r.Article, r.Locale)
			if !ok {
				return nil, fmt.Errorf("no article %s", r.Article)
			}
			s := sample{Set: "gate/" + file, Kind: r.Kind, Article: r.Article, Sentence: strings.TrimSpace(strings.ReplaceAll(r.Sentence, "{c}", "")), True: file == "true", Cited: []int{1}}
			s.Context = support.Context{
				Locale: r.Locale, Customer: []string{r.Question}, Now: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC),
				Sources: []support.Source{{Number: 1, Locale: a.Locale, Title: a.Title, Text: a.Body, URL: a.URL}},
			}
			if file == "true" && !r.Cited {
				s.Set += " without marks"
			}
			out = append(out, s)
		}
	}
	return out, nil
}
