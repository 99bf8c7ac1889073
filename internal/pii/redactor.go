package pii

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

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
	*Finder

	mu      sync.Mutex
	entries []*entry
	byKey   map[string]*entry
}

// NewRedactor makes a Redactor that also hides the values given. The locale,
// BCP 47 or empty, helps to read national phone numbers.
func NewRedactor(locale string, known []Known) *Redactor {
	return &Redactor{Finder: NewFinder(locale, known), byKey: map[string]*entry{}}
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
	return "[" + e.word + "_" + strconv.Itoa(e.number) + letter + "]"
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
