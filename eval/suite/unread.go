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

// unreadField is something in the tickets that nothing reads.
type unreadField struct {
	line, times int
	hint        string
}

// fieldTree are the names of what is read of an object, each with what is read
// of the objects under it.
type fieldTree map[string]fieldTree

func fieldsOf(t reflect.Type) fieldTree {
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		return fieldsOf(t.Elem())
	case reflect.Struct:
		tree := fieldTree{}
		for i := range t.NumField() {
			tree[t.Field(i).Tag.Get("json")] = fieldsOf(t.Field(i).Type)
		}
		return tree
	default:
		return nil
	}
}

// Fields are the names of what is read of a ticket, sorted: "text", say, and
// "messages.author" for what stands in the objects under messages.
func Fields() []string {
	var all []string
	var walk func(tree fieldTree, before string)
	walk = func(tree fieldTree, before string) {
		for name, under := range tree {
			all = append(all, before+name)
			walk(under, before+name+".")
		}
	}
	walk(fieldsOf(reflect.TypeFor[rawCase]()), "")
	slices.Sort(all)
	return all
}

// ticketFields are the names of what is read of a ticket, without what is under
// them.
func ticketFields() []string {
	return slices.DeleteFunc(Fields(), func(name string) bool { return strings.Contains(name, ".") })
}

// forPeople reports whether a field is what a sample writes for whoever
// reviews it.
func forPeople(name string) bool { return name == "review" || name == "candidates" }

// passOverField notes a field that is none of those that are read there; its path
// are the names of the fields that it stands under, each with a dot, and its own.
func (r *ticketReader) passOverField(path string, line int) {
	names := strings.Split(path, ".")
	read, name := r.fields, names[len(names)-1]
	for _, above := range names[:len(names)-1] {
		read = read[above]
	}
	if name != "" && !forPeople(path) {
		r.passOver(fmt.Sprintf("the field %q", path), line, say.Alike(name, slices.Sorted(maps.Keys(read))))
	}
}

// passOver notes that something is not read; hint may say what was meant.
func (r *ticketReader) passOver(what string, line int, hint string) {
	if u := r.unread[what]; u != nil {
		u.times++
		return
	}
	if !strings.HasPrefix(hint, "; did you mean") {
		hint = ""
	}
	r.unread[what] = &unreadField{line, 1, hint}
}

// noteUnread tells of each of it once.
func (r *ticketReader) noteUnread() {
	for _, what := range slices.Sorted(maps.Keys(r.unread)) {
		u := r.unread[what]
		r.note(ProblemUnread, u.line, "%s is not read (%s)%s", what, say.Count(u.times, "time"), u.hint)
	}
	slices.SortStableFunc(r.notes, func(a, b knowledge.Problem) int { return cmp.Compare(a.Line, b.Line) })
}

func (r *ticketReader) note(kind knowledge.ProblemKind, line int, format string, args ...any) {
	r.notes = append(r.notes, knowledge.Problem{
		Kind: kind, Severity: knowledge.SeverityWarning, Origin: r.origin, Line: line, Message: fmt.Sprintf(format, args...),
	})
}
