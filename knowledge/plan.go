package knowledge

import (
	"context"
	"time"
)

// PlanLifetime is how long a plan can be applied after it was made.
const PlanLifetime = 24 * time.Hour

// MaxPlanProblems is how many problems a plan carries; more are only counted.
const MaxPlanProblems = 100

// Problems that planning adds to those that reading finds.
const (
	// ProblemTakesOver is a warning: the article belongs to another source, and
	// applying the plan would move it to this one.
	ProblemTakesOver ProblemKind = "TAKES_OVER"
	// ProblemNewContact is a warning: the article names a domain, e-mail address,
	// phone number or IBAN that the workspace does not trust, so drafts leave out
	// what leads there.
	ProblemNewContact ProblemKind = "NEW_CONTACT"
)

// PlanRequest says whose import it is.
type PlanRequest struct {
	// Source owns the articles that it brings, 1 to 100 characters: one that is
	// not in its next import is removed.
	Source string
	// KeepMissing keeps articles of the source that the import does not hold.
	KeepMissing bool
	// Actor who plans.
	Actor Actor
}

// ChangeKind is what an import does to an article.
type ChangeKind string

// The kinds of change.
const (
	ChangeRemoved ChangeKind = "REMOVED"
	ChangeChanged ChangeKind = "CHANGED"
	ChangeAdded   ChangeKind = "ADDED"
)

// Change is one line of a plan.
type Change struct {
	Kind        ChangeKind
	Key, Locale string
	// Title after the change; before it, for a removal.
	Title string
	// Fields that differ, for a changed article: "title", "body", "labels",
	// "url", "kind", "validity", "source".
	Fields []string
	// Origin is where the document was read.
	Origin string
	// PassagesBefore and PassagesAfter count passages.
	PassagesBefore, PassagesAfter int
}

// Plan is what an import would do, or did.
type Plan struct {
	// ID is a UUID.
	ID     string
	Source string
	// KeepMissing and Actor are the request's.
	KeepMissing bool
	Actor       Actor
	// BaseVersion is the version of the workspace's knowledge that the plan was
	// made against.
	BaseVersion int64
	// Counts of articles; Existing is what the source owned before.
	Added, Changed, Removed, Unchanged, Existing int
	// Problems found, at most MaxPlanProblems of ProblemCount.
	Problems     []Problem
	ProblemCount int
	// Blocked is true when a problem is an error: the plan can't be applied.
	Blocked bool
	// CreateTime and ExpireTime bound when it can be applied; ApplyTime is when
	// it was, zero until then.
	CreateTime, ExpireTime, ApplyTime time.Time
}

// NeedsAllowRemovals reports whether applying the plan would remove more than a
// fifth of what its source owns.
func (p Plan) NeedsAllowRemovals() bool { return p.Removed*5 > p.Existing }

// ApplyRequest says who applies a plan.
type ApplyRequest struct {
	Actor Actor
	// AllowRemovals lets the plan remove more than a fifth of its source's
	// articles.
	AllowRemovals bool
}

// Applied is what applying a plan did.
type Applied struct {
	Plan Plan
	// PassagesToEmbed wait for their vectors.
	PassagesToEmbed int
}

// ArticleHead is what planning has to know of an article that is there.
type ArticleHead struct {
	ArticleID   string
	Key, Locale string
	Source      string
	Revision    int
	// Removed is true for an article that an earlier import took away.
	Removed  bool
	Title    string
	BodyHash [32]byte
	Labels   []string
	URL      string
	Kind     ArticleKind
	// ValidFrom and ValidUntil are zero where unbounded.
	ValidFrom, ValidUntil time.Time
	Passages              int
}

// Snapshot is the state that a plan is made against.
type Snapshot struct {
	Version int64
	Heads   []ArticleHead
	// Contacts are what the workspace trusts; nil before its first import, which
	// makes the list.
	Contacts *ContactList
}

// PlannedChange is a change with what applying it needs.
type PlannedChange struct {
	Change
	// ArticleID and Revision that the change makes, or removes.
	ArticleID string
	Revision  int
	// Document is nil for a removal.
	Document *Document
}

// PlanStore keeps plans, and tells what they are made against.
type PlanStore interface {
	// Snapshot returns the heads of all articles of the source and of those with
	// any of the keys, removed ones too, with the version at the same moment.
	Snapshot(ctx context.Context, w Workspace, source string, keys []string) (Snapshot, error)
	// SavePlan stores a plan and its changes, in their order, and forgets plans
	// that have expired.
	SavePlan(ctx context.Context, w Workspace, p Plan, changes []PlannedChange) error
	// LoadPlan returns a plan, with the changes behind the first `after` and at
	// most limit of them; limit 0 means none, -1 all with their documents. It
	// fails with ErrPlanNotFound.
	LoadPlan(ctx context.Context, w Workspace, planID string, after, limit int) (Plan, []PlannedChange, error)
}

// Application is a plan made ready: all texts cut and analysed, so that the
// transaction that stores it is short.
type Application struct {
	Plan  Plan
	Actor Actor
	Time  time.Time
	// Removed holds the ids of articles that go.
	Removed []string
	// Articles that come or change.
	Articles []IndexedArticle
}

// Index is what search looks into.
type Index interface {
	// Apply carries out an application in one transaction, or nothing of it, and
	// returns how many passages wait for a vector. It fails with ErrPlanOutdated
	// when the workspace's version is not the plan's, and with ErrPlanApplied.
	Apply(ctx context.Context, w Workspace, a Application) (toEmbed int, err error)
}
