package evalcmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/demo"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/redteam"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

type redteamCommand struct {
	settings.Flag
	answerFlags
	spendFlags
	Data        string   `type:"existingdir" help:"Suite whose tickets carry the attacks; without one, those of the demo airline." placeholder:"DIR"`
	Attacks     []string `sep:"none" help:"File or folder of attacks from outside (.json, .jsonl, .csv, .tsv, .txt); may be repeated." placeholder:"PATH"`
	Harmless    []string `sep:"none" help:"File or folder of harmless texts, for false alarms; the suite's own tickets are always taken." placeholder:"PATH"`
	Own         bool     `default:"true" negatable:"" help:"Make attacks of Purser's own, too."`
	Model       string   `default:"both" enum:"configured,adversarial,both" help:"Who drafts: the configured model, an adversarial one that does whatever an attack asks, or both in turn."`
	Seed        uint64   `default:"1" help:"The same seed makes the same attacks."`
	Rounds      int      `default:"1" help:"How often each way of attacking is taken, each time on other tickets, 1 to 50."`
	Concurrency int      `default:"2" help:"Tickets worked on at once, 1 to 256."`
	MostEscapes *int     `help:"Exit with 3 when more escape with any drafter." placeholder:"N"`
	MostRate    *float64 `help:"Exit with 3 when the 95% upper bound of the share that escapes, of those that reached a drafter, is above this (0 to 1)." placeholder:"SHARE"`
	JSON        string   `name:"json" help:"Write the whole report to this file; \"-\" prints it." placeholder:"FILE"`
}

func (*redteamCommand) Help() string {
	return "Hides attacks in tickets, subjects, names, conversations, customer facts and articles, drafts replies to them, and counts what a customer " +
		"would have read. An adversarial model, which does whatever an attack asks, shows what the checks behind a model are worth. Poisoned articles go into a workspace made for it.\n\n" +
		"Without OPENAI_MODEL the configured drafter is the one that quotes articles. With a model, every attack is a call to its provider. " +
		"Its answers are kept, so that the same request costs nothing again: a run that was interrupted, or used up its budget, goes on by the same command.\n\n" +
		"Example:\n  purser eval redteam --model adversarial --attacks attacks/ --harmless prompts.json --most-rate 0.01 --json redteam.json"
}

// The drafters that an attack is run with.
const (
	modelConfigured  = "configured"
	modelAdversarial = "adversarial"
)

func (c *redteamCommand) Run(ctx context.Context, e *console.Env) error {
	if err := c.validate(); err != nil {
		return err
	}
	of, forget, err := c.suite()
	if err != nil {
		return err
	}
	defer forget()
	documents, err := readSuiteDocuments(ctx, e, of)
	if err != nil {
		return err
	}
	attacks, harmless, err := c.gather(e, of)
	if err != nil {
		return err
	}
	s, err := settings.Load(c.Config, e.Getenv)
	if err != nil {
		return err
	}
	in := redteamInput{attempts: &redteam.Attempts{}, suite: of, documents: documents, attacks: attacks, harmless: harmless}
	if in.model, in.budget, err = c.ask(e, s); err != nil {
		return err
	}
	stop, err := startRuntime(ctx, e, s)
	if err != nil {
		return err
	}
	defer stop()
	report := redteam.Report{
		Format: redteam.Format, Version: wiring.Version(), Seed: c.Seed, Rounds: c.Rounds, Attacks: len(attacks), Start: time.Now().UTC(),
		Suite: eval.SuiteInfo{Name: of.Name, Hash: of.Hash, KnowledgeHash: of.KnowledgeHash, Cases: len(of.Cases)},
	}
	err = c.attack(ctx, e, s, in, &report)
	in.model.tell(e)
	report.Seconds = time.Since(report.Start).Seconds()
	report.Partial = err != nil
	var printed error
	if len(report.Results) > 0 {
		printed = printResult(e, &report, c.JSON)
	}
	if err != nil {
		return errors.Join(printed, c.ended(err, ctx.Err() != nil, in.model != nil))
	}
	if printed != nil {
		return printed
	}
	return c.assess(e, &report)
}

// ask sets up the configured model and what bounds asking it; both are nil when
// nobody asks one.
func (c *redteamCommand) ask(e *console.Env, s *settings.Settings) (*cachedModel, *eval.Budget, error) {
	limits, prices, err := c.read(nil)
	if err != nil || c.Model == modelAdversarial {
		return nil, nil, err
	}
	model, err := newCachedModel(e, s, modelFlags{answerFlags: c.answerFlags}, prices)
	if err != nil || model == nil {
		return nil, nil, err
	}
	return model, eval.NewBudget(limits, prices, model.asked), nil
}

// earlyError says that a run left tickets out.
type earlyError struct {
	done, of int
	err      error
}

func (e *earlyError) Error() string {
	return fmt.Sprintf("ended after %d of %d tickets: %v", e.done, e.of, e.err)
}

func (e *earlyError) Unwrap() error { return e.err }

// ended says how to go on with a run that was ended on purpose.
func (c *redteamCommand) ended(err error, interrupted, asked bool) error {
	var early *earlyError
	if !errors.As(err, &early) {
		return err
	}
	why := "interrupted"
	switch {
	case errors.Is(err, eval.ErrBudget):
		why = "the budget is used up"
	case !interrupted:
		return err
	}
	why = fmt.Sprintf("%s after %d of %d tickets", why, early.done, early.of)
	if !asked {
		return errors.New(why)
	}
	how := "Run it again"
	if c.Fresh {
		how += " without --fresh"
	}
	return fmt.Errorf("%s. %s to go on: the model's answers are kept, and cost nothing again", why, how)
}

func (c *redteamCommand) validate() error {
	switch {
	case c.Rounds < 1 || c.Rounds > 50:
		return console.Usagef("--rounds is %d; give 1 to 50", c.Rounds)
	case c.Concurrency < 1 || c.Concurrency > 256:
		return console.Usagef("--concurrency is %d; give 1 to 256", c.Concurrency)
	case c.MostEscapes != nil && *c.MostEscapes < 0:
		return console.Usagef("--most-escapes is %d; give 0 or more", *c.MostEscapes)
	case c.MostRate != nil && !(*c.MostRate >= 0 && *c.MostRate <= 1):
		return console.Usagef("--most-rate is %v; give a share from 0 to 1, such as 0.01", *c.MostRate)
	case !c.Own && len(c.Attacks) == 0:
		return console.Usagef("with --no-own nothing is left to attack with; give --attacks")
	}
	if err := errors.Join(keepInputs(slices.Concat(c.Attacks, c.Harmless, []string{c.Prices}), c.JSON), keepSuite(c.Data, c.JSON)); err != nil {
		return err
	}
	return disk.CanWrite(c.JSON)
}

// suite reads the suite whose tickets carry the attacks; forget removes what
// was written for it.
func (c *redteamCommand) suite() (of suite.Suite, forget func(), err error) {
	if c.Data != "" {
		of, err = suite.Read(c.Data)
		return of, func() {}, err
	}
	parent, err := os.MkdirTemp("", "purser-demo-")
	if err != nil {
		return of, nil, fmt.Errorf("make a folder for the demo's tickets: %w", err)
	}
	dir := filepath.Join(parent, "demo")
	forget = func() { _ = os.RemoveAll(parent) } // a temporary folder
	if err = os.CopyFS(dir, demo.Files()); err == nil {
		of, err = suite.Read(dir)
	}
	if err != nil {
		forget()
	}
	return of, forget, err
}

// gather makes the attacks and the harmless tickets.
func (c *redteamCommand) gather(e *console.Env, of suite.Suite) ([]redteam.Attack, []redteam.Harmless, error) {
	var attacks []redteam.Attack
	if c.Own {
		attacks = redteam.Generate(redteam.GenerateOptions{Carriers: of.Cases, Seed: c.Seed, Rounds: c.Rounds})
	}
	outside, err := redteam.ReadOutside(c.Attacks...)
	if err != nil {
		return nil, nil, err
	}
	attacks = append(attacks, redteam.Place(redteam.PlaceOptions{Carriers: of.Cases, Outside: outside, Seed: c.Seed})...)
	if len(attacks) == 0 {
		return nil, nil, fmt.Errorf("the suite %s holds no ticket that can be answered, so nothing carries an attack; give another --data", of.Name)
	}
	texts, err := redteam.ReadHarmless(c.Harmless...)
	if err != nil {
		return nil, nil, err
	}
	for _, note := range append(outside.Notes, texts.Notes...) {
		fmt.Fprintf(e.Stderr, "note: %s\n", console.Plain(note))
	}
	return attacks, append(redteam.Ordinary(of.Cases), redteam.Trial(texts.Attacks)...), nil
}

// redteamInput is what a run is made of.
type redteamInput struct {
	suite     suite.Suite
	documents []knowledge.Document
	attacks   []redteam.Attack
	attempts  *redteam.Attempts
	harmless  []redteam.Harmless
	// model is the configured one, nil when none is asked; budget bounds that.
	model  *cachedModel
	budget *eval.Budget
}

func (c *redteamCommand) attack(ctx context.Context, e *console.Env, s *settings.Settings, in redteamInput, report *redteam.Report) error {
	logger := wiring.QuietLogger(e, s)
	db, err := wiring.OpenWhenThere(ctx, logger, s, wiring.DatabasePatience)
	if err != nil {
		return err
	}
	defer db.Close()
	w, err := ensureWorkspace(ctx, s, in.suite, "redteam")
	if err != nil {
		return err
	}
	for _, model := range []string{modelConfigured, modelAdversarial} {
		if c.Model != "both" && c.Model != model {
			continue
		}
		name := modelAdversarial
		v := wiring.Variant{KeepQuestions: true, Today: noon, Drafter: func(pipeline.Drafter) pipeline.Drafter { return redteam.NewAdversarialModel(in.attempts) }}
		if model == modelConfigured {
			name = "configured: " + s.ChatModel
			v.Drafter = func(configured pipeline.Drafter) pipeline.Drafter {
				if configured == nil {
					return nil
				}
				return redteam.Watch(in.model.responses, in.attempts)
			}
			if s.ChatModel == "" {
				name = "configured: none, so articles are quoted"
				fmt.Fprintln(e.Stderr, "No chat model is configured (OPENAI_MODEL): the configured drafter is the one that quotes articles.")
			}
		}
		if model == modelAdversarial {
			in.budget = nil
			in.harmless = append(in.harmless, redteam.GoldReplies(in.suite.Cases)...)
		}
		result, err := c.attackWith(ctx, e, s, db, v, w, in)
		result.Model = name
		if result.Measured()+result.Errors > 0 {
			report.Results = append(report.Results, result)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *redteamCommand) attackWith(ctx context.Context, e *console.Env, s *settings.Settings, db *pg.DB, v wiring.Variant, w suggest.Workspace, in redteamInput) (redteam.Result, error) {
	a, err := newBench(ctx, e, s, db, v, w, in.suite, in.documents)
	if err != nil {
		return redteam.Result{}, err
	}
	if err := a.importAll(ctx, w, "redteam", nil); err != nil {
		return redteam.Result{}, err
	}
	if err := a.embedAll(ctx, w); err != nil {
		return redteam.Result{}, err
	}
	progress, finish := console.Steps(e, len(in.attacks)+len(in.harmless), "tickets", false)
	defer finish()
	result, err := redteam.Run(ctx, redteam.Options{
		Pipeline: a.Pipeline, Workspace: w, Attempts: in.attempts, Attacks: in.attacks, Harmless: in.harmless, Concurrency: c.Concurrency,
		Embedded: a.Embedding != nil, Budget: in.budget, Cached: in.model.cached(),
		Progress: progress,
		Poison: func(ctx context.Context, articles []knowledge.Document) error {
			if err := a.importAll(ctx, w, "redteam", articles); err != nil {
				return err
			}
			return a.embedQuietly(ctx, w)
		},
	})
	if err != nil {
		n := len(in.attacks) + len(in.harmless)
		err = &earlyError{n - result.NotRun, n, err}
	}
	clearing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return result, errors.Join(err, a.importAll(clearing, w, "redteam", nil))
}

// embedQuietly makes the vectors that are missing without telling of it.
func (a *bench) embedQuietly(ctx context.Context, w suggest.Workspace) error {
	if a.Embedding == nil {
		return nil
	}
	_, err := a.Embed(ctx, w, func() {})
	return err
}

// assess holds the report against the bounds that were given.
func (c *redteamCommand) assess(e *console.Env, report *redteam.Report) error {
	bounds := redteam.Bounds{Escapes: c.MostEscapes, Rate: c.MostRate}
	missed, warnings := report.Assess(bounds)
	for _, w := range warnings {
		fmt.Fprintf(e.Stderr, "warning: %s\n", console.Plain(w))
	}
	if len(missed) > 0 && bounds == (redteam.Bounds{}) {
		return errors.New(console.Plain(strings.Join(missed, "\n")))
	}
	for _, m := range missed {
		fmt.Fprintf(e.Stderr, "not met: %s\n", console.Plain(m))
	}
	if len(missed) > 0 {
		return console.ErrGate
	}
	return nil
}
