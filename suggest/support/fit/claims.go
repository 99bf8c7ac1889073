package main

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/suggest/support"
)

// claimFiles are made-up articles with sentences about them, true and false, some
// in other languages than the article:
//
//	@ key, a tab, language, a tab, title
//	the article
//	---
//	language true|false kind, a tab, sentence, a tab, what the customer wrote (may be missing)
//
//go:embed claims/*.txt
var claimFiles embed.FS

// readClaims reads the claims, and makes false ones of the true ones that hold
// figures.
func readClaims() ([]sample, error) {
	names, err := claimFiles.ReadDir("claims")
	if err != nil {
		return nil, err
	}
	var out []sample
	for _, n := range names {
		data, err := claimFiles.ReadFile("claims/" + n.Name())
		if err != nil {
			return nil, err
		}
		for _, part := range strings.Split("\n"+string(data), "\n@ ")[1:] {
			read, err := readPart(part)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", n.Name(), err)
			}
			out = append(out, read...)
		}
	}
	surround(out)
	return out, nil
}

// surround puts two articles about other things beside each one, as a search
// finds them.
func surround(samples []sample) {
	var sources []support.Source
	at := map[string]int{}
	for _, s := range samples {
		if _, ok := at[s.Article]; !ok {
			at[s.Article] = len(sources)
			sources = append(sources, s.Context.Sources[0])
		}
	}
	for i := range samples {
		s := &samples[i]
		for k := range besides {
			other := sources[(at[s.Article]+1+k*5)%len(sources)]
			other.Number = k + 2
			s.Context.Sources = append(s.Context.Sources[:k+1:k+1], other)
		}
	}
}

// besides is how many other articles are offered with each.
const besides = 2

func readPart(part string) ([]sample, error) {
	head, rest, _ := strings.Cut(part, "\n")
	body, lines, ok := strings.Cut(rest, "\n---\n")
	h := strings.Split(head, "\t")
	if len(h) != 3 || !ok {
		return nil, fmt.Errorf("%q: want key, language and title, and --- behind the article", head)
	}
	source := support.Source{Number: 1, Locale: h[1], Title: h[2], Text: body}
	var out []sample
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		f := strings.Split(line, "\t")
		w := strings.Fields(f[0])
		if len(f) < 2 || len(w) < 2 {
			return nil, fmt.Errorf("%s: %q", h[0], line)
		}
		s := sample{Set: "claims", Article: h[0], True: w[1] == "true", Sentence: f[1], Cited: []int{1}}
		s.Kind = "true, same language"
		if w[0] != h[1] {
			s.Kind = "true, other language"
		}
		if !s.True {
			s.Kind = w[2]
		}
		s.Context = support.Context{Sources: []support.Source{source}, Locale: w[0], Now: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)}
		if len(f) > 2 {
			s.Context.Customer = []string{f[2]}
		}
		out = append(out, s)
		if s.True {
			out = append(out, planted(s, source)...)
		}
	}
	return out, nil
}

// planted are sentences with one figure that is another one: another number of the
// article of the same kind, or a made-up one; another unit.
func planted(s sample, source support.Source) []sample {
	var out []sample
	add := func(kind, sentence string) {
		p := s
		p.True, p.Kind, p.Sentence = false, kind, sentence
		out = append(out, p)
	}
	others := entity.Find(source.Text, source.Locale)
	for i, e := range entity.Find(s.Sentence, s.Context.Locale) {
		number := strings.TrimFunc(e.Text, func(r rune) bool { return r < '0' || r > '9' })
		if number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		at := e.Start + strings.Index(e.Text, number)
		put := func(n string) string { return s.Sentence[:at] + n + s.Sentence[at+len(number):] }
		said := map[string]bool{}
		for _, o := range others {
			for _, v := range o.Values {
				said[strings.TrimRight(strings.Fields(v)[0], "%")] = true
			}
		}
		n, _ := strconv.Atoi(number)
		switch e.Kind {
		case entity.Amount, entity.Percent, entity.Duration, entity.Number:
		default:
			continue
		}
		for _, made := range []int{n + 2 + i, n * 2, n + 5} {
			if m := strconv.Itoa(made); !said[m] {
				add("number, made up", put(m))
				break
			}
		}
		for _, o := range others {
			m := strings.TrimFunc(o.Text, func(r rune) bool { return r < '0' || r > '9' })
			if o.Kind == e.Kind && m != number && m != "" && strings.Trim(m, "0123456789") == "" && unitOf(o.Value) == unitOf(e.Value) && unitOf(o.Value) != "" {
				add("number, of the article", put(m))
				break
			}
		}
		if u := otherUnits[unitOf(e.Value)]; u != "" {
			for pair := range strings.SplitSeq(u, " ") {
				from, to, _ := strings.Cut(pair, ">")
				if strings.Contains(e.Text, from) {
					add("unit", s.Sentence[:e.Start]+strings.Replace(e.Text, from, to, 1)+s.Sentence[e.End:])
					break
				}
			}
		}
	}
	return out
}

func unitOf(value string) string {
	if strings.HasSuffix(value, "%") {
		return "%"
	}
	_, u, _ := strings.Cut(value, " ")
	return u
}

// otherUnits are what units are changed into, as they are written.
var otherUnits = map[string]string{
	"EUR": "EUR>USD €>$", "USD": "USD>EUR $>€", "GBP": "£>€ GBP>EUR",
	"kg": "kg>g", "km": "km>m", "GB": "GB>MB",
}
