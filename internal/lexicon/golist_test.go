package lexicon_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/lexicon"
)

func TestScan(t *testing.T) {
	known := newHumanWords()
	root := "../.."
	filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || strings.HasSuffix(p, ".pb.go") {
			return nil
		}
		src, _ := os.ReadFile(p)
		l, err := wordLists(p, src, known)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range l {
			t.Log(f)
		}
		return nil
	})
}

// humanWords tells words of human languages: those that some list or the stop
// words of the analysis name, and what has letters beyond ASCII. foreign are those
// that English has not.
type humanWords struct{ known, english map[string]bool }

func newHumanWords() humanWords {
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
	for _, list := range lexicon.Names() {
		for _, lang := range lexicon.Languages(list) {
			for w := range lexicon.Of(lang, list).All() {
				add(lang, w)
			}
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
		out = append(out, set.Position(n.Pos()).String()+": "+strings.Join(words[:min(len(words), 8)], " "))
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CaseClause:
			if words := keep(each(n.List), h.isWord); len(words) >= leastWords {
				found(n, words)
			}
		case *ast.CompositeLit:
			if words := keep(each(n.Elts), h.isWord); len(words) >= leastWords {
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

// listed are the words of a text that lists them instead of saying something: it
// has no capitals and few marks, and words of languages other than English, or
// none of its words twice.
func listed(s string, h humanWords) []string {
	all := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("|;,=()", r) })
	words := keep(all, h.isWord)
	foreign := keep(all, h.isForeign)
	if len(foreign) < leastWords || 2*len(foreign) < len(words) {
		return nil
	}
	return words
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
