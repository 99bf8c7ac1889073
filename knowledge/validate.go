package knowledge

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// Limits of an import; documents beyond them are problems.
const (
	MaxDocuments    = 200_000      // documents of one import
	MaxImportBytes  = 256 << 20    // of one import
	MaxKeyRunes     = 200          // characters of a key
	MaxTitleRunes   = 500          // characters of a title
	MaxBodyBytes    = 1_000_000    // of one body, UTF-8
	MaxLabels       = 20           // of one document
	MaxLabelRunes   = 100          // characters of a label
	MaxURLBytes     = 2_000        // of an address
	MaxSourceRunes  = 100          // characters of a source's name
	maxOriginRunes  = 1_000        // characters of an origin
	earliestInstant = -62135596800 // year 1, Unix seconds: before it, zero can't be told from a bound
	latestInstant   = 253402300799 // the last second of year 9999
)

// documentCheck cleans and checks documents one by one, and remembers what was
// seen.
type documentCheck struct {
	documents []Document
	// seen maps each name to where it was read.
	seen         map[articleName]string
	bytes        int
	problems     []Problem
	problemCount int
	blocked      bool
}

func newDocumentCheck() *documentCheck {
	return &documentCheck{seen: map[articleName]string{}}
}

func (c *documentCheck) keys() []string {
	keys := make([]string, 0, len(c.documents))
	for _, d := range c.documents {
		keys = append(keys, d.Key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (c *documentCheck) problem(p Problem) {
	c.problemCount++
	c.blocked = c.blocked || p.Severity == SeverityError
	if len(c.problems) < MaxPlanProblems {
		c.problems = append(c.problems, p)
	}
}

func (c *documentCheck) refuse(d Document, kind ProblemKind, format string, args ...any) {
	c.problem(Problem{Kind: kind, Severity: SeverityError, Origin: d.Origin, Message: fmt.Sprintf(format, args...)})
}

// add checks a document and keeps it, or notes what is wrong with it. It returns
// false when no more can be taken.
func (c *documentCheck) add(d Document) bool {
	c.bytes += len(d.Body)
	if len(c.seen) >= MaxDocuments || c.bytes > MaxImportBytes {
		c.refuse(d, ProblemTooLarge, "one import takes at most %d documents and %d MiB of text; split it into several sources", MaxDocuments, MaxImportBytes>>20)
		return false
	}
	d = clean(d)
	before := c.problemCount
	c.checkName(&d)
	c.checkText(d)
	c.checkLabels(&d)
	c.checkRest(d)
	if c.problemCount == before {
		c.documents = append(c.documents, d)
	}
	return true
}

func clean(d Document) Document {
	d.Key, d.Locale = text.Clean(d.Key), text.Clean(d.Locale)
	d.Title = strings.Join(strings.Fields(text.Clean(d.Title)), " ")
	d.Body = text.Clean(d.Body)
	d.URL = strings.TrimSpace(text.Clean(d.URL))
	d.Kind = d.Kind.OrAnswer()
	d.Origin = text.Truncate(text.Clean(d.Origin), maxOriginRunes)
	d.ValidFrom, d.ValidUntil = cleanTime(d.ValidFrom), cleanTime(d.ValidUntil)
	return d
}

// cleanTime keeps what the store keeps: microseconds, UTC.
func cleanTime(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

func (c *documentCheck) checkName(d *Document) {
	switch n := utf8.RuneCountInString(d.Key); {
	case n == 0:
		c.refuse(*d, ProblemMissingField, "this document has no key; give it one that stays the same for good, such as \"baggage-allowance\"")
	case n > MaxKeyRunes:
		c.refuse(*d, ProblemInvalidField, "the key has %d characters; at most %d are allowed", n, MaxKeyRunes)
	case strings.ContainsFunc(d.Key, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		c.refuse(*d, ProblemInvalidField, "the key %q holds blanks or control characters; use letters, digits, \"-\", \"_\", \".\" and \"/\"", d.Key)
	}
	if d.Locale == "" {
		c.refuse(*d, ProblemMissingField, "article %q has no locale; give a BCP 47 tag such as \"en\" or \"pt-BR\"", text.Truncate(d.Key, MaxKeyRunes))
		return
	}
	locale, err := text.CanonicalLocale(d.Locale)
	if err != nil {
		c.refuse(*d, ProblemInvalidField, "the locale of article %q can't be used: %s", text.Truncate(d.Key, MaxKeyRunes), localeFault(err))
		return
	}
	d.Locale = locale
	name := articleName{d.Key, d.Locale}
	if first, twice := c.seen[name]; twice {
		c.refuse(*d, ProblemDuplicateKey, "article %q (%s) is in this import twice, first in %s; keep one, or give the other its own key", d.Key, d.Locale, first)
		return
	}
	c.seen[name] = "an earlier document"
	if d.Origin != "" {
		c.seen[name] = d.Origin
	}
}

func kindNames() string {
	names := make([]string, 0, len(ArticleKinds()))
	for _, k := range ArticleKinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func localeFault(err error) string {
	if errors.Is(err, text.ErrLocale) {
		return err.Error()
	}
	return "give a BCP 47 tag such as \"en\" or \"pt-BR\""
}

func (c *documentCheck) checkText(d Document) {
	switch n := utf8.RuneCountInString(d.Title); {
	case text.IsBlank(d.Title):
		c.refuse(d, ProblemMissingField, "article %q (%s) has no title; give it one", d.Key, d.Locale)
	case n > MaxTitleRunes:
		c.refuse(d, ProblemInvalidField, "the title of article %q has %d characters; at most %d are allowed", d.Key, n, MaxTitleRunes)
	}
	switch {
	case text.IsBlank(d.Body):
		c.refuse(d, ProblemMissingField, "article %q (%s) has no text; write some, or leave it out", d.Key, d.Locale)
	case len(d.Body) > MaxBodyBytes:
		c.refuse(d, ProblemTooLarge, "the text of article %q has %d bytes; at most %d are allowed: split it into several articles", d.Key, len(d.Body), MaxBodyBytes)
	}
}

func (c *documentCheck) checkLabels(d *Document) {
	labels := make([]string, 0, len(d.Labels))
	for _, l := range d.Labels {
		l = strings.ToLower(strings.Join(strings.Fields(text.Clean(l)), " "))
		if n := utf8.RuneCountInString(l); n == 0 || n > MaxLabelRunes {
			c.refuse(*d, ProblemInvalidField, "a label of article %q has %d characters; 1 to %d are allowed", d.Key, n, MaxLabelRunes)
			return
		}
		labels = append(labels, l)
	}
	slices.Sort(labels)
	d.Labels = slices.Compact(labels)
	if len(d.Labels) > MaxLabels {
		c.refuse(*d, ProblemInvalidField, "article %q has %d labels; at most %d are allowed", d.Key, len(d.Labels), MaxLabels)
	}
}

func (c *documentCheck) checkRest(d Document) {
	if d.URL != "" {
		u, err := url.Parse(d.URL)
		if err != nil || len(d.URL) > MaxURLBytes || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			c.refuse(d, ProblemInvalidField, "the url of article %q must be an http or https address of at most %d bytes, or empty", d.Key, MaxURLBytes)
		}
	}
	if !slices.Contains(ArticleKinds(), d.Kind) {
		c.refuse(d, ProblemInvalidField, "the kind of article %q is %q; it must be one of %s", d.Key, text.Truncate(string(d.Kind), MaxLabelRunes), kindNames())
	}
	for _, t := range []time.Time{d.ValidFrom, d.ValidUntil} {
		if s := t.Unix(); !t.IsZero() && (s <= earliestInstant || s > latestInstant) {
			c.refuse(d, ProblemInvalidField, "article %q is valid from or until a time outside the years 1 to 9999", d.Key)
			return
		}
	}
	if !d.ValidFrom.IsZero() && !d.ValidUntil.IsZero() && !d.ValidFrom.Before(d.ValidUntil) {
		c.refuse(d, ProblemInvalidField, "article %q is valid until %s, which is not after its start %s", d.Key, d.ValidUntil.Format(time.RFC3339), d.ValidFrom.Format(time.RFC3339))
	}
}
