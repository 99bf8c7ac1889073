package langid_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDetectTickets(t *testing.T) {
	for _, s := range demoTickets(t) {
		if g := detector().Detect(s.text); g.Locale != s.lang {
			t.Errorf("%q is taken for %q (%.2f), not %q", s.text, g.Locale, g.Confidence, s.lang)
		}
		if ok, _ := detector().IsLanguage(s.text, s.lang); !ok {
			t.Errorf("%q is said not to be %q", s.text, s.lang)
		}
	}
}

// sample is a text whose language is known.
type sample struct{ lang, text string }

// BenchmarkAccuracy measures how often the language of a text is told, on the
// short messages of the tests, on the demo's tickets and, with the folder of
// the public sets in PURSER_LANGID_DATA, on clinc150 and coronamelder:
//
//	PURSER_LANGID_DATA=FOLDER go test -run '^$' -bench Accuracy -benchtime 1x ./internal/langid
//
// Of a hundred texts, "right" got their language from Detect and "unknown" got
// none; IsLanguage refused "own-refused" in their own language; of all pairs of
// a text and another language of the sets, it refused "other-refused".
func BenchmarkAccuracy(b *testing.B) {
	d := detector()
	for _, set := range accuracySets(b) {
		b.Run(set.name, func(b *testing.B) {
			var right, unknown, ownRefused, otherRefused, others int
			for b.Loop() {
				right, unknown, ownRefused, otherRefused, others = 0, 0, 0, 0, 0
				for _, s := range set.samples {
					switch d.Detect(s.text).Locale {
					case s.lang:
						right++
					case "":
						unknown++
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(set.samples)), "ns/text")
			for _, s := range set.samples {
				for _, l := range []string{"ar", "bg", "de", "en", "es", "fr", "nl", "no", "pl", "ro", "tr"} {
					ok, _ := d.IsLanguage(s.text, l)
					switch {
					case l != s.lang:
						others++
						otherRefused += count(!ok)
					case !ok:
						ownRefused++
					}
				}
			}
			share := func(n, of int) float64 { return 100 * float64(n) / float64(of) }
			b.ReportMetric(float64(len(set.samples)), "texts")
			b.ReportMetric(share(right, len(set.samples)), "%right")
			b.ReportMetric(share(unknown, len(set.samples)), "%unknown")
			b.ReportMetric(share(ownRefused, len(set.samples)), "%own-refused")
			b.ReportMetric(share(otherRefused, others), "%other-refused")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

type accuracySet struct {
	name    string
	samples []sample
}

func accuracySets(b *testing.B) []accuracySet {
	b.Helper()
	var short []sample
	for line := range strings.Lines(strings.TrimSpace(shortTexts)) {
		lang, s, _ := strings.Cut(strings.TrimSpace(line), "\t")
		short = append(short, sample{lang, s})
	}
	sets := []accuracySet{{"short", short}, {"demo", demoTickets(b)}}
	folder := os.Getenv("PURSER_LANGID_DATA")
	if folder == "" {
		return sets
	}
	// The working directory of a test is its package.
	if !filepath.IsAbs(folder) {
		folder = filepath.Join("../..", folder)
	}
	var titles, sentences []sample
	for _, r := range readRows(b, filepath.Join(folder, "coronamelder/kb.jsonl")) {
		titles = append(titles, sample{r.Lang, r.Title})
		sentences = append(sentences, sample{r.Lang, firstSentence(r.Body)})
	}
	return append(sets,
		accuracySet{"clinc150", clinc150(b, filepath.Join(folder, "clinc150/data.json"))},
		accuracySet{"coronamelder-titles", titles},
		accuracySet{"coronamelder-sentences", sentences})
}

func demoTickets(tb testing.TB) (samples []sample) {
	tb.Helper()
	for _, r := range readRows(tb, "../../cmd/purser/demo/tickets.jsonl") {
		samples = append(samples, sample{r.Lang, r.Text})
	}
	return samples
}

type row struct{ Lang, Title, Body, Text string }

func readRows(tb testing.TB, name string) []row {
	tb.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	var rows []row
	for line := range strings.Lines(string(data)) {
		var r row
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		rows = append(rows, r)
	}
	return rows
}

// clinc150 gives the test questions, in scope and out of it; all are English.
func clinc150(b *testing.B, name string) []sample {
	b.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	var parts map[string][][2]string
	if err := json.Unmarshal(data, &parts); err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	var samples []sample
	for _, q := range slices.Concat(parts["test"], parts["oos_test"]) {
		samples = append(samples, sample{"en", q[0]})
	}
	return samples
}

// firstSentence ends at the first line's end, or at a full stop, question or
// exclamation mark before a blank.
func firstSentence(body string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(body), "\n")
	end := len(line)
	for _, sign := range []string{". ", "? ", "! ", "؟ "} {
		if i := strings.Index(line, sign); i >= 0 {
			end = min(end, i+1)
		}
	}
	return line[:end]
}
