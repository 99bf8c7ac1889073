package evalcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/eval/trial"
	"github.com/purser-desk/purser/suggest/pipeline"
)

type trialCommand struct {
	settings.Flag
	Trials  string   `required:"" help:"Folder of trials: strong-model with answers and planted, gate with true.jsonl and hostile.jsonl, field." placeholder:"DIR"`
	Data    []string `required:"" sep:"none" help:"Suite that the answers were written for; the first also gives the articles for single sentences. May be repeated." placeholder:"DIR"`
	Verbose bool     `help:"List each sentence that did not fare as it should."`
	JSON    bool     `help:"Print the figures and every sentence's fate as JSON."`
	Check   bool     `help:"Exit with 3 when a target is not met."`
}

func (*trialCommand) Help() string {
	return "Plays answers that were written beforehand as a model would write them, and tells what the checks do with each sentence: left out, marked, or shown " +
		"as it is. No model is asked.\n\nExample:\n  make trial TRIALS=../trials"
}

// trialResult is what a trial came to.
type trialResult struct {
	Figures []trial.Figure          `json:"figures"`
	Fates   map[string][]trial.Fate `json:"fates"`
}

func (c *trialCommand) Run(ctx context.Context, e *console.Env) error {
	s, err := settings.Load(c.Config, e.Getenv)
	if err != nil {
		return err
	}
	out := trialResult{Fates: map[string][]trial.Fate{}}
	strong := filepath.Join(c.Trials, "strong-model")
	if err := c.answers(ctx, e, s, strong, &out); err != nil {
		return err
	}
	if err := c.planted(ctx, e, s, strong, &out); err != nil {
		return err
	}
	if err := c.gate(ctx, e, s, &out); err != nil {
		return err
	}
	if c.JSON {
		if err := console.PrintValue(e.Stdout, out); err != nil {
			return err
		}
	} else if err := out.write(e.Stdout, c.Verbose); err != nil {
		return err
	}
	missed := slices.ContainsFunc(out.Figures, func(f trial.Figure) bool { return !f.Met() })
	if c.Check && missed {
		return console.ErrGate
	}
	return nil
}

// answers plays whole answers whose sentences should reach the agent, and counts the
// tickets that were silenced before a model was asked.
func (c *trialCommand) answers(ctx context.Context, e *console.Env, s *settings.Settings, folder string, out *trialResult) error {
	t, err := trial.ReadAnswers("answers", folder, folder)
	if err != nil {
		return err
	}
	if t.Sentences, err = trial.ReadLabels(filepath.Join(folder, "sentences.jsonl"), "should", func(label string) bool { return label == "reach the agent" }); err != nil {
		return err
	}
	var all []trial.Fate
	silenced, answerable := 0, 0
	for i, data := range c.Data {
		report, err := c.play(ctx, e, s, data, &t, i == 0)
		if err != nil {
			return err
		}
		all = append(all, t.Fates(&report)...)
		for k := range report.Cases {
			if r := &report.Cases[k]; i == 0 && r.Expect == suite.ExpectAnswer {
				answerable++
				if r.Model == "" {
					silenced++
				}
			}
		}
	}
	out.Fates[t.Name] = all
	out.Figures = append(out.Figures, trial.CountTrue(t.Name, all, .01, .03)...)
	out.Figures = append(out.Figures, trial.CountDrafts(t.Name, all)...)
	out.Figures = append(out.Figures, trial.AtMost("answerable tickets silenced before drafting", silenced, answerable, .05))
	return nil
}

// planted plays answers into which false sentences were put.
func (c *trialCommand) planted(ctx context.Context, e *console.Env, s *settings.Settings, folder string, out *trialResult) error {
	planted := filepath.Join(folder, "planted")
	t, err := trial.ReadAnswers("planted", planted, folder)
	if err != nil {
		return err
	}
	if t.Sentences, err = trial.ReadLabels(filepath.Join(planted, "planted.jsonl"), "kind", nil); err != nil {
		return err
	}
	var all []trial.Fate
	for _, data := range c.Data {
		report, err := c.play(ctx, e, s, data, &t, false)
		if err != nil {
			return err
		}
		all = append(all, t.Fates(&report)...)
	}
	out.Fates[t.Name] = all
	out.Figures = append(out.Figures, trial.CountFalse(t.Name, all, 11./16))
	return nil
}

// gate plays single sentences, each against its article.
func (c *trialCommand) gate(ctx context.Context, e *console.Env, s *settings.Settings, out *trialResult) error {
	of, err := suite.Read(c.Data[0])
	if err != nil {
		return err
	}
	documents, err := readSuiteDocuments(ctx, e, of)
	if err != nil {
		return err
	}
	var keys []string
	for key := range suite.Keys(documents) {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, name := range []string{"true", "hostile"} {
		t, err := trial.ReadGate(name, filepath.Join(c.Trials, "gate", name+".jsonl"), keys)
		if err != nil {
			return err
		}
		report, err := c.play(ctx, e, s, c.Data[0], &t, false)
		if err != nil {
			return err
		}
		fates := t.Fates(&report)
		out.Fates[name] = fates
		if name == "true" {
			out.Figures = append(out.Figures, trial.CountTrue(name, fates, .01, .05)...)
			continue
		}
		out.Figures = append(out.Figures, trial.CountHostile(name, fates)...)
	}
	const question = "Can my small dog travel in the cabin with me? My booking is K7QX2M."
	t, err := trial.ReadActions(filepath.Join(c.Trials, "field", "draft-claims-actions", "answers.txt"), question, "pets-cabin", keys)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	report, err := c.play(ctx, e, s, c.Data[0], &t, false)
	if err != nil {
		return err
	}
	out.Fates[t.Name] = t.Fates(&report)
	out.Figures = append(out.Figures, trial.CountFalse(t.Name, out.Fates[t.Name], .9))
	return nil
}

// play runs a suite's cases that have a script, or the trial's own; whole runs all of
// the suite.
func (c *trialCommand) play(ctx context.Context, e *console.Env, s *settings.Settings, data string, t *trial.Trial, whole bool) (eval.Report, error) {
	of, err := suite.Read(data)
	if err != nil {
		return eval.Report{}, err
	}
	documents, err := readSuiteDocuments(ctx, e, of)
	if err != nil {
		return eval.Report{}, err
	}
	switch {
	case t.Cases != nil:
		of.Cases = t.Cases
	case !whole:
		of.Cases = slices.DeleteFunc(of.Cases, func(c suite.Case) bool { _, ok := t.Scripts[c.ID]; return !ok })
	}
	if len(of.Cases) == 0 {
		return eval.Report{}, nil
	}
	v := wiring.Variant{KeepQuestions: true, Today: noon, Drafter: func(pipeline.Drafter) pipeline.Drafter { return t.Scripts }}
	fmt.Fprintf(e.Stderr, "%s: %d tickets of %s\n", t.Name, len(of.Cases), filepath.Base(data))
	own := *s // a runtime that is started leaves its addresses in them
	return evaluate(ctx, e, &own, eval.Options{Suite: of, Concurrency: 2, AllowDegraded: true}, documents, v)
}

// write prints the figures, and the sentences that did not fare as they should.
func (r *trialResult) write(w io.Writer, verbose bool) error {
	for _, f := range r.Figures {
		bound, verdict := "", ""
		if f.Bound {
			bound, verdict = fmt.Sprintf("at most %.1f%%", 100*f.Target), "met"
			if f.AtLeast {
				bound = fmt.Sprintf("at least %.1f%%", 100*f.Target)
			}
			if !f.Met() {
				verdict = "NOT MET"
			}
		}
		if _, err := fmt.Fprintf(w, "%-58s %4d of %4d  %5.1f%% (%.1f–%.1f)  %-15s %s\n", f.Name, f.Count, f.N, 100*f.Estimate.Value, 100*f.Estimate.Low, 100*f.Estimate.High, bound, verdict); err != nil {
			return err
		}
	}
	if !verbose {
		return nil
	}
	for _, name := range []string{"answers", "true", "planted", "hostile", "actions"} {
		fair := name == "answers" || name == "true"
		for _, f := range r.Fates[name] {
			if fair && f.Passes() || !fair && f.Drafted && !f.Passes() {
				continue
			}
			if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, f.Sentence.Kind, f.Tells(), strings.Join(strings.Fields(f.Text), " ")); err != nil {
				return err
			}
		}
	}
	return nil
}
