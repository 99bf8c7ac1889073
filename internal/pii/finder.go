package pii

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/lexicon"
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

// Kinds for values that the caller knows, or that Survey finds. Others may be made
// up.
const (
	KindName   Kind = "NAME"
	KindHandle Kind = "HANDLE"
	KindCode   Kind = "CODE"
	KindFact   Kind = "FACT"
	KindBirth  Kind = "BIRTH_DATE"
	KindStreet Kind = "STREET"
	KindLink   Kind = "LINK"
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

// Finder finds the values that it was given, and what has the form of a contact,
// a card or an account. It is what all policies of replacing share, and safe for
// concurrent use.
type Finder struct {
	locale string
	known  []needle
	given  map[string]string // key → the known value, however it is written in the text
	words  []string          // of placeholders that may be met
	marks  markWords
}

// Match is one piece of personal data in a text.
type Match struct {
	text.Span
	Kind Kind
}

// needle is a known value in the form in which it is looked for.
type needle struct {
	bare, speltOut []byte // as lexicon.Spelling
	kind           Kind
	word           string
	value          string
	key            string
	// asGiven is true for what counts only when it is written as given.
	asGiven bool
}

const (
	// minKnown is how many letters and digits a known value must have.
	minKnown = 3
	// minName is how many a name must have.
	minName = 2
)

// NewFinder makes a Finder of the values given. The locale, BCP 47 or empty, helps
// to read national phone numbers.
func NewFinder(locale string, known []Known) *Finder {
	f := &Finder{locale: locale, given: map[string]string{}}
	words := []string{string(KindEmail), string(KindPhone), string(KindCreditCard), string(KindIBAN), string(kindText)}
	for _, k := range known {
		value := strings.TrimSpace(k.Value)
		bare, _ := foldKnown(value, lexicon.Bare)
		size := countAlnum(string(bare))
		if size < minName || size < minKnown && k.Kind != KindName {
			continue
		}
		word := placeholderWord(k)
		words = append(words, word)
		n := needle{bare: bare, kind: k.Kind, word: word, value: value, asGiven: size < minKnown}
		n.speltOut, _ = foldKnown(value, lexicon.SpeltOut)
		n.key = n.findKey(locale)
		if _, twice := f.given[n.key]; twice {
			continue
		}
		f.given[n.key] = value
		f.known = append(f.known, n)
	}
	slices.SortStableFunc(f.known, func(a, b needle) int { return len(b.bare) - len(a.bare) })
	slices.Sort(words)
	f.words = slices.Compact(words)
	f.marks = newMarkWords(f.words)
	return f
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
func (f *Finder) Find(s string) []Match {
	pieces := f.find(s)
	out := make([]Match, 0, len(pieces))
	for _, p := range pieces {
		if p.kind != kindText {
			out = append(out, Match{Span: p.Span, Kind: p.kind})
		}
	}
	return out
}

// FindGiven locates the given values alone, as Find does.
func (f *Finder) FindGiven(s string) []text.Span {
	found := longestFirst(f.findKnown(s), len(s))
	out := make([]text.Span, len(found))
	for i, p := range found {
		out[i] = p.Span
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

func (f *Finder) find(s string) []piece {
	var found []piece
	for _, p := range f.marks.find(s) {
		v := p.In(s)
		found = append(found, piece{Span: p.Span, kind: kindText, word: string(kindText), key: "text:" + v, canonical: v})
	}
	found = append(found, f.findKnown(s)...)
	for _, c := range entity.FindContacts(s, f.locale) {
		kind := kindOfContact(c.Kind)
		found = append(found, piece{Span: c.Span, kind: kind, word: string(kind), key: contactKey(kind, c.Value), canonical: c.Text})
	}
	return longestFirst(found, len(s))
}

func kindOfContact(k entity.Kind) Kind {
	kinds := map[entity.Kind]Kind{entity.Email: KindEmail, entity.IBAN: KindIBAN, entity.Card: KindCreditCard}
	return cmp.Or(kinds[k], KindPhone) // FindContacts finds no others
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

// findKnown looks for the known values in s, longest first, in both spellings of
// letters with marks: "Müller" is found as "Muller" and as "Mueller", and that as
// "Müller".
func (f *Finder) findKnown(s string) []piece {
	if len(f.known) == 0 {
		return nil
	}
	bare, back := foldKnown(s, lexicon.Bare)
	out := f.findFolded(nil, s, bare, back)
	if speltOut, back := foldKnown(s, lexicon.SpeltOut); !bytes.Equal(bare, speltOut) {
		out = f.findFolded(out, s, speltOut, back)
	}
	return out
}

func (f *Finder) findFolded(out []piece, s string, folded []byte, back []origin) []piece {
	for i := range f.known {
		n := &f.known[i]
		out = n.find(out, s, n.bare, folded, back)
		if !bytes.Equal(n.bare, n.speltOut) {
			out = n.find(out, s, n.speltOut, folded, back)
		}
	}
	return out
}

func (n *needle) find(out []piece, s string, value, folded []byte, back []origin) []piece {
	for from := 0; ; {
		i := bytes.Index(folded[from:], value)
		if i < 0 {
			return out
		}
		i += from
		end := i + len(value)
		from = i + 1
		span := withMarks(s, text.Span{Start: int(back[i].start), End: int(back[end-1].end)})
		if !hasWordBorders(s, span) || n.asGiven && span.In(s) != n.value {
			continue
		}
		out = append(out, piece{Span: span, kind: n.kind, word: n.word, key: n.key, canonical: n.value})
		from = end
	}
}

// findKey puts a known contact together with the same one found in the text.
func (n *needle) findKey(locale string) string {
	for _, c := range entity.FindContacts(n.value, locale) {
		if kindOfContact(c.Kind) == n.kind && c.Len() == len(n.value) {
			return contactKey(n.kind, c.Value)
		}
	}
	return n.word + ":" + string(n.bare)
}
