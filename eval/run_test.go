package eval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/langid"
)

func TestRunMeasures(t *testing.T) {
	t.Parallel()
	r, err := eval.Run(t.Context(), evaltest.Options(t))
	if err != nil {
		t.Fatal(err)
	}
	if r.Errors != 1 || r.Partial || len(r.Cases) != 5 {
		t.Fatalf("errors %d, partial %v, %d cases", r.Errors, r.Partial, len(r.Cases))
	}
	want := map[string][2]float64{ // value, n
		eval.HitAt1: {2. / 3, 3}, eval.HitAt3: {1, 3}, eval.HitAt5: {1, 3}, eval.MRRAt10: {(1 + 1 + 1./3) / 3, 3},
		eval.DraftRate: {.5, 4}, eval.AbstainedOnUnanswerable: {0, 1}, eval.AbstainedOnAnswerable: {.5, 2},
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
	if n := r.Slices[eval.GroupLang]["de"][eval.HitAt1].N; n != 1 {
		t.Errorf("German slice counts %d tickets, want 1", n)
	}
	if got := r.Cases[0].Timing; got["draft"] != 3 || got["first_words"] != 7 || got["total"] <= 0 {
		t.Errorf("times of the first case: %v", got)
	}
	if e := r.Cases[4]; !strings.Contains(e.Error, "the model is down") || len(e.Scores) != 0 || e.Outcome != "" {
		t.Errorf("the failed case reads %+v", e)
	}
}

func TestARunHoldsWhatWasAsked(t *testing.T) {
	t.Parallel()
	dir := evaltest.Folder(t, map[string]string{
		"tickets.jsonl": `{"id":"a","subject":"PIN","messages":[{"author":"CUSTOMER","text":"I typed it wrong."},{"author":"AGENT","text":"How often?"},{"author":"CUSTOMER","text":"Three times."}],"facts":[{"name":"card","value":"gold"}],"customer":{"name":"Ann Lee"},"gold_ids":["bags"]}` + "\n" +
			`{"id":"b","text":"And now?","expect":"none"}` + "\n",
		"kb.jsonl": `{"id":"bags","lang":"en","title":"Bags","body":"One bag."}`,
	})
	s, err := suite.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := evaltest.Options(t)
	o.Suite = s
	r, err := eval.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	a := &r.Cases[0]
	if a.Question != "Three times." || a.Ticket == nil || a.Ticket.Customer.DisplayName != "Ann Lee" || len(a.Ticket.Facts) != 1 {
		t.Errorf("%+v, %+v", a.Question, a.Ticket)
	}
	want := "Subject: PIN\n\nCUSTOMER: I typed it wrong.\n\nAGENT: How often?\n\nCUSTOMER: Three times.\n\n(card: gold)"
	if diff := cmp.Diff(want, a.Asked()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if b := &r.Cases[1]; b.Ticket != nil || b.Asked() != "And now?" {
		t.Errorf("%+v", b.Ticket)
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
	o := evaltest.Options(t)
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
	o := evaltest.Options(t)
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
	r, err := eval.Run(t.Context(), evaltest.Options(t))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.WriteTable(&b, 0); err != nil {
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

func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	r := evaltest.Run(t)
	for _, columns := range []int{80, 100, 120, 200} {
		var b bytes.Buffer
		if err := r.WriteTable(&b, columns); err != nil {
			t.Fatal(err)
		}
		metrics, _, _ := strings.Cut(b.String(), "\n step")
		for line := range strings.Lines(metrics) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > columns && strings.HasPrefix(line, " ") {
				t.Errorf("on %d columns, %d: %s", columns, n, line)
			}
		}
		told := strings.Contains(strings.Join(strings.Fields(metrics), " "), "a gold article comes first")
		if told == strings.Contains(metrics, "on a wider terminal") || told != (columns >= 100) {
			t.Errorf("on %d columns it is told what counts: %v\n%s", columns, told, metrics)
		}
	}
}

func TestDraftIsJudgedByWhatTheCaseSays(t *testing.T) {
	t.Parallel()
	dir := evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","lang":"de","text":"bag?","gold_ids":["pets"],` +
		`"must_say":["One  BAG","free"],"must_not_say":"refund","max_chars":10}` + "\n"})
	s, err := suite.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := evaltest.Options(t)
	o.Suite = s
	o.Detect = func(string) langid.Guess { return langid.Guess{Locale: "en", Confidence: 1} }
	r, err := eval.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		eval.HitAt1: 0, eval.HitAt3: 1, eval.HitAt5: 1, eval.MRRAt10: .5, eval.DraftRate: 1, eval.AbstainedOnAnswerable: 0,
		eval.RecallAt5: 1, eval.NDCGAt10: 1 / math.Log2(3), eval.Brier: .1 * .1,
		eval.HumanFalseAlarm: 0, eval.CitationRecall: 0, eval.CitationPrecision: 0,
		eval.MustSayKept: 1, eval.MustNotSayKept: 1, eval.LengthKept: 0, eval.RightLanguage: 0,
		eval.DraftChars: 26, eval.DraftWords: 6, eval.EvidenceChars: 18, eval.GoldInEvidence: 0,
	}
	if diff := cmp.Diff(want, r.Cases[0].Scores, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
}
