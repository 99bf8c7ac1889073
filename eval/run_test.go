package eval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// scripted answers each question as it is told.
type scripted struct {
	run    func(ctx context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error)
	search func(q knowledge.Query) (knowledge.Results, error)
}

func (s scripted) Run(ctx context.Context, _ suggest.Workspace, in suggest.Input, _ func(suggest.Event) error) (suggest.Suggestion, suggest.Record, error) {
	return s.run(ctx, in)
}

func (s scripted) Search(_ context.Context, _ knowledge.Workspace, q knowledge.Query) (knowledge.Results, error) {
	return s.search(q)
}

func question(in suggest.Input) string { return in.Messages[len(in.Messages)-1].Text }

func hits(keys ...string) knowledge.Results {
	var r knowledge.Results
	for _, k := range keys {
		key, locale, _ := strings.Cut(k, "/")
		r.Hits = append(r.Hits, knowledge.Hit{Key: key, Locale: locale})
	}
	return r
}

func draft(text string, confidence float64) suggest.Suggestion {
	return suggest.Suggestion{
		Outcome: suggest.OutcomeDraft, Confidence: confidence,
		Draft:    &suggest.Draft{Text: text, Claims: []suggest.DraftClaim{{Text: text, Citations: []suggest.Citation{{Number: 1}}}}},
		Evidence: []suggest.Evidence{{Number: 1, Key: "bags", Locale: "en", Text: "One bag is free."}},
		Timings:  []suggest.Timing{{Step: suggest.StepDraft, Duration: 3 * time.Millisecond}},
	}
}

func silent(reason suggest.Reason, confidence float64) suggest.Suggestion {
	return suggest.Suggestion{Outcome: suggest.OutcomeNoDraft, Reason: reason, Confidence: confidence}
}

// clock moves a millisecond with every look.
func clock() func() time.Time {
	var n atomic.Int64
	return func() time.Time { return time.Unix(0, n.Add(int64(time.Millisecond))) }
}

func write(t *testing.T, files map[string]string) string {
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

const kb = `{"id":"bags","lang":"en","title":"Bags","body":"One bag is free."}
{"id":"pets","lang":"en","title":"Pets","body":"Cats fly in the cabin."}
`

const tickets = `{"id":"a","lang":"en","text":"bag?","gold_ids":["bags"],"gold_reply":"One bag is free."}
{"id":"b","lang":"de","text":"Katze?","gold_ids":["pets","cats"],"exclude_lang":"de","expect":"answer","gold_reply":"Katzen fliegen in der Kabine."}

{"id":"c","lang":"en","text":"weather?","expect":"none"}
{"id":"d","lang":"en","text":"my mother died","expect":"human","reason":"BEREAVEMENT","gold_ids":["bags"]}
{"id":"e","lang":"en","text":"broken","gold_ids":["bags"],"gold_reply":"x"}
`

func suite(t *testing.T) eval.Suite {
	t.Helper()
	s, err := eval.ReadSuite(write(t, map[string]string{"kb.jsonl": kb, "tickets.jsonl": tickets}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// desk answers the suite's tickets: a well, b with silence and the article in
// third place, c with a draft that should not be, d rightly, e not at all.
func desk() scripted {
	return scripted{
		run: func(_ context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error) {
			record := suggest.Record{Question: "Q " + question(in), Locale: in.Ticket.Locale, Features: map[string]float64{"gap": 2, "first_words_ms": 7}}
			switch question(in) {
			case "bag?":
				return draft("One bag is free of charge.", .9), record, nil
			case "Katze?":
				return silent(suggest.ReasonLowConfidence, .2), record, nil
			case "weather?":
				return draft("One bag is free.", .4), record, nil
			case "my mother died":
				return suggest.Suggestion{Outcome: suggest.OutcomeHumanOnly, Reason: suggest.ReasonBereavement, Confidence: .5}, record, nil
			}
			return suggest.Suggestion{}, suggest.Record{}, errors.New("the model is down")
		},
		search: func(q knowledge.Query) (knowledge.Results, error) {
			switch q.Text {
			case "Q bag?", "Q my mother died":
				return hits("bags/en", "pets/en"), nil
			case "Q Katze?":
				if cmp.Diff([]string{"de"}, q.ExcludeLocales) != "" {
					return knowledge.Results{}, errors.New("the language is not excluded")
				}
				return hits("bags/en", "bags/fr", "boats/en", "pets/en", "pets/fr"), nil
			}
			return hits("bags/en"), nil
		},
	}
}

// analyzer takes a while to make.
var analyzer = sync.OnceValue(text.NewAnalyzer)

func options(t *testing.T) eval.Options {
	t.Helper()
	d := desk()
	return eval.Options{Suite: suite(t), Pipeline: d, Searcher: d, Workspace: "w", Now: clock(), Analyzer: analyzer()}
}

func TestRunMeasures(t *testing.T) {
	t.Parallel()
	r, err := eval.Run(t.Context(), options(t))
	if err != nil {
		t.Fatal(err)
	}
	if r.Errors != 1 || r.Partial || len(r.Cases) != 5 {
		t.Fatalf("errors %d, partial %v, %d cases", r.Errors, r.Partial, len(r.Cases))
	}
	want := map[string][2]float64{ // value, n
		eval.HitAt1: {2. / 3, 3}, eval.HitAt3: {1, 3}, eval.HitAt5: {1, 3}, eval.MRRAt10: {(1 + 1 + 1./3) / 3, 3},
		eval.DraftRate: {.5, 4}, eval.SilentOnUnanswered: {0, 1}, eval.SilentOnAnswerable: {.5, 2},
		eval.AUROC: {.5, 3}, eval.RougeL: {2 * (4. / 6) * 1 / (4./6 + 1), 1},
		eval.HumanRecall: {1, 1}, eval.HumanFalseAlarm: {0, 3}, eval.ReasonRight: {1, 1},
		eval.CitationPrecision: {1, 1}, eval.CitationRecall: {1, 1},
		eval.Brier: {(.01 + .64 + .16) / 3, 3}, eval.AURC: {(0 + 1./2 + 1./3) / 3, 3}, eval.LightEdit: {0, 1},
	}
	for name, w := range want {
		m := r.Metrics[name]
		if math.Abs(m.Value-w[0]) > 1e-12 || m.N != int(w[1]) {
			t.Errorf("%s is %v of %d, want %v of %v", name, m.Value, m.N, w[0], w[1])
		}
		if m.Low > m.Value || m.High < m.Value {
			t.Errorf("%s: %v is outside its interval %v–%v", name, m.Value, m.Low, m.High)
		}
	}
	if diff := cmp.Diff([]string{"bags", "boats", "pets"}, r.Cases[1].Ranked); diff != "" {
		t.Errorf("ranked keys (-want +got):\n%s", diff)
	}
	if n := r.Slices.Lang["de"][eval.HitAt1].N; n != 1 {
		t.Errorf("German slice counts %d tickets, want 1", n)
	}
	if got := r.Cases[0].Timing; got["draft"] != 3 || got["first_words"] != 7 || got["total"] <= 0 {
		t.Errorf("times of the first case: %v", got)
	}
	if e := r.Cases[4]; !strings.Contains(e.Error, "the model is down") || len(e.Scores) != 0 || e.Outcome != "" {
		t.Errorf("the failed case reads %+v", e)
	}
}

func TestReportIsTheSameButForTimes(t *testing.T) {
	t.Parallel()
	strip := func(r eval.Report) string {
		r.Timing = eval.Timing{}
		for i := range r.Cases {
			r.Cases[i].Timing = nil
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	o := options(t)
	first, err := eval.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Concurrency = 4
	second, err := eval.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := strip(first), strip(second); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
}

func TestRunEndedEarlyKeepsWhatIsDone(t *testing.T) {
	t.Parallel()
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	o := options(t)
	o.Progress = func(done, total int) {
		if total != 5 {
			t.Errorf("total is %d, want 5", total)
		}
		if done == 2 {
			cancel(stop)
		}
	}
	r, err := eval.Run(ctx, o)
	if !errors.Is(err, stop) {
		t.Fatalf("error is %v, want %v", err, stop)
	}
	if !r.Partial || len(r.Cases) < 2 || len(r.Cases) > 3 || r.Metrics[eval.DraftRate].N != len(r.Cases) {
		t.Errorf("partial %v with %d cases, draft rate of %d", r.Partial, len(r.Cases), r.Metrics[eval.DraftRate].N)
	}
}

func TestMetricThatNothingCountsForIsNull(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(eval.Metric{})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"value":null,"n":0,"low":null,"high":null}`; string(raw) != want {
		t.Errorf("got %s, want %s", raw, want)
	}
	var back eval.Metric
	if err := json.Unmarshal([]byte(`{"value":0.5,"n":4,"low":0.1,"high":0.9}`), &back); err != nil {
		t.Fatal(err)
	}
	if want := (eval.Metric{Value: .5, N: 4, Low: .1, High: .9}); back != want {
		t.Errorf("read %+v, want %+v", back, want)
	}
}

func TestTableNamesFiguresErrorsAndSteps(t *testing.T) {
	t.Parallel()
	r, err := eval.Run(t.Context(), options(t))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hit_at_1", "2/3", "1 of 5 cases failed", "e: draft: the model is down", "de ", "reason expected", "BEREAVEMENT", "p95 ms", "draft", "total"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "must_say") {
		t.Errorf("the table shows a metric that nothing counts for:\n%s", b.String())
	}
}

func TestDraftIsJudgedByWhatTheCaseSays(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"kb.jsonl": kb, "tickets.jsonl": `{"id":"a","lang":"de","text":"bag?","gold_ids":["pets"],` +
		`"must_say":["One  BAG","free"],"must_not_say":"refund","max_chars":10}` + "\n"})
	s, err := eval.ReadSuite(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := options(t)
	o.Suite = s
	o.Detect = func(string) text.Guess { return text.Guess{Locale: "en", Confidence: 1} }
	r, err := eval.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		eval.HitAt1: 0, eval.HitAt3: 1, eval.HitAt5: 1, eval.MRRAt10: .5, eval.DraftRate: 1, eval.SilentOnAnswerable: 0,
		eval.RecallAt5: 1, eval.NDCGAt10: 1 / math.Log2(3), eval.Brier: .1 * .1,
		eval.HumanFalseAlarm: 0, eval.CitationRecall: 0, eval.CitationPrecision: 0,
		eval.MustSayKept: 1, eval.MustNotSayKept: 1, eval.LengthKept: 0, eval.RightLanguage: 0,
		eval.DraftChars: 26, eval.DraftWords: 6,
	}
	if diff := cmp.Diff(want, r.Cases[0].Scores, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
}
