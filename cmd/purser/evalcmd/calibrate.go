package evalcmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/profiles"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/calibrate"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/suggest/confidence"
)

type calibrateCommand struct {
	Files           []string `arg:"" name:"run" help:"JSON files of runs, each of another suite, made alike."`
	Out             string   `required:"" help:"Write the profile to this file." placeholder:"FILE"`
	Name            string   `help:"Name of the profile. Default: the suites' names." placeholder:"NAME"`
	FalseAbstention float64  `default:"0.1" help:"Share of answerable tickets, above 0 and below 0.5, that may get no draft; it sets the floor."`
	Answerable      float64  `help:"Share of tickets, above 0 and below 1, that the articles are taken to answer. Default: as many as in the runs." placeholder:"SHARE"`
	Without         []string `help:"Features to leave out." placeholder:"NAME"`
	Seed            uint64   `default:"1" help:"The same runs and seed give the same profile, to the byte."`
	JSON            bool     `name:"json" help:"Print the profile as JSON in place of the summary."`

	LeastAUROC          float64 `name:"least-auroc" help:"Exit with 3, and write nothing, when the cross-validated AUROC is lower." placeholder:"SHARE"`
	MostError           float64 `name:"most-calibration-error" default:"1" help:"The same when the calibration error is higher." placeholder:"SHARE"`
	LeastAbstention     float64 `name:"least-right-abstention" help:"The same when fewer of the unanswerable tickets get no draft." placeholder:"SHARE"`
	MostFalseAbstention float64 `name:"most-false-abstention" default:"1" help:"The same when more of the answerable tickets are." placeholder:"SHARE"`
}

func (*calibrateCommand) Help() string {
	return "Fits how the confidence is told from what retrieval measured, so that it says how often the knowledge answers, and the floor below which " +
		"there is no draft. The figures are from cross-validation in which no article is on both sides. With several runs, sets weigh by the square root " +
		"of their size, and each is also evaluated with a profile fitted to the others alone.\n\n" +
		"A fit needs tickets that the knowledge does not answer: cases with expect none, or \"purser eval run --ablate-gold\".\n\n" +
		"Example:\n  purser eval run --data suite --ablate-gold --json run.json\n" +
		"  purser eval calibrate run.json --out profile.json\n  purser profile set \"Skerry Air\" profile.json"
}

func (c *calibrateCommand) check() error {
	for _, share := range []struct {
		flag  string
		value float64
	}{
		{"--least-auroc", c.LeastAUROC},
		{"--most-calibration-error", c.MostError},
		{"--least-right-abstention", c.LeastAbstention},
		{"--most-false-abstention", c.MostFalseAbstention},
	} {
		if !(share.value >= 0 && share.value <= 1) {
			return console.Usagef("%s is %v; give a share from 0 to 1", share.flag, share.value)
		}
	}
	if !(c.FalseAbstention > 0 && c.FalseAbstention < .5) {
		return console.Usagef("--false-abstention is %v; give a share above 0 and below 0.5, such as 0.1", c.FalseAbstention)
	}
	if !(c.Answerable >= 0 && c.Answerable < 1) {
		return console.Usagef("--answerable is %v; give a share above 0 and below 1, such as 0.75", c.Answerable)
	}
	if len(c.Name) > 100 {
		return console.Usagef("--name has %d bytes; give at most 100", len(c.Name))
	}
	return keepInputs(c.Files, c.Out)
}

func (c *calibrateCommand) Run(ctx context.Context, e *console.Env) error {
	if err := c.check(); err != nil {
		return err
	}
	data, err := readRuns(c.Files)
	if err != nil {
		return err
	}
	if name := data.Unknown(c.Without); name != "" {
		return console.Usagef("--without: the runs record no feature %q", name)
	}
	progress, finish := console.Steps(e, -1, "fits", false)
	p, err := calibrate.Fit(ctx, data.Samples, data.Sets, calibrate.Options{
		Name: cmp.Or(strings.TrimSpace(c.Name), data.Name()), Space: data.Space, Seed: c.Seed, FalseAbstention: c.FalseAbstention, Answerable: c.Answerable, Without: c.Without,
		Progress: progress,
	})
	finish()
	if err != nil {
		return err
	}
	raw, err := disk.JSON(&p)
	if err != nil {
		return err
	}
	if _, err := confidence.Parse(raw); err != nil {
		return fmt.Errorf("what was fitted can't be used, and was not written: %w", err)
	}
	missed := c.missed(p.Quality)
	if len(missed) == 0 {
		if err := disk.Write(c.Out, raw); err != nil {
			return err
		}
	}
	if c.JSON {
		_, err = e.Stdout.Write(raw)
	} else {
		c.say(e, data, &p)
	}
	if err == nil && len(missed) > 0 {
		fmt.Fprintf(e.Stderr, "%s was not written: %s\n", console.Plain(c.Out), strings.Join(missed, "; "))
		err = console.ErrGate
	}
	return err
}

func readRuns(files []string) (calibrate.Data, error) {
	runs := make([]calibrate.Run, len(files))
	for i, file := range files {
		report, err := eval.ReadReport(file)
		if err != nil {
			return calibrate.Data{}, err
		}
		runs[i] = calibrate.Run{File: file, Report: &report}
	}
	return calibrate.FromRuns(runs)
}

// missed says which demands the profile does not meet.
func (c *calibrateCommand) missed(q confidence.Quality) []string {
	var out []string
	miss := func(is bool, what string, value, demand float64) {
		if is {
			out = append(out, fmt.Sprintf("%s is %.3f, and %.3f was demanded", what, value, demand))
		}
	}
	miss(q.AUROC.Value < c.LeastAUROC, "AUROC", q.AUROC.Value, c.LeastAUROC)
	miss(q.CalibrationError.Value > c.MostError, "the calibration error", q.CalibrationError.Value, c.MostError)
	miss(q.RightAbstention.Value < c.LeastAbstention, "the right abstention", q.RightAbstention.Value, c.LeastAbstention)
	miss(q.FalseAbstention.Value > c.MostFalseAbstention, "the false abstention", q.FalseAbstention.Value, c.MostFalseAbstention)
	return out
}

func (c *calibrateCommand) say(e *console.Env, data calibrate.Data, p *confidence.Profile) {
	if data.Skipped > 0 {
		fmt.Fprintf(e.Stdout, "%s were left out: they failed, or got no draft or were left to a person for another reason than the knowledge.\n",
			say.Count(data.Skipped, "case"))
	}
	profiles.Print(e.Stdout, p)
	for _, s := range p.Sets {
		mine := p.Quality
		if s.Within != nil {
			mine = *s.Within
		}
		if s.Estimate != nil && mine.Brier.Value >= s.Estimate.Brier.Value {
			fmt.Fprintf(e.Stdout, "On %s the profile is no better than none (Brier score %.3f, without %.3f): more tickets of both kinds may mend that.\n",
				console.Plain(s.Name), mine.Brier.Value, s.Estimate.Brier.Value)
		}
	}
	fmt.Fprintf(e.Stdout, "Written to %s. See what it changes with \"eval run --profile\" and \"eval compare\"; bring it to a workspace with \"profile set\".\n", console.Plain(c.Out))
}
