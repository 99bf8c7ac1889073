package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	"github.com/purser-desk/purser/suggest"
)

// evalNamespace makes a workspace's id from the content of its articles.
var evalNamespace = uuid.MustParse("5b1c3f0e-6f0a-4f5e-9d53-6f7c2a0f4e11")

// evalWorkspace is the workspace that is kept for this content and purpose.
func evalWorkspace(ctx context.Context, s *settings, of suite.Suite, purpose string) (suggest.Workspace, error) {
	content := of.KnowledgeHash
	if purpose != "eval" {
		content = purpose + " 2 " + content
	}
	id := uuid.NewSHA1(evalNamespace, []byte(content))
	w := suggest.Workspace(id.String())
	if s.ownerURL == "" {
		return "", usagef("DATABASE_OWNER_URL is not set: with a database of your own, evaluation needs it to make its workspace")
	}
	return w, apipostgres.EnsureWorkspace(ctx, s.ownerURL, w, purpose+" "+of.Name+" "+id.String(), time.Now())
}

// inherit takes over the vectors of an earlier state of the suite: one article
// that was edited is no reason to embed all of them again.
func (a *app) inherit(ctx context.Context, s *settings, w suggest.Workspace, family string) error {
	if a.embedding == nil {
		return nil
	}
	space, err := a.embedding.Space(ctx)
	if err != nil {
		return err
	}
	return knowledgepostgres.Inherit(ctx, s.ownerURL, w, family, space)
}

// importAll makes documents the only articles of a source.
func (a *app) importAll(ctx context.Context, w suggest.Workspace, source string, documents []knowledge.Document) error {
	actor := knowledge.Actor{ID: "purser eval"}
	plan, err := a.importer.Plan(ctx, w, knowledge.PlanRequest{Source: source, Actor: actor}, knowledge.Documents(documents))
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
	st, err := a.store.Status(ctx, w)
	if err != nil {
		return err
	}
	bar := progress(e, st.Passages, "embed", false)
	if wait := st.Passages - st.Embedded; wait > 0 && !isTerminal(e.stderr) {
		fmt.Fprintf(e.stderr, "embedding %d passages; they are kept for the next run\n", wait)
	}
	givenUp, err := a.embedding.Complete(ctx, w, func() {
		if st, err := a.store.Status(ctx, w); err == nil {
			_ = bar.Set(st.Embedded)
		}
	})
	if err != nil {
		return err
	}
	_ = bar.Finish()
	if givenUp > 0 {
		fmt.Fprintf(e.stderr, "warning: the embedder refuses %s of the articles, which only words will find\n", counted(givenUp, "text", "texts"))
	}
	return nil
}
