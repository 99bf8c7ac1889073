package lexicon

import (
	"embed"
	"io/fs"
	"iter"
	"maps"
	"path"
	"strings"
	"sync"

	"github.com/purser-desk/purser/internal/text"
)

// files holds one folder a language, named as text.BaseLanguage names it, with
// one file a list. A line is an entry in lower case, or an entry, a tab and what
// the list maps it to; lines that begin with "# " and empty ones say nothing.
//
//go:embed words
var files embed.FS

// List is a list of one language. A nil List is an empty one.
type List struct {
	content string

	indexed sync.Once
	values  map[string]string
}

// Of is the list of this name in the language of locale, a BCP 47 tag. It is
// nil where that language has none.
func Of(locale, name string) *List {
	all := read()[name]
	if l, ok := all.lists[locale]; ok || locale == "" {
		return l
	}
	return all.lists[text.BaseLanguage(locale)]
}

// Languages are the languages that have a list of this name, in order, for
// those who must ask each of them since the language is not known.
func Languages(name string) []string { return read()[name].languages }

// Has reports whether the list holds word, which is in lower case.
func (l *List) Has(word string) bool {
	_, ok := l.Value(word)
	return ok
}

// Value is what the list maps word to, which is in lower case; "" where it maps
// words to nothing.
func (l *List) Value(word string) (string, bool) {
	if l == nil {
		return "", false
	}
	l.indexed.Do(func() { l.values = maps.Collect(l.All()) })
	v, ok := l.values[word]
	return v, ok
}

// All are the entries with what they are mapped to, in the order of the file.
func (l *List) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if l == nil {
			return
		}
		for line := range strings.Lines(l.content) {
			line = strings.TrimRight(line, "\r\n")
			if line == "" || line == "#" || strings.HasPrefix(line, "# ") {
				continue
			}
			entry, value, _ := strings.Cut(line, "\t")
			if !yield(entry, value) {
				return
			}
		}
	}
}

// named are the lists of one name.
type named struct {
	languages []string
	lists     map[string]*List
}

// read reads all files. That none is unreadable is tested.
var read = sync.OnceValue(func() map[string]named {
	all := map[string]named{}
	_ = fs.WalkDir(files, "words", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := files.ReadFile(file)
		lang, name := path.Base(path.Dir(file)), strings.TrimSuffix(path.Base(file), ".txt")
		n := all[name]
		if n.lists == nil {
			n.lists = map[string]*List{}
		}
		n.languages = append(n.languages, lang)
		n.lists[lang] = &List{content: string(content)}
		all[name] = n
		return err
	})
	return all
})
