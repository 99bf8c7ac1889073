package evalcmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/responses"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/suggest/pipeline"
)

type replayCommand struct {
	settings.Flag
	File        string `arg:"" name:"run" help:"The run's JSON file."`
	Data        string `required:"" help:"Folder of the suite that the run is of." placeholder:"DIR"`
	JSON        string `name:"json" help:"Write the run made again to this file; \"-\" prints it." placeholder:"FILE"`
	Profile     string `help:"Confidence profile of the run, when it was none that ships or that the workspace has: the file, or \"none\"." placeholder:"FILE"`
	Answers     string `help:"Folder in which the model's answers were kept; default: \"answers\" in PURSER_HOME." placeholder:"DIR"`
	Concurrency int    `default:"2" help:"Tickets worked on at once, 1 to 64."`
}

func (*replayCommand) Help() string {
	return "Runs a run again with what it was made of: the same suite and knowledge (their hashes are checked), the pipeline's settings as the run " +
		"recorded them, and the model's answers that were kept. No model is asked, so it costs nothing. Exit code 0 when every ticket comes out the same " +
		"to the byte, times apart; 3 when something differs, which is then named ticket by ticket.\n\n" +
		"Example:\n  purser eval replay run.json --data suite"
}

func (c *replayCommand) Run(ctx context.Context, e *console.Env) error {
	if c.Concurrency < 1 || c.Concurrency > 64 {
		return console.Usagef("--concurrency is %d; give 1 to 64", c.Concurrency)
	}
	if err := errors.Join(keepInputs([]string{c.File}, c.JSON), keepSuite(c.Data, c.JSON), disk.CanWrite(c.JSON)); err != nil {
		return err
	}
	run, err := eval.ReadReport(c.File)
	if err != nil {
		return err
	}
	of, err := suite.Read(c.Data)
	if err != nil {
		return err
	}
	o, err := run.Again(of)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	o.Concurrency = c.Concurrency
	documents, err := readSuiteDocuments(ctx, e, o.Suite)
	if err != nil {
		return err
	}
	s, err := settings.Load(c.Config, e.Getenv)
	if err != nil {
		return err
	}
	v, cached, err := c.variant(e, &run)
	if err != nil {
		return err
	}
	// What the run was asked for is its own, and no model is.
	s.ChatModel, s.LogLevel = "", "error"
	again, err := evaluate(ctx, e, s, o, documents, v)
	if err != nil {
		return err
	}
	difference, err := eval.DifferenceOf(run, again)
	if err != nil {
		return err
	}
	if cached != nil {
		if _, missing := cached.Counts(); missing > 0 {
			fmt.Fprintf(e.Stderr, "%s not kept for what is asked now: the prompt, the knowledge or the settings differ, or the answers are elsewhere (--answers).\n",
				were(int(missing), "answer", "answers"))
		}
	}
	return c.finish(e, &run, &again, difference)
}

// were is a number of things with its verb.
func were(n int, one, many string) string {
	if n == 1 {
		return "1 " + one + " was"
	}
	return fmt.Sprintf("%d %s were", n, many)
}

// variant joins the parts as they were; cached is nil when no model was.
func (c *replayCommand) variant(e *console.Env, run *eval.Report) (wiring.Variant, *responses.Drafter, error) {
	v := wiring.Variant{KeepQuestions: true, Today: noon, Settings: &pipeline.Settings{}}
	if err := json.Unmarshal(run.Configuration.Settings, v.Settings); err != nil {
		return v, nil, fmt.Errorf("%s: the settings of the run can't be read (%w), so it was changed by hand or damaged; run again", c.File, err)
	}
	chosen := confidenceFlags{Profile: c.Profile}
	var err error
	if v.Profiles, err = chosen.profiles(); err != nil || run.Configuration.Asked == nil {
		return v, nil, err
	}
	dir, err := answersFolder(e, c.Answers, "answers")
	if err != nil {
		return v, nil, err
	}
	cached := responses.NewKept(modelDrafter, responses.Cache{Dir: dir, Identity: run.Configuration.Asked.Answers})
	v.Drafter = func(pipeline.Drafter) pipeline.Drafter { return cached }
	return v, cached, nil
}

// modelDrafter is the name of the drafter that asks a model.
const modelDrafter = "openai"

// differencesMost is how many tickets that differ are named.
const differencesMost = 20

func (c *replayCommand) finish(e *console.Env, run, again *eval.Report, d eval.ReplayDifference) error {
	if c.JSON == "-" {
		err := writeResult(e, again, c.JSON)
		if err == nil && !d.None() {
			err = console.ErrGate
		}
		return err
	}
	err := writeResult(e, again, c.JSON)
	if len(d.Failed) > 0 {
		fmt.Fprintf(e.Stdout, "%s failed in the run and can't be compared\n", say.Count(len(d.Failed), "ticket"))
	}
	if len(d.Configuration) > 0 {
		fmt.Fprintf(e.Stdout, "configured otherwise: %s\n", configurations(run.Configuration, again.Configuration, d.Configuration))
	}
	for _, one := range d.Cases[:min(differencesMost, len(d.Cases))] {
		fmt.Fprintf(e.Stdout, "%s: %s\n", console.Plain(one.ID), console.Plain(cmp.Or(one.Error, strings.Join(one.Fields, ", "))))
	}
	if more := len(d.Cases) - differencesMost; more > 0 {
		fmt.Fprintf(e.Stdout, "and %d more\n", more)
	}
	if len(d.Whole) > 0 {
		fmt.Fprintf(e.Stdout, "the report: %s\n", strings.Join(d.Whole, ", "))
	}
	if err != nil {
		return err
	}
	if d.None() {
		fmt.Fprintf(e.Stdout, "The same to the byte, times apart: %s.\n", say.Count(d.Same, "ticket"))
		return nil
	}
	fmt.Fprintf(e.Stdout, "%d of %s came out the same.\n", d.Same, say.Count(d.Same+len(d.Cases), "ticket"))
	return console.ErrGate
}

// configurations tell the fields in which two differ.
func configurations(a, b eval.Configuration, fields []string) string {
	lists := map[string][2][]string{
		"versions": {a.Versions, b.Versions}, "drafters": {a.Drafters, b.Drafters}, "models": {a.Models, b.Models},
		"prompts": {a.Prompts, b.Prompts}, "spaces": {a.Spaces, b.Spaces}, "profiles": {a.Profiles, b.Profiles},
	}
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f
		if l, ok := lists[f]; ok {
			out[i] = fmt.Sprintf("%s (%s → %s)", f, console.Plain(cmp.Or(strings.Join(l[0], ", "), "none")), console.Plain(cmp.Or(strings.Join(l[1], ", "), "none")))
		}
	}
	return strings.Join(out, ", ")
}
