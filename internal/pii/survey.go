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
	told *Told
	// names are those that were told and those that the texts tell, which begin
	// at untold.
	names  []string
	untold int
	births *births
	// streets that nobody told, and days of birth that can't be read.
	streets, unread []Known
}

// Survey reads the texts for names, days of birth and streets that nobody told, by
// how they are written in the language of the locale, and in every language where
// that is not known.
func Survey(t Told) *Found {
	r := rulesFor(t.Locale)
	f := &Found{told: &t}
	f.names = slices.DeleteFunc(slices.Clone(t.Names), func(n string) bool { return strings.TrimSpace(n) == "" })
	f.untold = len(f.names)
	for _, s := range t.Texts {
		for _, n := range r.names {
			f.names = append(f.names, n.find(s, t.Public)...)
		}
		for _, street := range r.findStreets(s) {
			f.streets = append(f.streets, Known{Kind: KindStreet, Value: street})
		}
	}
	var before []string
	f.births, before = r.birthsOf(&t, f.names)
	f.names = append(f.names, before...)
	for _, value := range t.Births {
		if !f.births.knows(value) {
			f.unread = append(f.unread, Known{Kind: KindCode, Value: value}) // other figures for each
		}
	}
	return f
}

// All is everything that was told and found, whole names before their parts, with
// streets, codes, long numbers and links that anyone can't read.
func (f *Found) All() []Known {
	untold := f.streets
	for _, s := range f.told.Texts {
		untold = append(untold, rulesFor(f.told.Locale).findCodes(s, f.told.Locale)...)
	}
	untold = slices.DeleteFunc(untold, func(v Known) bool { return f.told.Public.Says(v.Value) })
	return slices.Concat(people(f.names), f.dates(), f.told.Values, f.unread, untold)
}

// people are the names, and their words, each for itself.
func people(names []string) []Known {
	var out []Known
	for _, n := range names {
		out = append(out, Known{Kind: KindName, Value: n})
	}
	for _, n := range names {
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
	out := slices.DeleteFunc(slices.Concat(people(f.names[f.untold:]), f.dates(), f.streets), func(v Known) bool { return f.told.Public.Says(v.Value) })
	return slices.DeleteFunc(out, func(v Known) bool { return v.Kind == KindBirth && !f.births.isWhole(v.Value) })
}
