package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/purser-desk/purser/api"
	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/internal/say"
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
	Applied         bool  `json:"applied"`
	Plan            any   `json:"plan,omitempty"`
	Changes         []any `json:"changes,omitempty"`
	Problems        []any `json:"problems,omitempty"`
	PassagesToEmbed int32 `json:"passages_to_embed,omitempty"`
}

func (c *importCommand) Run(ctx context.Context, e *console.Env) error {
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
	if slices.ContainsFunc(plan.GetProblems(), (*purserv1.ImportProblem).GetBlocking) {
		return cmp.Or(c.report(e, report, plan, changes), errors.New("the server refused documents, so nothing was imported; mend what is listed above"))
	}
	if !c.Apply {
		if !c.JSON && plan.GetAdded()+plan.GetChanged()+plan.GetRemoved() > 0 {
			fmt.Fprintln(e.Stdout, "Nothing has changed yet: add --apply to import.")
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
		fmt.Fprint(e.Stdout, "Imported. Every article can be found by words now")
		if n := applied.GetPassagesToEmbed(); n > 0 {
			fmt.Fprintf(e.Stdout, ", and by meaning after the embedding of %s", say.Count(int(n), "passage"))
		}
		fmt.Fprintln(e.Stdout, ".")
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
func (c *importCommand) read(ctx context.Context, e *console.Env) ([]knowledge.Document, error) {
	o := source.Options{Locale: c.Locale}
	if console.IsTerminal(e.Stderr) {
		o.Progress = func(p source.Progress) {
			fmt.Fprintf(e.Stderr, "\rread %d files, %d documents", p.Files, p.Documents)
		}
	}
	result, err := source.Read(ctx, c.Path, o)
	if err != nil {
		return nil, console.Usagef("%w", err)
	}
	if o.Progress != nil {
		fmt.Fprintln(e.Stderr)
	}
	for _, p := range result.Problems {
		label := "warning"
		if p.Severity == knowledge.SeverityError {
			label = "error"
		}
		fmt.Fprintf(e.Stderr, "%s: %s\n", label, console.Plain(p.Error()))
	}
	if dropped := result.Errors + result.Warnings - len(result.Problems); dropped > 0 {
		fmt.Fprintf(e.Stderr, "… and %d more\n", dropped)
	}
	if result.Errors > 0 {
		if c.JSON {
			problems, err := problemValues(result.Problems)
			if err != nil {
				return nil, err
			}
			if err := console.PrintValue(e.Stdout, importReport{Problems: problems}); err != nil {
				return nil, err
			}
		}
		return nil, fmt.Errorf("%s, so nothing was imported; mend what is listed above and import again", say.Count(result.Errors, "error"))
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

func (c *importCommand) plan(ctx context.Context, e *console.Env, cl *client, documents []knowledge.Document) (*purserv1.ImportPlan, error) {
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
	bar := console.Progress(e, len(documents), "send", c.JSON)
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
	_ = flush() // why it failed is in the answer
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
	m.Kind = purserv1.ArticleKind(purserv1.ArticleKind_value["ARTICLE_KIND_"+string(d.Kind)])
	if !d.ValidFrom.IsZero() {
		m.ValidFrom = timestamppb.New(d.ValidFrom)
	}
	if !d.ValidUntil.IsZero() {
		m.ValidUntil = timestamppb.New(d.ValidUntil)
	}
	return m
}

func planChanges(ctx context.Context, cl *client, planID string, limit int) ([]*purserv1.ArticleChange, error) {
	changes, _, err := pages(limit, func(token string) ([]*purserv1.ArticleChange, string, error) {
		page, err := cl.knowledge.ListPlanChanges(ctx, &purserv1.ListPlanChangesRequest{PlanId: planID, PageSize: int32(min(limit, api.MaxChangesPage)), PageToken: token}) //nolint:gosec // bounded
		return page.GetChanges(), page.GetNextPageToken(), err
	})
	return changes, err
}

var changeMarks = map[purserv1.ArticleChangeKind]string{
	purserv1.ArticleChangeKind_ARTICLE_CHANGE_KIND_ADDED:   "+",
	purserv1.ArticleChangeKind_ARTICLE_CHANGE_KIND_CHANGED: "~",
	purserv1.ArticleChangeKind_ARTICLE_CHANGE_KIND_REMOVED: "-",
}

func printPlan(e *console.Env, plan *purserv1.ImportPlan, changes []*purserv1.ArticleChange) {
	for _, c := range changes {
		fmt.Fprintf(e.Stdout, "%s %s [%s] %s", changeMarks[c.GetKind()], console.Plain(c.GetKey()), c.GetLocale(), console.Plain(c.GetTitle()))
		if len(c.GetFields()) > 0 {
			fmt.Fprintf(e.Stdout, "  %v", c.GetFields())
		}
		fmt.Fprintln(e.Stdout)
	}
	total := int(plan.GetAdded() + plan.GetChanged() + plan.GetRemoved())
	if total > len(changes) {
		fmt.Fprintf(e.Stdout, "… and %d more changes\n", total-len(changes))
	}
	for _, p := range plan.GetProblems() {
		label := "warning"
		if p.GetBlocking() {
			label = "error"
		}
		fmt.Fprintf(e.Stderr, "%s: %s: %s\n", label, console.Plain(p.GetOrigin()), console.Plain(p.GetMessage()))
	}
	fmt.Fprintf(e.Stdout, "Plan for source %q: %d added, %d changed, %d removed, %d unchanged.\n",
		console.Plain(plan.GetSource()), plan.GetAdded(), plan.GetChanged(), plan.GetRemoved(), plan.GetUnchanged())
	if plan.GetNeedsAllowRemovals() {
		fmt.Fprintf(e.Stdout, "It removes %d of the source's %d articles, more than a fifth: applying needs --allow-removals.\n", plan.GetRemoved(), plan.GetExisting())
	}
}

func (c *importCommand) report(e *console.Env, r *importReport, plan *purserv1.ImportPlan, changes []*purserv1.ArticleChange) error {
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
		r.Changes = append(r.Changes, v)
	}
	return console.PrintValue(e.Stdout, r)
}

// waitPatience is how long embedding may stand still before nobody waits for it.
const waitPatience = 3 * time.Minute

// waitForVectors shows embedding until it is done, or stands still. Interrupting
// it loses nothing: the server goes on.
func waitForVectors(ctx context.Context, e *console.Env, cl *client) error {
	bar := console.Progress(e, 1, "embed", false)
	last, moved := "", time.Now()
	for {
		st, err := cl.knowledge.GetIndexStatus(ctx, &purserv1.GetIndexStatusRequest{})
		if err != nil {
			return err
		}
		bar.ChangeMax(int(max(st.GetPassages(), 1)))
		_ = bar.Set(int(st.GetEmbedded()))
		if st.GetEmbedded()+st.GetGivenUp() >= st.GetPassages() && st.GetArticlesToCut() == 0 {
			_ = bar.Finish()
			if n := int(st.GetGivenUp()); n > 0 {
				fmt.Fprintf(e.Stderr, "warning: the embedder refuses %s (%s), which only words will find\n", say.Count(n, "passage"), st.GetGivenUpReason())
			}
			return nil
		}
		if n := int(st.GetArticlesToCut()); n > 0 {
			bar.Describe(fmt.Sprintf("embed, %s to be cut anew", say.Count(n, "article")))
		}
		if now := fmt.Sprint(st.GetEmbedded(), st.GetGivenUp(), st.GetPassages(), st.GetArticlesToCut()); now != last {
			last, moved = now, time.Now()
		}
		if time.Since(moved) > waitPatience {
			_ = bar.Finish()
			return fmt.Errorf("embedding has stood still for %s, with %d of %d passages done; everything can be found by words, and the server's log and \"purser model test\" say why", waitPatience, st.GetEmbedded(), st.GetPassages())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}
