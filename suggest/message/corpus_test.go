package message_test

import (
	"fmt"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/purser-desk/purser/suggest/message"
)

// What must hold on the mails of testdata, of which those in heldout were written
// before any of the code and are not tuned to.
const (
	leastWhole        = .99
	leastWithoutOther = .97
)

// mail is a made-up message whose lines are marked with what they are: T said
// now, Q history, S signature, B footers and disclaimers, F fields of a form that
// are not the question, X the frame around these.
type mail struct {
	split, lang, name string
	body              string
	pieces            map[byte][]string
	fields            []string
}

// TestCorpus reads every mail and holds the figures to their least. It prints
// them by language and split:
//
//	go test -run TestCorpus -v ./suggest/message
func TestCorpus(t *testing.T) {
	t.Parallel()
	mails := corpus(t)
	table := map[string]*[6]int{}
	for _, m := range mails {
		got := message.Read(m.body, localeOf(m.lang))
		whole := missing(got.Text, m.pieces['T'])
		history := present(got.Text, m.pieces['Q'])
		signature := present(got.Text, m.pieces['S'])
		around := append(present(got.Text, m.pieces['B']), present(got.Text, m.pieces['F'])...)
		fields := lacking(&got, m.fields)
		for _, key := range []string{m.split + " " + m.lang, m.split + " all"} {
			row := table[key]
			if row == nil {
				row = new([6]int)
				table[key] = row
			}
			row[0]++
			for i, bad := range [...][]string{whole, history, signature, around, fields} {
				if len(bad) == 0 {
					row[i+1]++
				}
			}
		}
		for what, bad := range map[string][]string{"is lost": whole, "is history": history, "is a signature": signature, "is of a form or company": around, "is no field": fields} {
			if len(bad) > 0 {
				t.Logf("%s %s: %s: %q", m.split, m.name, what, bad)
			}
		}
	}
	t.Logf("%-16s %5s %6s %8s %9s %6s %6s", "", "mails", "whole", "history", "signature", "forms", "fields")
	for _, key := range slices.Sorted(maps.Keys(table)) {
		row := table[key]
		t.Logf("%-16s %5d %6d %8d %9d %6d %6d", key, row[0], row[1], row[2], row[3], row[4], row[5])
		if !strings.HasSuffix(key, "all") {
			continue
		}
		if n := float64(row[0]); float64(row[1]) < leastWhole*n || float64(row[2]) < leastWithoutOther*n {
			t.Errorf("%s: the text whole in %d and without history in %d of %d", key, row[1], row[2], row[0])
		}
	}
}

func localeOf(lang string) string {
	if len(lang) != 2 {
		return ""
	}
	return lang
}

// corpus reads testdata/heldout and testdata/tuned.
func corpus(t testing.TB) []mail {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no mails", err)
	}
	var out []mail
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		split, lang := filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".txt")
		for part := range strings.SplitSeq(string(content), "=== ") {
			if strings.TrimSpace(part) == "" {
				continue
			}
			name, rest, _ := strings.Cut(part, "\n")
			name, _, _ = strings.Cut(name, " | ")
			m, err := readMail(rest)
			if err != nil {
				t.Fatalf("%s: %s: %v", file, name, err)
			}
			m.split, m.lang, m.name = split, lang, name
			out = append(out, m)
		}
	}
	return out
}

// readMail reads the marked lines. "⍽" and "⎵" are the two blanks that do not
// break.
func readMail(s string) (mail, error) {
	m := mail{pieces: map[byte][]string{}}
	blanks := strings.NewReplacer("⍽", "\u00a0", "⎵", "\u202f")
	var lines []string
	for l := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		mark, text, ok := strings.Cut(l, "|")
		if !ok {
			return m, fmt.Errorf("a line without a mark: %q", l)
		}
		text = blanks.Replace(text)
		switch mark {
		case "fields":
			for f := range strings.SplitSeq(text, ";") {
				m.fields = append(m.fields, strings.TrimSpace(f))
			}
			continue
		case "text":
			m.pieces['T'] = append(m.pieces['T'], strings.TrimSpace(text))
			continue
		case "T", "Q", "S", "B", "F", "X":
		default:
			return m, fmt.Errorf("an unknown mark: %q", l)
		}
		lines = append(lines, text)
		m.pieces[mark[0]] = append(m.pieces[mark[0]], piecesOf(text)...)
	}
	m.body = strings.Join(lines, "\n")
	return m, nil
}

var (
	tags       = regexp.MustCompile(`<!--|-->|</?[a-zA-Z][^<>@]*>`)
	quoteMarks = regexp.MustCompile(`^(\s*>)+`)
)

// piecesOf are the texts between the tags of a line.
func piecesOf(s string) []string {
	var out []string
	for p := range strings.SplitSeq(tags.ReplaceAllString(s, "\x00"), "\x00") {
		if p = squeezed(html.UnescapeString(quoteMarks.ReplaceAllString(p, ""))); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// missing are the pieces that text lacks, in their order.
func missing(text string, pieces []string) []string {
	text = squeezed(text)
	var out []string
	for _, p := range pieces {
		_, after, ok := strings.Cut(text, p)
		if !ok {
			out = append(out, p)
			continue
		}
		text = after
	}
	return out
}

// leastTelling is how long a piece must be to be looked for where it should not
// be, in bytes.
const leastTelling = 10

func present(text string, pieces []string) []string {
	text = squeezed(text)
	var out []string
	for _, p := range pieces {
		if len(p) >= leastTelling && strings.Contains(text, p) {
			out = append(out, p)
		}
	}
	return out
}

func lacking(m *message.Message, fields []string) []string {
	var out []string
	for _, f := range fields {
		kind, value, _ := strings.Cut(f, "=")
		if !slices.ContainsFunc(m.Fields, func(f message.Field) bool {
			return strings.EqualFold(string(f.Kind), kind) && f.Value == value
		}) {
			out = append(out, f)
		}
	}
	return out
}

// TestNothingIsLostOfOtherText reads the demo's articles, with headings, lists and
// tables, as if a customer had written them.
func TestNothingIsLostOfOtherText(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "cmd", "purser", "demo", "kb", "*", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatal("no articles", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(strings.TrimPrefix(string(content), "---\n"), "\n---\n")
		if m := message.Read(body, ""); squeezed(m.Text) != squeezed(body) {
			t.Errorf("%s: parts %q", file, m.Parts)
		}
	}
}
