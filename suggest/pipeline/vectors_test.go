package pipeline_test

import (
	"context"
	"testing"
	"time"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// hanging is an embedder that never answers while the test lasts, whatever its
// caller's deadline.
type hanging struct{ until chan struct{} }

func (h hanging) Embed(context.Context, []string) ([][]float32, error) {
	<-h.until
	return nil, context.Canceled
}

// An embedder that hangs costs a draft its vectors, and no more time than they have.
func TestAnEmbedderThatHangsHoldsNoDraftUp(t *testing.T) {
	t.Parallel()
	until := make(chan struct{})
	t.Cleanup(func() { close(until) })
	deps := pipelinetest.Deps(pipelinetest.Baggage(), pipelinetest.Writes(nil, pipelinetest.Cited("Payment is by card at the desk.", 1)))
	deps.Sentences = hanging{until}
	p, err := pipeline.New(deps, pipeline.Settings{TimeLimit: 5 * time.Second, VectorLimit: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan suggest.Suggestion, 1)
	go func() {
		made, _, _ := p.Run(t.Context(), pipelinetest.Workspace, pipelinetest.Customer(pipelinetest.Question), nil)
		done <- made
	}()
	select {
	case made := <-done:
		if made.Draft == nil || made.Draft.Claims[0].Standing != suggest.StandingSupported {
			t.Errorf("%s %s: %+v", made.Outcome, made.Reason, made.Draft)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the draft waits for the embedder")
	}
}
