package source

import (
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// field is a property of a document that a source can give.
type field int

const (
	fieldKey field = iota
	fieldLocale
	fieldTitle
	fieldBody
	fieldLabels
	fieldURL
	fieldValidFrom
	fieldValidUntil
	fieldDraft
	fieldKind
	fieldCount
)

// fieldNames returns the names that a field goes by, the best one first: where
// two stand in one record, the better one counts. Columns are named in any
// language, whatever that of the documents is.
func fieldNames(f field) []string {
	switch f {
	case fieldKey:
		return []string{"key", "id", "article_id"}
	case fieldLocale:
		return withTranslations("locale", "lang", "language")
	case fieldTitle:
		return withTranslations("title", "question", "subject")
	case fieldBody:
		return withTranslations("body", "answer", "content", "text")
	case fieldLabels:
		return []string{"labels", "tags", "label", "tag", "category", "categories"}
	case fieldURL:
		return []string{"url", "link"}
	case fieldValidFrom:
		return []string{"valid_from", "validfrom"}
	case fieldValidUntil:
		return []string{"valid_until", "validuntil", "valid_to"}
	case fieldDraft:
		return []string{"draft"}
	case fieldKind:
		return []string{"kind", "article_kind"}
	case fieldCount:
	}
	return nil
}

func withTranslations(names ...string) []string {
	for _, lang := range lexicon.Languages("columns") {
		for word, meaning := range lexicon.Of(lang, "columns").All() {
			if meaning == names[0] {
				names = append(names, word)
			}
		}
	}
	return names
}

// fieldName is what a name in a source stands for, and how good a name it is:
// rank 0 is best.
type fieldName struct {
	field field
	rank  int
	known bool
}

// maxFieldNames bounds the names that a reader remembers: no source that people
// made has as many.
const maxFieldNames = 1000

// lookup is lookupField for names that come again with every record.
func (r *reader) lookup(name string) fieldName {
	n, ok := r.names[name]
	if !ok {
		n.field, n.rank, n.known = lookupField(name)
		if len(r.names) < maxFieldNames {
			r.names[name] = n
		}
	}
	return n
}

// lookupField finds the field that a name in a source stands for.
func lookupField(name string) (f field, rank int, ok bool) {
	name = strings.ToLower(strings.TrimSpace(text.Clean(name)))
	name = strings.NewReplacer(" ", "_", "-", "_").Replace(name)
	for f := range fieldCount {
		for rank, n := range fieldNames(f) {
			if n == name {
				return f, rank, true
			}
		}
	}
	return 0, 0, false
}

// record is a document as its source gives it, before it is checked.
type record struct {
	origin string
	line   int // of the record; 0 when the file is one document
	values [fieldCount]value
	// keyHint, localeHint and titleHint stand in for fields that are not there.
	keyHint, localeHint, titleHint string
}

// value is what a source gives for a field.
type value struct {
	given bool
	rank  int    // of the name it was given under
	name  string // as the source writes it
	text  string
	list  []string // labels given one by one
	line  int
}

// isBlank reports whether a value says nothing.
func (v value) isBlank() bool { return len(v.list) == 0 && text.IsBlank(v.text) }

// set gives a record a value unless a better name has given one. What is not
// used is counted among the unknown fields.
func (r *reader) set(rec *record, name string, v value) {
	n := r.lookup(name)
	if !n.known {
		r.unknown.add(strings.TrimSpace(name), rec.origin, v.line)
		return
	}
	v.given, v.rank, v.name = true, n.rank, name
	old := rec.values[n.field]
	switch {
	case !old.given || old.isBlank():
		rec.values[n.field] = v
	case v.isBlank():
	case old.rank <= n.rank:
		r.unknown.add(strings.TrimSpace(name), rec.origin, v.line)
	default:
		r.unknown.add(strings.TrimSpace(old.name), rec.origin, old.line)
		rec.values[n.field] = v
	}
}

// document checks a record and keeps it as a document. What is wrong with it
// becomes problems; a record with an error is not kept.
func (r *reader) document(rec record) {
	if r.full {
		return
	}
	before := r.result.Errors
	if r.isDraft(rec) {
		return
	}
	doc := knowledge.Document{
		Key: r.key(rec), Locale: r.locale(rec), Title: r.title(rec), Body: r.body(rec),
		Labels: r.labels(rec), URL: r.url(rec), Kind: r.kind(rec), Origin: place(rec.origin, rec.line),
	}
	doc.ValidFrom, doc.ValidUntil = r.time(rec, fieldValidFrom), r.time(rec, fieldValidUntil)
	if !doc.ValidFrom.IsZero() && !doc.ValidUntil.IsZero() && !doc.ValidFrom.Before(doc.ValidUntil) {
		r.problem(knowledge.ProblemInvalidField, rec.origin, rec.at(fieldValidUntil),
			"valid_until is not after valid_from, so the article would never be valid: valid_until names the first moment at which it no longer is.")
	}
	if strings.ContainsRune(doc.Title, utf8.RuneError) || strings.ContainsRune(doc.Body, utf8.RuneError) {
		r.problem(knowledge.ProblemLossyText, rec.origin, rec.line, "This text has replacement characters (\ufffd) where letters were lost before it came here: write them again.")
	}
	if r.result.Errors > before {
		return
	}
	if len(r.result.Documents) >= r.limits.Documents {
		r.full = true
		r.problem(knowledge.ProblemTooLarge, rec.origin, rec.line, "This import has more than %d articles: import it in parts.", r.limits.Documents)
		return
	}
	id := identity{doc.Key, doc.Locale}
	if first, ok := r.places[id]; ok {
		r.problem(knowledge.ProblemDuplicateKey, rec.origin, rec.line,
			"The article %s in %s stands here and in %s: give one of them another key or locale, or remove it.", quote(doc.Key), quote(doc.Locale), first)
		return
	}
	r.places[id] = doc.Origin
	r.result.Documents = append(r.result.Documents, doc)
	r.progress(rec.origin, false)
}

// at returns the line of a field, or of its record.
func (rec record) at(f field) int {
	if rec.values[f].line > 0 {
		return rec.values[f].line
	}
	return rec.line
}

func place(origin string, line int) string {
	return knowledge.Problem{Origin: origin, Line: line}.At()
}

func (r *reader) isDraft(rec record) bool {
	v := rec.values[fieldDraft]
	switch strings.ToLower(strings.TrimSpace(v.text)) {
	case "true", "yes", "1":
		r.problem(knowledge.ProblemSkipped, rec.origin, rec.at(fieldDraft), "This article is marked as a draft and was passed over: remove the mark to import it.")
		return true
	case "", "false", "no", "0":
	default:
		r.problem(knowledge.ProblemInvalidField, rec.origin, rec.at(fieldDraft), "draft is %s: write true or false.", quote(v.text))
	}
	return false
}

func (r *reader) kind(rec record) knowledge.ArticleKind {
	v := rec.values[fieldKind]
	kind := knowledge.ArticleKind(strings.ToUpper(strings.TrimSpace(v.text)))
	if kind != "" && !slices.Contains(knowledge.ArticleKinds(), kind) {
		r.problem(knowledge.ProblemInvalidField, rec.origin, rec.at(fieldKind),
			"kind is %s: write answer, internal, holding, macro, procedure or offer, or name the field otherwise when it means something else.", quote(v.text))
	}
	return kind
}

func (r *reader) key(rec record) string {
	key := strings.TrimSpace(text.Clean(rec.values[fieldKey].text))
	line := rec.at(fieldKey)
	if key == "" {
		key = rec.keyHint
	}
	switch {
	case key == "":
		r.problem(knowledge.ProblemMissingField, rec.origin, line,
			"This article has no key: give it a key (or id) of its own that stays the same when its text changes.")
		return ""
	case hasBlank(key):
		r.problem(knowledge.ProblemInvalidField, rec.origin, line, "The key %s has blanks in it: write hyphens instead.", quote(key))
		return ""
	}
	key = r.opts.KeyPrefix + key
	if n := utf8.RuneCountInString(key); n > r.limits.KeyChars {
		r.problem(knowledge.ProblemTooLarge, rec.origin, line, "The key %s has %d characters: shorten it to at most %d.", quote(key), n, r.limits.KeyChars)
	}
	return key
}

func (r *reader) locale(rec record) string {
	given := strings.TrimSpace(rec.values[fieldLocale].text)
	if given == "" {
		for _, hint := range []string{rec.localeHint, r.opts.Locale} {
			if hint != "" {
				return hint
			}
		}
		r.problem(knowledge.ProblemMissingField, rec.origin, rec.line,
			"This article names no locale: give it one (such as en or pt-BR), put it into a folder named after it, or name a default for the import.")
		return ""
	}
	locale, err := canonicalLocale(given)
	if err != nil {
		r.problem(knowledge.ProblemInvalidField, rec.origin, rec.at(fieldLocale), "The locale %s is no language tag: write one such as en, de or pt-BR.", quote(given))
		return ""
	}
	return locale
}

func (r *reader) title(rec record) string {
	title := oneLine(text.Clean(rec.values[fieldTitle].text))
	if text.IsBlank(title) {
		title = oneLine(text.Clean(rec.titleHint))
	}
	if text.IsBlank(title) {
		r.problem(knowledge.ProblemMissingField, rec.origin, rec.at(fieldTitle), "This article has no title: write one, best the question that it answers.")
		return ""
	}
	if n := utf8.RuneCountInString(title); n > r.limits.TitleChars {
		r.problem(knowledge.ProblemTooLarge, rec.origin, rec.at(fieldTitle), "The title has %d characters: shorten it to at most %d.", n, r.limits.TitleChars)
	}
	return title
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (r *reader) body(rec record) string {
	body := text.Clean(rec.values[fieldBody].text)
	for {
		line, rest, ok := strings.Cut(body, "\n")
		if !ok || strings.TrimSpace(line) != "" {
			break
		}
		body = rest
	}
	if text.IsBlank(body) {
		r.problem(knowledge.ProblemMissingField, rec.origin, rec.at(fieldBody), "This article has a title but no text: write its text or remove it.")
		return ""
	}
	if len(body) > r.limits.BodyBytes {
		r.problem(knowledge.ProblemTooLarge, rec.origin, rec.at(fieldBody), "The text has %s: divide the article into several of at most %s.", size(int64(len(body))), size(int64(r.limits.BodyBytes)))
	}
	return body
}

// labels returns them in lower case, sorted, without repeats.
func (r *reader) labels(rec record) []string {
	v := rec.values[fieldLabels]
	list := v.list
	if list == nil {
		list = strings.FieldsFunc(v.text, func(c rune) bool { return c == ',' || c == ';' || c == '|' || c == '\n' })
	}
	seen := map[string]bool{}
	var labels []string
	for _, l := range list {
		l = strings.ToLower(oneLine(text.Clean(l)))
		if l == "" || seen[l] {
			continue
		}
		if n := utf8.RuneCountInString(l); n > r.limits.LabelChars {
			r.problem(knowledge.ProblemTooLarge, rec.origin, rec.at(fieldLabels), "The label %s has %d characters: shorten it to at most %d.", quote(l), n, r.limits.LabelChars)
			return nil
		}
		seen[l] = true
		labels = append(labels, l)
	}
	if len(labels) > r.limits.Labels {
		r.problem(knowledge.ProblemTooLarge, rec.origin, rec.at(fieldLabels), "The article has %d labels: keep at most %d.", len(labels), r.limits.Labels)
		return nil
	}
	sort.Strings(labels)
	return labels
}

func (r *reader) url(rec record) string {
	given := strings.TrimSpace(rec.values[fieldURL].text)
	if given == "" {
		return ""
	}
	u, err := url.Parse(given)
	bad := err != nil || u.Host == "" || u.User != nil || !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https") ||
		len(given) > r.limits.URLBytes || given != text.Clean(given) ||
		strings.ContainsFunc(given, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) })
	if bad {
		r.problem(knowledge.ProblemInvalidField, rec.origin, rec.at(fieldURL),
			"The URL %s can't be shown to customers: write a whole one of at most %d bytes, such as https://example.com/help, without blanks or a password.", quote(given), r.limits.URLBytes)
		return ""
	}
	return given
}

// time reads a date, which begins at midnight in UTC, or a time of RFC 3339.
func (r *reader) time(rec record, f field) time.Time {
	given := strings.TrimSpace(rec.values[f].text)
	if given == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, given); err == nil && t.Year() >= 1 {
			return t.UTC()
		}
	}
	r.problem(knowledge.ProblemInvalidField, rec.origin, rec.at(f),
		"%s is %s: write a day such as 2027-03-31, which begins at midnight in UTC, or a time such as 2027-03-31T06:00:00+02:00.", fieldNames(f)[0], quote(given))
	return time.Time{}
}
