package pipelinetest

import (
	"context"
	"sync/atomic"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Gate is a model that writes a sentence, then waits to be let on.
type Gate struct {
	Reached chan struct{}
	Open    chan struct{}
	Calls   atomic.Int64
	Ended   atomic.Int64
}

// NewGate makes one that is closed.
func NewGate() *Gate { return &Gate{Reached: make(chan struct{}, 10), Open: make(chan struct{})} }

// Name implements pipeline.Drafter.
func (g *Gate) Name() string { return "openai" }

// UsesPrompt implements pipeline.Prompted.
func (g *Gate) UsesPrompt() bool { return true }

// Draft implements pipeline.Drafter.
func (g *Gate) Draft(ctx context.Context, _ pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	g.Calls.Add(1)
	defer g.Ended.Add(1)
	if err := write(Cited("Your cabin bag may weigh up to 8 kg.", 1)); err != nil {
		return pipeline.Report{}, err
	}
	g.Reached <- struct{}{}
	select {
	case <-g.Open:
	case <-ctx.Done():
		return pipeline.Report{}, ctx.Err()
	}
	err := write(Cited("A heavier bag must be checked in at the airport for 45 EUR.", 1))
	return pipeline.Report{Model: "m", Finish: "stop"}, err
}
