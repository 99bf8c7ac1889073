package external_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/external"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

const outside = `{"id":"a","ranked":["pets","bags"],"text":"One bag is free.","cited":["bags","pets"],"confidence":0.7,"ms":12}
{"id":"b","ranked":"pets","text":""}
{"id":"c","text":"Sunny."}
{"id":"d","outcome":"HUMAN_ONLY","reason":"BEREAVEMENT"}
{"id":"e","error":"no answer"}
`

func importRun(t *testing.T, content string) (eval.Report, error) {
	t.Helper()
	r, _, err := external.Import(evaltest.Suite(t), filepath.Join(evaltest.Folder(t, map[string]string{"rival.jsonl": content}), "rival.jsonl"), "rival", eval.ScorerOptions{Analyzer: evaltest.Options(t).Analyzer})
	return r, err
}

func TestImportIsARunLikeOthers(t *testing.T) {
	t.Parallel()
	r, err := importRun(t, outside)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]float64{
		eval.HitAt1: {1. / 3, 3}, eval.HitAt3: {2. / 3, 3}, eval.DraftRate: {.5, 4}, eval.CitationPrecision: {.5, 1},
		eval.AbstainedOnAnswerable: {.5, 2}, eval.AbstainedOnUnanswerable: {0, 1}, eval.HumanRecall: {1, 1}, eval.RougeL: {1, 1},
	} {
		if m := r.Metrics[name]; m.Value != want[0] || m.N != int(want[1]) {
			t.Errorf("%s is %v of %d, want %v", name, m.Value, m.N, want)
		}
	}
	if r.Errors != 1 || r.Cases[0].Confidence != .7 || r.Cases[1].KnowsConfidence() || r.Cases[2].KnowsConfidence() || r.Cases[0].Timing["total"] != 12 {
		t.Errorf("cases: %+v", r.Cases)
	}
	o := evaltest.Options(t)
	mine, err := eval.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := compare.Runs(r, mine, 0)
	if err != nil || c.Pairs != 4 {
		t.Errorf("%d pairs, %v", c.Pairs, err)
	}
}

func TestImportHasItsPrice(t *testing.T) {
	t.Parallel()
	content := strings.Replace(outside, `"ms":12`, `"model":"large","prompt_tokens":1000,"completion_tokens":100`, 1)
	path := filepath.Join(evaltest.Folder(t, map[string]string{"rival.jsonl": content}), "rival.jsonl")
	prices := eval.Prices{Currency: "EUR", Models: map[string]eval.Price{"large": {Prompt: 2, Completion: 10}}}
	r, _, err := external.Import(evaltest.Suite(t), path, "rival", eval.ScorerOptions{Prices: &prices})
	if err != nil || r.Usage.Currency != "EUR" || math.Abs(r.Metrics[eval.CostPer1000Tickets].Value-.75) > 1e-12 || r.Metrics[eval.TokensPerDraft].Value != 1100 {
		t.Errorf("used %+v, cost %+v, %v", r.Usage, r.Metrics[eval.CostPer1000Tickets], err)
	}
	prices.Models = map[string]eval.Price{"small": {}}
	var unknown *eval.PriceError
	if _, _, err := external.Import(evaltest.Suite(t), path, "rival", eval.ScorerOptions{Prices: &prices}); !errors.As(err, &unknown) {
		t.Errorf("a model without a price: %v", err)
	}
}

// answered are lines for the cases a to d of the small suite, each with what is
// given for it; e is an error.
func answered(a, b, c, d string) string {
	var lines strings.Builder
	for i, rest := range []string{a, b, c, d, `"error":"no answer"`} {
		lines.WriteString(`{"id":"` + string(rune('a'+i)) + `",` + rest + "}\n")
	}
	return lines.String()
}

func TestImportLeavesUnknownWhatIsNotTold(t *testing.T) {
	t.Parallel()
	retrieval := []string{eval.HitAt1, eval.HitAt3, eval.HitAt5, eval.MRRAt10, eval.RecallAt5, eval.NDCGAt10}
	sure := []string{eval.AUROC, eval.AURC, eval.Brier, eval.CalibrationError}
	person := []string{eval.HumanRecall, eval.HumanFalseAlarm, eval.ReasonRight}
	cites := []string{eval.CitationPrecision, eval.CitationRecall}
	silence := []string{eval.DraftRate, eval.AbstainedOnAnswerable, eval.AbstainedOnUnanswerable}
	words := []string{eval.RougeL, eval.ChrF, eval.DraftChars}
	supported := []string{eval.ClaimsSupported}
	const evidence = `"evidence":[{"key":"bags","text":"One bag is free."}]`
	tests := []struct {
		name, content string
		unknown       []string
		measured, not []string
	}{
		{
			"everything", answered(
				`"text":"One bag is free.","ranked":"bags","cited":"bags","confidence":0.9,`+evidence, `"text":"","ranked":"pets","confidence":0.2`,
				`"text":"","ranked":[],"confidence":0.1`, `"outcome":"HUMAN_ONLY","reason":"BEREAVEMENT","ranked":[]`),
			nil, slices.Concat(retrieval, sure, person, cites, silence, words, supported), nil,
		},
		{
			"rankings and texts", answered(`"text":"One bag is free.","ranked":"bags"`, `"text":"","ranked":"pets"`, `"text":"","ranked":[]`, `"text":"","ranked":[]`),
			[]string{"outcome", "reason", "cited", "evidence", "confidence"},
			slices.Concat(retrieval, silence, words), slices.Concat(sure, person, cites, supported),
		},
		{
			"texts alone", answered(`"text":"One bag is free."`, `"text":""`, `"text":""`, `"text":""`),
			[]string{"ranked", "outcome", "reason", "cited", "evidence", "confidence"},
			slices.Concat(silence, words), slices.Concat(retrieval, sure, person, cites, supported),
		},
		{
			"rankings alone", answered(`"ranked":"bags"`, `"ranked":"pets"`, `"ranked":[]`, `"ranked":[]`),
			[]string{"text", "outcome", "reason", "cited", "evidence", "confidence"},
			retrieval, slices.Concat(sure, person, cites, silence, words, supported),
		},
		{
			"confidences without rankings", answered(`"text":"One bag is free.","confidence":1`, `"text":"","confidence":0`, `"text":"","confidence":0`, `"text":"","confidence":0`),
			[]string{"ranked", "outcome", "reason", "cited", "evidence"},
			[]string{eval.AUROC, eval.Brier, eval.CalibrationError},
			append([]string{eval.AURC}, retrieval...),
		},
		{
			"outcomes without reasons", answered(`"text":"One bag is free."`, `"outcome":"NO_DRAFT"`, `"text":""`, `"outcome":"human_only"`),
			[]string{"ranked", "reason", "cited", "evidence", "confidence"},
			[]string{eval.HumanRecall, eval.HumanFalseAlarm},
			[]string{eval.ReasonRight},
		},
		{
			"null is not told", answered(`"text":"One bag is free.","ranked":null,"cited":null,"claims":null,"confidence":null,"outcome":null`, `"text":null`, `"text":""`, `"text":""`),
			[]string{"ranked", "outcome", "reason", "cited", "evidence", "confidence"},
			silence, slices.Concat(retrieval, sure, person, cites),
		},
		{
			"citations without their texts", answered(`"text":"One bag is free.","claims":[{"text":"One bag is free.","cited":["bags"]}]`, `"text":""`, `"text":""`, `"text":""`),
			[]string{"ranked", "outcome", "reason", "evidence", "confidence"},
			cites, supported,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, err := importRun(t, test.content)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.unknown, r.Configuration.Unknown); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
			for _, name := range test.measured {
				if r.Metrics[name].N == 0 {
					t.Errorf("%s is not measured", name)
				}
			}
			for _, name := range test.not {
				if m := r.Metrics[name]; m.N != 0 {
					t.Errorf("%s is %v of %d", name, m.Value, m.N)
				}
				for i := range r.Cases {
					if v, scored := r.Cases[i].Scores[name]; scored {
						t.Errorf("case %s has %v for %s", r.Cases[i].ID, v, name)
					}
				}
			}
		})
	}
}

func TestImportTellsAbsentFromUnknownByLine(t *testing.T) {
	t.Parallel()
	r, err := importRun(t, answered(
		`"text":"One bag is free.","ranked":null,"cited":null,"confidence":null`, `"text":"Cats fly.","ranked":"pets","cited":"pets","confidence":0.9`,
		`"text":"","confidence":0.1`, `"reason":"BEREAVEMENT"`))
	if err != nil {
		t.Fatal(err)
	}
	a, b, c, d := r.Cases[0], r.Cases[1], r.Cases[2], r.Cases[3]
	if r.Metrics[eval.HitAt1].N != 2 || r.Metrics[eval.CitationRecall].N != 1 || r.Metrics[eval.Brier].N != 2 {
		t.Errorf("metrics: %+v %+v %+v", r.Metrics[eval.HitAt1], r.Metrics[eval.CitationRecall], r.Metrics[eval.Brier])
	}
	if a.KnowsConfidence() || a.Knows("ranked") || !b.Knows("ranked", "cited", "confidence") || d.Knows("confidence") {
		t.Errorf("unknown: %v, %v, %v", a.Unknown, b.Unknown, d.Unknown)
	}
	n := 0
	for _, row := range r.Reliability {
		n += row.N
	}
	if n != 2 {
		t.Errorf("%d confidences in the table of reliability, and 2 are known", n)
	}
	// A ranking that is left out where others have one is empty, so a miss.
	if v, scored := d.Scores[eval.HitAt1]; !scored || v != 0 {
		t.Errorf("hit_at_1 of d is %v, %v", v, scored)
	}
	// An outcome follows from its reason, and else from the text.
	if a.Outcome != suggest.OutcomeDraft || c.Outcome != suggest.OutcomeNoDraft || d.Outcome != suggest.OutcomeHumanOnly {
		t.Errorf("outcomes: %s, %s, %s", a.Outcome, c.Outcome, d.Outcome)
	}
}

func TestWhatIsUnknownDoesNotFail(t *testing.T) {
	t.Parallel()
	mine := evaltest.Run(t)
	plain, err := importRun(t, answered(`"text":"One bag is free of charge."`, `"text":""`, `"text":""`, `"text":""`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "no draft was given", "", "", "it failed: no answer"} {
		if got := plain.Cases[i].Failing(); got != want {
			t.Errorf("case %s: %q, want %q", plain.Cases[i].ID, got, want)
		}
	}
	found, err := importRun(t, answered(`"ranked":"bags"`, `"ranked":[]`, `"ranked":[]`, `"ranked":[]`))
	if err != nil {
		t.Fatal(err)
	}
	if got := found.Cases[0].Failing(); got != "nothing tells whether there was a draft" {
		t.Errorf("a ranking alone: %q", got)
	}
	for name, theirs := range map[string]eval.Report{"without citations": plain, "without texts": found} {
		for way, runs := range map[string][2]eval.Report{"second": {mine, theirs}, "first": {theirs, mine}} {
			c, err := compare.Runs(runs[0], runs[1], 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range []string{eval.CitationRecall, eval.ClaimsSupported, eval.Brier, eval.AUROC, eval.AURC, eval.CalibrationError, eval.HumanRecall, eval.ReasonRight} {
				if d := c.Metrics[m]; d.N != 0 || d.Verdict == compare.Better || d.Verdict == compare.Worse {
					t.Errorf("%s, %s: %s is %s: %+v", name, way, m, d.Verdict, d)
				}
			}
			for _, change := range c.Changed {
				if change.ID == "a" && name == "without citations" && change.Failing != [2]string{} {
					t.Errorf("%s, %s: a fails: %q", name, way, change.Failing)
				}
			}
			var told strings.Builder
			if err := errors.Join(c.WriteTable(&told, 5, 0), c.WriteDetails(&told, 5)); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(told.String(), "confidence; ") && !strings.Contains(told.String(), "confidence, so these are not measured: ") || strings.Contains(told.String(), "confidence 0.000") {
				t.Errorf("%s, %s: %s", name, way, told.String())
			}
		}
	}
}

func TestComparisonPassesByWhatBothTell(t *testing.T) {
	t.Parallel()
	astray, err := importRun(t, answered(`"text":"One bag is free of charge.","cited":"pets"`, `"text":""`, `"text":""`, `"text":""`))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := importRun(t, answered(`"text":"One bag is free of charge."`, `"text":""`, `"text":""`, `"text":""`))
	if err != nil {
		t.Fatal(err)
	}
	if got := astray.Cases[0].Failing(); got != "the draft cites none of the gold articles" {
		t.Errorf("by itself: %q", got)
	}
	c, err := compare.Runs(astray, plain, 0)
	if err != nil || len(c.Changed) != 1 || c.Changed[0].Failing != [2]string{} {
		t.Errorf("side by side: %+v, %v", c.Changed, err)
	}
	if v := astray.Cases[0].Scores[eval.CitationRecall]; v != 0 || len(astray.Cases[0].Scores) == 0 {
		t.Errorf("comparing changed the run: %v", astray.Cases[0].Scores)
	}
}

func TestComparisonPairsWhatBothTell(t *testing.T) {
	t.Parallel()
	content := func(second string) string {
		return answered(`"text":"One bag is free.","ranked":"bags","confidence":0.9`, `"text":"","ranked":"pets","confidence":`+second, `"text":"","ranked":[],"confidence":0.3`, `"text":""`)
	}
	all, err := importRun(t, content("0.2"))
	if err != nil {
		t.Fatal(err)
	}
	some, err := importRun(t, content("null"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := compare.Runs(all, some, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Case b stands below c, but what is not known in both counts in neither.
	if d := c.Metrics[eval.AUROC]; d.A != 1 || d.B != 1 || d.Change != 0 {
		t.Errorf("auroc: %+v", d)
	}
	if _, err := c.JSON(); err != nil {
		t.Error(err)
	}
	if d := c.Metrics[eval.Brier]; d.N != 2 || d.OnlyA != 1 || d.Change != 0 {
		t.Errorf("brier: %+v", d)
	}
}

func TestComparisonOfOneConfidenceThatBothTell(t *testing.T) {
	t.Parallel()
	content := func(first string) string {
		return answered(`"text":"One bag is free.","confidence":`+first, `"text":"","confidence":0.2`, `"text":"","confidence":0.3`, `"text":""`)
	}
	all, err := importRun(t, content("0.9"))
	if err != nil {
		t.Fatal(err)
	}
	some, err := importRun(t, strings.Replace(content("null"), `"confidence":0.3`, `"confidence":null`, 1))
	if err != nil {
		t.Fatal(err)
	}
	c, err := compare.Runs(all, some, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{eval.Brier, eval.CalibrationError, eval.AUROC} {
		if d, there := c.Metrics[m]; there {
			t.Errorf("%s: %+v", m, d)
		}
	}
	if _, err := c.JSON(); err != nil {
		t.Error(err)
	}
}

func TestImportedRunIsReadBack(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"whole": outside, "ranked alone": answered(`"ranked":"bags"`, `"ranked":[]`, `"ranked":[]`, `"ranked":[]`),
	} {
		r, err := importRun(t, content)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := eval.ParseReport(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		second, err := again.JSON()
		if err != nil || string(second) != string(raw) {
			t.Errorf("%s: reads back as another run, %v", name, err)
		}
		for i := range again.Cases {
			one, err := json.Marshal(&again.Cases[i])
			if err != nil || again.Cases[i].KnowsConfidence() == strings.Contains(string(one), `"confidence":null`) {
				t.Errorf("%s: %s, %v", name, one, err)
			}
		}
	}
}

func TestImportPricesOnlyWhatIsKnown(t *testing.T) {
	t.Parallel()
	prices := eval.Prices{Currency: "EUR", Models: map[string]eval.Price{"large": {Prompt: 2, Completion: 10}}}
	priced := func(content string) (eval.Report, error) {
		file := filepath.Join(evaltest.Folder(t, map[string]string{"rival.jsonl": content}), "rival.jsonl")
		r, _, err := external.Import(evaltest.Suite(t), file, "rival", eval.ScorerOptions{Prices: &prices})
		return r, err
	}
	r, err := priced(outside)
	if err != nil || r.Metrics[eval.CostPer1000Tickets].N != 0 || !slices.Contains(r.Configuration.Unknown, eval.FieldTokens) {
		t.Errorf("without tokens: %+v, %v", r.Metrics[eval.CostPer1000Tickets], err)
	}
	if _, err := priced(strings.Replace(outside, `"ms":12`, `"prompt_tokens":5`, 1)); err == nil || !strings.Contains(err.Error(), "rival.jsonl:1: names no model that its tokens are of") {
		t.Errorf("tokens of no model: %v", err)
	}
}

func FuzzImport(f *testing.F) {
	f.Add(outside)
	f.Add(`{"id":"a","ranked":[""],"text":"\u0000"}`)
	f.Add(answered(`"ranked":["bags"]`, `"ranked":null`, `"ranked":[]`, `"ranked":"bags"`))
	f.Add(answered(`"text":"One.","cited":"bags","claims":[{"text":"One.","kind":"fact"}],"evidence":[{"key":"bags","text":"One.","lang":"de"}]`, `"text":null`, `"reason":"LEGAL"`, `"outcome":"NO_DRAFT"`))
	f.Add("\xff\xfe{\x00")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content string) {
		file := filepath.Join(dir, "rival.jsonl")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		r, _, err := external.Import(evaltest.Suite(t), file, "rival", eval.ScorerOptions{Analyzer: evaltest.Options(t).Analyzer})
		if err != nil {
			var wrong *suite.Error
			if !errors.As(err, &wrong) {
				t.Errorf("error is %v", err)
			}
			return
		}
		if len(r.Cases) != 5 {
			t.Errorf("a run of %d cases was let in", len(r.Cases))
		}
		raw, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := eval.ParseReport(raw); err != nil {
			t.Errorf("a run that can't be read back was let in: %v", err)
		}
		for i := range r.Cases {
			for _, m := range eval.Metrics() {
				if _, scored := r.Cases[i].Scores[m.Name]; scored && !m.IsKnown(&r.Cases[i]) {
					t.Errorf("%s is scored and not known", m.Name)
				}
			}
		}
	})
}
