package source_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/purser-desk/purser/knowledge/source"
)

func encode(t *testing.T, enc encoding.Encoding, s string) string {
	t.Helper()
	out, err := enc.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	const (
		german    = "key;title;body\nkoffer;Übergepäck;Die Gebühr beträgt 5 €. „Süß“, sagt Müller, größer als 20 m².\n"
		french    = "key;title;body\nvol;Où est mon vol créé ?;L’été dernier, cœur à cœur, ça coûtait 5 €, déjà réglé.\n"
		norwegian = "key;title;body\nbag;Får jeg ta med bag på flyet?;Ja, én bag på opptil 8 kg. Ærlig talt, øl går også.\n"
		polish    = "key;title;body\nbag;Czy mogę zabrać bagaż?;Tak, dołączyć można jedną sztukę bagażu, źródło: nasz regulamin, przyłączyć.\n"
		russian   = "key;title;body\nbag;Можно взять сумку?;Да, одну сумку весом до восьми килограммов.\n"
		chinese   = "key;title;body\nbag;我可以带行李吗?;可以,每位旅客可以携带一件不超过八公斤的手提行李。\n"
		japanesE  = "key;title;body\nbag;手荷物は?;はい、お一人様一個まで無料でお持ち込みいただけます。\n"
	)
	utf16le := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16be := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	tests := []struct {
		name     string
		raw      string
		want     string // the table; empty when it is refused
		problems []string
	}{
		{"UTF-8", german, german, nil},
		{"UTF-8 with a mark", "\ufeff" + german, german, nil},
		{"UTF-16 LE with a mark", "\xff\xfe" + encode(t, utf16le, russian), russian, nil},
		{"UTF-16 BE with a mark", "\xfe\xff" + encode(t, utf16be, chinese), chinese, nil},
		{"UTF-16 LE without", encode(t, utf16le, german), german, []string{"TEXT_CONVERTED a.csv"}},
		{"UTF-16 BE without, Cyrillic", encode(t, utf16be, russian), russian, []string{"TEXT_CONVERTED a.csv"}},
		{"UTF-16 cut off", "\xff\xfe" + encode(t, utf16le, german) + "x", "", []string{"!ENCODING a.csv:3"}},
		{"UTF-16 with half a pair", "\xfe\xff" + encode(t, utf16be, german) + "\xd8\x00", "", []string{"!ENCODING a.csv:3"}},
		{"UTF-32", "\xff\xfe\x00\x00k\x00\x00\x00", "", []string{"!ENCODING a.csv"}},
		{"Windows-1252, German", encode(t, charmap.Windows1252, german), german, []string{"TEXT_CONVERTED a.csv:2"}},
		{"Windows-1252, French", encode(t, charmap.Windows1252, french), french, []string{"TEXT_CONVERTED a.csv:2"}},
		{"Latin-1, Norwegian", encode(t, charmap.ISO8859_1, norwegian), norwegian, []string{"TEXT_CONVERTED a.csv:2"}},
		{"Windows-1250, Polish", encode(t, charmap.Windows1250, polish), "", []string{"!ENCODING a.csv:2"}},
		{"Latin-2, Polish", encode(t, charmap.ISO8859_2, polish), "", []string{"!ENCODING a.csv:2"}},
		{"Windows-1251, Russian", encode(t, charmap.Windows1251, russian), "", []string{"!ENCODING a.csv:2"}},
		{"Shift JIS", encode(t, japanese.ShiftJIS, japanesE), "", []string{"!ENCODING a.csv:2"}},
		{"UTF-8 with one broken byte", strings.Replace(german, "Müller", "M\xfcller", 1), "", []string{"!ENCODING a.csv:2"}},
		{"CRLF", strings.ReplaceAll(german, "\n", "\r\n"), german, nil},
		{"CR", strings.ReplaceAll(german, "\n", "\r"), german, nil},
		{"a stray NUL", strings.Replace(german, "Geb", "G\x00eb", 1), german, []string{"TEXT_CONVERTED a.csv:2"}},
		{"a program", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00>\x00\x01\x00\x00\x00", "", []string{"!ENCODING a.csv:1"}},
		{"control characters", strings.Repeat("\x01\x02a", 20), "", []string{"!ENCODING a.csv:1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result := read(t, source.Options{Locale: "en"}, "a.csv", tt.raw)
			if diff := cmp.Diff(tt.problems, problems(result)); diff != "" {
				t.Errorf("problems (-want +got):\n%s\n%v", diff, result.Problems)
			}
			got := ""
			for _, d := range result.Documents {
				got = "key;title;body\n" + d.Key + ";" + d.Title + ";" + d.Body + "\n"
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

// fuzz reads bytes as a file of a name that its reader goes by.
func fuzz(f *testing.F, name string, seeds ...string) {
	f.Helper()
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		result, err := source.ReadFS(t.Context(), fstest.MapFS{name: {Data: raw}}, ".", source.Options{Locale: "en"})
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, result)
		if len(result.Documents) == 0 && result.Errors == 0 && result.Warnings == 0 {
			t.Error("neither a document nor a problem")
		}
		for _, d := range result.Documents {
			if d.Key == "" || d.Locale == "" || d.Title == "" || d.Body == "" || strings.ContainsAny(d.Key, " \n\t") || strings.Contains(d.Title, "\n") {
				t.Errorf("an unusable document: %+v", d)
			}
			if !utf8.ValidString(d.Key+d.Title+d.Body) || strings.ContainsAny(d.Key+d.Title+d.Body, "\x00\r") {
				t.Errorf("unclean text: %+v", d)
			}
		}
	})
}

func FuzzMarkdown(f *testing.F) {
	fuzz(f, "en/x.md", "---\nkey: a\ntags: [b, c]\n---\n# T\n\nText.", "# T\nText", "---\n---\n", "---\na: &x [*x]\n---\nt", "---\n? [a]\n: b\n...\nt", "T\n=\nx", "+++\n", "---\nkey: !!binary x\n---\ny")
}

func FuzzCSV(f *testing.F) {
	fuzz(f, "x.csv", "key,title,body\na,b,c\n", "sep=;\nid;question;answer\n1;\"a\n\"\"b\";c\n", "id\ttitle\tbody\r\n1\t2\t3\r", "key,title,body\n\"", "key,title,body\na,b\n,,\n")
}

func FuzzJSONL(f *testing.F) {
	fuzz(f, "x.jsonl", `{"id":1,"title":"T","body":"B","labels":["a"]}`+"\n", "[1]", "{\n}", `{"id":"a"`, `{"id":{"a":[1]},"id":2}`, `{"title":"\ud800","body":"\u0000","key":"k"}`)
}

func FuzzDecode(f *testing.F) {
	fuzz(f, "x.md", "\xff\xfea\x00", "\xfe\xff\x00a", "\xef\xbb\xbfa", "a\x00b\x00c\x00", "M\xfcller", "a\x00", "\xd8\x00\xdc\x00", "\x81\x8d", strings.Repeat("\xe9t\xe9 ", 5))
}
