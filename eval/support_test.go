package eval_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/external"
	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/suggest"
)

// paid is a fact that the customer may be told.
func paid() []suggest.Fact {
	return []suggest.Fact{{Name: "paid", Kind: suggest.FactAmount, Amount: suggest.Money{Currency: "EUR", Units: 70}, MayMention: true}}
}

func TestClaimsSupported(t *testing.T) {
	t.Parallel()
	const bags = "Every fare includes one small bag. With the fare Light you can add a cabin bag for EUR 25. Dogs may not travel in the hold."
	tests := []struct {
		name, answer string
		want         float64
		judged       bool
	}{
		{"word for word", `"claims":[{"text":"With the fare Light you can add a cabin bag for EUR 25.","cited":"bags"}]`, 1, true},
		{"in other words", `"claims":[{"text":"A cabin bag can be added with Light for 25 EUR.","cited":"bags"}]`, 1, true},
		{"another price", `"claims":[{"text":"With the fare Light you can add a cabin bag for EUR 15.","cited":"bags"}]`, 0, true},
		{"the customer's own price", `"claims":[{"text":"With the fare Light you can add a cabin bag, and you paid EUR 70.","cited":"bags"}]`, 1, true},
		{"denied", `"claims":[{"text":"Dogs may travel in the hold.","cited":"bags"}]`, 0, true},
		{"denied, in the same words", `"claims":[{"text":"Open such links.","cited":"links"}],"evidence":[{"key":"links","text":"Beware of tricks. Never open such links. Ask us."}]`, 0, true},
		{"several sentences quoted", `"claims":[{"text":"Beware of tricks. Never open such links.","cited":"links"}],"evidence":[{"key":"links","text":"Beware of tricks. Never open such links. Ask us."}]`, 1, true},
		{"denied too", `"claims":[{"text":"Dogs can't travel in the hold.","cited":"bags"}]`, 1, true},
		{"made up", `"claims":[{"text":"Lounges are open to members of the club all night.","cited":"bags"}]`, 0, true},
		{"half of it", `"claims":[{"text":"Every fare includes one small bag.","cited":"bags"},{"text":"Lounges are open all night.","cited":"bags"}]`, .5, true},
		{"nothing cited", `"claims":[{"text":"Every fare includes one small bag.","cited":[]}]`, 0, true},
		{"not said what is cited", `"claims":[{"text":"Every fare includes one small bag."}]`, 0, false},
		{"all cite what the draft does", `"cited":"bags","claims":[{"text":"Every fare includes one small bag."}]`, 1, true},
		{"courtesy alone", `"claims":[{"text":"Hello!","kind":"GREETING"}]`, 0, false},
		{"sentences", `"cited":"bags"`, .5, true},
		{"a text that is not there", `"claims":[{"text":"Every fare includes one small bag.","cited":"pets"}]`, 0, false},
		{"another language", `"evidence":[{"key":"taschen","lang":"de","text":"Jeder Tarif enthält eine kleine Tasche."}],"claims":[{"text":"Every fare includes one bag.","cited":"taschen"}]`, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := evaltest.Suite(t)
			s.Cases = s.Cases[:1]
			s.Cases[0].Facts = paid()
			answer := test.answer
			if !strings.Contains(answer, `"evidence"`) {
				answer += fmt.Sprintf(`,"evidence":[{"key":"bags","text":%q}]`, bags)
			}
			file := filepath.Join(evaltest.Folder(t, map[string]string{"r.jsonl": `{"id":"a","text":"Every fare includes one small bag. Lounges are open all night. Anything else?",` + answer + "}\n"}), "r.jsonl")
			r, _, err := external.Import(s, file, "rival", eval.ScorerOptions{Analyzer: evaltest.Options(t).Analyzer})
			if err != nil {
				t.Fatal(err)
			}
			got, judged := r.Cases[0].Scores[eval.ClaimsSupported]
			if judged != test.judged || got != test.want {
				t.Errorf("supported %v (judged %v), want %v (%v)", got, judged, test.want, test.judged)
			}
		})
	}
}

// BenchmarkClaimsSupported tells how claims_supported goes with what people say
// of replies' accuracy: Spearman's correlation with their mean rating, over the
// replies that state anything. Beside it, on the same replies: that of the share
// of the reply's words that stand in the knowledge, and that of one rater with
// the mean of the others. PURSER_RATED_REPLIES names the file: JSON lines with gold_knowledge
// (texts), system_reply and accuracy (ratings).
func BenchmarkClaimsSupported(b *testing.B) {
	path := os.Getenv("PURSER_RATED_REPLIES")
	if path == "" {
		b.Skip("PURSER_RATED_REPLIES names no file of rated replies")
	}
	rated, answers, ratings := ratedReplies(b, path)
	file := filepath.Join(b.TempDir(), "answers.jsonl")
	if err := os.WriteFile(file, answers, 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r, _, err := external.Import(rated, file, "rated", eval.ScorerOptions{Analyzer: analysis.NewAnalyzer()})
		if err != nil {
			b.Fatal(err)
		}
		var scores, rated, precision, one, others []float64
		for i := range r.Cases {
			c := &r.Cases[i]
			if v, judged := c.Scores[eval.ClaimsSupported]; judged {
				scores, rated = append(scores, v), append(rated, mean(ratings[i]))
				precision = append(precision, shareOfTokens(c.Text, c.Evidence[0].Text))
				one, others = append(one, ratings[i][0]), append(others, mean(ratings[i][1:]))
			}
		}
		b.ReportMetric(spearman(scores, rated), "spearman")
		b.ReportMetric(spearman(precision, rated), "token-precision-spearman")
		b.ReportMetric(spearman(one, others), "rater-spearman")
		b.ReportMetric(float64(len(scores)), "replies")
		b.ReportMetric(r.Metrics[eval.ClaimsSupported].Value, "supported")
	}
}

func ratedReplies(b *testing.B, path string) (rated suite.Suite, answers []byte, ratings [][]float64) {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			Knowledge []string  `json:"gold_knowledge"`
			Reply     string    `json:"system_reply"`
			Accuracy  []float64 `json:"accuracy"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			b.Fatal(err)
		}
		if len(row.Accuracy) < 2 {
			b.Fatalf("reply %d has fewer than two ratings", len(ratings)+1)
		}
		id := fmt.Sprint(len(ratings))
		rated.Cases = append(rated.Cases, suite.Case{ID: id, Lang: "en", Expect: suite.ExpectAnswer, Messages: []suite.Message{{Text: "?"}}})
		answer, err := json.Marshal(map[string]any{
			"id": id, "text": row.Reply, "cited": "k", "evidence": []map[string]string{{"key": "k", "text": strings.Join(row.Knowledge, "\n")}},
		})
		if err != nil {
			b.Fatal(err)
		}
		answers = append(append(answers, answer...), '\n')
		ratings = append(ratings, row.Accuracy)
	}
	if lines.Err() != nil || len(ratings) == 0 {
		b.Fatalf("%d replies, %v", len(ratings), lines.Err())
	}
	return rated, answers, ratings
}

// shareOfTokens is the share of a text's words that stand in another one, each as
// often as there.
func shareOfTokens(s, in string) float64 {
	there := map[string]int{}
	for _, w := range overlap.Tokens(in) {
		there[w]++
	}
	words, found := overlap.Tokens(s), 0
	for _, w := range words {
		if there[w] > 0 {
			there[w]--
			found++
		}
	}
	return float64(found) / float64(max(len(words), 1))
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// spearman is the rank correlation, ties sharing their mean rank.
func spearman(x, y []float64) float64 {
	a, b := ranks(x), ranks(y)
	ma, mb := mean(a), mean(b)
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	out := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}
