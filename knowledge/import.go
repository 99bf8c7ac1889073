package knowledge

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/text"
)

// Importer plans imports and applies them. It is safe for concurrent use.
type Importer struct {
	plans    PlanStore
	index    Index
	analyzer *analysis.Analyzer
	now      func() time.Time
}

// NewImporter makes one; now is the clock.
func NewImporter(plans PlanStore, index Index, analyzer *analysis.Analyzer, now func() time.Time) *Importer {
	return &Importer{plans: plans, index: index, analyzer: analyzer, now: now}
}

// Documents hands a slice to Plan.
func Documents(docs []Document) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

type articleName struct{ key, locale string }

// Plan works out a plan, as WorkOut does, and stores it.
func (im *Importer) Plan(ctx context.Context, w Workspace, req PlanRequest, docs iter.Seq2[Document, error]) (Plan, error) {
	plan, changes, err := im.WorkOut(ctx, w, req, docs)
	if err != nil {
		return Plan{}, err
	}
	return plan, im.plans.SavePlan(ctx, w, plan, changes)
}

// WorkOut checks every document and works out what importing them would change.
// It stores nothing, so that no transaction waits for it. Documents that can't be imported are problems of the
// plan, which is then blocked; an error that docs yields ends planning.
//
// An article that another source owns is taken over: its change names the field
// "source", and a warning says so. An import without documents is refused
// unless the source owns something to remove. A blank source is a *FieldError.
func (im *Importer) WorkOut(ctx context.Context, w Workspace, req PlanRequest, docs iter.Seq2[Document, error]) (Plan, []PlannedChange, error) {
	if req.Source = strings.TrimSpace(text.Clean(req.Source)); req.Source == "" || utf8.RuneCountInString(req.Source) > MaxSourceRunes {
		return Plan{}, nil, &FieldError{Field: "source", Message: fmt.Sprintf("has no letters, or more than %d; name where the articles come from", MaxSourceRunes)}
	}
	check, err := im.readDocuments(ctx, docs)
	if err != nil {
		return Plan{}, nil, err
	}
	snapshot, err := im.plans.Snapshot(ctx, w, req.Source, check.keys())
	if err != nil {
		return Plan{}, nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Plan{}, nil, fmt.Errorf("name a plan: %w", err)
	}
	now := im.now().UTC().Truncate(time.Microsecond)
	d := differ{req: req, check: check, contacts: snapshot.Contacts, plan: Plan{
		ID: id.String(), Source: req.Source, KeepMissing: req.KeepMissing, Actor: req.Actor,
		BaseVersion: snapshot.Version, CreateTime: now, ExpireTime: now.Add(PlanLifetime),
	}}
	changes, err := d.run(ctx, snapshot.Heads)
	if err != nil {
		return Plan{}, nil, err
	}
	return d.plan, changes, nil
}

func (im *Importer) readDocuments(ctx context.Context, docs iter.Seq2[Document, error]) (*documentCheck, error) {
	check := newDocumentCheck()
	for d, err := range docs {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !check.add(d) {
			break
		}
	}
	return check, nil
}

// Changes returns the changes of a plan behind the first `after`, at most
// limit: removals, then changes, then additions, each by key and locale. It
// fails with ErrPlanNotFound.
func (im *Importer) Changes(ctx context.Context, w Workspace, planID string, after, limit int) ([]Change, error) {
	_, planned, err := im.plans.LoadPlan(ctx, w, planID, after, max(limit, 1))
	if err != nil {
		return nil, err
	}
	changes := make([]Change, len(planned))
	for i, c := range planned {
		changes[i] = c.Change
	}
	return changes, nil
}

// Apply prepares a plan and carries it out.
func (im *Importer) Apply(ctx context.Context, w Workspace, planID string, req ApplyRequest) (Applied, error) {
	p, err := im.Prepare(ctx, w, planID)
	if err != nil {
		return Applied{}, err
	}
	return p.Apply(ctx, im.index, req)
}

// Prepared is a plan whose texts are cut and analysed.
type Prepared struct {
	importer    *Importer
	workspace   Workspace
	application Application
}

// Prepare cuts and analyses what a plan brings. That takes a while, and is for
// before the transaction in which Apply is called. A plan that can't be carried
// out any more is for Apply to refuse. It fails with ErrPlanNotFound.
func (im *Importer) Prepare(ctx context.Context, w Workspace, planID string) (*Prepared, error) {
	plan, changes, err := im.plans.LoadPlan(ctx, w, planID, 0, -1)
	if err != nil {
		return nil, err
	}
	p := &Prepared{importer: im, workspace: w, application: Application{Plan: plan}}
	if p.refusal() == nil {
		err = p.index(ctx, changes)
	}
	return p, err
}

// index cuts and analyses what changes bring.
func (p *Prepared) index(ctx context.Context, changes []PlannedChange) (err error) {
	var texts []PlannedChange
	for _, c := range changes {
		if c.Kind == ChangeRemoved {
			p.application.Removed = append(p.application.Removed, c.ArticleID)
		} else {
			texts = append(texts, c)
		}
	}
	p.application.Articles, err = indexAll(ctx, p.importer.analyzer, texts)
	return err
}

// refusal is why the plan can't be carried out, whoever asks.
func (p *Prepared) refusal() error {
	plan := &p.application.Plan
	switch {
	case !plan.ApplyTime.IsZero():
		return ErrPlanApplied
	case !p.importer.now().Before(plan.ExpireTime):
		return ErrPlanExpired
	case plan.Blocked:
		return &BlockedError{Problems: plan.Problems, Count: plan.ProblemCount}
	}
	return nil
}

// Apply carries the plan out in one transaction of the index, or nothing of it.
// The index may be one in a transaction that is open. It fails with
// ErrPlanApplied, ErrPlanExpired, ErrPlanOutdated, *BlockedError or
// *RemovalsError.
func (p *Prepared) Apply(ctx context.Context, index Index, req ApplyRequest) (Applied, error) {
	a := p.application
	if err := p.refusal(); err != nil {
		return Applied{}, err
	}
	if a.Plan.NeedsAllowRemovals() && !req.AllowRemovals {
		return Applied{}, &RemovalsError{Removed: a.Plan.Removed, Existing: a.Plan.Existing}
	}
	a.Actor, a.Time = req.Actor, p.importer.now().UTC().Truncate(time.Microsecond)
	toEmbed, err := index.Apply(ctx, p.workspace, a)
	if err != nil {
		return Applied{}, err
	}
	a.Plan.ApplyTime = a.Time
	return Applied{Plan: a.Plan, PassagesToEmbed: toEmbed}, nil
}

// differ compares documents with what is there.
type differ struct {
	req      PlanRequest
	check    *documentCheck
	contacts *ContactList
	plan     Plan
}

func (d *differ) run(ctx context.Context, heads []ArticleHead) ([]PlannedChange, error) {
	current := make(map[articleName]ArticleHead, len(heads))
	for _, h := range heads {
		current[articleName{h.Key, h.Locale}] = h
		if h.Source == d.req.Source && !h.Removed {
			d.plan.Existing++
		}
	}
	var changes []PlannedChange
	for i := range d.check.documents {
		c, err := d.compare(&d.check.documents[i], current)
		if err != nil {
			return nil, err
		}
		if c != nil {
			changes = append(changes, *c)
		}
	}
	if !d.req.KeepMissing {
		changes = append(changes, d.missing(heads)...)
	}
	if len(d.check.seen) == 0 && d.check.problemCount == 0 && d.plan.Existing == 0 {
		d.check.problem(Problem{Kind: ProblemEmpty, Severity: SeverityError, Message: "there is no document in this import; give at least one"})
	}
	d.plan.Problems, d.plan.ProblemCount, d.plan.Blocked = d.check.problems, d.check.problemCount, d.check.blocked
	slices.SortFunc(changes, func(a, b PlannedChange) int {
		return cmp.Or(cmp.Compare(kindOrder(a.Kind), kindOrder(b.Kind)), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Locale, b.Locale))
	})
	return changes, countPassages(ctx, changes)
}

func kindOrder(k ChangeKind) int {
	return slices.Index([]ChangeKind{ChangeRemoved, ChangeChanged, ChangeAdded}, k)
}

func (d *differ) compare(doc *Document, current map[articleName]ArticleHead) (*PlannedChange, error) {
	c := &PlannedChange{
		Change:   Change{Key: doc.Key, Locale: doc.Locale, Title: doc.Title, Origin: doc.Origin},
		Revision: 1, Document: doc,
	}
	head, there := current[articleName{doc.Key, doc.Locale}]
	if there {
		c.ArticleID, c.Revision = head.ArticleID, head.Revision+1
	}
	if !there || head.Removed {
		if !there {
			id, err := uuid.NewV7()
			if err != nil {
				return nil, fmt.Errorf("name an article: %w", err)
			}
			c.ArticleID = id.String()
		}
		c.Kind = ChangeAdded
		d.plan.Added++
		d.warnOfContacts(doc)
		return c, nil
	}
	c.Fields = changedFields(head, *doc, d.req.Source)
	if len(c.Fields) == 0 {
		d.plan.Unchanged++
		return nil, nil
	}
	if head.Source != d.req.Source {
		d.check.problem(Problem{
			Kind: ProblemTakesOver, Severity: SeverityWarning, Origin: doc.Origin,
			Message: fmt.Sprintf("article %s (%s) belongs to source %q and would move to %q", doc.Key, doc.Locale, head.Source, d.req.Source),
		})
	}
	c.Kind, c.PassagesBefore = ChangeChanged, head.Passages
	d.plan.Changed++
	d.warnOfContacts(doc)
	return c, nil
}

// warnOfContacts tells what a document would lead customers to and nobody has
// allowed.
func (d *differ) warnOfContacts(doc *Document) {
	if d.contacts == nil {
		return
	}
	var fresh []string
	for _, c := range d.contacts.Unlisted(*doc) {
		fresh = append(fresh, c.Value)
	}
	if len(fresh) == 0 {
		return
	}
	const shown = 5
	names := strings.Join(fresh[:min(len(fresh), shown)], ", ")
	if more := len(fresh) - shown; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	d.check.problem(Problem{
		Kind: ProblemNewContact, Severity: SeverityWarning, Origin: doc.Origin,
		Message: fmt.Sprintf("article %s (%s) leads to %s, which the workspace does not trust: drafts leave such sentences out until an operator allows it with \"purser contacts allow\"",
			doc.Key, doc.Locale, names),
	})
}

func changedFields(h ArticleHead, d Document, source string) []string {
	var fields []string
	add := func(name string, changed bool) {
		if changed {
			fields = append(fields, name)
		}
	}
	add("title", h.Title != d.Title)
	add("body", h.BodyHash != text.Hash(d.Body))
	add("labels", !slices.Equal(h.Labels, d.Labels))
	add("url", h.URL != d.URL)
	add("kind", h.Kind.OrAnswer() != d.Kind)
	add("validity", !h.ValidFrom.Equal(d.ValidFrom) || !h.ValidUntil.Equal(d.ValidUntil))
	add("source", h.Source != source)
	return fields
}

// missing returns the removal of what the source owns and the import lacks. An
// article whose document was refused is not missing.
func (d *differ) missing(heads []ArticleHead) []PlannedChange {
	var changes []PlannedChange
	for _, h := range heads {
		if h.Removed || h.Source != d.req.Source || d.check.seen[articleName{h.Key, h.Locale}] != "" {
			continue
		}
		d.plan.Removed++
		changes = append(changes, PlannedChange{
			Change:    Change{Kind: ChangeRemoved, Key: h.Key, Locale: h.Locale, Title: h.Title, PassagesBefore: h.Passages},
			ArticleID: h.ArticleID, Revision: h.Revision,
		})
	}
	return changes
}

// countPassages cuts the documents, several at a time, to tell how many
// passages each would have.
func countPassages(ctx context.Context, changes []PlannedChange) error {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(changes)) {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(changes) || ctx.Err() != nil {
					return
				}
				if c := &changes[i]; c.Document != nil {
					c.PassagesAfter = len(cutDocument(*c.Document))
				}
			}
		})
	}
	group.Wait()
	return ctx.Err()
}
