package demo_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/purser-desk/purser/cmd/purser/demo"
)

const (
	minArticles     = 60
	minTranslations = 12
	minTickets      = 44
	minLanguages    = 8
	minWords        = 120
	maxWords        = 450
)

// translated lists the locales that repeat the most asked articles.
func translated() []string { return []string{"de", "fr", "nl", "no", "pl"} }

type article struct {
	Key        string    `yaml:"key"`
	Title      string    `yaml:"title"`
	Labels     []string  `yaml:"labels"`
	URL        string    `yaml:"url"`
	ValidFrom  time.Time `yaml:"valid_from"`
	ValidUntil time.Time `yaml:"valid_until"`

	body string
}

type message struct {
	Author string `json:"author"`
	Text   string `json:"text"`
}

type fact struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Value      string `json:"value"`
	Source     string `json:"source"`
	MayMention bool   `json:"may_mention"`
}

type identity struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

type ticket struct {
	ID         string    `json:"id"`
	Lang       string    `json:"lang"`
	Channel    string    `json:"channel"`
	Visibility string    `json:"visibility"`
	Subject    string    `json:"subject"`
	Text       string    `json:"text"`
	Messages   []message `json:"messages"`
	GoldIDs    []string  `json:"gold_ids"`
	GoldReply  string    `json:"gold_reply"`
	Expect     string    `json:"expect"`
	Reason     string    `json:"reason"`
	Facts      []fact    `json:"facts"`
	Customer   struct {
		Name       string     `json:"name"`
		Identities []identity `json:"identities"`
	} `json:"customer"`
	Tags []string `json:"tags"`
}

// knowledge reads every article: locale → key → article.
func knowledge(t *testing.T) map[string]map[string]article {
	t.Helper()
	files := demo.Files()
	all := map[string]map[string]article{}
	err := fs.WalkDir(files, demo.KnowledgeDir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		a, err := parse(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		locale := path.Base(path.Dir(name))
		if name != path.Join(demo.KnowledgeDir, locale, a.Key+".md") {
			t.Errorf("%s: the key %q does not match the file's name", name, a.Key)
		}
		if all[locale] == nil {
			all[locale] = map[string]article{}
		}
		all[locale][a.Key] = a
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func parse(raw []byte) (article, error) {
	front, ok := bytes.CutPrefix(raw, []byte("---\n"))
	if !ok {
		return article{}, fmt.Errorf("no front matter at the beginning")
	}
	front, body, ok := bytes.Cut(front, []byte("\n---\n"))
	if !ok {
		return article{}, fmt.Errorf("the front matter has no end")
	}
	var a article
	dec := yaml.NewDecoder(bytes.NewReader(front))
	dec.KnownFields(true)
	if err := dec.Decode(&a); err != nil {
		return article{}, err
	}
	a.body = string(body)
	return a, nil
}

func tickets(t *testing.T) []ticket {
	t.Helper()
	raw, err := fs.ReadFile(demo.Files(), demo.TicketsFile)
	if err != nil {
		t.Fatal(err)
	}
	var all []ticket
	for i, line := range strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n") {
		var one ticket
		dec := json.NewDecoder(strings.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&one); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		all = append(all, one)
	}
	return all
}

func TestArticles(t *testing.T) {
	t.Parallel()
	kb := knowledge(t)
	if n := len(kb["en"]); n < minArticles {
		t.Errorf("%d English articles, want at least %d", n, minArticles)
	}
	for locale, articles := range kb {
		titles := map[string]string{}
		for key, a := range articles {
			name := locale + "/" + key
			if a.Title == "" || strings.ContainsRune(a.Title, '\n') {
				t.Errorf("%s: title %q is not one line", name, a.Title)
			}
			if other, ok := titles[a.Title]; ok {
				t.Errorf("%s: has the same title as %s", name, other)
			}
			titles[a.Title] = name
			if len(a.Labels) == 0 || !slices.IsSorted(a.Labels) {
				t.Errorf("%s: labels %q are missing or not sorted", name, a.Labels)
			}
			if !strings.HasSuffix(a.URL, "/"+key) {
				t.Errorf("%s: address %q does not end in the key", name, a.URL)
			}
			if !a.ValidUntil.IsZero() && !a.ValidFrom.Before(a.ValidUntil) {
				t.Errorf("%s: valid from %s until %s is no time at all", name, a.ValidFrom, a.ValidUntil)
			}
			if !strings.Contains(a.body, "\n## ") {
				t.Errorf("%s: has no headings", name)
			}
			if n := len(strings.FieldsFunc(a.body, notWord)); n < minWords || n > maxWords {
				t.Errorf("%s: %d words, want %d to %d", name, n, minWords, maxWords)
			}
		}
	}
}

func TestDatedArticles(t *testing.T) {
	t.Parallel()
	en := knowledge(t)["en"]
	var bounded, open int
	for _, a := range en {
		switch {
		case !a.ValidUntil.IsZero():
			bounded++
		case !a.ValidFrom.IsZero():
			open++
		}
	}
	if bounded < 3 || open < 1 {
		t.Errorf("%d articles that end and %d that only begin, want at least 3 and 1", bounded, open)
	}
	expired := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	if a := en["notice-covid-2021"]; a.ValidUntil.IsZero() || a.ValidUntil.After(expired) {
		t.Errorf("the old notice is valid until %s, want it expired", a.ValidUntil)
	}
}

func TestTranslations(t *testing.T) {
	t.Parallel()
	kb := knowledge(t)
	if diff := cmp.Diff([]string{"de", "en", "fr", "nl", "no", "pl"}, slices.Sorted(maps.Keys(kb))); diff != "" {
		t.Fatalf("locales (-want +got):\n%s", diff)
	}
	want := slices.Sorted(maps.Keys(kb["nl"]))
	if len(want) < minTranslations {
		t.Errorf("%d articles are translated, want at least %d", len(want), minTranslations)
	}
	for _, locale := range translated() {
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(kb[locale]))); diff != "" {
			t.Errorf("%s has other keys than nl (-nl +%s):\n%s", locale, locale, diff)
		}
		for key, a := range kb[locale] {
			original, ok := kb["en"][key]
			if !ok {
				t.Errorf("%s/%s has no English original", locale, key)
				continue
			}
			if diff := cmp.Diff(figures(original.Title+"\n"+original.body), figures(a.Title+"\n"+a.body)); diff != "" {
				t.Errorf("%s/%s: figures (-English +%s):\n%s", locale, key, locale, diff)
			}
			if diff := cmp.Diff(original.Labels, a.Labels); diff != "" {
				t.Errorf("%s/%s: labels (-English +%s):\n%s", locale, key, locale, diff)
			}
			if strings.Count(original.body, "\n## ") != strings.Count(a.body, "\n## ") ||
				strings.Count(original.body, "\n|") != strings.Count(a.body, "\n|") {
				t.Errorf("%s/%s: headings or rows of tables differ from the English article", locale, key)
			}
		}
	}
}

func TestTickets(t *testing.T) {
	t.Parallel()
	kb, all := knowledge(t), tickets(t)
	if len(all) < minTickets {
		t.Errorf("%d tickets, want at least %d", len(all), minTickets)
	}
	langs, ids := map[string]int{}, map[string]bool{}
	for _, c := range all {
		langs[c.Lang]++
		if ids[c.ID] {
			t.Errorf("%s: the id stands twice", c.ID)
		}
		ids[c.ID] = true
		checkShape(t, c)
		checkExpectation(t, c)
		for _, key := range c.GoldIDs {
			if _, ok := kb["en"][key]; !ok {
				t.Errorf("%s: there is no English article %q", c.ID, key)
			}
		}
	}
	if len(langs) < minLanguages {
		t.Errorf("%d languages, want at least %d: %v", len(langs), minLanguages, langs)
	}
}

func checkShape(t *testing.T, c ticket) {
	t.Helper()
	oneOf := func(what, got string, want ...string) {
		if !slices.Contains(want, got) {
			t.Errorf("%s: %s %q, want one of %q", c.ID, what, got, want)
		}
	}
	oneOf("channel", c.Channel, "EMAIL", "CHAT", "SOCIAL", "PHONE", "WEB_FORM")
	oneOf("visibility", c.Visibility, "PRIVATE", "PUBLIC")
	if c.Visibility == "PUBLIC" && c.Channel != "SOCIAL" {
		t.Errorf("%s: channel %s can't be public", c.ID, c.Channel)
	}
	if strings.TrimSpace(c.Text) == "" {
		t.Errorf("%s: has no text", c.ID)
	}
	if c.Customer.Name == "" || len(c.Customer.Identities) == 0 {
		t.Errorf("%s: has no customer", c.ID)
	}
	for _, m := range c.Messages {
		oneOf("author", m.Author, "CUSTOMER", "AGENT", "NOTE")
	}
	for _, f := range c.Facts {
		oneOf("kind of fact", f.Kind, "CODE", "TEXT", "AMOUNT", "DATE")
		if f.Name == "" || f.Value == "" || f.Source == "" {
			t.Errorf("%s: fact %+v has an empty field", c.ID, f)
		}
	}
	for _, i := range c.Customer.Identities {
		oneOf("kind of identity", i.Kind, "EMAIL", "HANDLE", "PHONE")
	}
}

func checkExpectation(t *testing.T, c ticket) {
	t.Helper()
	switch c.Expect {
	case "answer":
		if len(c.GoldIDs) == 0 || c.GoldReply == "" || c.Reason != "" {
			t.Errorf("%s: an answer needs gold articles and a gold reply, and no reason", c.ID)
		}
	case "none":
		if c.Reason != "NO_KNOWLEDGE" && c.Reason != "NOTHING_TO_ANSWER" {
			t.Errorf("%s: silence for the reason %q", c.ID, c.Reason)
		}
		if len(c.GoldIDs) > 0 || c.GoldReply != "" {
			t.Errorf("%s: silence needs neither gold articles nor a gold reply", c.ID)
		}
	case "human":
		if c.Reason == "" || c.Reason == "NO_KNOWLEDGE" || c.Reason == "NOTHING_TO_ANSWER" {
			t.Errorf("%s: a person is needed for the reason %q", c.ID, c.Reason)
		}
	default:
		t.Errorf("%s: expect %q, want answer, none or human", c.ID, c.Expect)
	}
}

func TestSpecialTickets(t *testing.T) {
	t.Parallel()
	all := tickets(t)
	kinds := map[string]func(ticket) bool{
		"someone who writes in anger": tagged("anger", ""),
		"a conversation":              func(c ticket) bool { return len(c.Messages) > 1 },
		"a phone note":                func(c ticket) bool { return c.Channel == "PHONE" },
		"a direct message":            func(c ticket) bool { return c.Channel == "SOCIAL" && c.Visibility == "PRIVATE" },
		"a thank-you":                 tagged("thank-you", "none"),
		"out of scope":                tagged("out-of-scope", "none"),
		"only in an expired article":  tagged("expired-article", "none"),
		"in a dated article":          tagged("dated-article", "answer"),
		"a prompt injection":          tagged("prompt-injection", "answer"),
		"several questions":           tagged("several-questions", "answer"),
		"private data in public":      tagged("public-private-data", "answer"),
		"a fact not to be mentioned":  tagged("may-not-mention", "answer"),
		"a quoted thread":             tagged("quoted-thread", "answer"),
		"English articles only":       tagged("english-article-only", "answer"),
		"a language without articles": tagged("no-kb-language", "answer"),
	}
	for name, is := range kinds {
		if !slices.ContainsFunc(all, is) {
			t.Errorf("no ticket is %s", name)
		}
	}
	for _, reason := range []string{
		"BEREAVEMENT", "LEGAL", "THREAT", "WANTS_HUMAN", "MINOR_ALONE", "ILLNESS_OR_ACCIDENT", "PRESS",
		"DATA_RIGHTS", "DISCRIMINATION_OR_HARASSMENT", "ANGER_AFTER_FAILURE", "SELF_HARM",
	} {
		if !slices.ContainsFunc(all, func(c ticket) bool { return c.Reason == reason }) {
			t.Errorf("no ticket has the reason %s", reason)
		}
	}
	first := all[0]
	if first.ID != "demo-001" || first.Lang != "en" || first.Expect != "answer" || len(first.GoldIDs) > 2 {
		t.Errorf("the first ticket is no showcase: %+v", first)
	}
}

func tagged(tag, expect string) func(ticket) bool {
	return func(c ticket) bool {
		return slices.Contains(c.Tags, tag) && (expect == "" || c.Expect == expect)
	}
}

// TestGoldReplies holds the replies to what is asked of a draft: no figure
// that does not stand in the articles, the ticket or the facts, nothing that
// may not be mentioned, and nobody's data in public.
func TestGoldReplies(t *testing.T) {
	t.Parallel()
	kb := knowledge(t)
	item := regexp.MustCompile(`(?m)^\d\. `)
	for _, c := range tickets(t) {
		if c.Expect == "answer" {
			shown := c.Subject + "\n" + c.Text
			for _, f := range c.Facts {
				shown += "\n" + f.Value
			}
			for _, key := range c.GoldIDs {
				shown += "\n" + kb["en"][key].body + "\n" + kb[c.Lang][key].body
			}
			have := figures(shown)
			for figure := range figures(item.ReplaceAllString(c.GoldReply, "")) {
				if have[figure] == 0 {
					t.Errorf("%s: the reply's figure %s stands nowhere", c.ID, figure)
				}
			}
		}
		for _, f := range c.Facts {
			private := c.Visibility == "PUBLIC" && f.Kind == "CODE"
			if (!f.MayMention || private) && strings.Contains(c.GoldReply, f.Value) {
				t.Errorf("%s: the reply repeats %s", c.ID, f.Name)
			}
		}
		if c.Visibility != "PUBLIC" {
			continue
		}
		for _, i := range c.Customer.Identities {
			if strings.Contains(c.GoldReply, i.Value) {
				t.Errorf("%s: the reply repeats the customer's %s in public", c.ID, i.Kind)
			}
		}
	}
}

// TestNothingReal keeps the data to domains and phone numbers that belong to
// nobody.
func TestNothingReal(t *testing.T) {
	t.Parallel()
	var (
		address = regexp.MustCompile(`[\pL\d._+-]+@([\pL\d-]+\.[\pL\d.-]*\pL)`)
		link    = regexp.MustCompile(`https?://([^/\s]+)`)
		phone   = regexp.MustCompile(`(?:\+|\b0)\d[\d ]{7,}\d`)
		safe    = regexp.MustCompile(`^(?:\+44 1632 960\d{3}|(?:\+44 |0)7700 900\d{3})$`)
		example = regexp.MustCompile(`(?:\.example|^example\.(?:com|org|net))$`)
	)
	err := fs.WalkDir(demo.Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(demo.Files(), name)
		if err != nil {
			return err
		}
		for _, re := range []*regexp.Regexp{address, link} {
			for _, m := range re.FindAllStringSubmatch(string(raw), -1) {
				if !example.MatchString(m[1]) {
					t.Errorf("%s: %s is not an example domain", name, m[0])
				}
			}
		}
		for _, number := range phone.FindAllString(string(raw), -1) {
			if !safe.MatchString(number) {
				t.Errorf("%s: %q is not a number kept for fiction", name, number)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// figures counts the numbers of a text without their separators, so that
// "1,500", "1.500" and "1 500" with a no-break space are the same.
func figures(text string) map[string]int {
	number := regexp.MustCompile("\\d+(?:[.,:\u00a0\u202f]\\d+)*")
	counts := map[string]int{}
	for _, m := range number.FindAllString(text, -1) {
		counts[strings.Map(keepDigit, m)]++
	}
	return counts
}

func keepDigit(r rune) rune {
	if unicode.IsDigit(r) {
		return r
	}
	return -1
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
