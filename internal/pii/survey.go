package pii

import (
	"slices"
	"strings"
	"time"
)

// Told is what the caller knows of a ticket, as plain values.
type Told struct {
	// Locale of the texts, BCP 47; empty when it is not known.
	Locale string
	// Time is when the texts were written; zero when it is not known. No day of
	// birth is later.
	Time time.Time
	// Names are those of people, Births values that are days of birth, Values all
	// else that is personal.
	Names  []string
	Births []string
	Values []Known
	// Texts are what people wrote. Fields are read for days of birth alone, each
	// with its name before it.
	Texts, Fields []string
	// Public is what anyone can read; may be nil.
	Public *Public
}

// Found is what was told of a ticket and what its texts tell. It holds values that
// must not leave.
type Found struct {
	told   *Told
	names  []string
	births *births
	// streets and codes that nobody told.
	streets, codes []Known
}

// Survey reads the texts for names, days of birth, streets and codes that nobody
// told, by how they are written in the language of the locale, and in every
// language where that is not known.
func Survey(t Told) *Found {
	r := rulesFor(t.Locale)
	f := &Found{told: &t}
	f.names = slices.DeleteFunc(slices.Clone(t.Names), func(n string) bool { return strings.TrimSpace(n) == "" })
	for _, s := range t.Texts {
		for _, n := range r.names {
			f.names = append(f.names, n.find(s, t.Public)...)
		}
		for _, street := range r.findStreets(s) {
			f.streets = append(f.streets, Known{Kind: KindStreet, Value: street})
		}
		f.codes = append(f.codes, r.findCodes(s, t.Locale)...)
	}
	var before []string
	f.births, before = r.birthsOf(&t, f.names)
	f.names = append(f.names, before...)
	public := func(v Known) bool { return t.Public.Says(v.Value) }
	f.streets, f.codes = slices.DeleteFunc(f.streets, public), slices.DeleteFunc(f.codes, public)
	for _, value := range t.Births {
		if !f.births.knows(value) {
			f.codes = append(f.codes, Known{Kind: KindCode, Value: value}) // other figures for each
		}
	}
	return f
}

// All is everything that was told and found, whole names before their parts.
func (f *Found) All() []Known {
	out := f.people()
	out = append(out, f.dates()...)
	out = append(out, f.told.Values...)
	return slices.Concat(out, f.streets, f.codes)
}

// people are the names, and their words, each for itself.
func (f *Found) people() []Known {
	var out []Known
	for _, n := range f.names {
		out = append(out, Known{Kind: KindName, Value: n})
	}
	for _, n := range f.names {
		if parts := strings.Fields(n); len(parts) > 1 {
			for _, w := range parts {
				if !isParticle(w) {
					out = append(out, Known{Kind: KindName, Value: w})
				}
			}
		}
	}
	return out
}

func (f *Found) dates() []Known {
	var out []Known
	for _, day := range f.births.texts() {
		out = append(out, Known{Kind: KindBirth, Value: day})
	}
	return out
}

// Untold are names, days of birth and streets that the texts tell and anyone can't
// read, to be hidden besides what was told. Days without a year are left out: they
// stand in other dates.
func (f *Found) Untold() []Known {
	out := slices.DeleteFunc(slices.Concat(f.people(), f.dates(), f.streets), func(v Known) bool { return f.told.Public.Says(v.Value) })
	return slices.DeleteFunc(out, func(v Known) bool { return v.Kind == KindBirth && !f.births.isWhole(v.Value) })
}
