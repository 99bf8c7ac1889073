package pii

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/text"
)

// Kind says what a piece of personal data is. It becomes the word in the
// placeholder.
type Kind string

// The kinds that are found without being told the values.
const (
	KindEmail      Kind = "EMAIL"
	KindPhone      Kind = "PHONE"
	KindCreditCard Kind = "CREDIT_CARD"
	KindIBAN       Kind = "IBAN"
)

// Kinds for values that the caller knows. Others may be made up.
const (
	KindName   Kind = "NAME"
	KindHandle Kind = "HANDLE"
	KindCode   Kind = "CODE"
	KindFact   Kind = "FACT"
)

// kindText stands for text of the customer that looks like a placeholder.
const kindText Kind = "TEXT"

// Known is a value that the caller knows to be personal: a customer's name, a
// handle, a booking code. Values of fewer than three letters and digits stand in
// every text and are left alone, but for names of two, such as "Bo" and "王伟":
// those are hidden where they are written as given.
type Known struct {
	Kind Kind
	// Name, when given, becomes the word in the placeholder in place of Kind,
	// unless Kind is one that is found anyway: "booking code" gives
	// "[BOOKING_CODE_1]".
	Name  string
	Value string
}

// Match is one piece of personal data in a text.
type Match struct {
	text.Span
	Kind Kind
}

// entry is one value and the ways in which it was written.
type entry struct {
	word     string
	number   int
	surfaces []string // the first is what the bare placeholder stands for
}

// Redactor replaces personal data by placeholders and restores it. Make one for
// each suggestion and use it for all its messages and facts: the same value has
// the same placeholder everywhere. It is safe for concurrent use.
type Redactor struct {
	locale string
	known  []needle
	given  map[string]string // key → the known value, however it is written in the text
	marks  markWords

	mu      sync.Mutex
	entries []*entry
	byKey   map[string]*entry
}

// needle is a known value in the form in which it is looked for.
type needle struct {
	folded string
	kind   Kind
	word   string
	value  string
	key    string
	// asGiven is true for what counts only when it is written as given.
	asGiven bool
}

const (
	// minKnown is how many letters and digits a known value must have.
	minKnown = 3
	// minName is how many a name must have.
	minName = 2
)

// NewRedactor makes a Redactor that also hides the values given. The locale,
// BCP 47 or empty, helps to read national phone numbers.
func NewRedactor(locale string, known []Known) *Redactor {
	r := &Redactor{locale: locale, byKey: map[string]*entry{}, given: map[string]string{}}
	words := []string{string(KindEmail), string(KindPhone), string(KindCreditCard), string(KindIBAN), string(kindText)}
	for _, k := range known {
		value := strings.TrimSpace(k.Value)
		folded, _ := foldKnown(value)
		size := countAlnum(folded)
		if size < minName || size < minKnown && k.Kind != KindName {
			continue
		}
		word := placeholderWord(k)
		words = append(words, word)
		n := needle{folded: folded, kind: k.Kind, word: word, value: value, asGiven: size < minKnown}
		n.key = n.findKey(locale)
		if _, twice := r.given[n.key]; twice {
			continue
		}
		r.given[n.key] = value
		r.known = append(r.known, n)
	}
	slices.SortStableFunc(r.known, func(a, b needle) int { return len(b.folded) - len(a.folded) })
	slices.Sort(words)
	r.marks = newMarkWords(slices.Compact(words))
	return r
}

// placeholderWord is the word for a known value's placeholders: capitals A to Z
// and underscores.
func placeholderWord(k Known) string {
	name := k.Name
	if k.Kind == KindEmail || k.Kind == KindPhone || k.Kind == KindCreditCard || k.Kind == KindIBAN {
		name = ""
	}
	if w := capitals(name); w != "" {
		return w
	}
	if w := capitals(string(k.Kind)); w != "" {
		return w
	}
	return string(KindFact)
}

func capitals(s string) string {
	w := strings.Join(strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return r < 'A' || r > 'Z' }), "_")
	return strings.TrimRight(w[:min(len(w), 32)], "_")
}

// Find locates the personal data in s, in order and without overlaps: of two
// that overlap, the longer one. Known values are found whatever their letter
// case and however blanks and dashes part them, where whole words begin and
// end.
func (r *Redactor) Find(s string) []Match {
	pieces := r.find(s)
	out := make([]Match, 0, len(pieces))
	for _, p := range pieces {
		if p.kind != kindText {
			out = append(out, Match{Span: p.Span, Kind: p.kind})
		}
	}
	return out
}

// piece is something to replace.
type piece struct {
	text.Span
	kind Kind
	word string
	key  string // values that are the same share it
	// canonical is what the placeholder without a letter stands for.
	canonical string
}

func (r *Redactor) find(s string) []piece {
	var found []piece
	for _, p := range r.marks.lookalikes(s) {
		v := p.In(s)
		found = append(found, piece{Span: p, kind: kindText, word: string(kindText), key: "text:" + v, canonical: v})
	}
	found = append(found, r.findKnown(s)...)
	for _, c := range entity.FindContacts(s, r.locale) {
		kind := kindOfFigure(c.Kind)
		found = append(found, piece{Span: c.Span, kind: kind, word: string(kind), key: contactKey(kind, c.Value), canonical: c.Text})
	}
	return longestFirst(found, len(s))
}

func kindOfFigure(k entity.Kind) Kind {
	if k == entity.Email {
		return KindEmail
	}
	if k == entity.IBAN {
		return KindIBAN
	}
	if k == entity.Card {
		return KindCreditCard
	}
	return KindPhone // Contacts finds no others
}

// contactKey is the same for two ways to write one contact. Phone numbers agree
// in their last eight digits, with or without a country's code.
func contactKey(kind Kind, value string) string {
	if kind == KindPhone {
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, value)
		return "PHONE:" + digits[max(0, len(digits)-8):]
	}
	return string(kind) + ":" + value
}

// longestFirst keeps, of pieces that overlap, the longest, and of equals the
// first found, in order of place.
func longestFirst(found []piece, size int) []piece {
	slices.SortStableFunc(found, func(a, b piece) int { return b.Len() - a.Len() })
	taken := make([]bool, size)
	out := found[:0]
	for _, p := range found {
		if p.Len() == 0 || taken[p.Start] || taken[p.End-1] {
			continue
		}
		for i := p.Start; i < p.End; i++ {
			taken[i] = true
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b piece) int { return a.Start - b.Start })
	return out
}

// Redact returns s with a placeholder for each piece of personal data. What
// looks like a placeholder in s is replaced by one too, so that Restore gives
// back exactly s. Pass everything through it that goes to the model, evidence
// included.
func (r *Redactor) Redact(s string) string {
	found := r.find(s)
	if len(found) == 0 {
		return s
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	b.Grow(len(s))
	last := 0
	for _, p := range found {
		b.WriteString(s[last:p.Start])
		b.WriteString(r.placeholder(p, p.In(s)))
		last = p.End
	}
	b.WriteString(s[last:])
	return b.String()
}

// placeholder returns the placeholder of a value as it is written, new or used
// before.
func (r *Redactor) placeholder(p piece, surface string) string {
	e := r.byKey[p.key]
	if e == nil || len(e.surfaces) > len(variantLetters) && !slices.Contains(e.surfaces, surface) {
		e = &entry{word: p.word, number: len(r.entries) + 1, surfaces: []string{p.canonical}}
		if v, ok := r.given[p.key]; ok {
			e.surfaces[0] = v
		}
		if r.byKey[p.key] != nil {
			e.surfaces[0] = surface // the letters are used up: a number of its own
		}
		r.entries = append(r.entries, e)
		r.byKey[p.key] = e
	}
	i := slices.Index(e.surfaces, surface)
	if i < 0 {
		i = len(e.surfaces)
		e.surfaces = append(e.surfaces, surface)
	}
	return e.placeholder(i)
}

// variantLetters mark the second, third, … way in which a value was written.
const variantLetters = "BCDEFGHJKLMNPQRSTUVWXYZ"

func (e *entry) placeholder(surface int) string {
	letter := ""
	if surface > 0 {
		letter = variantLetters[surface-1 : surface]
	}
	return "[" + e.word + "_" + itoa(e.number) + letter + "]"
}

// Map returns what each placeholder stands for. It is for the record of a
// suggestion, which stays on the server.
func (r *Redactor) Map() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]string{}
	for _, e := range r.entries {
		for i, s := range e.surfaces {
			out[e.placeholder(i)] = s
		}
	}
	return maps.Clone(out)
}

// findKnown looks for the known values in s, longest first.
func (r *Redactor) findKnown(s string) []piece {
	if len(r.known) == 0 {
		return nil
	}
	folded, back := foldKnown(s)
	var out []piece
	for _, n := range r.known {
		for from := 0; ; {
			i := strings.Index(folded[from:], n.folded)
			if i < 0 {
				break
			}
			i += from
			end := i + len(n.folded)
			from = i + 1
			span := text.Span{Start: int(back[i].start), End: int(back[end-1].end)}
			if !hasWordBorders(s, span) || n.asGiven && span.In(s) != n.value {
				continue
			}
			out = append(out, piece{Span: span, kind: n.kind, word: n.word, key: n.key, canonical: n.value})
			from = end
		}
	}
	return out
}

// findKey puts a known contact together with the same one found in the text.
func (n *needle) findKey(locale string) string {
	for _, c := range entity.FindContacts(n.value, locale) {
		if kindOfFigure(c.Kind) == n.kind && c.Len() == len(n.value) {
			return contactKey(n.kind, c.Value)
		}
	}
	return n.word + ":" + n.folded
}

// hasWordBorders reports whether the span begins and ends where words do.
// Scripts that put no blanks between words have borders everywhere.
func hasWordBorders(s string, p text.Span) bool {
	return isBorder(lastRune(s[:p.Start]), firstRune(p.In(s))) && isBorder(lastRune(p.In(s)), firstRune(s[p.End:]))
}

func isBorder(a, b rune) bool {
	if !isWordRune(a) || !isWordRune(b) {
		return true
	}
	return unicode.In(a, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) ||
		unicode.In(b, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}
