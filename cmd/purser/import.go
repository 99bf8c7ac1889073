package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/source"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

type importCommand struct {
	clientFlags
	Path          string `arg:"" help:"Folder or file to read: Markdown (.md), CSV (.csv, .tsv), JSON lines (.jsonl)."`
	Source        string `help:"Name of the source, which owns its articles: what its next import lacks is removed. Default: the name of the folder or file." placeholder:"NAME"`
	Locale        string `help:"Language of documents that name none." placeholder:"TAG"`
	KeepMissing   bool   `help:"Keep articles of the source that this import does not hold."`
	Apply         bool   `help:"Apply the plan; without it, the plan is only shown."`
	AllowRemovals bool   `help:"Let the import remove more than a fifth of the source's articles."`
	Wait          bool   `help:"After applying, wait until the new passages can be found by meaning."`
	Changes       int    `default:"20" help:"Changes shown at most."`
}

func (*importCommand) Help() string {
	return "Examples:\n  purser import help-centre/ --locale en\n  purser import help-centre/ --locale en --apply\n  purser import faq.csv --source faq --locale de --apply --allow-removals --json\n\n" +
		"Without --apply nothing changes. Applying takes everything or nothing."
}

// importReport is what --json prints.
type importReport struct {
	Applied         bool                      `json:"applied"`
	Plan            any                       `json:"plan,omitempty"`
	Changes         []*purserv1.ArticleChange `json:"-"`
	ChangeList      []any                     `json:"changes,omitempty"`
	Problems        []any                     `json:"problems,omitempty"`
	PassagesToEmbed int32                     `json:"passages_to_embed,omitempty"`
}

func (c *importCommand) Run(ctx context.Context, e *env) error {
	documents, err := c.read(ctx, e)
	if err != nil {
		return err
	}
	cl, err := c.connect(e)
	if err != nil {
		return err
	}
	defer cl.close()
	plan, err := c.plan(ctx, e, cl, documents)
	if err != nil {
		return err
	}
	changes, err := planChanges(ctx, cl, plan.GetPlanId(), c.Changes)
	if err != nil {
		return err
	}
	report := &importReport{}
	if !c.JSON {
		printPlan(e, plan, changes)
	}
	if blocking(plan) {
		return c.refuse(e, report, plan, changes, fmt.Errorf("the server refused documents, so nothing was imported; mend what is listed above"))
	}
	if !c.Apply {
		if !c.JSON && plan.GetAdded()+plan.GetChanged()+plan.GetRemoved() > 0 {
			fmt.Fprintln(e.stdout, "Nothing has changed yet: add --apply to import.")
		}
		return c.report(e, report, plan, changes)
	}
	applied, err := cl.knowledge.ApplyImport(ctx, &purserv1.ApplyImportRequest{
		RequestId: newRequestID(), Actor: cl.actor, PlanId: plan.GetPlanId(), AllowRemovals: c.AllowRemovals,
	})
	if err != nil {
		return err
	}
	report.Applied, report.PassagesToEmbed = true, applied.GetPassagesToEmbed()
	if !c.JSON {
		fmt.Fprint(e.stdout, "Imported. Every article can be found by words now")
		if n := applied.GetPassagesToEmbed(); n > 0 {
			fmt.Fprintf(e.stdout, ", and by meaning once %s embedded", counted(int(n), "passage is", "passages are"))
		}
		fmt.Fprintln(e.stdout, ".")
	}
	if c.Wait {
		if err := waitForVectors(ctx, e, cl); err != nil {
			return err
		}
	}
	return c.report(e, report, applied.GetPlan(), changes)
}

// read reads the documents and tells every problem; one error among them ends
// the import before anything is sent.
func (c *importCommand) read(ctx context.Context, e *env) ([]knowledge.Document, error) {
	o := source.Options{Locale: c.Locale}
	if isTerminal(e.stderr) {
		o.Progress = func(p source.Progress) {
			fmt.Fprintf(e.stderr, "\rread %d files, %d documents", p.Files, p.Documents)
		}
	}
	result, err := source.Read(ctx, c.Path, o)
	if err != nil {
		return nil, &usageError{err}
	}
	if o.Progress != nil {
		fmt.Fprintln(e.stderr)
	}
	for _, p := range result.Problems {
		label := "warning"
		if p.Severity == knowledge.SeverityError {
			label = "error"
		}
		fmt.Fprintf(e.stderr, "%s: %s\n", label, plain(p.Error()))
	}
	if dropped := result.Errors + result.Warnings - len(result.Problems); dropped > 0 {
		fmt.Fprintf(e.stderr, "… and %d more\n", dropped)
	}
	if result.Errors > 0 {
		if c.JSON {
			problems, err := problemValues(result.Problems)
			if err != nil {
				return nil, err
			}
			if err := printValue(e.stdout, importReport{Problems: problems}); err != nil {
				return nil, err
			}
		}
		return nil, fmt.Errorf("%s, so nothing was imported; mend what is listed above and import again", counted(result.Errors, "error", "errors"))
	}
	return result.Documents, nil
}

// problemValues are problems found here in the form of those that a server finds.
func problemValues(problems []knowledge.Problem) ([]any, error) {
	var out []any
	for _, p := range problems {
		v, err := jsonValue(&purserv1.ImportProblem{
			Kind: string(p.Kind), Blocking: p.Severity == knowledge.SeverityError, Origin: p.Origin,
			Line: int32(min(p.Line, math.MaxInt32)), Message: p.Message, //nolint:gosec // bounded
		})
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

const batchBytes = 1 << 20

func (c *importCommand) plan(ctx context.Context, e *env, cl *client, documents []knowledge.Document) (*purserv1.ImportPlan, error) {
	stream, err := cl.knowledge.PlanImport(ctx)
	if err != nil {
		return nil, err
	}
	name := c.Source
	if name == "" {
		absolute, err := filepath.Abs(c.Path)
		if err != nil {
			return nil, err
		}
		name = filepath.Base(absolute)
	}
	header := &purserv1.PlanImportHeader{RequestId: newRequestID(), Actor: cl.actor, Source: name, KeepMissing: c.KeepMissing}
	if err := stream.Send(&purserv1.PlanImportRequest{Part: &purserv1.PlanImportRequest_Header{Header: header}}); err != nil {
		return closePlan(stream)
	}
	bar := progress(e, len(documents), "send", c.JSON)
	var batch []*purserv1.ImportDocument
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := stream.Send(&purserv1.PlanImportRequest{Part: &purserv1.PlanImportRequest_Documents{Documents: &purserv1.ImportDocuments{Documents: batch}}})
		_ = bar.Add(len(batch))
		batch, size = nil, 0
		return err
	}
	for i := range documents {
		d := documentMessage(&documents[i])
		if n := proto.Size(d); size+n > batchBytes {
			if flush() != nil {
				return closePlan(stream)
			}
		}
		size += proto.Size(d)
		batch = append(batch, d)
	}
	if flush() != nil {
		return closePlan(stream)
	}
	return closePlan(stream)
}

// closePlan receives the answer, or the reason for which sending failed.
func closePlan(stream purserv1.KnowledgeService_PlanImportClient) (*purserv1.ImportPlan, error) {
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return nil, err
	}
	return answer.GetPlan(), nil
}

func documentMessage(d *knowledge.Document) *purserv1.ImportDocument {
	m := &purserv1.ImportDocument{Key: d.Key, Locale: d.Locale, Title: d.Title, Body: d.Body, Labels: d.Labels, Url: d.URL, Origin: excerpt(d.Origin, 990)}
	if !d.ValidFrom.IsZero() {
		m.ValidFrom = timestamppb.New(d.ValidFrom)
	}
	if !d.ValidUntil.IsZero() {
		m.ValidUntil = timestamppb.New(d.ValidUntil)
	}
	return m
}

func planChanges(ctx context.Context, cl *client, planID string, limit int) ([]*purserv1.ArticleChange, error) {
	var all []*purserv1.ArticleChange
	for token := ""; len(all) < limit; {
		page, err := cl.knowledge.ListPlanChanges(ctx, &purserv1.ListPlanChangesRequest{PlanId: planID, PageSize: int32(min(limit, 1000)), PageToken: token}) //nolint:gosec // bounded
		if err != nil {
			return nil, err
		}
		all = append(all, page.GetChanges()...)
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	return all[:min(limit, len(all))], nil
}

var changeMarks = map[purserv1.ArticleChangeKind]string{
	purserv1.ArticleChangeKind_ARTICLE_CHANGE_KIND_ADDED:   "+",
	purserv1.ArticleChangeKind_ARTICLE_CHANGE_KIND_CHANGED: "~",
	purserv1.ArticleChangeKind_ARTICLE_CHANGE_KIND_REMOVED: "-",
}

func printPlan(e *env, plan *purserv1.ImportPlan, changes []*purserv1.ArticleChange) {
	for _, c := range changes {
		fmt.Fprintf(e.stdout, "%s %s [%s] %s", changeMarks[c.GetKind()], plain(c.GetKey()), c.GetLocale(), plain(c.GetTitle()))
		if len(c.GetFields()) > 0 {
			fmt.Fprintf(e.stdout, "  %v", c.GetFields())
		}
		fmt.Fprintln(e.stdout)
	}
	total := int(plan.GetAdded() + plan.GetChanged() + plan.GetRemoved())
	if total > len(changes) {
		fmt.Fprintf(e.stdout, "… and %d more changes\n", total-len(changes))
	}
	for _, p := range plan.GetProblems() {
		label := "warning"
		if p.GetBlocking() {
			label = "error"
		}
		fmt.Fprintf(e.stderr, "%s: %s: %s\n", label, plain(p.GetOrigin()), plain(p.GetMessage()))
	}
	fmt.Fprintf(e.stdout, "Plan for source %q: %d added, %d changed, %d removed, %d unchanged.\n",
		plain(plan.GetSource()), plan.GetAdded(), plan.GetChanged(), plan.GetRemoved(), plan.GetUnchanged())
	if plan.GetNeedsAllowRemovals() {
		fmt.Fprintf(e.stdout, "It removes %d of the source's %d articles, more than a fifth: applying needs --allow-removals.\n", plan.GetRemoved(), plan.GetExisting())
	}
}

func blocking(plan *purserv1.ImportPlan) bool {
	for _, p := range plan.GetProblems() {
		if p.GetBlocking() {
			return true
		}
	}
	return false
}

func (c *importCommand) refuse(e *env, r *importReport, plan *purserv1.ImportPlan, changes []*purserv1.ArticleChange, why error) error {
	if err := c.report(e, r, plan, changes); err != nil {
		return err
	}
	return why
}

func (c *importCommand) report(e *env, r *importReport, plan *purserv1.ImportPlan, changes []*purserv1.ArticleChange) error {
	if !c.JSON {
		return nil
	}
	var err error
	if r.Plan, err = jsonValue(plan); err != nil {
		return err
	}
	for _, ch := range changes {
		v, err := jsonValue(ch)
		if err != nil {
			return err
		}
		r.ChangeList = append(r.ChangeList, v)
	}
	return printValue(e.stdout, r)
}

// waitForVectors shows embedding until it is done. Interrupting it loses
// nothing: the server goes on.
func waitForVectors(ctx context.Context, e *env, cl *client) error {
	bar := progress(e, 1, "embed", false)
	for {
		st, err := cl.knowledge.GetIndexStatus(ctx, &purserv1.GetIndexStatusRequest{})
		if err != nil {
			return err
		}
		bar.ChangeMax(int(max(st.GetPassages(), 1)))
		_ = bar.Set(int(st.GetEmbedded()))
		if st.GetEmbedded() >= st.GetPassages() {
			_ = bar.Finish()
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// progress shows how far a long step is, to people alone.
func progress(e *env, total int, what string, quiet bool) *progressbar.ProgressBar {
	visible := !quiet && isTerminal(e.stderr)
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(e.stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionSetVisibility(visible), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
}
