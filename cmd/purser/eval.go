package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/schollz/progressbar/v3"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/cmd/purser/local"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/source"
	"github.com/purser-desk/purser/suggest"
)

type evalCommand struct {
	Init      evalInitCommand      `cmd:"" help:"Write a small suite that works, to begin with."`
	Check     evalCheckCommand     `cmd:"" help:"Find broken, duplicate, contradictory and leaking cases in a suite."`
	Run       evalRunCommand       `cmd:"" help:"Run retrieval and drafting over tickets with known answers, and measure."`
	ImportRun evalImportRunCommand `cmd:"" help:"Make a run of what another system answered, to compare with."`
	Compare   evalCompareCommand   `cmd:"" help:"Tell what got better or worse from one run to another, and how sure that is."`
	Gate      evalGateCommand      `cmd:"" help:"Hold a run against a policy; exit code 3 when it is not met."`
	Report    evalReportCommand    `cmd:"" help:"Write a run as one HTML page."`
	Baseline  evalBaselineCommand  `cmd:"" help:"Keep the accepted run."`
	Redteam   evalRedteamCommand   `cmd:"" help:"Attack the drafting through tickets, facts and articles, and count what gets out."`
	Simulate  evalSimulateCommand  `cmd:"" help:"Plan: what drafts like a run's would mean for a contact centre."`
}

type evalRunCommand struct {
	settingsFlag
	Data        string `required:"" type:"existingdir" help:"Folder with tickets.jsonl and the articles: kb.jsonl, or a folder kb of Markdown." placeholder:"DIR"`
	JSON        string `name:"json" help:"Write the whole report to this file; \"-\" prints it." placeholder:"FILE"`
	Concurrency int    `default:"2" help:"Tickets worked on at once."`
}

func (*evalRunCommand) Help() string {
	return "Without DATABASE_URL it starts the embedded runtime by itself. The articles stay imported and embedded for as long as they are " +
		"the same, so a second run is fast; an interrupted one goes on where it stopped.\n\n" +
		"Example:\n  purser eval run --data datasets/wixqa --json wixqa.json"
}

func (c *evalRunCommand) Run(ctx context.Context, e *env) error {
	suite, err := eval.ReadSuite(c.Data)
	if err != nil {
		return err
	}
	documents, err := readSuiteDocuments(ctx, e, suite)
	if err != nil {
		return err
	}
	if err := suite.CheckGold(eval.Keys(documents)); err != nil {
		return err
	}
	s, err := loadSettings(c.Config, e.getenv)
	if err != nil {
		return err
	}
	stop, err := evalRuntime(ctx, e, s)
	if err != nil {
		return err
	}
	report, err := c.measure(ctx, e, s, suite, documents)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := errors.Join(err, stop(stopping)); err != nil && !report.Partial {
		return err
	}
	return errors.Join(printReport(e, &report, c.JSON), err)
}

func readSuiteDocuments(ctx context.Context, e *env, suite eval.Suite) ([]knowledge.Document, error) {
	read, err := source.Read(ctx, suite.Knowledge, source.Options{Locale: "en"})
	if err != nil {
		return nil, err
	}
	for _, p := range read.Problems {
		if p.Severity == knowledge.SeverityError {
			fmt.Fprintf(e.stderr, "error: %s\n", plain(p.Error()))
		}
	}
	if read.Errors > 0 {
		return nil, fmt.Errorf("%s in the articles of the suite; mend what is listed above and run again", counted(read.Errors, "error", "errors"))
	}
	return read.Documents, nil
}

// evalRuntime makes sure of a database and an embedder, starting the embedded
// ones where none is named; they have data of their own.
func evalRuntime(ctx context.Context, e *env, s *settings) (stop func(context.Context) error, err error) {
	if s.databaseURL != "" {
		return func(context.Context) error { return nil }, nil
	}
	runtime, err := startLocal(ctx, e, "eval", s.embeddingURL == "", false)
	var inUse *local.InUseError
	if errors.As(err, &inUse) {
		return nil, fmt.Errorf("another evaluation runs on the embedded runtime (process %d); wait for it, or set PURSER_HOME to another folder", inUse.PID)
	}
	if err != nil {
		return nil, err
	}
	database := runtime.Database()
	s.databaseURL, s.ownerURL = database.Server, database.Owner
	if s.embeddingURL == "" {
		s.embeddingURL = runtime.EmbeddingURL()
	}
	if _, err := pg.Migrate(ctx, s.ownerURL, localServerRole); err != nil {
		return nil, errors.Join(err, runtime.Stop(context.WithoutCancel(ctx)))
	}
	return runtime.Stop, nil
}

func (c *evalRunCommand) measure(ctx context.Context, e *env, s *settings, suite eval.Suite, documents []knowledge.Document) (eval.Report, error) {
	logger := slog.New(quiet{newLogger(e, s).Handler()})
	db, err := openWhenThere(ctx, logger, s, databasePatience)
	if err != nil {
		return eval.Report{}, err
	}
	defer db.Close()
	a, err := assemble(s, db, logger, variant{keepQuestions: true})
	if err != nil {
		return eval.Report{}, err
	}
	w, err := evalWorkspace(ctx, s, suite)
	if err != nil {
		return eval.Report{}, err
	}
	if err := a.importSuite(ctx, w, documents); err != nil {
		return eval.Report{}, err
	}
	if err := a.embedAll(ctx, e, w); err != nil {
		return eval.Report{}, err
	}
	bar := progress(e, len(suite.Cases), "tickets", false)
	report, err := eval.Run(ctx, eval.Options{
		Suite: suite, Pipeline: a.pipeline, Searcher: a.searcher, Workspace: w, Concurrency: c.Concurrency,
		Progress: func(done, _ int) { _ = bar.Set(done) },
		Now:      time.Now,
	})
	_ = bar.Finish()
	return report, err
}

// evalNamespace makes a workspace's id from the content of its articles.
var evalNamespace = uuid.MustParse("5b1c3f0e-6f0a-4f5e-9d53-6f7c2a0f4e11")

// evalWorkspace is the workspace that is kept for this content.
func evalWorkspace(ctx context.Context, s *settings, suite eval.Suite) (suggest.Workspace, error) {
	id := uuid.NewSHA1(evalNamespace, []byte(suite.KnowledgeHash))
	w := suggest.Workspace(id.String())
	if s.ownerURL == "" {
		return "", usagef("DATABASE_OWNER_URL is not set: with a database of your own, evaluation needs it to make its workspace")
	}
	return w, apipostgres.EnsureWorkspace(ctx, s.ownerURL, w, "eval "+suite.Name+" "+id.String(), time.Now())
}

func (a *app) importSuite(ctx context.Context, w suggest.Workspace, documents []knowledge.Document) error {
	actor := knowledge.Actor{ID: "purser eval"}
	plan, err := a.importer.Plan(ctx, w, knowledge.PlanRequest{Source: "suite", Actor: actor}, knowledge.Documents(documents))
	if err != nil {
		return err
	}
	if plan.Blocked {
		return &knowledge.BlockedError{Problems: plan.Problems, Count: plan.ProblemCount}
	}
	if plan.Added+plan.Changed+plan.Removed == 0 {
		return nil
	}
	_, err = a.importer.Apply(ctx, w, plan.ID, knowledge.ApplyRequest{Actor: actor, AllowRemovals: true})
	return err
}

// embedAll makes the vectors that are missing. What an interrupted run made is
// kept.
func (a *app) embedAll(ctx context.Context, e *env, w suggest.Workspace) error {
	if a.embedding == nil {
		fmt.Fprintln(e.stderr, "No embedder is set up: search is by words alone.")
		return nil
	}
	var bar *progressbar.ProgressBar
	for {
		st, err := a.store.Status(ctx, w)
		if err != nil {
			return err
		}
		if bar == nil {
			bar = progress(e, st.Passages, "embed", false)
			if wait := st.Passages - st.Embedded; wait > 0 && !isTerminal(e.stderr) {
				fmt.Fprintf(e.stderr, "embedding %d passages; they are kept for the next run\n", wait)
			}
		}
		_ = bar.Set(st.Embedded)
		done, err := a.embedding.Work(ctx, w, 2*time.Second)
		if err != nil {
			return err
		}
		if !done.More {
			_ = bar.Finish()
			return nil
		}
	}
}
