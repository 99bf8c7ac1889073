package evalcmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// evaluateLive runs a suite on the articles of a workspace that people work
// with. The database refuses to write there, and nothing is kept of the
// questions. The run has the knowledge hash that a snapshot would have, so that
// it can be compared with runs on one.
func evaluateLive(ctx context.Context, e *console.Env, s *settings.Settings, o eval.Options, workspace string, v wiring.Variant) (eval.Report, error) {
	l, err := wiring.OpenReadOnly(ctx, s, workspace)
	if err != nil {
		return eval.Report{}, err
	}
	defer l.DB.Close()
	keys := map[string]bool{}
	before, err := l.Articles(ctx, func(d *knowledge.Document) { keys[d.Key] = true })
	if err != nil {
		return eval.Report{}, err
	}
	if err := o.Suite.CheckGold(keys); err != nil {
		return eval.Report{}, err
	}
	o.Suite.KnowledgeHash, v.KeepQuestions = before.Hash, false
	joined, err := wiring.Assemble(s, l.DB, wiring.QuietLogger(e, s), v)
	if err != nil {
		return eval.Report{}, err
	}
	a := &bench{joined, e, s}
	if err := a.warn(ctx, l.Workspace); err != nil {
		return eval.Report{}, err
	}
	report, err := a.runSuite(ctx, o, l.Workspace)
	after, err2 := l.Articles(context.WithoutCancel(ctx), nil)
	switch {
	case err2 != nil:
		return eval.Report{}, errors.Join(err, fmt.Errorf("look whether the articles are still the same: %w", err2))
	case after.Hash != before.Hash:
		return eval.Report{}, errors.Join(err, fmt.Errorf("the articles of the workspace changed while the run was under way (hash %.12s, now %.12s), so its figures would be of neither; "+
			"the run is refused. Run again, or on a snapshot: %s eval snapshot", before.Hash, after.Hash, console.ProgramName()))
	}
	return report, err
}

// warn tells what makes the figures other than they will be.
func (a *bench) warn(ctx context.Context, w suggest.Workspace) error {
	if a.Embedding == nil {
		fmt.Fprintln(a.env.Stderr, "No embedder is set up: search is by words alone.")
		return nil
	}
	st, err := a.Store.Status(ctx, w)
	if err != nil {
		return err
	}
	if st.Embedded < st.Passages {
		fmt.Fprintf(a.env.Stderr, "warning: %d of %d passages have no vectors yet, so search can't find them by meaning; wait until they are embedded\n", st.Passages-st.Embedded, st.Passages)
	}
	return nil
}
