// Package evaltest gives tests a small suite, a desk that answers it by heart,
// and runs of known figures. It is for tests alone.
package evaltest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Scripted is a pipeline and a searcher that answer as they are told.
type Scripted struct {
	Answer func(ctx context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error)
	Find   func(q knowledge.Query) (knowledge.Results, error)
}

// Run drafts with Answer.
func (s Scripted) Run(ctx context.Context, _ suggest.Workspace, in suggest.Input, _ func(suggest.Event) error) (suggest.Suggestion, suggest.Record, error) {
	return s.Answer(ctx, in)
}

// Search ranks with Find.
func (s Scripted) Search(_ context.Context, _ knowledge.Workspace, q knowledge.Query) (knowledge.Results, error) {
	return s.Find(q)
}

// SearchAll ranks each with Find.
func (s Scripted) SearchAll(_ context.Context, _ knowledge.Workspace, qs []knowledge.Query) ([]knowledge.Results, error) {
	all := make([]knowledge.Results, len(qs))
	for i, q := range qs {
		var err error
		if all[i], err = s.Find(q); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Question is the text of the message to answer.
func Question(in suggest.Input) string { return in.Messages[len(in.Messages)-1].Text }

// Hits are found articles, each named by its key or by key/locale.
func Hits(keys ...string) knowledge.Results {
	var r knowledge.Results
	for _, k := range keys {
		key, locale, _ := strings.Cut(k, "/")
		r.Hits = append(r.Hits, knowledge.Hit{Key: key, Locale: locale})
	}
	return r
}

// Draft is a suggestion with a text that cites the article on bags.
func Draft(text string, confidence float64) suggest.Suggestion {
	return suggest.Suggestion{
		Outcome: suggest.OutcomeDraft, Confidence: confidence,
		Draft:    &suggest.Draft{Text: text, Claims: []suggest.DraftClaim{{Text: text, Citations: []suggest.Citation{{Number: 1}}}}},
		Evidence: []suggest.Evidence{{Number: 1, Key: "bags", Locale: "en", Text: "One bag is free."}},
		Timings:  []suggest.Timing{{Step: suggest.StepDraft, Duration: 3 * time.Millisecond}},
	}
}

// Abstained is a suggestion without a draft.
func Abstained(reason suggest.Reason, confidence float64) suggest.Suggestion {
	return suggest.Suggestion{Outcome: suggest.OutcomeNoDraft, Reason: reason, Confidence: confidence}
}

// Clock moves a millisecond with every look.
func Clock() func() time.Time {
	var n atomic.Int64
	return func() time.Time { return time.Unix(0, n.Add(int64(time.Millisecond))) }
}

// Folder is a new folder that holds these files, by path and content.
func Folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Knowledge are the small suite's articles.
const Knowledge = `{"id":"bags","lang":"en","title":"Bags","body":"One bag is free."}
{"id":"pets","lang":"en","title":"Pets","body":"Cats fly in the cabin."}
`

// Tickets are the small suite's: two to answer, one of which hides the articles
// of its language, one on which to be silent, one for a person, and one more.
const Tickets = `{"id":"a","lang":"en","text":"bag?","gold_ids":["bags"],"gold_reply":"One bag is free."}
{"id":"b","lang":"de","text":"Katze?","gold_ids":["pets","cats"],"exclude_lang":"de","expect":"answer","gold_reply":"Katzen fliegen in der Kabine."}

{"id":"c","lang":"en","text":"weather?","expect":"none"}
{"id":"d","lang":"en","text":"my mother died","expect":"human","reason":"BEREAVEMENT","gold_ids":["bags"]}
{"id":"e","lang":"en","text":"broken","gold_ids":["bags"],"gold_reply":"x"}
`

// Suite is the small suite, read from a folder.
func Suite(t *testing.T) suite.Suite {
	t.Helper()
	s, err := suite.Read(Folder(t, map[string]string{"kb.jsonl": Knowledge, "tickets.jsonl": Tickets}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Desk answers the suite's tickets: a well, b with silence and the article in
// third place, c with a draft that should not be, d rightly, e not at all.
func Desk() Scripted {
	return Scripted{
		Answer: func(_ context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error) {
			record := suggest.Record{Question: "Q " + Question(in), Locale: in.Ticket.Locale, Features: map[string]float64{"gap": 2, "first_words_ms": 7}}
			switch Question(in) {
			case "bag?":
				return Draft("One bag is free of charge.", .9), record, nil
			case "Katze?":
				return Abstained(suggest.ReasonLowConfidence, .2), record, nil
			case "weather?":
				return Draft("One bag is free.", .4), record, nil
			case "my mother died":
				return suggest.Suggestion{Outcome: suggest.OutcomeHumanOnly, Reason: suggest.ReasonBereavement, Confidence: .5}, record, nil
			}
			return suggest.Suggestion{}, suggest.Record{}, errors.New("the model is down")
		},
		Find: func(q knowledge.Query) (knowledge.Results, error) {
			switch q.Text {
			case "Q bag?", "Q my mother died":
				return Hits("bags/en", "pets/en"), nil
			case "Q Katze?":
				if !slices.Equal([]string{"de"}, q.ExcludeLocales) {
					return knowledge.Results{}, errors.New("the language is not excluded")
				}
				return Hits("bags/en", "bags/fr", "boats/en", "pets/en", "pets/fr"), nil
			}
			return Hits("bags/en"), nil
		},
	}
}

// analyzer takes a while to make.
var analyzer = sync.OnceValue(analysis.NewAnalyzer)

// Options run the small suite through the Desk.
func Options(t *testing.T) eval.Options {
	t.Helper()
	d := Desk()
	return eval.Options{Suite: Suite(t), Pipeline: d, Searcher: d, Workspace: "w", Now: Clock(), ScorerOptions: eval.ScorerOptions{Analyzer: analyzer()}}
}

// Run is a run of the small suite: five cases, of which e fails.
func Run(t *testing.T) eval.Report {
	t.Helper()
	r, err := eval.Run(t.Context(), Options(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Planted makes a run whose cases have these hits.
func Planted(hits []bool) eval.Report {
	r := eval.Report{Format: eval.Format, Suite: eval.SuiteInfo{Name: "planted", Hash: "x", Cases: len(hits)}}
	for i, hit := range hits {
		score := 0.
		if hit {
			score = 1
		}
		r.Cases = append(r.Cases, eval.CaseResult{
			ID: fmt.Sprintf("%04d", i), Lang: "en", Channel: suggest.ChannelEmail, Expect: suite.ExpectHuman,
			Outcome: suggest.OutcomeNoDraft, Ranked: []string{}, Scores: map[string]float64{eval.HitAt1: score},
		})
	}
	return r
}
