package external

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// ProblemUneven is that some lines lack what others tell.
const ProblemUneven knowledge.ProblemKind = "UNEVEN_LINES"

// answers gathers what another system answered.
type answers struct {
	origin   string
	problems *suite.Problems
	cases    []suite.Case
	// lines are those of the cases, also where they are wrong.
	lines map[string]int
	byID  map[string]*answer
	all   []*answer
	// told counts the answers that tell a field.
	told map[string]int
	// stray counts the lines that are wrong and may be any case's.
	stray int
	// priced is true when tokens cost something.
	priced bool
	unread map[string]*unreadField
}

// unreadField is a field that nothing reads.
type unreadField struct{ line, times int }

func (r *answers) open(path string) {
	raw, ok := suite.ReadFile(filepath.Dir(path), r.origin, r.problems)
	if ok {
		raw, ok = suite.Decode(raw, r.origin, r.problems)
	}
	if ok {
		r.read(raw)
	}
}

// read reads all lines, and looks at them together.
func (r *answers) read(raw []byte) {
	if what := notLines(raw); what != "" {
		r.problems.Add(knowledge.ProblemSyntax, r.origin, 0, "%s", what)
		return
	}
	ids := make([]string, len(r.cases))
	for i := range r.cases {
		ids[i] = r.cases[i].ID
	}
	number := 0
	for line := range bytes.Lines(raw) {
		number++
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r.line(line, number, ids)
		}
	}
	r.missing(ids)
	if r.problems.Err() == nil {
		r.together()
	}
}

// notLines tells of files that are JSON, or a table, but no lines of objects.
func notLines(raw []byte) string {
	trimmed := bytes.TrimSpace(raw)
	switch {
	case len(trimmed) == 0:
		return "holds no answers; put one JSON object a line there, one for each case"
	case trimmed[0] == '[':
		return "is a JSON list; write its objects one a line (jq -c '.[]' does)"
	case trimmed[0] != '{' || !bytes.ContainsRune(trimmed, '\n') || !json.Valid(trimmed):
		return ""
	}
	if _, err := eval.ParseReport(trimmed); err == nil {
		return "is a run, as \"purser eval run\" writes it, and no file of answers; give it to \"purser eval compare\" as it is"
	}
	return "is one JSON object over many lines; write each answer as one object on a line of its own (jq -c . does)"
}

// line reads one answer. What is wrong with it is said once.
func (r *answers) line(raw []byte, number int, ids []string) {
	wrong := func(kind knowledge.ProblemKind, format string, args ...any) {
		r.problems.Add(kind, r.origin, number, format, args...)
	}
	a, unread, err := decode(raw)
	a.at = number
	first, twice := r.lines[a.ID]
	switch {
	case a.ID == "" && err != nil:
		r.stray++
		wrong(knowledge.ProblemSyntax, "is no answer: %v", err)
	case a.ID == "":
		r.stray++
		hint := " that is answered"
		if i := slices.IndexFunc(unread, func(name string) bool { return hintOf(name) == "; did you mean id?" }); i >= 0 {
			hint = fmt.Sprintf(" in \"id\", and not in %q", say.Clip(unread[i], idShown))
		}
		wrong(knowledge.ProblemMissingField, "has no id; give that of the case%s", hint)
	case !slices.Contains(ids, a.ID):
		r.stray++
		hint := "; answer the same suite"
		if r.stray <= hintsMost {
			hint = meant(a.ID, ids, hint)
		}
		wrong(knowledge.ProblemInvalidField, "the suite has no case %q%s", say.Clip(a.ID, idShown), hint)
	case twice:
		wrong(knowledge.ProblemDuplicateKey, "case %q is answered on line %d already; keep one", a.ID, first)
	default:
		r.lines[a.ID] = number
		for _, name := range unread {
			if r.unread[name] == nil {
				r.unread[name] = &unreadField{line: number}
			}
			r.unread[name].times++
		}
		if err != nil {
			wrong(knowledge.ProblemInvalidField, "%v", err)
			return
		}
		r.byID[a.ID], r.all = a, append(r.all, a)
	}
}

// hintsMost is for how many ids that are not known like ones are looked for.
const hintsMost = 20

// idShown is how much of an id, or of a name, is shown.
const idShown = 60

// meant ends a sentence about what is not known with what may have been meant,
// else with another end.
func meant(value string, known []string, otherwise string) string {
	if hint := say.Alike(say.Clip(value, idShown), known); strings.HasPrefix(hint, "; did you mean") {
		return hint
	}
	return otherwise
}

// missing tells of cases without an answer, unless the lines that are wrong may
// be theirs.
func (r *answers) missing(ids []string) {
	without := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return r.lines[id] > 0 })
	const every = "every case must be answered, with an empty text for no draft"
	switch n := len(without); {
	case n <= r.stray:
	case n == 1:
		r.problems.Add(knowledge.ProblemMissingField, r.origin, 0, "case %q is missing; %s", without[0], every)
	default:
		r.problems.Add(knowledge.ProblemMissingField, r.origin, 0, "%d cases are missing (%s); %s", n, say.Few(without), every)
	}
}

// together looks at what the lines say as a whole.
func (r *answers) together() {
	read, good := 0, 0
	for _, a := range r.all {
		read += len(a.has)
		if a.Error == "" {
			good++
			for name := range a.has {
				r.told[name]++
			}
		}
		if r.priced && a.Model == "" && a.prompt+a.completion > 0 {
			r.problems.Add(knowledge.ProblemMissingField, r.origin, a.at, "names no model that its tokens are of, so they have no price; give it as model")
		}
	}
	switch {
	case read == 0:
		r.problems.Add(knowledge.ProblemMissingField, r.origin, 0, "no line tells anything that is read besides id; give ranked, text, or both%s", r.hints())
	case good == 0:
		r.problems.Add(knowledge.ProblemEmpty, r.origin, 0, "every line is an error, so there is nothing to measure; ask the system again")
	default:
		for _, a := range r.all {
			if len(a.has)+len(a.null) == 0 {
				r.problems.Add(knowledge.ProblemMissingField, r.origin, a.at, "tells nothing of case %q besides its id; give its ranked or its text (empty for no draft), or an error", a.ID)
			}
		}
	}
}

// hintOf ends a sentence about a field that is not read with the one that may
// have been meant; it is empty when none is alike.
func hintOf(name string) string {
	for meant, words := range map[string]string{ //nolint:gosec // no secrets: names of fields
		"id":                " case case_id ticket ticket_id question_id ",
		"ranked":            " ranking rankings results retrieved documents docs hits articles passages ",
		"text":              " answer reply response draft output completion message content ",
		"cited":             " citations sources references cites ",
		"evidence":          " context contexts ",
		"claims":            " sentences statements ",
		"outcome":           " decision status ",
		"confidence":        " score probability conf certainty ",
		"ms":                " latency latency_ms duration duration_ms time time_ms milliseconds ",
		"prompt_tokens":     " input_tokens tokens_in ",
		"completion_tokens": " output_tokens tokens_out ",
	} {
		if strings.Contains(words, " "+strings.ToLower(name)+" ") {
			return "; did you mean " + meant + "?"
		}
	}
	return meant(name, []string{
		"id", "ranked", "text", "cited", "evidence", "claims", "outcome", "reason", "confidence", "ms", "model", "prompt_tokens",
		"completion_tokens", "error",
	}, "")
}

// hints are what the fields that nothing reads may have been meant for.
func (r *answers) hints() string {
	var hints []string
	for _, name := range r.unreadNames() {
		if hint := hintOf(name); hint != "" {
			hints = append(hints, fmt.Sprintf("%q%s", name, hint))
		}
	}
	if len(hints) == 0 {
		return ""
	}
	return " (" + strings.Join(hints, " ") + ")"
}

// unreadNames are in the order in which they were met, those of a line by name.
func (r *answers) unreadNames() []string {
	names := slices.Sorted(maps.Keys(r.unread))
	slices.SortStableFunc(names, func(a, b string) int { return r.unread[a].line - r.unread[b].line })
	return names
}

// field is something that answers may leave unknown.
type field struct {
	name string
	// by are the names by any of which a line tells it; likewise those by which
	// other lines do, so that a line without any is taken for empty.
	by, likewise []string
	// null is true where null says that it is not known.
	null bool
	// taken says what a line without it is taken for while others tell it.
	taken string
	// matters reports whether that weighs.
	matters func(a *answer, c *suite.Case) bool
}

// fields are those that can be unknown.
func (r *answers) fields() []field {
	const known = "; write null where it is not known"
	drafted := func(a *answer, _ *suite.Case) bool { return a.derived() == suggest.OutcomeDraft }
	abstained := func(a *answer) bool {
		return a.derived() != suggest.OutcomeDraft && (a.has["outcome"] || a.has["reason"] || r.told["text"] > 0)
	}
	all := []field{
		{eval.FieldRanked, []string{"ranked"}, []string{"ranked"}, true, "nothing was found, it is taken" + known, func(_ *answer, c *suite.Case) bool { return len(c.GoldIDs) > 0 }},
		{eval.FieldText, []string{"text", "outcome", "reason"}, []string{"text"}, false, "it is taken for no draft", func(a *answer, _ *suite.Case) bool { return !a.null["text"] }},
		{eval.FieldOutcome, []string{"outcome", "reason"}, []string{"outcome", "reason"}, false, "no draft without outcome and reason is taken for NO_DRAFT", func(a *answer, _ *suite.Case) bool { return abstained(a) }},
		{eval.FieldReason, []string{"reason"}, []string{"reason"}, false, "it is taken for no reason", func(a *answer, c *suite.Case) bool { return abstained(a) && c.Reason != "" }},
		{eval.FieldCited, []string{"cited"}, []string{"cited"}, true, "it is taken for a text that cites nothing" + known, drafted},
		{eval.FieldEvidence, []string{"evidence"}, []string{"evidence"}, true, "it is taken for a text that had nothing to draw on" + known, drafted},
		{eval.FieldConfidence, []string{"confidence"}, nil, true, "such a line counts for no metric of confidence", func(_ *answer, c *suite.Case) bool {
			return r.told["confidence"] > 0 && (c.Expect == suite.ExpectAnswer || c.Expect == suite.ExpectNone)
		}},
	}
	if r.priced {
		tokens := []string{"prompt_tokens", "completion_tokens"}
		all = append(all, field{eval.FieldTokens, tokens, tokens, true, "they are taken for none" + known, drafted})
	}
	return all
}

// knows reports whether an answer tells a field, be it by leaving out what
// others tell.
func (r *answers) knows(a *answer, f field) bool {
	told := func(name string) bool { return a.has[name] }
	return slices.ContainsFunc(f.by, told) || !r.isNull(a, f) && slices.ContainsFunc(f.likewise, func(name string) bool { return r.told[name] > 0 })
}

func (r *answers) isNull(a *answer, f field) bool {
	return f.null && slices.ContainsFunc(f.by, func(name string) bool { return a.null[name] })
}

// lacks reports whether an answer leaves out what others tell, where that weighs.
func (r *answers) lacks(a *answer, f field, c *suite.Case) bool {
	return !slices.ContainsFunc(f.by, func(name string) bool { return a.has[name] }) && !r.isNull(a, f) &&
		(f.likewise == nil || r.knows(a, f)) && f.matters(a, c)
}

// unknown names what no answer tells.
func (r *answers) unknown() []string {
	var out []string
	for _, f := range r.fields() {
		if !slices.ContainsFunc(r.all, func(a *answer) bool { return a.Error == "" && r.knows(a, f) }) {
			out = append(out, f.name)
		}
	}
	return out
}

// notes are what is no error, and may well be a mistake.
func (r *answers) notes() []knowledge.Problem {
	var out []knowledge.Problem
	add := func(kind knowledge.ProblemKind, line int, format string, args ...any) {
		out = append(out, knowledge.Problem{
			Kind: kind, Severity: knowledge.SeverityWarning, Origin: r.origin, Line: line, Message: fmt.Sprintf(format, args...),
		})
	}
	for _, name := range r.unreadNames() {
		u := r.unread[name]
		add(suite.ProblemUnread, u.line, "the field %q is not read (%s)%s", say.Clip(name, idShown), say.Count(u.times, "time"), hintOf(name))
	}
	// each tells of the lines that something is true of, by the first of them.
	each := func(kind knowledge.ProblemKind, is func(a *answer, c *suite.Case) bool, says string) {
		first, n := 0, 0
		for i := range r.cases {
			if a := r.byID[r.cases[i].ID]; a.Error == "" && is(a, &r.cases[i]) {
				if n++; first == 0 || a.at < first {
					first = a.at
				}
			}
		}
		if n > 0 {
			add(kind, first, "%s (%s)", says, say.Count(n, "line"))
		}
	}
	for _, f := range r.fields() {
		each(ProblemUneven, func(a *answer, c *suite.Case) bool { return r.lacks(a, f, c) }, f.name+" is missing here and told on other lines; "+f.taken)
	}
	each(knowledge.ProblemDuplicateKey, func(a *answer, _ *suite.Case) bool { return a.Ranked != nil && len(a.ranked) < len(*a.Ranked) },
		"ranked names an article more than once; its first place counts")
	return out
}
