package judge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/judge"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

const ratings = `{"system_reply":"good 0","accuracy":[5,4,5],"gold_knowledge":["k"],"idx":7}
{"system_reply":"good 1","accuracy":[4,4,4],"idx":7}

{"system_reply":"good 2","accuracy":[5,5,3]}
{"system_reply":"fair 0","accuracy":[4,4,3]}
{"system_reply":"poor 0","accuracy":[1,2,5]}
{"id":"last","system_reply":"poor 1","accuracy":[2,2,2]}
`

func rated(t *testing.T) []judge.Rated {
	t.Helper()
	r, err := judge.ReadRated(strings.NewReader(ratings))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadRated(t *testing.T) {
	t.Parallel()
	r := rated(t)
	want := judge.Rated{ID: "line 1", Task: judge.Task{Reply: "good 0", Evidence: []string{"k"}}, Ratings: []int{5, 4, 5}}
	if diff := cmp.Diff(want, r[0]); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	if r[2].ID != "line 4" || r[5].ID != "last" {
		t.Errorf("ids %q, %q", r[2].ID, r[5].ID)
	}
	for content, want := range map[string]string{
		"":                     "there are no rated replies",
		"{":                    "line 1 is no rated reply (broken JSON at character 1)",
		`{"system_reply":"x"}`: "line 1 lacks",
		`{"system_reply":"x","accuracy":"secret"}`:                                           "line 1 is no rated reply (accuracy is a string and must be a list of whole numbers, such as [4, 5, 2])",
		`{"system_reply":"x","accuracy":[3],"gold_knowledge":"k"}`:                           `gold_knowledge is a string and must be a list of texts, such as ["…"]`,
		ratings + `{"system_reply":"x","accuracy":[9]}`:                                      "line 8: rating 9",
		ratings + `{"id":"last","system_reply":"x","accuracy":[3]}`:                          `line 8 has the id "last" of line 7`,
		`{"system_reply":"x","accuracy":[` + strings.Repeat("1,", 1000) + `1]}`:              "1000 are enough",
		`{"id":"` + strings.Repeat("x", 17<<20) + `","system_reply":"x","accuracy":[1,2,3]}`: "read rated replies",
	} {
		if _, err := judge.ReadRated(strings.NewReader(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: error is %v, want %q", content, err, want)
		}
	}
}

func TestPassesIsThePeoplesMajority(t *testing.T) {
	t.Parallel()
	for ratings, want := range map[[4]int]bool{
		{5, 5, 1}: true, {4, 3, 3}: false, {4}: true, {3}: false, {5, 3}: true, {4, 3}: false, {5, 5, 1, 1}: false, {}: false,
	} {
		var given []int
		for _, r := range ratings {
			if r > 0 {
				given = append(given, r)
			}
		}
		if got := (judge.Rated{Ratings: given}).Passes(); got != want {
			t.Errorf("%v passes: %v", given, got)
		}
	}
}

func TestSampleIsSeeded(t *testing.T) {
	t.Parallel()
	r := rated(t)
	ids := func(sample []judge.Rated) string {
		var out []string
		for i := range sample {
			out = append(out, sample[i].ID)
		}
		return strings.Join(out, ",")
	}
	if got := ids(judge.Sample(r, 3, 1)); got != ids(judge.Sample(r, 3, 1)) || strings.Count(got, ",") != 2 {
		t.Errorf("sample %s", got)
	}
	if ids(judge.Sample(r, 0, 1)) != ids(r) || ids(judge.Sample(r, 9, 1)) != ids(r) {
		t.Error("a sample of all is not all")
	}
	drawn := map[string]bool{}
	for seed := range uint64(50) {
		drawn[ids(judge.Sample(r, 3, seed))] = true
	}
	if len(drawn) < 5 {
		t.Errorf("50 seeds drew %d samples", len(drawn))
	}
}

// passing passes what calls itself so.
func passing(words ...string) model {
	return func(prompt string, _ int) (string, error) {
		for _, w := range words {
			if strings.Contains(prompt, "The reply to judge:\n<data>\n"+w) {
				return `{"pass":true}`, nil
			}
		}
		return `{"pass":false}`, nil
	}
}

func TestCalibrateMeasuresAgreement(t *testing.T) {
	t.Parallel()
	likes := passing("good", "poor 0")
	j := makeJudge(t, 3, model(func(prompt string, seed int) (string, error) {
		if strings.Contains(prompt, "good 2") && seed != 0 {
			return "hm", nil
		}
		return likes(prompt, seed)
	}))
	var progress []int
	verdicts, err := judge.Calibrate(t.Context(), j, rated(t), judge.Options{Concurrency: 3, Progress: func(done, total int) {
		progress = append(progress, done, total)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 6, 2, 6, 3, 6, 4, 6, 5, 6, 6, 6}, progress); diff != "" {
		t.Errorf("progress:\n%s", diff)
	}
	a := judge.Agree(verdicts)
	// People pass good 0 to 2 and fair 0; good 2 got no verdict. The judge passes
	// good 0, good 1 and poor 0, so it agrees on 3 of 5; by chance on
	// 3/5·3/5 + 2/5·2/5 = 13/25: κ = (15−13)/12.
	if a.Undecided != 1 || a.TruePositive.N != 3 || math.Abs(a.TruePositive.Value-2./3) > 1e-12 || a.TrueNegative.N != 2 || a.TrueNegative.Value != .5 {
		t.Errorf("agreement: %+v", a)
	}
	if math.Abs(a.Kappa.Value-2./12) > 1e-12 {
		t.Errorf("κ is %v, want %v", a.Kappa.Value, 2./12)
	}
	if a.Nonsense.N != 18 || math.Abs(a.Nonsense.Value-2./18) > 1e-12 || a.Steady.Value != 1 || a.Single.N != 6 || a.Among.N != 6 {
		t.Errorf("agreement: %+v", a)
	}
	// 6 replies, 3 times each, and the two votes that were asked for once more.
	if u := j.Usage(); u.Answers != 20 || u.Asked != 20 || u.AskedPromptTokens != 200 || u.AskedCompletionTokens != 40 {
		t.Errorf("usage: %+v", u)
	}
}

func TestCalibrateEndsWithItsReason(t *testing.T) {
	t.Parallel()
	many := make([]judge.Rated, 100)
	for i := range many {
		many[i] = judge.Rated{ID: fmt.Sprint(i), Task: judge.Task{Reply: fmt.Sprintf("reply %d.", i)}, Ratings: []int{4}}
	}
	limited := &pipeline.DraftError{Fault: suggest.FaultRateLimited}
	unauthorized := &pipeline.DraftError{Fault: suggest.FaultUnauthorized}
	tests := []struct {
		name  string
		model model
		o     judge.Options
		is    error
		said  string
		most  int32
	}{
		{"nonsense", func(string, int) (string, error) { return "hm", nil }, judge.Options{}, nil, "gave no verdict on 10 of 10 replies", 20},
		{"a wrong key", func(string, int) (string, error) { return "", unauthorized }, judge.Options{}, unauthorized, "", 1},
		{"a provider that fails", func(string, int) (string, error) { return "", limited }, judge.Options{}, limited, "5 of 5 replies could not be judged", 5},
		{"the budget", func(string, int) (string, error) { return `{"pass":true}`, nil }, judge.Options{Limits: eval.Limits{Tokens: 60}}, eval.ErrBudget, "", 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			j := makeJudge(t, 1, model(func(prompt string, seed int) (string, error) {
				asked.Add(1)
				return test.model(prompt, seed)
			}))
			_, err := judge.Calibrate(t.Context(), j, many, test.o)
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.said) {
				t.Errorf("error is %v", err)
			}
			if n := asked.Load(); n > test.most {
				t.Errorf("asked %d times", n)
			}
		})
	}
	t.Run("too many failures", func(t *testing.T) {
		t.Parallel()
		j := makeJudge(t, 1, model(func(prompt string, _ int) (string, error) {
			if strings.Contains(prompt, "7.") {
				return "", limited
			}
			return `{"pass":true}`, nil
		}))
		if _, err := judge.Calibrate(t.Context(), j, many, judge.Options{}); err == nil || !strings.Contains(err.Error(), "10 of 100 replies") {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		stop := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		j := makeJudge(t, 1, model(func(string, int) (string, error) {
			cancel(stop)
			return `{"pass":true}`, nil
		}))
		if _, err := judge.Calibrate(ctx, j, many, judge.Options{Concurrency: 4}); !errors.Is(err, stop) {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		if _, err := judge.Calibrate(t.Context(), makeJudge(t, 1, passing()), nil, judge.Options{}); err == nil {
			t.Error("nothing was calibrated on")
		}
	})
}

// votes makes verdicts: passed and failed by people, of which the judge passed
// and failed so many.
func votes(passed, right, failed, refused int) []judge.RatedVerdict {
	var out []judge.RatedVerdict
	add := func(ratings []int, verdict string, n int) {
		for range n {
			out = append(out, judge.RatedVerdict{ID: fmt.Sprint(len(out)), Ratings: ratings, Verdict: verdict, Votes: []string{verdict}})
		}
	}
	add([]int{5, 4, 4}, eval.JudgedPass, right)
	add([]int{5, 4, 2}, eval.JudgedFail, passed-right)
	add([]int{1, 2, 1}, eval.JudgedFail, refused)
	add([]int{1, 2, 4}, eval.JudgedPass, failed-refused)
	return out
}

func TestTrust(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		verdicts []judge.RatedVerdict
		why      string // empty for trust
	}{
		{"a good judge", votes(200, 185, 100, 80), ""},
		{"a lenient one", votes(200, 198, 100, 30), "of 100 replies that people fail it fails 0.30"},
		{"a strict one", votes(200, 80, 100, 98), "of 200 replies that people pass it passes"},
		{"one that passes everything", votes(200, 200, 100, 0), "κ with people is 0.00"},
		{"a coin", votes(200, 100, 100, 50), "must be at least 0.2"},
		{"too few replies", votes(8, 8, 4, 4), "that people fail it fails 1.00 (0.51"},
		{"people pass everything", votes(50, 50, 0, 0), "κ can't be told"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := judge.Agree(test.verdicts)
			why := strings.Join(judge.Distrust(a), "; ")
			if test.name == "too few replies" {
				if judge.Trusted(a) != (a.TrueNegative.Low > .5 && a.Kappa.Low >= judge.LeastKappa(a)) {
					t.Errorf("trusted: %v with %+v", judge.Trusted(a), a)
				}
				return
			}
			if judge.Trusted(a) != (test.why == "") || !strings.Contains(why, test.why) {
				t.Errorf("trusted: %v, because %s", judge.Trusted(a), why)
			}
		})
	}
	nonsense := judge.Agree(votes(200, 185, 100, 80))
	nonsense.Nonsense = stat.Share(50, 300)
	if why := judge.Distrust(nonsense); len(why) != 1 || !strings.Contains(why[0], "17% of its answers were no verdict") {
		t.Errorf("nonsense: %v", why)
	}
	if judge.LeastRate(stat.Estimate{}) != .5 || judge.LeastRate(stat.Share(3, 10)) != .3 || judge.LeastRate(stat.Share(9, 10)) != .5 {
		t.Error("a rate must pass a coin's, or one person's where that is less")
	}
	if least := judge.LeastKappa(judge.Agreement{}); least != judge.ModerateKappa {
		t.Errorf("with one rater κ must reach %v", least)
	}
	if least := judge.LeastKappa(judge.Agreement{Single: stat.Estimate{Value: .05, N: 9}}); least != judge.FairKappa {
		t.Errorf("with raters who hardly agree κ must reach %v", least)
	}
}

// calibrated is a calibration of a judge that goes by a word of the reply.
func calibrated(t *testing.T, verdicts []judge.RatedVerdict) judge.Calibration {
	t.Helper()
	j := makeJudge(t, 1, passing("good"))
	if _, err := j.Judge(t.Context(), judge.Task{Reply: "x"}); err != nil {
		t.Fatal(err)
	}
	return judge.NewCalibration(j, judge.RatingsInfo{Name: "r", Hash: "h", Total: 300, Used: 300}, verdicts)
}

func TestCalibrationFile(t *testing.T) {
	t.Parallel()
	c := calibrated(t, votes(200, 185, 100, 80))
	raw, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "judge.json")
	if err := disk.Write(path, raw); err != nil {
		t.Fatal(err)
	}
	got, err := judge.ReadCalibration(path)
	if err != nil {
		t.Fatal(err)
	}
	c.Usage.Asked, c.Usage.AskedPromptTokens, c.Usage.AskedCompletionTokens = 0, 0, 0 // what was paid for now is no part of it
	if diff := cmp.Diff(c, got); diff != "" {
		t.Errorf("read (-written +read):\n%s", diff)
	}
	change := func(f func(*judge.Calibration)) string {
		var other judge.Calibration
		if err := json.Unmarshal(raw, &other); err != nil {
			t.Fatal(err)
		}
		f(&other)
		changed, err := other.JSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(changed)
	}
	for name, c := range map[string]struct{ content, want string }{
		"half":             {string(raw[:len(raw)/2]), "broken JSON"},
		"another kind":     {`{"format":1}`, "is no calibration of format 1"},
		"another format":   {change(func(c *judge.Calibration) { c.Format = 2 }), "is no calibration of format 1"},
		"another rubric":   {change(func(c *judge.Calibration) { c.Judge.Rubric += " Be kind." }), "its hash does not fit"},
		"another model":    {change(func(c *judge.Calibration) { c.Judge.Model = "x" }), "its hash does not fit"},
		"a better rate":    {change(func(c *judge.Calibration) { c.Agreement.TruePositive.Value = 1 }), "figures that do not follow"},
		"trust by hand":    {change(func(c *judge.Calibration) { c.Trusted = !c.Trusted }), "figures that do not follow"},
		"another vote":     {change(func(c *judge.Calibration) { c.Replies[0].Votes[0] = eval.JudgedFail }), "verdict that its votes did not make"},
		"a strange vote":   {change(func(c *judge.Calibration) { c.Replies[0].Votes[0] = "maybe" }), "a vote that is none"},
		"too many votes":   {change(func(c *judge.Calibration) { c.Replies[0].Votes = make([]string, 3) }), "3 votes of 1"},
		"a strange rating": {change(func(c *judge.Calibration) { c.Replies[0].Ratings[0] = 7 }), "the rating 7"},
		"no ratings":       {change(func(c *judge.Calibration) { c.Replies[0].Ratings = nil }), "has no ratings"},
		"no replies":       {change(func(c *judge.Calibration) { c.Replies = nil }), "holds no rated replies"},
	} {
		if _, err := judge.ParseCalibration([]byte(c.content)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
	var wrong *judge.CalibrationFileError
	if _, err := judge.ReadCalibration(filepath.Join(t.TempDir(), "none")); !errors.As(err, &wrong) {
		t.Errorf("no file: %v", err)
	}
}

func FuzzReadRated(f *testing.F) {
	f.Add(ratings)
	f.Add("\ufeff{\"system_reply\":\"x\",\"accuracy\":[1]}")
	f.Fuzz(func(t *testing.T, content string) {
		r, err := judge.ReadRated(strings.NewReader(content))
		if (err == nil) != (len(r) > 0) {
			t.Fatalf("%d replies, %v", len(r), err)
		}
		for i := range r {
			if r[i].ID == "" || r[i].Reply == "" || len(r[i].Ratings) == 0 {
				t.Errorf("%+v", r[i])
			}
			_ = r[i].Passes()
		}
	})
}

func FuzzCalibration(f *testing.F) {
	f.Add([]byte(`{"format":1,"kind":"judge-calibration","judge":{"times":1},"replies":[{"ratings":[4]}]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := judge.ParseCalibration(raw)
		if err == nil && (len(c.Replies) == 0 || c.Trusted != judge.Trusted(c.Agreement)) {
			t.Errorf("%+v", c)
		}
	})
}
