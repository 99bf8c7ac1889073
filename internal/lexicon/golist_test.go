package lexicon_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// exceptions are the places that hold words of human languages in Go, with the
// reason.
var exceptions = map[string]string{
	"suggest/guard/secret.go": "checks of sentences, which are to be rewritten",
}

// TestNoListsInGo fails where a list of words of a human language stands in Go:
// such lists are data, by language, in this package.
func TestNoListsInGo(t *testing.T) {
	t.Parallel()
	h := newHumanWords(t)
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, ".pb.go") {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		found, err := wordLists(filepath.ToSlash(name), src, h)
		if why, ok := exceptions[filepath.ToSlash(name)]; ok {
			if len(found) == 0 {
				t.Errorf("an exception for what is gone: %s (%s)", name, why)
			}
			return err
		}
		for _, f := range found {
			t.Errorf("%s: a list of words; put it below internal/lexicon/words", f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWordListsAreSeen(t *testing.T) {
	t.Parallel()
	h := newHumanWords(t)
	for _, c := range []struct {
		name, body string
		want       int
	}{
		{"a case", `switch w { case "montag", "dienstag", "lundi", "mardi": }`, 1},
		{"elements", `_ = []string{"always", "never", "immer", "niemals"}`, 1},
		{"keys", `_ = map[string]int{"januar": 1, "februar": 2, "mars": 3, "april": 4}`, 1},
		{"values", `_ = map[string]string{"a": "januar", "b": "februar", "c": "mars", "d": "april"}`, 1},
		{"one text", `_ = " nicht kein keine ohne weder "`, 1},
		{"a text in parts", `_ = "nicht kein " + "keine ohne weder"`, 1},
		{"a pattern", "_ = `von|gesendet|für|über|napisał`", 1},
		{"letters beyond ASCII", `switch w { case "źródło", "źródła", "källa", "källor": }`, 1},
		{"texts by language", `_ = map[string]string{"de": "Hallo", "en": "Hi", "fr": "Bonjour", "es": "Hola"}`, 1},
		{"texts of a struct by language", `_ = map[string]T{"de": {a: "Hallo"}, "en": {a: "Hi"}, "fr": {a: "Bonjour"}, "es": {a: "Hola"}}`, 1},
		{"texts in a switch", `switch l { case "de": return "Hallo"; case "en": return "Hello"; case "fr": return "Bonjour"; case "es": return "Hola" }`, 1},
		{"a sentence", `_ = "give the name of one of the workspaces that are there, or none for all of them"`, 0},
		{"languages", `_ = []string{"de", "en", "es", "fr", "it", "nl", "no", "pl"}`, 0},
		{"by language, no words", `_ = map[string]string{"de": "DE", "en": "GB", "fr": "FR", "es": "ES"}`, 0},
		{"names of a program", `_ = []string{"select", "insert", "workspace", "ticket_id", "for"}`, 0},
		{"three words", `switch w { case "montag", "dienstag", "mittwoch": }`, 0},
	} {
		src := "package p\nfunc f() {\n" + c.body + "\n}\n"
		found, err := wordLists("p.go", []byte(src), h)
		if err != nil || (len(found) > 0) != (c.want > 0) {
			t.Errorf("%s: %v, %v", c.name, found, err)
		}
	}
}

// humanWords tells words of human languages: those that some list or the stop
// words of the analysis name, and what has letters beyond ASCII. foreign are those
// that English has not.
type humanWords struct{ known, english map[string]bool }

func newHumanWords(t *testing.T) humanWords {
	t.Helper()
	h := humanWords{map[string]bool{}, map[string]bool{}}
	add := func(lang, w string) {
		h.known[w] = true
		if lang == "en" {
			h.english[w] = true
		}
	}
	for _, lang := range stopWordLanguages {
		for _, w := range analysis.StopWords(lang) {
			add(lang, w)
		}
	}
	files, err := filepath.Glob(filepath.Join("words", "*", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no lists", err)
	}
	for _, file := range files {
		lang, list := filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".txt")
		for w := range lexicon.Of(lang, list).All() {
			add(lang, w)
		}
	}
	return h
}

var stopWordLanguages = []string{"ar", "bg", "ca", "cs", "da", "de", "en", "es", "eu", "fa", "fi", "fr", "ga", "gl", "hr", "hu", "id", "it", "nl", "no", "pl", "pt", "ro", "ru", "sv", "tr"}

func (h humanWords) isWord(w string) bool    { return isForeignLetters(w) || len(w) > 2 && h.known[w] }
func (h humanWords) isForeign(w string) bool { return h.isWord(w) && !h.english[w] }

func isForeignLetters(w string) bool {
	n := 0
	for _, r := range w {
		if !unicode.IsLetter(r) {
			return false
		}
		n++
	}
	return n > 1 && strings.IndexFunc(w, func(r rune) bool { return r > unicode.MaxASCII }) >= 0
}

// leastWords is from how many words on a literal is a list of them.
const leastWords = 4

// wordLists finds the lists of words of human languages in Go source: cases of a
// switch, elements of a literal, and single texts of words alone.
func wordLists(file string, src []byte, h humanWords) ([]string, error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, src, 0)
	if err != nil {
		return nil, err
	}
	var out []string
	found := func(n ast.Node, words []string) {
		out = append(out, set.Position(n.Pos()).String()+": "+strings.Join(strings.Fields(strings.Join(words, " "))[:leastWords], " "))
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CaseClause:
			if words := h.mostly(each(n.List)); words != nil {
				found(n, words)
			}
		case *ast.CompositeLit:
			if words := h.mostly(each(n.Elts)); words != nil {
				found(n, words)
			} else if words := textsByLanguage(n.Elts); words != nil {
				found(n, words)
			}
		case *ast.SwitchStmt:
			if words := casesByLanguage(n.Body.List); words != nil {
				found(n, words)
			}
		case *ast.BinaryExpr:
			if s, ok := textOf(n); ok {
				if words := listed(s, h); words != nil {
					found(n, words)
				}
				return false
			}
		case *ast.BasicLit:
			if s, ok := textOf(n); ok {
				if words := listed(s, h); words != nil {
					found(n, words)
				}
			}
		}
		return true
	})
	return out, nil
}

// listed are the words of a text that lists them instead of saying something in
// English: most are words of other languages.
func listed(s string, h humanWords) []string {
	all := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("|;,=()", r) })
	words, foreign := keep(all, h.isWord), keep(all, h.isForeign)
	if len(foreign) < leastWords || 2*len(foreign) < len(words) {
		return nil
	}
	return words
}

// mostly are the words of human languages among texts; none where they are few.
func (h humanWords) mostly(texts []string) []string {
	words := keep(texts, h.isWord)
	if len(words) < leastWords || 2*len(words) < len(keep(texts, func(s string) bool { return s != "" })) {
		return nil
	}
	return words
}

// textsByLanguage are the texts of a map from languages to words.
func textsByLanguage(elements []ast.Expr) []string {
	var texts []string
	languages := 0
	for _, e := range elements {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return nil
		}
		if key, ok := textOf(kv.Key); ok && isLanguage(key) {
			languages++
			texts = append(texts, proseIn(kv.Value)...)
		}
	}
	if languages < leastWords || len(texts) < leastWords {
		return nil
	}
	return texts
}

// casesByLanguage are the texts of a switch over languages.
func casesByLanguage(clauses []ast.Stmt) []string {
	var texts []string
	languages := 0
	for _, c := range clauses {
		c, ok := c.(*ast.CaseClause)
		if !ok || len(c.List) == 0 {
			continue
		}
		if key, ok := textOf(c.List[0]); ok && isLanguage(key) {
			languages++
			for _, stmt := range c.Body {
				texts = append(texts, proseIn(stmt)...)
			}
		}
	}
	if languages < leastWords || len(texts) < leastWords {
		return nil
	}
	return texts
}

func isLanguage(s string) bool { return len(s) == 2 && text.BaseLanguage(s) == s }

// proseIn are the texts below a node that hold a word with small letters and no
// marks of a program's names.
func proseIn(n ast.Node) []string {
	var out []string
	ast.Inspect(n, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok {
			return true
		}
		if s, ok := textOf(lit); ok && slices.ContainsFunc(strings.Fields(s), isProse) {
			out = append(out, s)
		}
		return true
	})
	return out
}

func isProse(w string) bool {
	w = strings.TrimFunc(w, unicode.IsPunct)
	return len(w) > 1 && strings.ContainsFunc(w, unicode.IsLower) && !strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
}

func keep(words []string, is func(string) bool) []string {
	var out []string
	for _, w := range words {
		if is(w) {
			out = append(out, w)
		}
	}
	return out
}

func each(list []ast.Expr) []string {
	var out []string
	for _, e := range list {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if s, ok := textOf(kv.Value); ok {
				out = append(out, s)
			}
			e = kv.Key
		}
		if s, ok := textOf(e); ok {
			out = append(out, s)
		}
	}
	return out
}

// textOf is a string literal, or several joined.
func textOf(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		x, okX := textOf(e.X)
		y, okY := textOf(e.Y)
		return x + y, okX && okY && e.Op == token.ADD
	}
	return "", false
}
