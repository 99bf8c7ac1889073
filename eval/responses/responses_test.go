package responses_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/responses"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// model answers with two sentences, or fails.
type model struct {
	asked *int
	fail  error
}

func (model) Name() string     { return "openai" }
func (model) UsesPrompt() bool { return true }

func (m model) Draft(_ context.Context, _ pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	*m.asked++
	report := pipeline.Report{Model: "m", Finish: "stop", PromptTokens: 7, CompletionTokens: 3, FirstWords: time.Second}
	for _, s := range []string{"One bag.", "It is free."} {
		if err := write(suggest.DraftSentence{Text: s, Numbers: []int{1}}); err != nil {
			return report, err
		}
	}
	return report, m.fail
}

func task(evidence string) pipeline.Task {
	return pipeline.Task{Question: "bags?", Locale: "en", Evidence: []suggest.Evidence{{Number: 1, Text: evidence}}}
}

// draft drafts and gathers the sentences.
func draft(t *testing.T, d *responses.Drafter, of pipeline.Task) ([]string, pipeline.Report, error) {
	t.Helper()
	var said []string
	report, err := d.Draft(t.Context(), of, func(s suggest.DraftSentence) error {
		said = append(said, s.Text)
		return nil
	})
	return said, report, err
}

func TestWhatWasAskedIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	dir, asked := filepath.Join(t.TempDir(), "new"), 0
	d := responses.New(model{asked: &asked}, responses.Cache{Dir: dir, Identity: "m 0"})
	first, report, err := draft(t, d, task("a"))
	if err != nil {
		t.Fatal(err)
	}
	// Another process, the same folder; how long words may take is no question.
	later := task("a")
	later.FirstWords = time.Minute
	again := responses.New(model{asked: &asked}, responses.Cache{Dir: dir, Identity: "m 0"})
	second, kept, err := draft(t, again, later)
	if err != nil || asked != 1 {
		t.Fatalf("asked %d times, %v", asked, err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("sentences (-asked +kept):\n%s", diff)
	}
	report.FirstWords = 0
	if diff := cmp.Diff(report, kept); diff != "" {
		t.Errorf("report (-asked +kept):\n%s", diff)
	}
	if hits, misses := again.Counts(); hits != 1 || misses != 0 || !again.UsesPrompt() || again.Name() != "openai" {
		t.Errorf("%d kept, %d asked", hits, misses)
	}
}

func TestAnotherQuestionIsAsked(t *testing.T) {
	t.Parallel()
	dir, asked := t.TempDir(), 0
	d := responses.New(model{asked: &asked}, responses.Cache{Dir: dir, Identity: "m 0"})
	other := task("a")
	other.Locale = "de"
	for _, of := range []pipeline.Task{task("a"), task("b"), other} {
		if _, _, err := draft(t, d, of); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := draft(t, responses.New(model{asked: &asked}, responses.Cache{Dir: dir, Identity: "m 1"}), task("a")); err != nil || asked != 4 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault suggest.DraftFault
		asked int
	}{
		{"it knows no answer", suggest.FaultNoAnswer, 1},
		{"cut at its limit", suggest.FaultLength, 1},
		{"provider", suggest.FaultProvider, 2},
		{"cut off", suggest.FaultCut, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			d := responses.New(model{asked: &asked, fail: &pipeline.DraftError{Fault: test.fault}}, responses.Cache{Dir: t.TempDir(), Identity: "m"})
			for range 2 {
				said, _, err := draft(t, d, task("a"))
				var fault *pipeline.DraftError
				if !errors.As(err, &fault) || fault.Fault != test.fault || len(said) != 2 {
					t.Errorf("said %v, error is %v", said, err)
				}
			}
			if asked != test.asked {
				t.Errorf("asked %d times, want %d", asked, test.asked)
			}
		})
	}
}

func TestWhatWasStoppedIsNotKept(t *testing.T) {
	t.Parallel()
	asked := 0
	d := responses.New(model{asked: &asked}, responses.Cache{Dir: t.TempDir(), Identity: "m"})
	enough := errors.New("enough")
	if _, err := d.Draft(t.Context(), task("a"), func(suggest.DraftSentence) error { return enough }); !errors.Is(err, enough) {
		t.Fatal(err)
	}
	if said, _, err := draft(t, d, task("a")); err != nil || len(said) != 2 || asked != 2 {
		t.Errorf("said %v, asked %d times, %v", said, asked, err)
	}
	// A listener that stops a kept answer gets its own error back.
	if _, err := d.Draft(t.Context(), task("a"), func(suggest.DraftSentence) error { return enough }); !errors.Is(err, enough) || asked != 2 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

func TestADamagedAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	dir, asked := t.TempDir(), 0
	d := responses.New(model{asked: &asked}, responses.Cache{Dir: dir, Identity: "m"})
	if _, _, err := draft(t, d, task("a")); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, err := draft(t, d, task("a")); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times, want 2", asked)
	}
}

// On another day the same question is no other one, though the prompt tells the day.
func TestTomorrowNothingIsAskedAgain(t *testing.T) {
	t.Parallel()
	dir, asked := t.TempDir(), 0
	hashes := map[string]bool{}
	for day := range 2 {
		now := time.Date(2026, 5, 3+day, 12, 0, 0, 0, time.UTC)
		hit := pipelinetest.Hit("bags", "en", "Bags", pipelinetest.BaggageBody, .8)
		hit.ReviseTime = now
		d := pipelinetest.Deps(pipelinetest.Found(hit), responses.New(model{asked: &asked}, responses.Cache{Dir: dir, Identity: "m 0"}))
		d.Today = func() time.Time { return now }
		p, err := pipeline.New(d, pipeline.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		s, _, err := p.Run(t.Context(), pipelinetest.Workspace, pipelinetest.Customer(pipelinetest.Question), nil)
		if err != nil || s.Draft == nil {
			t.Fatalf("%s %s, %v", s.Outcome, s.Reason, err)
		}
		hashes[s.Provenance.PromptHash] = true
	}
	if asked != 1 || len(hashes) != 2 {
		t.Errorf("asked %d times with %d prompts", asked, len(hashes))
	}
}
