package evalcmd

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	"github.com/purser-desk/purser/suggest"
)

// namespace makes a workspace's id from the content of its articles.
var namespace = uuid.MustParse("5b1c3f0e-6f0a-4f5e-9d53-6f7c2a0f4e11")

// ensureWorkspace is the workspace that is kept for this content and purpose.
func ensureWorkspace(ctx context.Context, s *settings.Settings, of suite.Suite, purpose string) (suggest.Workspace, error) {
	content := of.KnowledgeHash
	if purpose != "eval" {
		content = purpose + " 2 " + content
	}
	id := uuid.NewSHA1(namespace, []byte(content))
	w := suggest.Workspace(id.String())
	if s.OwnerURL == "" {
		return "", console.Usagef("DATABASE_OWNER_URL is not set: with a database of your own, evaluation needs it to make its workspace")
	}
	return w, apipostgres.EnsureWorkspace(ctx, s.OwnerURL, w, purpose+" "+of.Name+" "+id.String(), time.Now())
}

// bench is where a suite is measured: the parts, joined, and the command that
// measures.
type bench struct {
	*wiring.App
	env      *console.Env
	settings *settings.Settings
}

// newBench joins the parts and brings the suite's articles into a workspace.
func newBench(ctx context.Context, e *console.Env, s *settings.Settings, db *pg.DB, v wiring.Variant, w suggest.Workspace, of suite.Suite, documents []knowledge.Document) (*bench, error) {
	// Nobody waits: a slow embedder is no reason to measure without it.
	v.EmbedTimeout = 30 * time.Second
	joined, err := wiring.Assemble(s, db, wiring.QuietLogger(e, s), v)
	if err != nil {
		return nil, err
	}
	a := &bench{joined, e, s}
	if err := a.inherit(ctx, w, "eval "+of.Name); err != nil {
		return nil, err
	}
	return a, a.importAll(ctx, w, "suite", documents)
}

// inherit takes over the vectors of an earlier state of the suite: one article
// that was edited is no reason to embed all of them again.
func (a *bench) inherit(ctx context.Context, w suggest.Workspace, family string) error {
	if a.Embedding == nil {
		return nil
	}
	space, err := a.Embedding.Space(ctx)
	if err != nil {
		return err
	}
	return knowledgepostgres.Inherit(ctx, a.settings.OwnerURL, w, family, space)
}

// importAll makes documents the only articles of a source.
func (a *bench) importAll(ctx context.Context, w suggest.Workspace, source string, documents []knowledge.Document) error {
	actor := knowledge.Actor{ID: "purser eval"}
	plan, err := a.Importer.Plan(ctx, w, knowledge.PlanRequest{Source: source, Actor: actor}, knowledge.Documents(documents))
	if err != nil {
		return err
	}
	if len(documents)+plan.Existing == 0 {
		return nil // there is nothing to take away either, which a plan refuses
	}
	if plan.Blocked {
		return &knowledge.BlockedError{Problems: plan.Problems, Count: plan.ProblemCount}
	}
	if plan.Added+plan.Changed+plan.Removed == 0 {
		return nil
	}
	if _, err = a.Importer.Apply(ctx, w, plan.ID, knowledge.ApplyRequest{Actor: actor, AllowRemovals: true}); err != nil {
		return err
	}
	return a.Store.LearnContacts(ctx, w)
}

// embedAll makes the vectors that are missing, and cuts again what an older
// version has cut. What an interrupted run made is
// kept.
func (a *bench) embedAll(ctx context.Context, w suggest.Workspace) error {
	if a.Embedding == nil {
		fmt.Fprintln(a.env.Stderr, "No embedder is set up: search is by words alone.")
		for {
			if more, err := a.Recutting.Work(ctx, w, time.Minute); err != nil || !more {
				return err
			}
		}
	}
	st, err := a.Store.Status(ctx, w)
	if err != nil {
		return err
	}
	bar := console.Progress(a.env, st.Passages, "embed", false)
	if st.ToCut > 0 {
		fmt.Fprintf(a.env.Stderr, "cutting %s again, as an older version has cut them\n", say.Count(st.ToCut, "article"))
	}
	if wait := st.Passages - st.Embedded; wait > 0 && !console.IsTerminal(a.env.Stderr) {
		fmt.Fprintf(a.env.Stderr, "embedding %d passages; they are kept for the next run\n", wait)
	}
	givenUp, err := a.Embed(ctx, w, func() {
		if st, err := a.Store.Status(ctx, w); err == nil {
			_ = bar.Set(st.Embedded)
		}
	})
	if err != nil {
		return err
	}
	_ = bar.Finish()
	if givenUp > 0 {
		fmt.Fprintf(a.env.Stderr, "warning: the embedder refuses %s of the articles, which only words will find\n", say.Count(givenUp, "text"))
	}
	return nil
}
