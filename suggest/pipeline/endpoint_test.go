package pipeline_test

import (
	"context"
	"testing"
	"time"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// timed is a drafter that tells thoughts from words.
type timed struct{ pipelinetest.Drafter }

func (timed) KeepsTime() bool { return true }

// What turns out to be thoughts is taken back, whatever was written of it.
func TestThoughtsAreNoDraft(t *testing.T) {
	model := pipelinetest.Writes(&pipeline.DraftError{Fault: suggest.FaultThoughts}, pipelinetest.Cited("Hm, the customer asks about a cabin bag.", 1), pipelinetest.Cited("A cabin bag may weigh 8 kg.", 1))
	m := run(t, pipelinetest.New(t, pipelinetest.Baggage(), model, pipeline.Settings{}), pipelinetest.Customer(pipelinetest.Question))
	if m.Provenance.Drafter == "openai" || !pipelinetest.HasNotice(m.Degraded, suggest.DegradedModelUnusable) {
		t.Errorf("drafted by %q, degraded %v", m.Provenance.Drafter, m.Degraded)
	}
	if got := shown(m.events); got != m.text() {
		t.Errorf("shown %q, draft %q", got, m.text())
	}
}

// Time to think is beside the limit, and ends before the caller's own.
func TestTimeToThink(t *testing.T) {
	tests := []struct {
		name     string
		settings pipeline.Settings
		deadline time.Duration
		keeps    bool
		least    time.Duration
		most     time.Duration
	}{
		{"by default", pipeline.Settings{}, 0, true, time.Minute, time.Minute},
		{"as set", pipeline.Settings{ThinkingLimit: 5 * time.Second}, 0, true, 5 * time.Second, 5 * time.Second},
		{"none", pipeline.Settings{ThinkingLimit: -1}, 0, true, 0, 0},
		{"of a drafter that keeps no time", pipeline.Settings{}, 0, false, 0, 0},
		{"no later than the caller waits", pipeline.Settings{TimeLimit: 5 * time.Second}, 20 * time.Second, true, 8 * time.Second, 15 * time.Second},
		{"of a caller in a hurry", pipeline.Settings{}, 5 * time.Second, true, 0, time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got pipeline.Task
			var left time.Duration
			ask := pipelinetest.Drafter(func(ctx context.Context, task pipeline.Task, _ func(suggest.DraftSentence) error) (pipeline.Report, error) {
				end, _ := ctx.Deadline()
				got, left = task, end.Sub(task.Until)
				return pipeline.Report{}, &pipeline.DraftError{Fault: suggest.FaultEmpty}
			})
			var model pipeline.Drafter = ask
			if test.keeps {
				model = timed{ask}
			}
			in := pipelinetest.Customer(pipelinetest.Question)
			if test.deadline > 0 {
				in.Deadline = time.Now().Add(test.deadline)
			}
			run(t, pipelinetest.New(t, pipelinetest.Baggage(), model, test.settings), in)
			if got.Thinking < test.least || got.Thinking > test.most || left != got.Thinking {
				t.Errorf("it may think for %s, and its context ends %s behind the limit", got.Thinking, left)
			}
		})
	}
}

// A model whose context is too short is offered half of the evidence each time,
// and what it was told at last is what is recorded.
func TestShorterPrompts(t *testing.T) {
	found := pipelinetest.Found(
		pipelinetest.Hit("cabin", "en", "Cabin baggage", pipelinetest.BaggageBody, .8),
		pipelinetest.Hit("hold", "en", "Hold baggage", "A bag in the hold may weigh 23 kg.", .7),
		pipelinetest.Hit("sports", "en", "Sports baggage", "Skis count as one bag in the hold.", .6))
	var prompts []string
	model := pipelinetest.Drafter(func(_ context.Context, task pipeline.Task, _ func(suggest.DraftSentence) error) (pipeline.Report, error) {
		for p := task.Prompt; p != nil; p = task.Shorter() {
			prompts = append(prompts, p.User)
		}
		return pipeline.Report{}, &pipeline.DraftError{Fault: suggest.FaultContext}
	})
	m := run(t, pipelinetest.New(t, found, model, pipeline.Settings{}), pipelinetest.Customer(pipelinetest.Question))
	if len(prompts) < 2 {
		t.Fatalf("%d prompts", len(prompts))
	}
	for i := range prompts[1:] {
		if len(prompts[i+1]) >= len(prompts[i]) {
			t.Errorf("prompt %d has %d bytes, the one before %d", i+1, len(prompts[i+1]), len(prompts[i]))
		}
	}
	if !pipelinetest.HasNotice(m.Degraded, suggest.DegradedModelFailed) {
		t.Errorf("degraded %v", m.Degraded)
	}
}

// While articles lack their vectors a suggestion says so.
func TestMissingVectorsAreTold(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*knowledge.Results)
		code   suggest.NoticeCode
	}{
		"of all":  {func(r *knowledge.Results) { r.WordsOnly = true }, suggest.DegradedWordsOnly},
		"of some": {func(r *knowledge.Results) { r.Partial = true }, suggest.DegradedPartly},
		"of none": {func(*knowledge.Results) {}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			baggage := pipelinetest.Baggage()
			searcher := pipelinetest.Searcher(func(ctx context.Context, q knowledge.Query) (knowledge.Results, error) {
				r, err := baggage(ctx, q)
				r.WordsOnly, r.Partial = false, false
				test.change(&r)
				return r, err
			})
			m := run(t, pipelinetest.New(t, searcher, nil, pipeline.Settings{}), pipelinetest.Customer(pipelinetest.Question))
			for _, code := range []suggest.NoticeCode{suggest.DegradedWordsOnly, suggest.DegradedPartly} {
				if has := pipelinetest.HasNotice(m.Degraded, code); has != (code == test.code) {
					t.Errorf("%s: %v", code, has)
				}
			}
		})
	}
}
