package source

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// markdown reads a file that is one article, with or without front matter.
func (r *reader) markdown(origin, content string) {
	rec := record{origin: origin}
	rec.keyHint, rec.localeHint = fromPath(origin)
	before := r.result.Errors
	body, bodyLine := r.frontMatter(&rec, content)
	if r.result.Errors > before {
		return
	}
	title, rest, ok := knowledge.SplitTitle(text.Clean(body))
	given := rec.values[fieldTitle]
	switch {
	case !ok || given.given && oneLine(text.Clean(given.text)) != title:
		rec.titleHint = titleFromName(origin)
	default:
		body = rest
		rec.titleHint = title
	}
	rec.values[fieldBody] = value{given: true, text: body, line: bodyLine}
	r.document(rec)
}

// frontMatter reads the fields before the body, and returns the body and the
// line it begins on.
func (r *reader) frontMatter(rec *record, content string) (body string, bodyLine int) {
	skipped := len(content) - len(strings.TrimLeft(content, " \t\n"))
	line := 1 + strings.Count(content[:skipped], "\n")
	first, rest, _ := strings.Cut(content[skipped:], "\n")
	switch strings.TrimRight(first, " \t") {
	case "---":
	case "+++":
		r.problem(knowledge.ProblemSyntax, rec.origin, line, "Front matter between +++ lines (TOML) is not read: write it as YAML between --- lines.")
		return "", 0
	default:
		return content, 1
	}
	matter, body, closed := cutFrontMatter(rest)
	if !closed {
		if !looksLikeField(rest) {
			return content, 1 // a rule that opens the text
		}
		r.problem(knowledge.ProblemSyntax, rec.origin, line, "The front matter that begins here has no end: close it with a line of three hyphens (---).")
		return "", 0
	}
	r.yaml(rec, matter, line)
	return body, line + 2 + strings.Count(matter, "\n")
}

func cutFrontMatter(s string) (matter, body string, closed bool) {
	at := 0
	for line := range strings.Lines(s) {
		if t := strings.TrimRight(line, " \t\n"); t == "---" || t == "..." {
			return s[:at], s[at+len(line):], true
		}
		at += len(line)
	}
	return "", "", false
}

// looksLikeField reports whether the first line of s is "name: value".
func looksLikeField(s string) bool {
	line, _, _ := strings.Cut(s, "\n")
	name, _, ok := strings.Cut(line, ":")
	return ok && name != "" && !hasBlank(name)
}

// maxYAMLLines bounds the front matter that yamlErrorLine searches.
const maxYAMLLines = 200

// yamlErrorLine finds the line of broken YAML, from 1, behind the longest part
// that is whole by itself: the line that the package names in its errors' text
// is often the one before. It returns 0 for front matter that is very long.
func yamlErrorLine(matter string) int {
	lines := strings.SplitAfter(matter, "\n")
	if len(lines) > maxYAMLLines {
		return 0
	}
	for n := len(lines) - 1; n > 0; n-- {
		var doc yaml.Node
		if yaml.Unmarshal([]byte(strings.Join(lines[:n], "")), &doc) == nil {
			return n + 1
		}
	}
	return 1
}

// yamlMessage is what a YAML error says, without the package's name and line.
func yamlMessage(err error) string {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		if _, said, ok := strings.Cut(rest, ": "); ok {
			return said
		}
	}
	return message
}

// yaml reads the fields of front matter. opening is the line of its first ---.
func (r *reader) yaml(rec *record, matter string, opening int) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(matter), &doc); err != nil {
		r.problem(knowledge.ProblemSyntax, rec.origin, opening+yamlErrorLine(matter),
			"The front matter is no YAML (%s): write one \"name: value\" on each line, and put values that have a colon in quotes.", yamlMessage(err))
		return
	}
	if len(doc.Content) == 0 {
		return // only comments, or nothing
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		r.problem(knowledge.ProblemSyntax, rec.origin, opening+top.Line, "The front matter has no fields: write one \"name: value\" on each line.")
		return
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		name, node := top.Content[i], top.Content[i+1]
		line := opening + name.Line
		n := r.lookup(name.Value)
		f := n.field
		if !n.known || f == fieldBody { // the body stands below
			r.unknown.add(strings.TrimSpace(name.Value), rec.origin, line)
			continue
		}
		v := value{line: line}
		switch {
		case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
			continue
		case node.Kind == yaml.ScalarNode:
			v.text = node.Value
		case node.Kind == yaml.SequenceNode && f == fieldLabels && allScalars(node):
			v.list = []string{}
			for _, item := range node.Content {
				v.list = append(v.list, item.Value)
			}
		default:
			r.problem(knowledge.ProblemInvalidField, rec.origin, line, "The field %s is not a simple value: write it on one line, in quotes if need be%s.", quote(name.Value), listHint(f))
			continue
		}
		r.set(rec, name.Value, v)
	}
}

func listHint(f field) string {
	if f == fieldLabels {
		return ", several divided by commas"
	}
	return ""
}

func allScalars(node *yaml.Node) bool {
	for _, item := range node.Content {
		if item.Kind != yaml.ScalarNode {
			return false
		}
	}
	return true
}

// fromPath reads key and locale off the path of a file: "kb/de/bags.md" and
// "kb/bags.de.md" are both the article "kb/bags" in "de".
func fromPath(name string) (key, locale string) {
	name = strings.TrimSuffix(name, path.Ext(name))
	if suffix := path.Ext(name); suffix != "" {
		if l, ok := localeName(suffix[1:]); ok {
			locale = l
			name = strings.TrimSuffix(name, suffix)
		}
	}
	var kept []string
	parts := strings.Split(name, "/")
	found := false
	for i, part := range parts {
		if l, ok := localeName(part); ok && !found && i < len(parts)-1 {
			locale, found = l, true
			continue
		}
		if part != "." && part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Map(keyRune, text.Clean(strings.Join(kept, "/"))), locale
}

func keyRune(c rune) rune {
	if unicode.IsSpace(c) || unicode.IsControl(c) {
		return '-'
	}
	return c
}

// localeName reports whether part of a path names a locale: a language of two
// small letters, with a script or region or without. Languages of three letters
// are left to front matter, since "faq" and "car" are folders.
func localeName(part string) (string, bool) {
	part = strings.ReplaceAll(part, "_", "-")
	lang, rest, sub := strings.Cut(part, "-")
	if len(lang) != 2 || strings.ToLower(lang) != lang || sub && (len(rest) < 2 || len(rest) > 8) {
		return "", false
	}
	locale, err := canonicalLocale(part)
	return locale, err == nil
}

// titleFromName makes a title of a file's name: "lost_baggage.md" gives "Lost
// baggage".
func titleFromName(name string) string {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if suffix := path.Ext(base); suffix != "" {
		if _, ok := localeName(suffix[1:]); ok {
			base = strings.TrimSuffix(base, suffix)
		}
	}
	base = oneLine(strings.NewReplacer("-", " ", "_", " ").Replace(base))
	first, n := utf8.DecodeRuneInString(base)
	return string(unicode.ToUpper(first)) + base[n:]
}
