package evalcmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/local"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/source"
	"github.com/purser-desk/purser/suggest"
)

type runCommand struct {
	settings.Flag
	modelFlags
	confidenceFlags
	Data        string `required:"" help:"Folder with tickets.jsonl and the articles: kb.jsonl, or a folder kb of Markdown. With --workspace a file of tickets will do." placeholder:"DIR"`
	JSON        string `name:"json" help:"Write the whole report to this file, also when the run is ended early; \"-\" prints it." placeholder:"FILE"`
	Concurrency int    `default:"2" help:"Tickets worked on at once, 1 to 64."`
	Workspace   string `help:"Run on the articles of this workspace of DATABASE_URL, which is only read, in place of the folder's: its id, or its name with DATABASE_OWNER_URL." placeholder:"NAME_OR_ID"`

	Resume     string        `help:"Go on with the run in this file: what it did is kept, what failed is tried again. Written back unless --json names another file." placeholder:"FILE"`
	Checkpoint time.Duration `default:"30s" help:"How often what is done is written to --json; 0s: only at the end."`

	Limit *int     `help:"Run the first N tickets only." placeholder:"N"`
	Tag   []string `sep:"none" help:"Run tickets with this tag only; may be repeated." placeholder:"T"`
	Case  []string `sep:"none" help:"Run the ticket with this id only; may be repeated." placeholder:"ID"`

	spendFlags

	Judge string `help:"Have the drafts judged too, by the judge that this calibration is of; see \"purser eval judge run\"." placeholder:"FILE"`

	AllowDegraded bool `help:"Count tickets for which the model or the embedder failed by what was made without it. Otherwise they are errors."`
}

func (*runCommand) Help() string {
	return "Without DATABASE_URL it starts the embedded runtime by itself. The articles stay imported and embedded for as long as they are " +
		"the same, so a second run is fast. A model's answers are kept, so that the same request costs nothing again.\n\n" +
		"Ctrl-C ends a run once the tickets under way are done; what is done is in --json, and --resume goes on. So it is when a budget is used up. " +
		"A run of a part of the suite, or one that was ended, meets no gate.\n\n" +
		"Example:\n  purser eval run --data suite --json run.json\n  purser eval run --data suite --json run.json --prices prices.yaml --budget-money 5 --rate 60/min\n" +
		"  purser eval run --data suite --resume run.json\n  purser eval run --data suite --workspace skerry --json live.json"
}

func (c *runCommand) Run(ctx context.Context, e *console.Env) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	if o.Suite, err = c.suite(); err != nil {
		return err
	}
	if err := c.prepare(&o.Suite); err != nil {
		return err
	}
	if _, err := o.Suite.Select(o.Part); err != nil {
		return err
	}
	var documents []knowledge.Document
	if c.Workspace == "" {
		if documents, err = readSuiteDocuments(ctx, e, o.Suite); err != nil {
			return err
		}
		if err := o.Suite.CheckGold(suite.Keys(documents)); err != nil {
			return err
		}
	}
	profiles, err := c.profiles()
	if err != nil {
		return err
	}
	s, err := settings.Load(c.Config, e.Getenv)
	if err != nil {
		return err
	}
	v := wiring.Variant{KeepQuestions: true, Today: noon, Profiles: profiles}
	model, err := newCachedModel(e, s, c.modelFlags, o.Prices)
	if err != nil {
		return err
	}
	if model != nil {
		o.Asked, o.Cached, v.Drafter = model.asked, model.responses.Cached, model.drafter
	}
	o.Checkpoint = c.checkpoint(e)
	judged, err := c.judge(e)
	if err != nil {
		return err
	}
	var report eval.Report
	if c.Workspace != "" {
		report, err = evaluateLive(ctx, e, s, o, c.Workspace, v)
	} else {
		report, err = evaluate(ctx, e, s, o, documents, v)
	}
	model.tell(e)
	if err == nil {
		err = judged(ctx, &report)
	}
	return c.finish(e, report, err, ctx.Err() != nil)
}

// suite reads the tickets, and finds the articles where no workspace has them.
func (c *runCommand) suite() (suite.Suite, error) {
	if c.Workspace == "" {
		return suite.Read(c.Data)
	}
	if info, err := os.Stat(c.Data); err == nil && info.Mode().IsRegular() {
		return suite.ReadTickets(c.Data)
	}
	return suite.ReadWithoutKnowledge(c.Data)
}

// judge sets up the judge that is asked for, before anything else is paid for.
func (c *runCommand) judge(e *console.Env) (func(context.Context, *eval.Report) error, error) {
	if c.Judge == "" {
		return func(context.Context, *eval.Report) error { return nil }, nil
	}
	j := &judgeRunCommand{judgeFlags: judgeFlags{Flag: c.Flag, Concurrency: c.Concurrency, spendFlags: spendFlags{Rate: c.Rate}}, Calibration: c.Judge}
	setup, calibration, err := j.ready(e)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, report *eval.Report) error {
		if report.Drafts() == 0 {
			return nil
		}
		return setup.review(ctx, e, report, calibration)
	}, nil
}

// checkpoint writes what is done so far to the run's file; nil without one. A
// disk that is full is told once: room may be made before the end.
func (c *runCommand) checkpoint(e *console.Env) func(eval.Report) {
	if c.JSON == "" || c.JSON == "-" {
		return nil
	}
	told := false
	return func(report eval.Report) {
		err := writeResult(e, &report, c.JSON)
		if err != nil && !told {
			fmt.Fprintf(e.Stderr, "\nwarning: %s\n", console.Plain(err.Error()))
		}
		told = err != nil
		if err == nil && !console.IsTerminal(e.Stderr) {
			fmt.Fprintf(e.Stderr, "%d of %d tickets are done and kept\n", len(report.Cases), report.Suite.Cases)
		}
	}
}

// options reads what the flags and the files that they name say.
func (c *runCommand) options() (eval.Options, error) {
	o := eval.Options{
		Concurrency: c.Concurrency, Part: suite.Part{IDs: c.Case, Tags: c.Tag}, AllowDegraded: c.AllowDegraded, CheckpointEvery: c.Checkpoint,
	}
	switch {
	case c.Concurrency < 1 || c.Concurrency > 64:
		return o, console.Usagef("--concurrency is %d; give 1 to 64", c.Concurrency)
	case c.Checkpoint < 0:
		return o, console.Usagef("--checkpoint is %s; give a duration such as 30s", c.Checkpoint)
	}
	var err error
	if o.Part.Limit, err = positive("--limit", c.Limit); err != nil {
		return o, err
	}
	if c.Resume != "" {
		if err := c.resume(&o); err != nil {
			return o, err
		}
	}
	if o.Limits, o.Prices, err = c.read(o.Prices); err != nil {
		return o, err
	}
	if err := errors.Join(keepInputs([]string{c.Prices}, c.JSON), keepSuite(c.Data, c.JSON)); err != nil {
		return o, err
	}
	return o, disk.CanWrite(c.JSON)
}

// resume takes over what the run to go on with was told.
func (c *runCommand) resume(o *eval.Options) error {
	if len(c.Case)+len(c.Tag) > 0 || c.Limit != nil {
		return console.Usagef("--resume goes on with the part that the run was of; leave --case, --tag and --limit out")
	}
	before, err := eval.ReadReport(c.Resume)
	if err != nil {
		return err
	}
	o.Resume = &before
	if before.Part != nil {
		o.Part = *before.Part
	}
	o.Prices = before.Configuration.Prices
	if asked := before.Configuration.Asked; c.Seed == nil && asked != nil {
		c.Seed = asked.Seed
	}
	c.JSON = cmp.Or(c.JSON, c.Resume)
	return nil
}

// finish writes and shows what a run came to, and says how to go on with one
// that was ended.
func (c *runCommand) finish(e *console.Env, report eval.Report, ended error, interrupted bool) error {
	if len(report.Cases) == 0 {
		if interrupted {
			return errors.New("interrupted before the first ticket was done; nothing was written")
		}
		return ended
	}
	if over := report.ProfilePassedOver(); over != "" && c.Profile != "" {
		fmt.Fprintf(e.Stderr, "warning: %s\n", console.Plain(over))
	}
	err := printResult(e, &report, c.JSON)
	var why string
	switch {
	case errors.Is(ended, eval.ErrBudget):
		why = "the budget is used up"
	case interrupted && ended != nil:
		why = "interrupted"
	default:
		return errors.Join(err, ended, c.measuredNothing(&report))
	}
	why = fmt.Sprintf("%s after %s of the %d in the suite", why, say.Count(len(report.Cases), "ticket"), report.Suite.Cases)
	switch {
	case err != nil:
		return errors.Join(errors.New(why), err)
	case c.JSON == "" || c.JSON == "-":
		return fmt.Errorf("%s; give --json FILE to be able to go on with a run", why)
	}
	if errors.Is(ended, eval.ErrBudget) {
		return fmt.Errorf("%s; what is done is in %s. To go on, with a larger budget: %s", why, c.JSON, c.again())
	}
	return fmt.Errorf("%s; what is done is in %s. To go on: %s", why, c.JSON, c.again())
}

// measuredNothing is the error of a run that holds failures alone, nil of others.
func (c *runCommand) measuredNothing(report *eval.Report) error {
	if report.Errors < len(report.Cases) {
		return nil
	}
	err := fmt.Errorf("nothing was measured, for every ticket failed, the first with: %s", console.Plain(report.Cases[0].Error))
	if c.JSON == "" || c.JSON == "-" {
		return err
	}
	return fmt.Errorf("%w. Once that is mended: %s", err, c.again())
}

// again is the command that goes on with this run.
func (c *runCommand) again() string {
	return fmt.Sprintf("%s eval run --data %s --resume %s%s", console.ProgramName(), console.ShellWord(c.Data), console.ShellWord(c.JSON), c.repeated())
}

// repeated are the flags that must be given again to go on: what else made the
// run stands in its file.
func (c *runCommand) repeated() string {
	var b strings.Builder
	pace := ""
	if c.Rate > 0 {
		pace = strconv.FormatFloat(float64(c.Rate), 'g', -1, 64) + "/min"
	}
	for _, f := range []struct{ name, value string }{
		{"workspace", c.Workspace}, {"config", c.Config}, {"profile", c.Profile}, {"answers", c.Answers}, {"judge", c.Judge}, {"rate", pace},
	} {
		if f.value != "" {
			b.WriteString(" --" + f.name + " " + console.ShellWord(f.value))
		}
	}
	if c.AblateGold {
		b.WriteString(" --ablate-gold")
	}
	if c.AllowDegraded {
		b.WriteString(" --allow-degraded")
	}
	return b.String()
}

// evaluate runs a suite on a database of its own, or on the one that is named.
func evaluate(ctx context.Context, e *console.Env, s *settings.Settings, o eval.Options, documents []knowledge.Document, v wiring.Variant) (eval.Report, error) {
	stop, err := startRuntime(ctx, e, s)
	if err != nil {
		return eval.Report{}, err
	}
	defer stop()
	db, err := wiring.OpenWhenThere(ctx, wiring.QuietLogger(e, s), s, wiring.DatabasePatience)
	if err != nil {
		return eval.Report{}, err
	}
	defer db.Close()
	w, err := ensureWorkspace(ctx, s, o.Suite, "eval")
	if err != nil {
		return eval.Report{}, err
	}
	a, err := newBench(ctx, e, s, db, v, w, o.Suite, documents)
	if err == nil {
		err = a.embedAll(ctx, w)
	}
	if err != nil {
		return eval.Report{}, err
	}
	return a.runSuite(ctx, o, w)
}

func readSuiteDocuments(ctx context.Context, e *console.Env, of suite.Suite) ([]knowledge.Document, error) {
	read, err := source.Read(ctx, of.Knowledge, source.Options{Locale: "en"})
	if err != nil {
		return nil, err
	}
	for _, p := range read.Problems {
		if p.Severity == knowledge.SeverityError {
			fmt.Fprintf(e.Stderr, "error: %s\n", console.Plain(p.Error()))
		}
	}
	if read.Errors > 0 {
		return nil, fmt.Errorf("%s in the articles of the suite; mend what is listed above and run again", say.Count(read.Errors, "error"))
	}
	return read.Documents, nil
}

// startRuntime makes sure of a database and an embedder, starting the embedded
// ones where none is named; they have data of their own.
func startRuntime(ctx context.Context, e *console.Env, s *settings.Settings) (stop func(), err error) {
	if s.DatabaseURL != "" {
		return func() {}, nil
	}
	runtime, err := wiring.StartLocal(ctx, e, "eval", s.EmbeddingURL == "", false)
	var inUse *local.InUseError
	if errors.As(err, &inUse) {
		return nil, fmt.Errorf("another evaluation runs on the embedded runtime (process %d); wait for it, or set PURSER_HOME to another folder", inUse.PID)
	}
	if err != nil {
		return nil, err
	}
	database := runtime.Database()
	s.DatabaseURL, s.OwnerURL = database.Server, database.Owner
	if s.EmbeddingURL == "" {
		s.EmbeddingURL = runtime.EmbeddingURL()
	}
	if _, err := pg.Migrate(ctx, s.OwnerURL, wiring.LocalServerRole); err != nil {
		return nil, errors.Join(err, runtime.Stop(context.WithoutCancel(ctx)))
	}
	return func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if err := runtime.Stop(stopping); err != nil {
			fmt.Fprintf(e.Stderr, "warning: the embedded runtime did not stop in order: %s\n", console.Plain(err.Error()))
		}
	}, nil
}

// runSuite runs the suite on a workspace that is ready.
func (a *bench) runSuite(ctx context.Context, o eval.Options, w suggest.Workspace) (eval.Report, error) {
	cases, err := o.Suite.Select(o.Part)
	if err != nil {
		return eval.Report{}, err
	}
	progress, finish := console.Steps(a.env, len(cases), "tickets", false)
	o.Pipeline, o.Searcher, o.Workspace, o.Embedded, o.Now = a.Pipeline, a.Searcher, w, a.Embedding != nil, time.Now
	o.Detect, o.Grace = a.Detector.Detect, a.settings.DraftLimit+5*time.Second
	o.Progress = progress
	calm := context.AfterFunc(ctx, func() {
		fmt.Fprintf(a.env.Stderr, "\nending: the tickets under way are finished first, in %s at most\n", o.Grace)
	})
	defer calm()
	defer finish()
	return eval.Run(ctx, o)
}

// noon is that of today: a model that is asked the same twice in a day is told the
// same, so that its answer can be kept and two runs be compared.
func noon() time.Time { return time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour) }
