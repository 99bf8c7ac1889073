package redteam_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/redteam"
)

func TestParseOutside(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, content string
		want          redteam.Collection
	}{
		"a list of texts":       {"a.json", `["one","two",""]`, attacks("a.json", "one", "two")},
		"objects":               {"a.jsonl", "{\"prompt\":\"one\",\"category\":\"k\"}\n{\"text\":\"two\",\"target\":\"t\"}\n", redteam.Collection{Attacks: []redteam.Outside{{Kind: "k", Text: "one", File: "a.jsonl"}, {Text: "two", Target: "t", File: "a.jsonl"}}}},
		"a field without words": {"a.json", `{"text":" ","prompt":"one"}`, attacks("a.json", "one")},
		"lists by kind":         {"a.json", `{"b":["two"],"a":["one"]}`, redteam.Collection{Attacks: []redteam.Outside{{Kind: "a", Text: "one", File: "a.json"}, {Kind: "b", Text: "two", File: "a.json"}}}},
		"a list in a field":     {"a.json", `{"data":[{"payload":"one"}]}`, redteam.Collection{Attacks: []redteam.Outside{{Kind: "data", Text: "one", File: "a.json"}}}},
		"documents":             {"a.jsonl", `{"context":"mail","question":"q"}`, redteam.Collection{Texts: []string{"mail"}}},
		"CSV with a header":     {"a.csv", "id,Attack,type\n1,\"one, and\",k\n", redteam.Collection{Attacks: []redteam.Outside{{Kind: "k", Text: "one, and", File: "a.csv"}}}},
		"CSV of one column":     {"a.csv", "one\ntwo\n", noted(attacks("a.csv", "one", "two"), firstRowToo)},
		"one named column":      {"a.csv", "prompt\n\"one, and; more\"\ntwo\n", attacks("a.csv", "one, and; more", "two")},
		"semicolons":            {"a.csv", "id;prompt;category\n1;\"one; and, so\";k\n2;two, too;k\n", table("a.csv", "one; and, so", "two, too")},
		"semicolons, marked":    {"a.csv", "sep=;\r\nid;prompt;category\r\n1;one;k\r\n2;two;k\r\n", table("a.csv", "one", "two")},
		"tabs":                  {"a.csv", "id\tprompt\tcategory\n1\tone\tk\n2\ttwo\tk\n", table("a.csv", "one", "two")},
		"a file of tabs":        {"a.tsv", "prompt\ttype\none\tk\ntwo\tk\n", table("a.tsv", "one", "two")},
		"empty cells behind":    {"a.csv", "prompt,kind,,\none,k,,\n,,,\ntwo,k,,\n", table("a.csv", "one", "two")},
		"a table in UTF-16":     {"a.csv", utf16le("prompt\tkind\none\tk\nzwölf\tk\n"), table("a.csv", "one", "zwölf")},
		"Windows-1252":          {"a.csv", "prompt;kind\none;k\nzw\xf6lf;k\n", noted(table("a.csv", "one", "zwölf"), "the file is not in UTF-8 and was read as Windows-1252 (Western European); look at the special characters, or save it as UTF-8")},
		"lines in UTF-16":       {"a.txt", utf16le("one\r\nzwölf\r\n"), attacks("a.txt", "one", "zwölf")},
		"JSON in UTF-16":        {"a.json", utf16le(`["one","zwölf"]`), attacks("a.json", "one", "zwölf")},
		"lines":                 {"a.txt", "one\r\ntwo\n", attacks("a.txt", "one", "two")},
		"blocks":                {"a.txt", "one\nmore\n\n\ntwo\n", attacks("a.txt", "one\nmore", "two")},
		"a byte order mark":     {"a.txt", "\ufeffone", attacks("a.txt", "one")},
		"nothing":               {"a.txt", "\n", redteam.Collection{}},
		"a single text":         {"a.json", `"one"`, attacks("a.json", "one")},
		"an empty JSON file":    {"a.json", "", redteam.Collection{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := redteam.ParseOutside(c.file, []byte(c.content))
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func attacks(file string, texts ...string) redteam.Collection {
	var c redteam.Collection
	for _, s := range texts {
		c.Attacks = append(c.Attacks, redteam.Outside{Text: s, File: file})
	}
	return c
}

// table is one of a kind k.
func table(file string, texts ...string) redteam.Collection {
	c := attacks(file, texts...)
	for i := range c.Attacks {
		c.Attacks[i].Kind = "k"
	}
	return c
}

const firstRowToo = "its one column has no name that is known, so the first row was read as a text, too"

func noted(c redteam.Collection, note string) redteam.Collection {
	c.Notes = []string{note}
	return c
}

// utf16le is s as spreadsheets save "Unicode text".
func utf16le(s string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

func TestParseOutsideSaysWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, content, want string }{
		"numbers":           {"a.json", "[1]", "holds 1 where a text was expected"},
		"no text field":     {"a.jsonl", `{"q":"x","id":7}`, "with the fields id, q"},
		"broken JSON":       {"a.json", `["one"`, "is no JSON"},
		"unnamed column":    {"a.csv", "a,b\n1,2\n", "has the columns a, b; name the one that holds the text text, prompt, "},
		"unnamed, ;":        {"a.csv", "a;b\n1;2\n", "has the columns a, b"},
		"unnamed, tabs":     {"a.csv", "a\tb\n1\t2\n", "has the columns a, b"},
		"an unquoted comma": {"a.csv", "prompt\none, and more\ntwo\n", "line 2 is no row of the table: it has 2 fields and the first row 1"},
		"a row cut off":     {"a.csv", "id,prompt\n1,one\n2\n3\n", "line 3 is no row of the table: it has 1 fields and the first row 2; look for a missing delimiter, and put a field that holds one in double quotes (and 1 more)"},
		"two tables":        {"a.csv", "id;prompt\n1;one\nid;Prompt\n1;two\n", "line 3 repeats the first row"},
		"an open quote":     {"a.csv", "id,prompt\n1,\"one\n2,two\n", "its quotes don't match"},
		"broken UTF-8":      {"a.txt", "one\xff", "line 1 has bytes that are not UTF-8"},
		"UTF-16, unmarked":  {"a.txt", utf16le("one")[2:], "holds a NUL byte"},
		"UTF-16, cut off":   {"a.json", utf16le(`["one"]`)[:9], "is in UTF-16 but broken"},
		"another ending":    {"a.pdf", "x", "ending that is not known"},
		"too deep":          {"a.json", strings.Repeat("[", 20) + strings.Repeat("]", 20), "nested deeper"},
	} {
		if _, err := redteam.ParseOutside(c.file, []byte(c.content)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadOutside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"b.txt": "two", "a.json": `["one"]`, "LICENSE": "not an attack", "README.txt": "neither", "pictures.png": "nor this", "NOTE.txt": "nor that",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := redteam.ReadOutside(dir)
	want := redteam.Collection{Attacks: append(attacks("a.json", "one").Attacks, attacks("b.txt", "two").Attacks...)}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	want.Notes = []string{"2 of 4 texts repeat another one and were left out"}
	again, err := redteam.ReadOutside(dir, dir)
	if diff := cmp.Diff(want, again); err != nil || diff != "" {
		t.Errorf("a folder given twice: %v\n%s", err, diff)
	}
	if _, err := redteam.ReadOutside(filepath.Join(dir, "no")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := redteam.ReadOutside(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no attacks were found") {
		t.Errorf("an empty folder: %v", err)
	}
	empty := filepath.Join(t.TempDir(), "empty.txt")
	if err := os.WriteFile(empty, []byte("\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := redteam.ReadOutside(dir, empty); err == nil || !strings.Contains(err.Error(), empty+": no attacks were found") {
		t.Errorf("an empty file beside others: %v", err)
	}
	for _, path := range []string{filepath.Join(dir, "no"), empty} {
		if _, err := redteam.ReadHarmless(path); err == nil || !strings.Contains(err.Error(), "harmless texts") || strings.Contains(err.Error(), "attacks") {
			t.Errorf("harmless texts that are not there: %v", err)
		}
	}
	if c, err := redteam.ReadOutside(); err != nil || len(c.Attacks) != 0 {
		t.Errorf("no folder: %v, %v", c, err)
	}
}

func FuzzParseOutside(f *testing.F) {
	for _, s := range []string{`["a"]`, `{"a":["b",{"text":"c"}]}`, "text,kind\na,b\n", "text;kind\na;b\n", "sep=;\ntext\n", utf16le("text\tkind\na\tb\n"), "a\n\nb", `{"context":"x"}`, "\"", "{\"a\":"} {
		for _, name := range []string{"a.json", "a.csv", "a.tsv", "a.txt"} {
			f.Add(name, []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		c, err := redteam.ParseOutside(name, raw)
		for _, a := range c.Attacks {
			if err == nil && (strings.TrimSpace(a.Text) == "" || !utf8.ValidString(a.Text+a.Kind) || a.File != name) {
				t.Errorf("%+v", a)
			}
		}
		for _, a := range redteam.Place(redteam.PlaceOptions{Carriers: carriers(), Outside: c}) {
			if !redteam.Legible(a.Needle, a.Hidden, a.Case.Question()) && a.Document == nil && strings.ContainsAny(a.Needle, "abcdefghijklmnopqrstuvwxyz") {
				t.Errorf("what %+v asks for is not legible in what is asked", a)
			}
		}
	})
}
