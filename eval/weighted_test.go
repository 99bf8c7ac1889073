package eval_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// Three of four drafts in the sample, but the one without stands for most.
func TestWeightedFigures(t *testing.T) {
	t.Parallel()
	run := eval.Report{Format: eval.Format, Suite: eval.SuiteInfo{Name: "sample", Cases: 4}}
	for i, weight := range []float64{1, 1, 2, 16} {
		drafted := 1.0
		if i == 3 {
			drafted = 0
		}
		run.Cases = append(run.Cases, eval.CaseResult{
			ID: string(rune('a' + i)), Weight: weight, Expect: suite.ExpectOpen, Outcome: suggest.OutcomeNoDraft, Channel: suggest.ChannelEmail,
			Scores: map[string]float64{eval.DraftRate: drafted},
		})
	}
	run.Measure()
	if m := run.Metrics[eval.DraftRate]; m.Value != .75 {
		t.Errorf("unweighted %+v", m)
	}
	if m := run.Weighted[eval.DraftRate]; m.Value != .2 || m.N != 4 || m.Low >= .2 || m.High <= .2 {
		t.Errorf("weighted %+v", m)
	}
	var table bytes.Buffer
	if err := run.WriteTable(&table, 0); err != nil || !strings.Contains(table.String(), "it stands for 20 tickets") {
		t.Errorf("%v in\n%s", err, &table)
	}

	for i := range run.Cases {
		run.Cases[i].Weight = 0
	}
	run.Measure()
	raw, err := json.Marshal(run)
	if err != nil || run.Weighted != nil || bytes.Contains(raw, []byte("eight")) {
		t.Errorf("a suite without weights tells of some: %v %s", err, raw)
	}
}
