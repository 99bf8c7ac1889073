package knowledge_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// sharedAnalyzer takes a moment to make.
var sharedAnalyzer = sync.OnceValue(analysis.NewAnalyzer)

// memory is a PlanStore of one workspace.
type memory struct {
	snapshot knowledge.Snapshot
	plan     knowledge.Plan
	changes  []knowledge.PlannedChange
	// loads counts LoadPlan; applied is what was carried out.
	loads   int
	applied *knowledge.Application
}

func (m *memory) Snapshot(context.Context, knowledge.Workspace, string, []string) (knowledge.Snapshot, error) {
	return m.snapshot, nil
}

func (m *memory) SavePlan(_ context.Context, _ knowledge.Workspace, p knowledge.Plan, changes []knowledge.PlannedChange) error {
	m.plan, m.changes = p, changes
	return nil
}

func (m *memory) LoadPlan(context.Context, knowledge.Workspace, string, int, int) (knowledge.Plan, []knowledge.PlannedChange, error) {
	m.loads++
	return m.plan, m.changes, nil
}

func (m *memory) Apply(_ context.Context, _ knowledge.Workspace, a knowledge.Application) (int, error) {
	m.applied = &a
	return 0, nil
}

// All that takes long is done when the request's transaction begins: applying
// reads no plan, cuts no text and only stores.
func TestPreparedPlansAreOnlyStored(t *testing.T) {
	t.Parallel()
	m := &memory{}
	im := knowledge.NewImporter(m, m, sharedAnalyzer(), time.Now)
	plan, err := im.Plan(t.Context(), "w", knowledge.PlanRequest{Source: "s"}, knowledge.Documents([]knowledge.Document{good()}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := im.Prepare(t.Context(), "w", plan.ID)
	if err != nil || m.applied != nil {
		t.Fatalf("preparing stored something, or failed: %v", err)
	}
	m.changes, m.loads = nil, 0
	ended, cancel := context.WithCancel(t.Context())
	cancel() // cutting and analysing would notice
	if _, err := p.Apply(ended, m, knowledge.ApplyRequest{}); err != nil || m.loads > 0 {
		t.Fatalf("%v after reading the plan %d times", err, m.loads)
	}
	if a := m.applied.Articles; len(a) != 1 || len(a[0].Passages) == 0 || a[0].Passages[0].Lexemes.Length == 0 {
		t.Errorf("stored %+v", a)
	}
}

func planOf(t testing.TB, docs ...knowledge.Document) (knowledge.Plan, []knowledge.PlannedChange) {
	t.Helper()
	m := &memory{}
	im := knowledge.NewImporter(m, m, sharedAnalyzer(), time.Now)
	plan, err := im.Plan(t.Context(), "w", knowledge.PlanRequest{Source: "s"}, knowledge.Documents(docs))
	if err != nil {
		t.Fatal(err)
	}
	return plan, m.changes
}

func good() knowledge.Document {
	return knowledge.Document{Key: "bag", Locale: "en", Title: "Bags", Body: "One bag.", Origin: "bags.md"}
}

func TestDocumentsAreChecked(t *testing.T) {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		change func(*knowledge.Document)
		kind   knowledge.ProblemKind // empty: accepted
		says   string
	}{
		{"good", func(*knowledge.Document) {}, "", ""},
		{"no key", func(d *knowledge.Document) { d.Key = "" }, knowledge.ProblemMissingField, "no key"},
		{"a key with blanks", func(d *knowledge.Document) { d.Key = "a b" }, knowledge.ProblemInvalidField, "blanks"},
		{"a key with a line feed", func(d *knowledge.Document) { d.Key = "a\nb" }, knowledge.ProblemInvalidField, "blanks"},
		{"a key with a no-break space", func(d *knowledge.Document) { d.Key = "a\u00a0b" }, knowledge.ProblemInvalidField, "blanks"},
		{"the longest key", func(d *knowledge.Document) { d.Key = strings.Repeat("ä", 200) }, "", ""},
		{"a longer key", func(d *knowledge.Document) { d.Key = strings.Repeat("ä", 201) }, knowledge.ProblemInvalidField, "201"},
		{"no locale", func(d *knowledge.Document) { d.Locale = "" }, knowledge.ProblemMissingField, "locale"},
		{"no language", func(d *knowledge.Document) { d.Locale = "english please" }, knowledge.ProblemInvalidField, "BCP 47"},
		{"no title", func(d *knowledge.Document) { d.Title = " \u200b\t" }, knowledge.ProblemMissingField, "title"},
		{"a long title", func(d *knowledge.Document) { d.Title = strings.Repeat("x", 501) }, knowledge.ProblemInvalidField, "501"},
		{"no text", func(d *knowledge.Document) { d.Body = "\x00\n\n" }, knowledge.ProblemMissingField, "no text"},
		{"the longest text", func(d *knowledge.Document) { d.Body = strings.Repeat("word ", 199_999) + "x" }, "", ""},
		{"a longer text", func(d *knowledge.Document) { d.Body = strings.Repeat("x", 1_000_001) }, knowledge.ProblemTooLarge, "1000001"},
		{"21 labels", func(d *knowledge.Document) { d.Labels = strings.Split("abcdefghijklmnopqrstu", "") }, knowledge.ProblemInvalidField, "21 labels"},
		{"the same label 21 times", func(d *knowledge.Document) { d.Labels = strings.Split(strings.Repeat("a", 21), "") }, "", ""},
		{"an empty label", func(d *knowledge.Document) { d.Labels = []string{" "} }, knowledge.ProblemInvalidField, "label"},
		{"a relative url", func(d *knowledge.Document) { d.URL = "/help" }, knowledge.ProblemInvalidField, "http"},
		{"a script as url", func(d *knowledge.Document) { d.URL = "javascript:alert(1)" }, knowledge.ProblemInvalidField, "http"},
		{"valid backwards", func(d *knowledge.Document) { d.ValidFrom, d.ValidUntil = day, day }, knowledge.ProblemInvalidField, "not after"},
		{"valid in no year", func(d *knowledge.Document) { d.ValidUntil = day.AddDate(9000, 0, 0) }, knowledge.ProblemInvalidField, "years"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := good()
			test.change(&d)
			plan, changes := planOf(t, d)
			if test.kind == "" {
				if plan.Blocked || plan.Added != 1 || len(changes) != 1 {
					t.Fatalf("refused: %v", plan.Problems)
				}
				return
			}
			if !plan.Blocked || plan.ProblemCount != 1 || plan.Added != 0 {
				t.Fatalf("%+v", plan)
			}
			p := plan.Problems[0]
			if p.Kind != test.kind || !strings.Contains(p.Message, test.says) || p.Origin != "bags.md" || p.Severity != knowledge.SeverityError {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestDuplicates(t *testing.T) {
	second, third := good(), good()
	second.Locale, second.Origin = "EN", "more.md"
	third.Locale = "de"
	plan, _ := planOf(t, good(), second, third)
	if plan.ProblemCount != 1 || plan.Problems[0].Kind != knowledge.ProblemDuplicateKey || plan.Problems[0].Origin != "more.md" || !strings.Contains(plan.Problems[0].Message, "bags.md") {
		t.Errorf("%v", plan.Problems)
	}
}

func TestProblemsAreCountedBeyondTheirList(t *testing.T) {
	docs := make([]knowledge.Document, 150)
	for i := range docs {
		docs[i] = good()
	}
	plan, _ := planOf(t, docs...)
	if plan.ProblemCount != 149 || len(plan.Problems) != knowledge.MaxPlanProblems {
		t.Errorf("%d problems, %d listed", plan.ProblemCount, len(plan.Problems))
	}
}

func TestRefusedDocumentIsNotMissing(t *testing.T) {
	m := &memory{snapshot: knowledge.Snapshot{Version: 1, Heads: []knowledge.ArticleHead{{ArticleID: "x", Key: "bag", Locale: "en", Source: "s", Revision: 1}}}}
	im := knowledge.NewImporter(m, m, sharedAnalyzer(), time.Now)
	bad := good()
	bad.Title = ""
	plan, err := im.Plan(t.Context(), "w", knowledge.PlanRequest{Source: "s"}, knowledge.Documents([]knowledge.Document{bad}))
	if err != nil || plan.Removed != 0 || !plan.Blocked {
		t.Errorf("%+v %v", plan, err)
	}
}

func TestCleaning(t *testing.T) {
	d := good()
	d.Locale, d.Title, d.Body, d.Labels = "nb-no", "  Two\n\tbags\u202e ", "line  \r\nnext\x00\r\n", []string{" B", "a", "b", "Ä  b"}
	d.ValidFrom = time.Date(2026, 1, 1, 1, 0, 0, 123456789, time.FixedZone("", 3600))
	_, changes := planOf(t, d)
	expected := knowledge.Document{
		Key: "bag", Locale: "no-NO", Title: "Two bags", Body: "line\nnext", Labels: []string{"a", "b", "ä b"}, Kind: knowledge.KindAnswer, Origin: "bags.md",
		ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 123456000, time.UTC),
	}
	if diff := cmp.Diff(expected, *changes[0].Document); diff != "" {
		t.Error(diff)
	}
}

func TestReadingStopsAtAnError(t *testing.T) {
	m := &memory{}
	im := knowledge.NewImporter(m, m, sharedAnalyzer(), time.Now)
	broken := errors.New("the stream broke")
	_, err := im.Plan(t.Context(), "w", knowledge.PlanRequest{Source: "s"}, func(yield func(knowledge.Document, error) bool) {
		if yield(good(), nil) {
			yield(knowledge.Document{}, broken)
		}
	})
	if !errors.Is(err, broken) || m.plan.ID != "" {
		t.Errorf("%v, saved %q", err, m.plan.ID)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := im.Plan(gone, "w", knowledge.PlanRequest{Source: "s"}, knowledge.Documents([]knowledge.Document{good()})); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// FuzzPlan plans any document: it is refused with a sentence, or kept in a form
// that the store takes and that a second import finds unchanged.
func FuzzPlan(f *testing.F) {
	f.Add("bag", "en", "Bags", "One bag.", "gold", "https://air.example", int64(0), int64(0))
	f.Add("ключ/1", "nb", "T\u202eitle", "# A\n\n- b\n\x00", "", "", int64(1), int64(2))
	f.Add("a b", "zz-zz-zz", "", "\xff\xfe", "\n", "::", int64(-1<<62), int64(1<<62))
	analyzer := sharedAnalyzer()
	f.Fuzz(func(t *testing.T, key, locale, title, body, label, url string, from, until int64) {
		d := knowledge.Document{Key: key, Locale: locale, Title: title, Body: body, Labels: []string{label}, URL: url, Origin: "o"}
		if from != 0 {
			d.ValidFrom = time.UnixMicro(from)
		}
		if until != 0 {
			d.ValidUntil = time.UnixMicro(until)
		}
		m := &memory{}
		im := knowledge.NewImporter(m, m, analyzer, time.Now)
		plan, err := im.Plan(t.Context(), "w", knowledge.PlanRequest{Source: "s"}, knowledge.Documents([]knowledge.Document{d}))
		if err != nil {
			t.Fatal(err)
		}
		if plan.Blocked {
			for _, p := range plan.Problems {
				if p.Message == "" || !utf8.ValidString(p.Message) {
					t.Errorf("problem %+q", p.Message)
				}
			}
			return
		}
		kept := *m.changes[0].Document
		for _, s := range []string{kept.Key, kept.Title, kept.Body, kept.URL, kept.Labels[0]} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("%+q can't be stored", s)
			}
		}
		if m.changes[0].PassagesAfter == 0 {
			t.Errorf("%+q has no passage", kept.Body)
		}
		m.snapshot.Heads = []knowledge.ArticleHead{{
			Key: kept.Key, Locale: kept.Locale, Source: "s", Revision: 1, Title: kept.Title, BodyHash: text.Hash(kept.Body),
			Labels: kept.Labels, URL: kept.URL, ValidFrom: kept.ValidFrom, ValidUntil: kept.ValidUntil,
		}}
		again, err := im.Plan(t.Context(), "w", knowledge.PlanRequest{Source: "s"}, knowledge.Documents([]knowledge.Document{kept}))
		if err != nil || again.Unchanged != 1 {
			t.Errorf("what was kept is not unchanged: %+v %v", again, err)
		}
	})
}
