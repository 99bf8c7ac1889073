package suite

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
)

// ProblemUnread is a field that is passed over, as one is whose name is
// misspelt.
const ProblemUnread knowledge.ProblemKind = "UNREAD_FIELD"

// unreadField is a field of the tickets that nothing reads.
type unreadField struct{ line, times int }

// ticketFields are the names of what is read of a ticket.
func ticketFields() []string {
	t := reflect.TypeFor[rawCase]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("json")
	}
	return names
}

// forPeople are fields that a harvest writes for whoever reviews it.
func forPeople() []string { return []string{"review", "candidates"} }

// reads notes a field that nothing reads; its name does not count by case.
func (r *ticketReader) reads(name string, line int) {
	if r.fields == nil {
		r.fields = map[string]bool{}
		for _, f := range append(ticketFields(), forPeople()...) {
			r.fields[f] = true
		}
	}
	switch u := r.unread[name]; {
	case name == "" || r.fields[strings.ToLower(name)]:
	case u != nil:
		u.times++
	default:
		r.unread[name] = &unreadField{line, 1}
	}
}

// noteUnread tells of each such field once.
func (r *ticketReader) noteUnread() {
	for _, name := range slices.Sorted(maps.Keys(r.unread)) {
		u := r.unread[name]
		hint := say.Alike(name, ticketFields())
		if !strings.HasPrefix(hint, "; did you mean") {
			hint = ""
		}
		r.note(ProblemUnread, u.line, "the field %q is not read (%s)%s", name, say.Count(u.times, "time"), hint)
	}
	slices.SortStableFunc(r.notes, func(a, b knowledge.Problem) int { return cmp.Compare(a.Line, b.Line) })
}

func (r *ticketReader) note(kind knowledge.ProblemKind, line int, format string, args ...any) {
	r.notes = append(r.notes, knowledge.Problem{
		Kind: kind, Severity: knowledge.SeverityWarning, Origin: r.origin, Line: line, Message: fmt.Sprintf(format, args...),
	})
}
