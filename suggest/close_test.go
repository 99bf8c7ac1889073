package suggest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// pausedDeadline is a context that holds up whoever asks for its deadline first.
type pausedDeadline struct {
	context.Context //nolint:containedctx // it is one
	once            sync.Once
	release         chan struct{}
}

func (p *pausedDeadline) Deadline() (time.Time, bool) {
	p.once.Do(func() { <-p.release })
	return p.Context.Deadline()
}

// A run may begin at any moment of closing: none is left behind, and none is
// waited for that was not told to end.
func TestServiceClosesWhileRunsBegin(t *testing.T) {
	for name, begin := range map[string]func(t *testing.T, s *suggest.Service, m *memory, release chan struct{}) error{
		"between the store and the run": func(t *testing.T, s *suggest.Service, _ *memory, release chan struct{}) error {
			return s.Suggest(&pausedDeadline{Context: t.Context(), release: release}, pipelinetest.Workspace, request("r"), (&pipelinetest.Tape{}).Emit)
		},
		"in the store": func(t *testing.T, s *suggest.Service, m *memory, release chan struct{}) error {
			m.begin = func() { <-release }
			return s.Suggest(t.Context(), pipelinetest.Workspace, request("r"), (&pipelinetest.Tape{}).Emit)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory(pipelinetest.Customer(pipelinetest.Question))
				s := suggest.NewService(pipelinetest.New(t, pipelinetest.Baggage(), pipelinetest.NewGate(), pipeline.Settings{}), m, suggest.ServiceOptions{NewID: counter()})
				release, asked, closed := make(chan struct{}), make(chan error, 1), make(chan error, 1)
				go func() { asked <- begin(t, s, m, release) }()
				synctest.Wait()
				go func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					closed <- s.Close(ctx)
				}()
				synctest.Wait()
				if len(closed) > 0 {
					t.Error("closed while a call was about to begin a run")
				}
				close(release)
				if err := <-asked; !errors.Is(err, suggest.ErrClosing) {
					t.Errorf("the call got %v", err)
				}
				if err := <-closed; err != nil {
					t.Error(err)
				}
				if m.count("abandon") != 1 {
					t.Error("what had begun was not given up")
				}
			})
		})
	}
}
