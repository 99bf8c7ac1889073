package request_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/suggest/request"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, locale, message string
		want                  []string // "context | text", without the context where there is none
	}{
		{"one question", "en", "How heavy may my bag be?", []string{"How heavy may my bag be?"}},
		{"a story and one question", "en", "I bought a bag. It is blue. Where can I collect it?", []string{"I bought a bag. | It is blue. Where can I collect it?"}},
		{"a context for both", "en", "My train was late. Do I get money? And who pays the taxi?", []string{
			"My train was late. | Do I get money?", "My train was late. | And who pays the taxi?",
		}},
		{"the nearest context", "en", "The oven is broken. Can it be repaired? The fridge is loud. Is a noise of 50 dB normal?", []string{
			"The oven is broken. Can it be repaired?", "The fridge is loud. | Is a noise of 50 dB normal?",
		}},
		{"without marks", "en", "please tell me how to return a kettle and whether spare lids are sold", []string{
			"please tell me how to return a kettle", "and whether spare lids are sold",
		}},
		{"a condition before its question", "en", "If the kettle leaks, can I send it back? Also, do you sell filters?", []string{
			"If the kettle leaks, can I send it back?", "Also, do you sell filters?",
		}},
		{"no topic of its own", "en", "The kettle leaks. What should I do? And can I get an invoice?", []string{
			"The kettle leaks. What should I do?", "The kettle leaks. | And can I get an invoice?",
		}},
		{"what it refers to", "en", "Can I exchange the kettle? How much is it? Where is your shop in Leeds?", []string{
			"Can I exchange the kettle? How much is it?", "Where is your shop in Leeds?",
		}},
		{"a list that is announced", "en", "Two questions:\n- delivery to Malta\n- gift wrapping", []string{"delivery to Malta", "gift wrapping"}},
		{"numbers within a line", "en", "1) delivery to Malta 2) gift wrapping ok? 3) warranty", []string{"delivery to Malta", "gift wrapping ok?", "warranty"}},
		{"a list that only tells", "en", "Can I return these?\n- kettle\n- lamp", []string{"kettle lamp | Can I return these?"}},
		{"wishes", "de", "Ich brauche einen neuen Deckel und möchte außerdem die Lampe umtauschen. Bitte schicken Sie mir auch eine Rechnung.", []string{
			"Ich brauche einen neuen Deckel", "und möchte außerdem die Lampe umtauschen.", "Bitte schicken Sie mir auch eine Rechnung.",
		}},
		{"what leads in", "de", "Ich möchte wissen, wie lange die Lieferung dauert, und ob Sie Lampen reparieren.", []string{
			"Ich möchte wissen, wie lange die Lieferung dauert", "und ob Sie Lampen reparieren.",
		}},
		{"French", "fr", "Dites-moi si la lampe est garantie et combien coûte la livraison.", []string{"Dites-moi si la lampe est garantie", "et combien coûte la livraison."}},
		{"no words without a language", "", "please tell me how to return a kettle and whether spare lids are sold", []string{
			"please tell me how to return a kettle and whether spare lids are sold",
		}},
		{"no words of another language", "fr", "please tell me how to return a kettle and whether spare lids are sold", []string{
			"please tell me how to return a kettle and whether spare lids are sold",
		}},
		{"marks without a language", "", "Hvad koster en lampe? Sælger i låg?", []string{"Hvad koster en lampe?", "Sælger i låg?"}},
		{"blank", "en", " \n ", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range request.Split(c.message, c.locale) {
				if p.Text != c.message[p.Start:p.End] {
					t.Errorf("%q is not what stands there: %q", p.Text, c.message[p.Start:p.End])
				}
				if p.Context != "" {
					p.Text = p.Context + " | " + p.Text
				}
				got = append(got, p.Text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestManyRequestsEndSensibly(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "Can I return lamp%d? ", i)
	}
	if n := len(request.Split(b.String(), "en")); n < 20 || n > 50 {
		t.Errorf("%d requests", n)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	message := "Can I return it? How do I pack it? Do you deliver? When is it picked up? Who are you?"
	parts := make([]request.Part, 0, 5)
	at := 0
	for _, s := range strings.SplitAfter(message, "?") {
		if s = strings.TrimSpace(s); s != "" {
			at += strings.Index(message[at:], s)
			parts = append(parts, request.Part{Text: s, Start: at, End: at + len(s), Context: "A lamp.", Search: s})
		}
	}
	got := request.Merge(message, parts, [][]string{{"returns", "lamps"}, {"returns"}, {"delivery"}, {"returns", "delivery"}})
	want := []request.Merged{
		{Part: request.Part{Text: "Can I return it? How do I pack it?\nWhen is it picked up?", Context: "A lamp.", Search: "Can I return it?\nHow do I pack it?\nWhen is it picked up?"}, From: []int{0, 1, 3}},
		{Part: parts[2], From: []int{2}},
		{Part: parts[4], From: []int{4}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", "1) a 2) b", "What? And who?\n- a\n- b", "I'd like to know, please, whether; and what: who – why", "¿Qué? ¿y cuándo?", "1\n2 \n3", "(1) a (2)", "\xff?"} {
		f.Add(s, "en")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, s, locale string) {
		parts := request.Split(s, locale)
		last := 0
		for _, p := range parts {
			if p.Start < last || p.End < p.Start || p.End > len(s) || s[p.Start:p.End] != p.Text {
				t.Fatalf("%q: %+v", s, p)
			}
			last = p.End
			if utf8.ValidString(s) && !utf8.ValidString(p.Text) {
				t.Fatalf("%q is cut inside a letter: %q", s, p.Text)
			}
		}
		rankings := make([][]string, len(parts))
		for i := range rankings {
			rankings[i] = []string{fmt.Sprint(i % 3)}
		}
		n := 0
		for _, m := range request.Merge(s, parts, rankings) {
			n += len(m.From)
			if !slices.IsSorted(m.From) {
				t.Fatalf("%+v", m)
			}
		}
		if n != len(parts) {
			t.Fatalf("%d of %d parts", n, len(parts))
		}
	})
}
