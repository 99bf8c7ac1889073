package knowledge

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/text"
)

// Asker takes questions as people send them and hands them to a Searcher:
// cleaned, with their language, valid now.
type Asker struct {
	searcher Searcher
	guess    func(s string) langid.Guess
	now      func() time.Time
}

// NewAsker joins a searcher, a guesser of languages and a clock.
func NewAsker(s Searcher, guess func(s string) langid.Guess, now func() time.Time) *Asker {
	return &Asker{searcher: s, guess: guess, now: now}
}

// Search cleans the query and fills in its language and time. It fails with
// *FieldError for a blank question or a wrong language tag.
func (a *Asker) Search(ctx context.Context, w Workspace, q Query) (Results, error) {
	q.Text = strings.TrimSpace(text.Clean(q.Text))
	if text.IsBlank(q.Text) {
		return Results{}, &FieldError{Field: "query", Message: "is blank; ask something"}
	}
	var err error
	if q.Locale != "" {
		if q.Locale, err = CanonicalLocale("locale", q.Locale); err != nil {
			return Results{}, err
		}
	} else {
		q.Locale = a.guess(q.Text).Locale
	}
	if q.Locales, err = canonicalAll("article_locales", q.Locales); err != nil {
		return Results{}, err
	}
	if q.ExcludeLocales, err = canonicalAll("exclude_locales", q.ExcludeLocales); err != nil {
		return Results{}, err
	}
	labels := make([]string, len(q.Labels))
	for i, l := range q.Labels {
		labels[i] = strings.ToLower(strings.TrimSpace(text.Clean(l)))
	}
	q.Labels = labels
	if q.Time.IsZero() {
		q.Time = a.now().UTC()
	}
	return a.searcher.Search(ctx, w, q)
}

func canonicalAll(field string, tags []string) ([]string, error) {
	out := make([]string, len(tags))
	for i, t := range tags {
		c, err := CanonicalLocale(field+"["+strconv.Itoa(i)+"]", t)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

// CanonicalLocale is a language tag in the form in which articles carry it. It
// fails with *FieldError, naming the field, for what is no BCP 47 tag.
func CanonicalLocale(field, tag string) (string, error) {
	c, err := text.CanonicalLocale(tag)
	if err != nil {
		return "", &FieldError{Field: field, Message: "is not a BCP 47 language tag, such as \"en\" or \"pt-BR\""}
	}
	return c, nil
}
