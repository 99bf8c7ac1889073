package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/knowledge"
)

// longTable is an article whose table takes several passages.
func longTable(rows int) string {
	var b strings.Builder
	b.WriteString("Żeby było wiadomo.\n\n## Distances\n\nDistances between our airports:\n\n| Airport | Distance | Points |\n|---|---|---|\n")
	for i := range rows {
		fmt.Fprintf(&b, "| Airport of town%d | %d km | %d |\n", i, 100+i, 7*i)
	}
	b.WriteString("\n## Else\n\nNothing.")
	return b.String()
}

// TestRowsComeWithTheirHead finds a row far down in a table.
func TestRowsComeWithTheirHead(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	body := longTable(120)
	f.load(t, doc("distances", "en", "Distances", body), doc("bags", "en", "Bags", "One bag."))
	e := newFakeEmbedder()
	f.embedAll(t, e)
	r := ask(t, f.search(nil), f.workspace, knowledge.Query{Text: "points for the airport of town97", Sections: 2})
	p := r.Hits[0].Passages[0]
	if !strings.Contains(p.Text, "town97") || body[p.Start:p.End] != p.Text {
		t.Fatalf("found %q", p.Text)
	}
	if len(p.Context) != 2 || p.Context[1].Text != "| Airport | Distance | Points |\n|---|---|---|" || body[p.Context[0].Start:p.Context[0].End] != "Distances between our airports:" {
		t.Errorf("context: %+v", p.Context)
	}
	if !strings.Contains(strings.Join(e.texts, "\n"), "Airport of town97: Distance: 197 km; Points: 679") {
		t.Error("the row was embedded without its columns")
	}
}

func TestSectionsComeWithTheHits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	short, long := longTable(10), longTable(600)
	internal := doc("short", "en", "Short way", short)
	internal.Kind = knowledge.KindInternal
	internal.ValidUntil = noon.Add(time.Hour)
	f.load(t, internal, doc("long", "en", "Long way", long))
	r := ask(t, f.search(nil), f.workspace, knowledge.Query{Text: "town7", PassagesPerArticle: 2, Sections: 10})
	if diff := cmp.Diff([]string{"long", "short"}, slices.Sorted(slices.Values(keys(r)))); diff != "" {
		t.Fatal(diff)
	}
	for _, h := range r.Hits {
		body := map[string]string{"short": short, "long": long}[h.Key]
		if h.BodyBytes != len(body) || h.ReviseTime.IsZero() || (h.Body == body) != (h.Key == "short") {
			t.Errorf("%s: %d bytes of body, %d told, revised %v", h.Key, len(h.Body), h.BodyBytes, h.ReviseTime)
		}
		if want := map[string]knowledge.ArticleKind{"short": knowledge.KindInternal, "long": knowledge.KindAnswer}[h.Key]; h.Kind != want || h.ValidUntil.IsZero() != (h.Key == "long") {
			t.Errorf("%s is of kind %q, valid until %v", h.Key, h.Kind, h.ValidUntil)
		}
		for _, p := range h.Passages {
			if want := body[p.SectionStart:p.SectionEnd]; h.Key == "long" && p.Section != want || h.Key == "short" && p.Section != "" {
				t.Errorf("%s: section %q, want %q", h.Key, p.Section, want)
			}
		}
	}
	for _, s := range knowledge.Sections(r.Hits, knowledge.SectionOptions{Whole: -1}) {
		body := map[string]string{"short": short, "long": long}[s.Key]
		if body[s.Start:s.End] != s.Text || s.Kind == "" {
			t.Errorf("section %+v", s)
		}
	}
	// Who does not ask gets none.
	for _, h := range ask(t, f.search(nil), f.workspace, knowledge.Query{Text: "town7"}).Hits {
		if h.Body+h.Passages[0].Section != "" {
			t.Errorf("%s came with a body", h.Key)
		}
	}
}

func TestKindsAreKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	d := doc("steps", "en", "What to do", "Ask for the name.")
	d.Kind = knowledge.KindProcedure
	f.load(t, d)
	a, err := f.store.Article(t.Context(), f.workspace, "steps", "en", 0)
	if err != nil || a.Kind != knowledge.KindProcedure {
		t.Errorf("%q %v", a.Kind, err)
	}
	d.Kind = ""
	plan, err := f.importer.Plan(t.Context(), f.workspace, knowledge.PlanRequest{Source: "test", Actor: knowledge.Actor{ID: "ed"}}, knowledge.Documents([]knowledge.Document{d}))
	if err != nil {
		t.Fatal(err)
	}
	changes, err := f.importer.Changes(t.Context(), f.workspace, plan.ID, 0, 10)
	if err != nil || len(changes) != 1 || cmp.Diff([]string{"kind"}, changes[0].Fields) != "" {
		t.Errorf("%+v %v", changes, err)
	}
	d.Kind = "GOSSIP"
	plan, err = f.importer.Plan(t.Context(), f.workspace, knowledge.PlanRequest{Source: "test", Actor: knowledge.Actor{ID: "ed"}}, knowledge.Documents([]knowledge.Document{d}))
	if err != nil || !plan.Blocked || !strings.Contains(plan.Problems[0].Message, "one of ANSWER, INTERNAL") {
		t.Errorf("%+v %v", plan.Problems, err)
	}
}
