package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/simulate"
)

type evalSimulateCommand struct {
	File         string             `arg:"" name:"run" help:"JSON file of the run that draft quality and silence are taken from."`
	Seed         uint64             `default:"1" help:"The same seed gives the same figures."`
	Weeks        int                `default:"2" help:"Weeks that each replication plays, 1 to 52."`
	Replications int                `default:"20" help:"Replications, 2 to 500; intervals are over them."`
	Set          map[string]float64 `help:"Change an assumption; may be repeated. --json lists them with their values." placeholder:"NAME=VALUE"`
	JSON         bool               `help:"Print the result as JSON, with every assumption."`
}

// Largest plays: with more, the figures hardly change and the wait does.
const (
	weeksMost        = 52
	replicationsMost = 500
)

// farthest is how many times above or below its default an assumption may be:
// beyond that a play says nothing of any centre, and may never end.
const farthest = 20

func (*evalSimulateCommand) Help() string {
	return "Plays a contact centre with drafts and without, on the same arrivals: replies per agent hour with reading counted, first replies within the " +
		"promise, queue, and how much each assumption matters.\n\n" +
		"It is a planning tool: it works out what the assumptions imply and measures nothing. Only a randomised trial tells what drafts are worth; " +
		"the result says what one would have to measure.\n\n" +
		"Example:\n  purser eval simulate new.json --set tickets_per_week=9000 --set reading_wpm=200"
}

func (c *evalSimulateCommand) Run(ctx context.Context, e *env) error {
	if c.Weeks < 1 || c.Weeks > weeksMost {
		return usagef("--weeks is %d; give 1 to %d", c.Weeks, weeksMost)
	}
	if c.Replications < 2 || c.Replications > replicationsMost {
		return usagef("--replications is %d; give 2 to %d", c.Replications, replicationsMost)
	}
	assumptions, err := assume(c.Set)
	if err != nil {
		return err
	}
	run, err := eval.ReadReport(c.File)
	if err != nil {
		return err
	}
	tickets, err := simulate.FromRun(&run)
	if err != nil {
		return err
	}
	result, err := simulate.Run(ctx, tickets, simulate.Options{
		Assumptions: assumptions, Weeks: c.Weeks, Replications: c.Replications, Seed: c.Seed,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printValue(e.stdout, result)
	}
	return result.WriteText(e.stdout)
}

// assume is the default assumptions with some changed, by their names in JSON.
func assume(changed map[string]float64) (simulate.Assumptions, error) {
	a := simulate.Defaults()
	raw, err := json.Marshal(a)
	if err != nil {
		return a, err
	}
	values := map[string]float64{}
	if err := json.Unmarshal(raw, &values); err != nil {
		return a, err
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if _, ok := values[name]; !ok {
			return a, usagef("--set: there is no assumption %q; give one of %s", name, strings.Join(slices.Sorted(maps.Keys(values)), ", "))
		}
		usual, value := values[name], changed[name]
		if !(value == 0 || value >= usual/farthest && value <= usual*farthest) {
			return a, usagef("--set: %s is %v; give 0, or %v to %v", name, value, usual/farthest, usual*farthest)
		}
		values[name] = value
	}
	if raw, err = json.Marshal(values); err != nil {
		return a, err
	}
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&a); err != nil {
		return a, err
	}
	if err := a.Validate(); err != nil {
		return a, &usageError{fmt.Errorf("--set: %w", err)}
	}
	return a, nil
}
