package knowledge

import (
	"context"
	"time"
)

// Workspace names a tenant: a UUID in its usual text form. Nothing of one
// workspace is ever seen from another.
type Workspace string

// Actor is the person, or the system, behind a change.
type Actor struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Article is one revision of one article in one language.
type Article struct {
	// ID is a UUID, the same for all revisions.
	ID string
	// Key and Locale name the article for people.
	Key, Locale string
	// Revision counts from 1.
	Revision int
	Title    string
	// Body is cleaned Markdown; empty in lists.
	Body   string
	Labels []string
	URL    string
	Kind   ArticleKind
	// ValidFrom and ValidUntil bound the time in which it may be cited; zero
	// means unbounded.
	ValidFrom, ValidUntil time.Time
	// Source is the import that owns the article.
	Source string
	// ReviseTime is when this revision was applied, and Actor who did it.
	ReviseTime time.Time
	Actor      Actor
	// Current is false for an older revision, or when the article was removed.
	Current bool
}

// ArticleKind says what an article is for.
type ArticleKind string

// The kinds of article.
const (
	KindAnswer    ArticleKind = "ANSWER"    // for customers: it may be quoted
	KindInternal  ArticleKind = "INTERNAL"  // for those who reply: it informs, and is never quoted
	KindHolding   ArticleKind = "HOLDING"   // an approved reply for what a person must answer
	KindMacro     ArticleKind = "MACRO"     // a text that agents put into replies
	KindProcedure ArticleKind = "PROCEDURE" // what an agent does, step by step
	KindOffer     ArticleKind = "OFFER"     // what may be offered to a customer
)

// ArticleKinds lists them all.
func ArticleKinds() []ArticleKind {
	return []ArticleKind{KindAnswer, KindInternal, KindHolding, KindMacro, KindProcedure, KindOffer}
}

// Quotable reports whether a reply may tell what an article of this kind says.
func (k ArticleKind) Quotable() bool { return k != KindInternal && k != KindProcedure }

// OrAnswer is the kind; an answer where none was given.
func (k ArticleKind) OrAnswer() ArticleKind {
	if k == "" {
		return KindAnswer
	}
	return k
}

// ArticleFilter narrows a list; the zero value keeps all.
type ArticleFilter struct {
	Locale, Source string
	// Labels that an article must all carry.
	Labels []string
	// AfterKey and AfterLocale continue a list behind this article.
	AfterKey, AfterLocale string
	// Limit is the most articles returned, at least 1.
	Limit int
}

// Library reads what a workspace knows.
type Library interface {
	// Article returns a revision, the current one when revision is 0. It fails
	// with ErrArticleNotFound.
	Article(ctx context.Context, w Workspace, key, locale string, revision int) (Article, error)
	// Articles lists current articles by key and locale, without bodies.
	Articles(ctx context.Context, w Workspace, f ArticleFilter) ([]Article, error)
	// Status tells how far embedding has come.
	Status(ctx context.Context, w Workspace) (IndexStatus, error)
}

// IndexStatus tells how far embedding has come.
type IndexStatus struct {
	// Articles and their Passages can be found by words; Embedded passages also
	// by meaning.
	Articles, Passages, Embedded int
	// GivenUp passages are those whose text the embedder refused for good, for the
	// GivenUpReason of most of them, a reason of EmbedError; words alone find them.
	GivenUp       int
	GivenUpReason string
	// ToCut articles were cut by an older version and are found as they are until
	// they have been cut and embedded again.
	ToCut int
	// Space is the active embedding space; empty when there is none.
	Space string
}
