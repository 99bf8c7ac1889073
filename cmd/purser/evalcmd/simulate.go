package evalcmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/simulate"
)

type simulateCommand struct {
	File         string             `arg:"" name:"run" help:"JSON file of the run that draft quality and how often there is none are taken from."`
	Seed         uint64             `default:"1" help:"The same seed gives the same figures."`
	Weeks        int                `default:"2" help:"Weeks that each replication plays, 1 to 52."`
	Replications int                `default:"20" help:"Replications, 2 to 500; intervals are over them."`
	Set          map[string]float64 `help:"Change an assumption; may be repeated. The result lists them all." placeholder:"NAME=VALUE"`
	JSON         bool               `help:"Print the result as JSON, with every assumption."`
}

func (*simulateCommand) Help() string {
	return "Plays a contact centre with drafts and without, on the same arrivals, with nights, weekends and disruptions: replies per agent hour with reading " +
		"counted (238 words a minute: Brysbaert 2019), first replies within the promise, queue, and what becomes of it when each assumption is halved or doubled.\n\n" +
		"It is a planning tool: it works out what the assumptions imply and measures nothing. Only a randomised trial tells what drafts are worth; " +
		"the result says what one would have to measure.\n\n" +
		"Example:\n  purser eval simulate new.json --set tickets_per_week=9000 --set reading_wpm=200"
}

func (c *simulateCommand) Run(ctx context.Context, e *console.Env) error {
	if c.Weeks < 1 || c.Weeks > simulate.MostWeeks {
		return console.Usagef("--weeks is %d; give 1 to %d", c.Weeks, simulate.MostWeeks)
	}
	if c.Replications < 2 || c.Replications > simulate.MostReplications {
		return console.Usagef("--replications is %d; give 2 to %d", c.Replications, simulate.MostReplications)
	}
	assumptions, err := assume(c.Set)
	if err != nil {
		return err
	}
	run, err := eval.ReadReport(c.File)
	if err != nil {
		return err
	}
	tickets, missing, err := simulate.FromRun(&run)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	result, err := simulate.Run(ctx, tickets, simulate.Options{
		Assumptions: assumptions, Weeks: c.Weeks, Replications: c.Replications, Seed: c.Seed, Missing: missing,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return console.PrintValue(e.Stdout, result)
	}
	return result.WriteText(e.Stdout)
}

// assume is the default assumptions with some changed, by their names in JSON.
func assume(changed map[string]float64) (simulate.Assumptions, error) {
	a := simulate.Defaults()
	var names []string
	for _, d := range simulate.AssumedList() {
		names = append(names, d.Name)
		if v, ok := changed[d.Name]; ok {
			a = d.With(a, v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if !slices.Contains(names, name) {
			return a, console.Usagef("--set: there is no assumption %q; give one of %s", name, strings.Join(names, ", "))
		}
	}
	if err := a.Validate(); err != nil {
		return a, console.Usagef("--set: %w", err)
	}
	return a, nil
}
