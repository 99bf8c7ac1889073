package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/knowledge"
)

// evaluateLive runs a suite on the articles of a workspace that people work
// with. The database refuses to write there, and nothing is kept of the
// questions. The run has the knowledge hash that a snapshot would have, so that
// it can be compared with runs on one.
func evaluateLive(ctx context.Context, e *env, s *settings, o eval.Options, workspace string, v variant) (eval.Report, error) {
	l, err := openLive(ctx, s, workspace)
	if err != nil {
		return eval.Report{}, err
	}
	defer l.db.Close()
	keys := map[string]bool{}
	before, err := l.articles(ctx, func(d *knowledge.Document) { keys[d.Key] = true })
	if err != nil {
		return eval.Report{}, err
	}
	if err := o.Suite.CheckGold(keys); err != nil {
		return eval.Report{}, err
	}
	o.Suite.KnowledgeHash, v.keepQuestions = before.hash, false
	a, err := assemble(s, l.db, slog.New(quiet{newLogger(e, s).Handler()}), v)
	if err != nil {
		return eval.Report{}, err
	}
	if err := l.warn(ctx, e, a); err != nil {
		return eval.Report{}, err
	}
	report, err := a.runSuite(ctx, e, s, o, l.workspace)
	after, err2 := l.articles(context.WithoutCancel(ctx), nil)
	switch {
	case err2 != nil:
		return eval.Report{}, errors.Join(err, fmt.Errorf("look whether the articles are still the same: %w", err2))
	case after.hash != before.hash:
		return eval.Report{}, errors.Join(err, fmt.Errorf("the articles of the workspace changed while the run was under way (hash %.12s, now %.12s), so its figures would be of neither; "+
			"the run is refused. Run again, or on a snapshot: %s eval snapshot", before.hash, after.hash, programName()))
	}
	return report, err
}

// warn tells what makes the figures other than they will be.
func (l *live) warn(ctx context.Context, e *env, a *app) error {
	if a.embedding == nil {
		fmt.Fprintln(e.stderr, "No embedder is set up: search is by words alone.")
		return nil
	}
	st, err := a.store.Status(ctx, l.workspace)
	if err != nil {
		return err
	}
	if st.Embedded < st.Passages {
		fmt.Fprintf(e.stderr, "warning: %d of %d passages have no vectors yet, so search can't find them by meaning; wait until they are embedded\n", st.Passages-st.Embedded, st.Passages)
	}
	return nil
}
