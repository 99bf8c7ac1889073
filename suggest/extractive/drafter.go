package extractive

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Analyzer turns text into lexemes; *analysis.Analyzer is one.
type Analyzer interface {
	Lexemes(locale, s string) []string
}

// Drafter drafts by quoting. It is safe for concurrent use.
type Drafter struct {
	analyzer Analyzer
}

// New makes a Drafter.
func New(a Analyzer) *Drafter { return &Drafter{analyzer: a} }

// Name implements pipeline.Drafter.
func (d *Drafter) Name() string { return "extractive" }

// Draft implements pipeline.Drafter. It fails with FaultOtherLanguage when no
// evidence is in the draft's language, and with FaultNoAnswer when no sentence
// of it can be quoted.
func (d *Drafter) Draft(ctx context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	report := pipeline.Report{Finish: "stop"}
	candidates := d.candidates(t)
	if err := ctx.Err(); err != nil {
		return report, context.Cause(ctx)
	}
	if candidates == nil {
		return report, &pipeline.DraftError{Fault: suggest.FaultOtherLanguage}
	}
	lines := d.choose(t, candidates)
	if len(lines) == 0 {
		return report, &pipeline.DraftError{Fault: suggest.FaultNoAnswer}
	}
	var out strings.Builder
	for _, s := range frame(t, lines) {
		out.WriteString(s.Break + s.Text)
		if err := write(s); err != nil {
			return report, err
		}
	}
	report.Output = out.String()
	return report, nil
}

// candidate is one sentence that could be quoted.
type candidate struct {
	evidence int // index
	ordinal  int // place in its passage
	number   int
	knowledge.Sentence
	chars   int
	lexemes map[string]int
	length  int
	// head are the lexemes of the title and headings above it.
	head map[string]bool
	// leadsIn is true for a sentence that opens a list, follows for an item or
	// a sentence that hangs on the one before.
	leadsIn, follows bool
	prior            float64
	score            float64
}

// near is true for an article that answers about as well as the best one: what
// is merely related would be quoted as if it answered. Several questions may
// have their answers in several articles.
func near(score, best float64, several bool) bool {
	if several {
		return score >= nearSeveral*best
	}
	return score >= nearOne*best
}

// candidates are the sentences of the evidence in the draft's language; nil when
// there is no such evidence.
func (d *Drafter) candidates(t pipeline.Task) []candidate {
	var out []candidate
	found := false
	language := text.BaseLanguage(t.Locale)
	best := 0.0
	for _, e := range t.Evidence {
		best = max(best, e.Score)
	}
	several := len(subQuestions(t.Question, t.Locale)) > 1
	for i, e := range t.Evidence {
		if text.BaseLanguage(e.Locale) != language || !e.Kind.Quotable() {
			continue
		}
		found = true
		if !near(e.Score, best, several) {
			continue
		}
		prior := 1.0
		if best > 0 {
			prior = e.Score / best
		}
		prior /= 1 + 0.15*float64(i)
		passage := e.Passage()
		head := set(d.analyzer.Lexemes(e.Locale, e.Title+"\n"+strings.Join(e.HeadingPath, "\n")))
		from := len(out)
		for k, s := range passage.Sentences(e.Locale) {
			c := candidate{evidence: i, ordinal: k, number: e.Number, Sentence: s, head: head, prior: prior}
			c.chars = utf8.RuneCountInString(s.Text)
			c.lexemes, c.length = counts(d.analyzer.Lexemes(e.Locale, s.Text))
			c.leadsIn = strings.HasSuffix(s.Text, ":")
			c.follows = len(out) > from && (s.Kind == knowledge.SentenceItem || s.Kind == knowledge.SentenceRow) && hangsOn(out[len(out)-1])
			out = append(out, c)
		}
	}
	if found && out == nil {
		out = []candidate{}
	}
	return out
}

// hangsOn reports whether what comes behind c belongs to it.
func hangsOn(c candidate) bool {
	return c.leadsIn || c.follows || c.Kind == knowledge.SentenceHeader
}

func set(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, l := range list {
		out[l] = true
	}
	return out
}

func counts(list []string) (lexemes map[string]int, length int) {
	out := make(map[string]int, len(list))
	for _, l := range list {
		out[l]++
	}
	return out, len(list)
}
