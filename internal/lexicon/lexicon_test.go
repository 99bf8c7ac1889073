package lexicon_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

func TestWordsOfOneLanguage(t *testing.T) {
	t.Parallel()
	for _, locale := range []string{"de", "de-AT", "fr", "no", "nb-NO"} {
		if m, ok := lexicon.Of(locale, "months").Value("mai"); m != "5" || !ok {
			t.Errorf("%s: mai is %q, %v", locale, m, ok)
		}
	}
	for _, locale := range []string{"it", "en", "", "xx", "not a tag"} {
		if m, ok := lexicon.Of(locale, "months").Value("mai"); ok {
			t.Errorf("%s: mai is %q", locale, m)
		}
	}
	if l := lexicon.Of("de", "no such list"); l != nil || l.Has("mai") {
		t.Error("an unknown list has words")
	}
	for w := range lexicon.Of("tlh", "months").All() {
		t.Errorf("an unknown language has %q", w)
	}
}

// TestFiles holds the files to their form: a mistake in one would be a word that
// is never found.
func TestFiles(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir("words", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		lang, name := filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".txt")
		if text.BaseLanguage(lang) != lang || filepath.Ext(file) != ".txt" {
			t.Errorf("%s: want words/<language>/<list>.txt", file)
		}
		seen := map[string]bool{}
		for line := range strings.Lines(string(content)) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" || line == "#" || strings.HasPrefix(line, "# ") {
				continue
			}
			entry, value, _ := strings.Cut(line, "\t")
			switch {
			case entry == "" || strings.TrimSpace(entry) != entry || strings.TrimSpace(value) != value || strings.Contains(value, "\t"):
				t.Errorf("%s: %q has blanks too many", file, line)
			case entry != strings.ToLower(entry) || !norm.NFC.IsNormalString(entry):
				t.Errorf("%s: %q is not in lower case and composed", file, entry)
			case seen[entry]:
				t.Errorf("%s: %q is there twice", file, entry)
			case !lexicon.Of(lang, name).Has(entry):
				t.Errorf("%s: %q is not found", file, entry)
			}
			seen[entry] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
