package source_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/source"
)

// read reads files of a memory file system, a file for every pair of name and
// content.
func read(t *testing.T, opts source.Options, pairs ...string) source.Result {
	t.Helper()
	fsys := fstest.MapFS{}
	for pair := range slices.Chunk(pairs, 2) {
		fsys[pair[0]] = &fstest.MapFile{Data: []byte(pair[1])}
	}
	result, err := source.ReadFS(t.Context(), fsys, ".", opts)
	if err != nil {
		t.Fatal(err)
	}
	checkResult(t, result)
	return result
}

// checkResult asserts what holds for every result.
func checkResult(t testing.TB, result source.Result) {
	t.Helper()
	kept := map[knowledge.Severity]int{}
	for _, p := range result.Problems {
		kept[p.Severity]++
		if p.Origin == "" || p.Kind == "" || p.Line < 0 || !strings.HasSuffix(p.Message, ".") {
			t.Errorf("problem without a place or a sentence: %+v", p)
		}
	}
	if kept[knowledge.SeverityError] > result.Errors || kept[knowledge.SeverityWarning] > result.Warnings || (kept[knowledge.SeverityError] == 0) != (result.Errors == 0) {
		t.Errorf("%d errors and %d warnings counted, %v kept", result.Errors, result.Warnings, kept)
	}
}

// problems shows problems as "KIND place", with an exclamation mark for errors.
func problems(result source.Result) []string {
	var out []string
	for _, p := range result.Problems {
		mark := ""
		if p.Severity == knowledge.SeverityError {
			mark = "!"
		}
		out = append(out, fmt.Sprintf("%s%s %s", mark, p.Kind, p.At()))
	}
	return out
}

func TestFormats(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	doc := func(key, locale, title, body, origin string) knowledge.Document {
		return knowledge.Document{Key: key, Locale: locale, Title: title, Body: body, Origin: origin}
	}
	full := func(origin string) knowledge.Document {
		return knowledge.Document{
			Key: "fees", Locale: "pt-BR", Title: "What does it cost?", Body: "Nothing.\n\nReally.", Labels: []string{"baggage", "money back"},
			URL: "https://a.example/fees", ValidFrom: day("2027-01-01"), ValidUntil: day("2027-06-30").Add(10 * time.Hour), Origin: origin,
		}
	}
	tests := []struct {
		name     string
		files    []string
		opts     source.Options
		want     []knowledge.Document
		problems []string
	}{
		{
			name: "Markdown with all fields",
			files: []string{"x.md", "---\nkey: fees\nlang: pt_BR\ntitle: \"What does it cost?\"\ntags: [Money  back, baggage, BAGGAGE]\n" +
				"url: https://a.example/fees\nvalid_from: 2027-01-01\nvalid_until: 2027-06-30T12:00:00+02:00\n---\n\nNothing.\n\nReally.\n"},
			want: []knowledge.Document{full("x.md")},
		},
		{
			name:  "CSV with all fields",
			files: []string{"x.csv", "id,Question,answer,language,category,URL,Valid From,valid-until\nfees,What does it cost?,\"Nothing.\n\nReally.\",pt-BR,\"baggage, money back\",https://a.example/fees,2027-01-01,2027-06-30T10:00:00Z\n"},
			want:  []knowledge.Document{full("x.csv:2")},
		},
		{
			name: "JSON lines with all fields",
			files: []string{"x.jsonl", `{"id":"fees","lang":"pt-br","title":"What does it cost?","body":"Nothing.\n\nReally.","labels":["money back","baggage"],` +
				`"url":"https://a.example/fees","valid_from":"2027-01-01","valid_until":"2027-06-30T12:00:00+02:00"}` + "\n"},
			want: []knowledge.Document{full("x.jsonl:1")},
		},
		{
			name:  "Markdown names itself by heading and path",
			files: []string{"bags/de/lost bag.md", "# Koffer *weg*?\n\nRufen Sie an.\n", "bags/en/lost bag.md", "Call us.\n\n# Lost?\n\nYes.", "bags/fees.nl.markdown", "Niets.", "no/x.md", "Ingenting."},
			want: []knowledge.Document{
				doc("bags/lost-bag", "de", "Koffer weg?", "Rufen Sie an.", "bags/de/lost bag.md"),
				doc("bags/lost-bag", "en", "Lost?", "Call us.\n\nYes.", "bags/en/lost bag.md"),
				doc("bags/fees", "nl", "Fees", "Niets.", "bags/fees.nl.markdown"),
				doc("x", "no", "X", "Ingenting.", "no/x.md"),
			},
		},
		{
			name:  "folders that are no locales",
			files: []string{"IT/faq/v2/car.min.md", "Text."}, opts: source.Options{Locale: "en", KeyPrefix: "kb:"},
			want: []knowledge.Document{doc("kb:IT/faq/v2/car.min", "en", "Car.min", "Text.", "IT/faq/v2/car.min.md")},
		},
		{
			name:  "front matter's title and the same heading",
			files: []string{"en/a.md", "---\ntitle: Fees\n---\n# Fees\n\nNone.", "en/b.md", "---\ntitle: Fees\n---\n# Other\n\nNone."},
			want:  []knowledge.Document{doc("a", "en", "Fees", "None.", "en/a.md"), doc("b", "en", "Fees", "# Other\n\nNone.", "en/b.md")},
		},
		{
			name:  "a language that YAML takes for false",
			files: []string{"a.md", "---\nlang: no\nkey: 007\nurl: ~\n---\n# T\nX"},
			want:  []knowledge.Document{doc("007", "no", "T", "X", "a.md")},
		},
		{
			name:     "rules are no front matter",
			files:    []string{"en/a.md", "---\n\nText.\n\n---\n", "en/b.md", "---\nText"},
			want:     []knowledge.Document{doc("b", "en", "B", "---\nText", "en/b.md")},
			problems: []string{"!SYNTAX en/a.md:3"},
		},
		{
			name:     "broken front matter",
			files:    []string{"en/a.md", "---\ntitle: A\nkey: [x\n---\nText", "en/b.md", "---\ntitle: A: B\n---\nText", "en/c.md", "---\ntitle: A\nText", "en/d.md", "+++\ntitle=1\n+++\n", "en/e.md", "---\nkey: {a: b}\n---\nText"},
			problems: []string{"!SYNTAX en/a.md:3", "!SYNTAX en/b.md:2", "!SYNTAX en/c.md:1", "!SYNTAX en/d.md:1", "!INVALID_FIELD en/e.md:2"},
		},
		{
			name:     "unknown fields are told once",
			files:    []string{"en/a.md", "---\nauthor: x\nid: a\n---\nA", "en/b.md", "---\nauthor: x\n---\nB", "z.jsonl", strings.Repeat(`{"slug":1,"author":2}`+"\n", 2)},
			want:     []knowledge.Document{doc("a", "en", "A", "A", "en/a.md"), doc("b", "en", "B", "B", "en/b.md")},
			problems: []string{"!MISSING_FIELD z.jsonl:1", "!MISSING_FIELD z.jsonl:1", "!MISSING_FIELD z.jsonl:1", "!MISSING_FIELD z.jsonl:1", "!MISSING_FIELD z.jsonl:2", "!MISSING_FIELD z.jsonl:2", "!MISSING_FIELD z.jsonl:2", "!MISSING_FIELD z.jsonl:2", "UNKNOWN_FIELD en/a.md:2", "UNKNOWN_FIELD z.jsonl:1"},
		},
		{
			name: "drafts are passed over", files: []string{"en/a.md", "---\ndraft: true\n---\nA", "en/b.md", "---\ndraft: false\n---\nB"},
			want: []knowledge.Document{doc("b", "en", "B", "B", "en/b.md")}, problems: []string{"SKIPPED en/a.md:2"},
		},
		{
			name:     "missing and wrong values",
			files:    []string{"x.csv", "key,title,body,lang,url,valid_from,valid_until\n,T,B,en,,,\na,,B,en,,,\nb,T,,en,,,\nc,T,B,,,,\nd,T,B,english,,,\ne f,T,B,en,,,\ng,T,B,en,ftp://x,,\nh,T,B,en,,tomorrow,\ni,T,B,en,,2027-02-01,2027-02-01\n"},
			problems: []string{"!MISSING_FIELD x.csv:2", "!MISSING_FIELD x.csv:3", "!MISSING_FIELD x.csv:4", "!MISSING_FIELD x.csv:5", "!INVALID_FIELD x.csv:6", "!INVALID_FIELD x.csv:7", "!INVALID_FIELD x.csv:8", "!INVALID_FIELD x.csv:9", "!INVALID_FIELD x.csv:10"},
		},
		{
			name:  "the same key twice",
			files: []string{"a.jsonl", `{"id":"x","lang":"en","title":"T","body":"B"}` + "\n\n" + `{"id":"x","lang":"de","title":"T","body":"B"}`, "x.en.md", "B", "b.csv", "key,title,body,lang\nx,T,B,DE\n"},
			want: []knowledge.Document{
				doc("x", "en", "T", "B", "a.jsonl:1"), doc("x", "de", "T", "B", "a.jsonl:3"),
			},
			problems: []string{"!DUPLICATE_KEY b.csv:2", "!DUPLICATE_KEY x.en.md"},
		},
		{
			name: "semicolons, tabs and a first line for Excel", opts: source.Options{Locale: "en"},
			files: []string{"a.csv", "id;title;body\na;T, U;B\n", "b.csv", "sep=;\nid;title;body\nb;T;\"B;\nC\"\n\nb2;T;B\n", "c.csv", "id\ttitle\tbody\nc\tT\tB\n", "d.tsv", "id\tbody\ttitle\nd\t\"B\"\tT, U\n"},
			want: []knowledge.Document{
				doc("a", "en", "T, U", "B", "a.csv:2"), doc("b", "en", "T", "B;\nC", "b.csv:3"), doc("b2", "en", "T", "B", "b.csv:6"),
				doc("c", "en", "T", "B", "c.csv:2"), doc("d", "en", "T, U", "B", "d.tsv:2"),
			},
		},
		{
			name: "ragged and quoted rows", opts: source.Options{Locale: "en"},
			files:    []string{"a.csv", "key,title,body,,\na,T\nb,T,B,C\nc,T,\"B\"\"q\",,\n,,\nd,T,say \"x\" now\ne,T,B\nf,T,\"B\"x\n"},
			want:     []knowledge.Document{doc("c", "en", "T", "B\"q", "a.csv:4"), doc("e", "en", "T", "B", "a.csv:7")},
			problems: []string{"!SYNTAX a.csv:2", "!SYNTAX a.csv:3", "!SYNTAX a.csv:6", "!SYNTAX a.csv:8"},
		},
		{
			name:     "a table without names or rows",
			files:    []string{"a.csv", "T,B\nx,y\n", "b.csv", "key,title,body\n\n,,\n", "c.csv", "\"key,title"},
			problems: []string{"!MISSING_FIELD a.csv:1", "!EMPTY b.csv:1", "!SYNTAX c.csv:1"},
		},
		{
			name: "the better of two names", opts: source.Options{Locale: "en"},
			files:    []string{"a.csv", "id,key,question,title,body\n1,k,Q,T,B\n", "b.jsonl", `{"id":7,"text":"x","body":"B","title":"T"}`},
			want:     []knowledge.Document{doc("k", "en", "T", "B", "a.csv:2"), doc("7", "en", "T", "B", "b.jsonl:1")},
			problems: []string{"UNKNOWN_FIELD a.csv:2", "UNKNOWN_FIELD a.csv:2", "UNKNOWN_FIELD b.jsonl:1"},
		},
		{
			name:  "tables that name their locale by path",
			files: []string{"de/a.jsonl", `{"id":"a","title":"T","body":"B"}`, "b.fr.csv", "key,id,title,body,lang\n,b,T,B,\nc,x,T,B,nl\n"},
			want: []knowledge.Document{
				doc("b", "fr", "T", "B", "b.fr.csv:2"), doc("c", "nl", "T", "B", "b.fr.csv:3"), doc("a", "de", "T", "B", "de/a.jsonl:1"),
			},
			problems: []string{"UNKNOWN_FIELD b.fr.csv:3"},
		},
		{
			name: "broken JSON lines", opts: source.Options{Locale: "en"},
			files: []string{"a.jsonl", strings.Join([]string{
				`{"id":"a","title":"T","body":"B"}`, `{"id":"b","title":"T","body":"B"`, `not json`, `{"id":"c","title":"T","body":"B"} x`,
				`"text"`, `{"id":"d","title":["T"],"body":"B"}`, `{"id":"e","id":"f","title":"T","body":"B"}`, `{"id":"g","title":"T","body":"B","labels":[1]}`,
				`{"id":"h","title":"T","body":null}`, `{"id":"i","title":"T\u0000\u202e","body":"B\ud800"}`, `{"id":"j","title":"T","body":"B","url":null}`,
			}, "\n")},
			want: []knowledge.Document{
				doc("a", "en", "T", "B", "a.jsonl:1"), doc("i", "en", "T", "B\ufffd", "a.jsonl:10"), doc("j", "en", "T", "B", "a.jsonl:11"),
			},
			problems: []string{
				"!SYNTAX a.jsonl:2", "!SYNTAX a.jsonl:3", "!SYNTAX a.jsonl:4", "!SYNTAX a.jsonl:5", "!INVALID_FIELD a.jsonl:6", "!SYNTAX a.jsonl:7",
				"!INVALID_FIELD a.jsonl:8", "!MISSING_FIELD a.jsonl:9", "TEXT_CONVERTED a.jsonl:10",
			},
		},
		{
			name:     "JSON that is not by lines",
			files:    []string{"a.jsonl", "[{\"id\":1}]", "b.ndjson", "\n{\n \"id\": 1\n}\n"},
			problems: []string{"!SYNTAX a.jsonl:1", "!SYNTAX b.ndjson:2"},
		},
		{
			name:     "files of other kinds",
			files:    []string{"en/a.md", "A", "en/b.PNG", "x", "en/c.png", "x", ".git/d.md", "x", "en/.e.md", "x", "node_modules/f.md", "x", "g.json", "{}", "h/I.MD", "---\nlang: en\n---\nI"},
			want:     []knowledge.Document{doc("a", "en", "A", "A", "en/a.md"), doc("h/I", "en", "I", "I", "h/I.MD")},
			problems: []string{"SKIPPED en/b.PNG", "SKIPPED en/c.png", "SKIPPED g.json"},
		},
		{name: "nothing to read", files: []string{"a.txt", "x"}, problems: []string{"!EMPTY .", "SKIPPED a.txt"}},
		{name: "empty files", files: []string{"a.md", "", "b.csv", " \n", "c.jsonl", "\ufeff\r\n", "d.md", "---\nkey: x\nlang: en\n---\n"}, problems: []string{"!EMPTY a.md", "!EMPTY b.csv", "!EMPTY c.jsonl", "!MISSING_FIELD d.md:5"}},
		{
			name: "strict", opts: source.Options{Strict: true, Locale: "en"}, files: []string{"a.jsonl", `{"id":"a","title":"T","body":"B","x":1}`},
			want: []knowledge.Document{doc("a", "en", "T", "B", "a.jsonl:1")}, problems: []string{"!UNKNOWN_FIELD a.jsonl:1"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result := read(t, tt.opts, tt.files...)
			if diff := cmp.Diff(tt.want, result.Documents, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.problems, problems(result)); diff != "" {
				t.Errorf("problems (-want +got):\n%s\n%v", diff, result.Problems)
			}
		})
	}
}

func TestMessagesSayWhatToDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files []string
		want  []string
	}{
		{"duplicate", []string{"a.jsonl", `{"id":"x","lang":"en","title":"T","body":"B"}` + "\n" + `{"id":"x","lang":"en","title":"T","body":"B"}`}, []string{`"x"`, `"en"`, "a.jsonl:1", "another key"}},
		{"array", []string{"a.jsonl", "[]"}, []string{"jq -c '.[]'"}},
		{"spreadsheet", []string{"a.xlsx", "x"}, []string{"EMPTY", "put .md"}},
		{"ragged", []string{"a.csv", "key,title,body\nx,y\n"}, []string{"2 fields", "header 3", "delimiter"}},
		{"columns", []string{"a.csv", "Nummer,Frage\nx,y\n"}, []string{"key", `"Nummer", "Frage"`}},
		{"YAML", []string{"en/a.md", "---\nkey: a\ntitle: a: b\n---\n"}, []string{"mapping values", "in quotes"}},
		{"locale", []string{"a.md", "text"}, []string{"folder named after it"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result := read(t, source.Options{}, tt.files...)
			if len(result.Problems) == 0 {
				t.Fatal("no problem")
			}
			got := string(result.Problems[0].Kind) + " " + result.Problems[0].Error()
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q does not say %q", got, want)
				}
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	line := func(id int, title, body string) string {
		return fmt.Sprintf(`{"id":"k%d","lang":"en","title":%q,"body":%q,"labels":["a","b","c"]}`+"\n", id, title, body)
	}
	three := line(1, "T", "B") + line(2, "T", "B") + line(3, "T", "B")
	tests := []struct {
		name     string
		limits   source.Limits
		content  string
		docs     int
		problems []string
	}{
		{"defaults", source.Limits{}, three, 3, nil},
		{"file", source.Limits{FileBytes: 10}, three, 0, []string{"!TOO_LARGE a.jsonl"}},
		{"all files", source.Limits{TotalBytes: 10}, three, 0, []string{"!TOO_LARGE a.jsonl"}},
		{"documents", source.Limits{Documents: 2}, three, 2, []string{"!TOO_LARGE a.jsonl:3"}},
		{"title", source.Limits{TitleChars: 3}, line(1, "Tiël", "B"), 0, []string{"!TOO_LARGE a.jsonl:1"}},
		{"title of 500", source.Limits{}, line(1, strings.Repeat("ë", 500), "B"), 1, nil},
		{"body", source.Limits{BodyBytes: 3}, line(1, "T", "four"), 0, []string{"!TOO_LARGE a.jsonl:1"}},
		{"body of a mebibyte", source.Limits{}, line(1, "T", strings.Repeat("b", 1<<20)), 1, nil},
		{"body above a mebibyte", source.Limits{}, line(1, "T", strings.Repeat("b", 1<<20+1)), 0, []string{"!TOO_LARGE a.jsonl:1"}},
		{"key", source.Limits{KeyChars: 1}, line(1, "T", "B"), 0, []string{"!TOO_LARGE a.jsonl:1"}},
		{"labels", source.Limits{Labels: 2}, line(1, "T", "B"), 0, []string{"!TOO_LARGE a.jsonl:1"}},
		{"problems", source.Limits{Problems: 2}, "x\ny\nz\n", 0, []string{"!SYNTAX a.jsonl:1", "!SYNTAX a.jsonl:2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result := read(t, source.Options{Limits: tt.limits}, "a.jsonl", tt.content)
			if len(result.Documents) != tt.docs {
				t.Errorf("%d documents, want %d", len(result.Documents), tt.docs)
			}
			if diff := cmp.Diff(tt.problems, problems(result)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
	if got := read(t, source.Options{Limits: source.Limits{Problems: 2}}, "a.jsonl", "x\ny\nz\n").Errors; got != 3 {
		t.Errorf("%d errors counted, want 3", got)
	}
}
