package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// answers gathers what another system answered.
type answers struct {
	origin   string
	problems *suite.Problems
	cases    []suite.Case
	ids      []string
	// lines are those of the cases, also where they are wrong.
	lines map[string]int
	byID  map[string]*answer
	all   []*answer
	// told counts the answers that tell a field, and citing those that say what
	// is cited.
	told   map[string]int
	citing int
	// stray counts the lines that are wrong and may be any case's.
	stray int
	// priced is true when tokens cost something.
	priced bool
	unread map[string]*unreadField
}

// unreadField is a field that nothing reads.
type unreadField struct{ line, times int }

func newAnswers(origin string, cases []suite.Case, p *suite.Problems) *answers {
	r := &answers{
		origin: origin, problems: p, cases: cases, lines: map[string]int{}, byID: map[string]*answer{}, told: map[string]int{},
		unread: map[string]*unreadField{},
	}
	for i := range cases {
		r.ids = append(r.ids, cases[i].ID)
	}
	return r
}

// read reads all lines, and looks at them together.
func (r *answers) read(raw []byte) {
	if what := notLines(raw); what != "" {
		r.problems.Add(knowledge.ProblemSyntax, r.origin, 0, "%s", what)
		return
	}
	known := make(map[string]bool, len(r.ids))
	for _, id := range r.ids {
		known[id] = true
	}
	number := 0
	for line := range bytes.Lines(raw) {
		number++
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r.line(line, number, known)
		}
	}
	r.missing()
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
	var run struct {
		Format *int            `json:"format"`
		Cases  json.RawMessage `json:"cases"`
	}
	if json.Unmarshal(trimmed, &run) == nil && run.Format != nil && run.Cases != nil {
		return "is a run, as \"purser eval run\" writes it, and no file of answers; give it to \"purser eval compare\" as it is"
	}
	return "is one JSON object over many lines; write each answer as one object on a line of its own (jq -c . does)"
}

// line reads one answer. What is wrong with it is said once.
func (r *answers) line(line []byte, number int, known map[string]bool) {
	wrong := func(kind knowledge.ProblemKind, format string, args ...any) {
		r.problems.Add(kind, r.origin, number, format, args...)
	}
	fields, err := objectFields(line)
	id, idErr := idOf(fields)
	if err != nil {
		if known[id] {
			r.lines[id] = number
		} else {
			r.stray++
		}
		wrong(knowledge.ProblemSyntax, "is no answer: %v", err)
		return
	}
	if idErr != nil {
		r.stray++
		wrong(knowledge.ProblemMissingField, "%v", idErr)
		return
	}
	first, twice := r.lines[id]
	switch {
	case !known[id]:
		r.stray++
		hint := "; answer the same suite"
		if r.stray <= hintsMost {
			hint = meant(id, r.ids, hint)
		}
		wrong(knowledge.ProblemInvalidField, "the suite has no case %q%s", say.Clip(id, idShown), hint)
		return
	case twice:
		wrong(knowledge.ProblemDuplicateKey, "case %q is answered on line %d already; keep one", id, first)
		return
	}
	r.lines[id] = number
	a := &answer{id: id, line: number, has: map[string]bool{}, null: map[string]bool{}}
	unread, err := a.fill(fields)
	for _, name := range unread {
		r.note(name, number)
	}
	if err == nil {
		err = a.check()
	}
	if err != nil {
		wrong(knowledge.ProblemInvalidField, "%v", err)
		return
	}
	r.byID[id], r.all = a, append(r.all, a)
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

func (r *answers) note(name string, line int) {
	if u := r.unread[name]; u != nil {
		u.times++
		return
	}
	r.unread[name] = &unreadField{line, 1}
}

// missing tells of cases without an answer, unless the lines that are wrong may
// be theirs.
func (r *answers) missing() {
	var without []string
	for _, id := range r.ids {
		if r.lines[id] == 0 {
			without = append(without, id)
		}
	}
	const every = "every case must be answered, with an empty text for silence"
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
		if a.failed != "" {
			read++
			continue
		}
		good++
		for name := range a.has {
			r.told[name]++
			read++
		}
		if a.citing {
			r.citing++
		}
	}
	for _, a := range r.all {
		if r.priced && a.model == "" && a.prompt+a.completion > 0 {
			r.problems.Add(knowledge.ProblemMissingField, r.origin, a.line, "names no model that its tokens are of, so they have no price; give it as model")
		}
	}
	switch {
	case read == 0:
		r.problems.Add(knowledge.ProblemMissingField, r.origin, 0, "no line tells anything that is read besides id; give ranked, text, or both%s", r.hints())
	case good == 0:
		r.problems.Add(knowledge.ProblemEmpty, r.origin, 0, "every line is an error, so there is nothing to measure; ask the system again")
	}
	for _, a := range r.all {
		if a.failed == "" && len(a.has)+len(a.null) == 0 && read > 0 {
			r.problems.Add(knowledge.ProblemMissingField, r.origin, a.line, "tells nothing of case %q besides its id; give its ranked or its text (empty for silence), or an error", a.id)
		}
	}
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

func (r *answers) unreadNames() []string {
	names := make([]string, 0, len(r.unread))
	for name := range r.unread {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := r.unread[a].line - r.unread[b].line; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}

// field is one of an object, as it stands there.
type field struct {
	name string
	raw  json.RawMessage
}

// objectFields takes a line apart, up to where it is broken.
func objectFields(line []byte) ([]field, error) {
	var fields []field
	d := json.NewDecoder(bytes.NewReader(line))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("each line must hold one JSON object, with id, ranked and text")
	}
	for d.More() {
		name, err := d.Token()
		var raw json.RawMessage
		if err == nil {
			err = d.Decode(&raw)
		}
		if err != nil {
			return fields, broken(line, d.InputOffset())
		}
		key, _ := name.(string)
		fields = append(fields, field{key, raw})
	}
	if _, err := d.Token(); err != nil || len(bytes.TrimSpace(line[d.InputOffset():])) > 0 {
		return fields, broken(line, d.InputOffset())
	}
	return fields, nil
}

// broken says where a line's JSON is, and why where that is plain.
func broken(line []byte, at int64) error {
	rest := strings.TrimLeft(string(line[at:min(int(at)+20, len(line))]), " \t:,")
	for _, word := range []string{"NaN", "Infinity", "-Infinity", "None", "True", "False"} {
		if strings.HasPrefix(rest, word) {
			return fmt.Errorf("broken JSON near byte %d: %s is no JSON; write null for what is not known", at, word)
		}
	}
	return fmt.Errorf("broken JSON near byte %d; each line must hold one whole object", at)
}

// idOf is the id of the case that is answered.
func idOf(fields []field) (string, error) {
	for _, f := range fields {
		if strings.EqualFold(f.name, nameID) {
			id, err := textOf(nameID, f.raw)
			id = strings.TrimSpace(text.Clean(id))
			if err == nil && id == "" {
				err = errors.New("the id is empty; give the id of the case that is answered")
			}
			return id, err
		}
	}
	for _, f := range fields {
		if hint := hintOf(f.name); hint == "; did you mean id?" {
			return "", fmt.Errorf("has no id; give that of the case in %q, and not in %q", nameID, say.Clip(f.name, idShown))
		}
	}
	return "", errors.New("has no id; give that of the case that is answered")
}
