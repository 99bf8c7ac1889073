package knowledge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/purser-desk/purser/knowledge"
)

// hitOf makes a hit of an article whose passages with these words were found, in
// this order.
func hitOf(key, body string, score float64, words ...string) knowledge.Hit {
	h := knowledge.Hit{ArticleID: key, Key: key, Locale: "en", Revision: 1, Title: "About " + key, Score: score, BodyBytes: len(body)}
	if len(body) <= knowledge.MaxBodySent {
		h.Body = body
	}
	passages := knowledge.Cut(h.Title, body, knowledge.CutOptions{Target: 200, Max: 300})
	for _, w := range words {
		for _, p := range passages {
			if !strings.Contains(p.Text, w) {
				continue
			}
			f := knowledge.FoundPassage{
				ID: fmt.Sprintf("%s/1/%d", key, p.Ordinal), HeadingPath: p.HeadingPath, Start: p.Start, End: p.End, Text: p.Text, Context: p.Context,
				SectionStart: p.SectionStart, SectionEnd: p.SectionEnd,
			}
			if h.Body == "" {
				f.Section = body[p.SectionStart:p.SectionEnd]
			}
			h.Passages = append(h.Passages, f)
			break
		}
	}
	return h
}

func section(name string, n int) string {
	return "## " + name + "\n\n" + strings.Repeat("Word of "+strings.ToLower(name)+". ", n) + "\n\n"
}

func TestSections(t *testing.T) {
	t.Parallel()
	body := section("Alpha", 20) + section("Beta", 20) + section("Gamma", 20)
	fee := section("Fee", 16)
	type got struct {
		Key   string
		Path  []string
		Has   string
		Whole bool
	}
	tests := []struct {
		name string
		hits []knowledge.Hit
		o    knowledge.SectionOptions
		want []got
	}{
		{"the whole section, its heading in the path", []knowledge.Hit{hitOf("a", body, .8, "of beta")}, knowledge.SectionOptions{Whole: -1}, []got{{"a", []string{"Beta"}, "beta", false}}},
		{"neighbours are one", []knowledge.Hit{hitOf("a", body, .8, "of gamma", "of beta")}, knowledge.SectionOptions{Whole: -1}, []got{{"a", nil, "beta gamma", false}}},
		{"others are apart, in the article's order", []knowledge.Hit{hitOf("a", body, .8, "of gamma", "of alpha")}, knowledge.SectionOptions{Whole: -1}, []got{
			{"a", []string{"Alpha"}, "alpha", false}, {"a", []string{"Gamma"}, "gamma", false},
		}},
		{"a short article is whole", []knowledge.Hit{hitOf("a", body, .8, "of beta")}, knowledge.SectionOptions{Whole: 2000}, []got{{"a", nil, "alpha beta gamma", true}}},
		{"so is one that leads", []knowledge.Hit{hitOf("a", body, .8, "of beta"), hitOf("b", fee+body, .5, "of fee")}, knowledge.SectionOptions{Whole: 700, LeadMargin: .2}, []got{
			{"a", nil, "alpha beta gamma", true}, {"b", []string{"Fee"}, "fee", false},
		}},
		{"one that does not lead is not", []knowledge.Hit{hitOf("a", body, .8, "of beta"), hitOf("b", fee+body, .7, "of fee")}, knowledge.SectionOptions{Whole: 700, LeadMargin: .2}, []got{
			{"a", []string{"Beta"}, "beta", false}, {"b", []string{"Fee"}, "fee", false},
		}},
		{"each article's best comes before second ones", []knowledge.Hit{hitOf("a", body, .8, "of beta", "of gamma"), hitOf("b", fee+body, .7, "of fee")}, knowledge.SectionOptions{Whole: -1, Bytes: 600}, []got{
			{"a", []string{"Beta"}, "beta", false}, {"b", []string{"Fee"}, "fee", false},
		}},
		{"a worse article gives one", []knowledge.Hit{hitOf("a", body, .8, "of beta"), hitOf("b", fee+body, .3, "of fee", "of gamma")}, knowledge.SectionOptions{Whole: -1}, []got{
			{"a", []string{"Beta"}, "beta", false}, {"b", []string{"Fee"}, "fee", false},
		}},
		{"the same said twice counts once", []knowledge.Hit{hitOf("a", body, .8, "of beta"), hitOf("b", body, .7, "of beta")}, knowledge.SectionOptions{Whole: -1}, []got{{"a", []string{"Beta"}, "beta", false}}},
		{"a long article gives its section", []knowledge.Hit{hitOf("a", strings.Repeat(section("Fill", 20), 40)+fee, .8, "of fee")}, knowledge.SectionOptions{}, []got{{"a", []string{"Fee"}, "fee", false}}},
		{"without room the best passage comes all the same", []knowledge.Hit{hitOf("a", body, .8, "of beta", "of gamma")}, knowledge.SectionOptions{Bytes: 10}, []got{{"a", []string{"Beta"}, "beta", false}}},
		{"nothing", nil, knowledge.SectionOptions{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var list []got
			for _, s := range knowledge.Sections(tt.hits, tt.o) {
				var has []string
				for _, w := range []string{"alpha", "beta", "gamma", "fee", "fill"} {
					if strings.Contains(s.Text, w) {
						has = append(has, w)
					}
				}
				for _, h := range s.HeadingPath {
					if strings.Contains(s.Text, "## "+h) {
						t.Errorf("%q says the heading of its path again", s.Text)
					}
				}
				list = append(list, got{s.Key, s.HeadingPath, strings.Join(has, " "), s.Whole})
			}
			if diff := cmp.Diff(tt.want, list, cmp.Comparer(func(a, b []string) bool { return strings.Join(a, "/") == strings.Join(b, "/") })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSectionsHold asserts what holds for any hits: texts are the body's, do not
// overlap, hold what was found, and keep to the budget.
func TestSectionsHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bodies := map[string]string{}
		var hits []knowledge.Hit
		for i := range rapid.IntRange(1, 3).Draw(t, "hits") {
			key := string(rune('a' + i))
			body := markdown().Draw(t, "body")
			passages := knowledge.Cut("About "+key, body, knowledge.CutOptions{Target: 60, Max: 120})
			if len(passages) == 0 {
				continue
			}
			h := knowledge.Hit{Key: key, ArticleID: key, Title: "About " + key, Score: 1 - float64(i)/4, BodyBytes: len(body)}
			if rapid.Bool().Draw(t, "with body") {
				h.Body = body
			}
			for range rapid.IntRange(1, 3).Draw(t, "passages") {
				p := passages[rapid.IntRange(0, len(passages)-1).Draw(t, "which")]
				f := knowledge.FoundPassage{
					HeadingPath: p.HeadingPath, Start: p.Start, End: p.End, Text: p.Text, Context: p.Context, SectionStart: p.SectionStart, SectionEnd: p.SectionEnd,
				}
				if h.Body == "" {
					f.Section = body[p.SectionStart:p.SectionEnd]
				}
				h.Passages = append(h.Passages, f)
			}
			bodies[key] = body
			hits = append(hits, h)
		}
		o := knowledge.SectionOptions{Bytes: rapid.IntRange(50, 2000).Draw(t, "bytes"), Whole: rapid.IntRange(-1, 1000).Draw(t, "whole")}
		size, ends := 0, map[string]int{}
		sections := knowledge.Sections(hits, o)
		for i, s := range sections {
			if got, want := strings.Join(strings.Fields(s.Text), " "), strings.Join(strings.Fields(bodies[s.Key][s.Start:s.End]), " "); got != want || len(s.Text) != s.End-s.Start {
				t.Errorf("section [%d:%d] is %q, want %q", s.Start, s.End, s.Text, want)
			}
			if s.Start < ends[s.Key] {
				t.Errorf("sections overlap at %d", s.Start)
			}
			ends[s.Key] = s.End
			if i > 0 {
				size += len(s.Text)
			}
		}
		if len(hits) > 0 && len(sections) == 0 {
			t.Error("nothing was given")
		}
		if size > o.Bytes {
			t.Errorf("%d bytes behind the first section, at most %d", size, o.Bytes)
		}
	})
}
