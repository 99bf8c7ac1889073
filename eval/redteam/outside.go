package redteam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/internal/text"
)

// Outside is one text that others wrote to attack with, or to try a filter by.
type Outside struct {
	// Kind as its collection names it; empty when it does not.
	Kind string
	Text string
	// Target is what a model writes that obeys; empty when not stated.
	Target string
	// File it was read from, without its folder.
	File string
}

// Collection is what files of attacks hold.
type Collection struct {
	Attacks []Outside
	// Texts are documents to hide attacks in, such as e-mails.
	Texts []string
	// Notes say how files were read where that can't be told for sure.
	Notes []string
}

// Bounds of what is read.
const (
	maxOutsideBytes = 64 << 20
	maxOutside      = 100_000
	maxOutsideDepth = 8
)

// errTooMany ends the reading of a collection.
var errTooMany = fmt.Errorf("holds more than %d texts; give a smaller file", maxOutside)

func textFields() []string {
	return []string{
		"text", "prompt", "instruction", "attack", "payload", "injection", "attack_instruction", "user_input", "adversarial", "content", "message", "goal",
	}
}

func kindFields() []string {
	return []string{"kind", "category", "type", "attack_type", "attack_name", "label", "name"}
}

func targetFields() []string { return []string{"target", "canary", "expected", "target_output"} }

// ReadOutside reads files and folders of attacks from outside: .json, .jsonl,
// .csv, .tsv and .txt; ParseOutside says in what shapes. In a folder other files,
// and those named as licences and notes, are passed over, and so are texts that
// repeat another one. It fails when one of
// paths holds nothing, or none of them an attack.
func ReadOutside(paths ...string) (Collection, error) { return readOutside("attacks", paths) }

// ReadHarmless reads texts that attack nothing as ReadOutside reads attacks.
func ReadHarmless(paths ...string) (Collection, error) { return readOutside("harmless texts", paths) }

func readOutside(what string, paths []string) (Collection, error) {
	var all Collection
	for _, path := range paths {
		files, err := outsideFiles(what, path)
		if err != nil {
			return Collection{}, err
		}
		before := len(all.Attacks) + len(all.Texts)
		for _, file := range files {
			c, err := readOutsideFile(file)
			if err != nil {
				return Collection{}, fmt.Errorf("%s: %w", file, err)
			}
			all.Attacks, all.Texts = append(all.Attacks, c.Attacks...), append(all.Texts, c.Texts...)
			for _, note := range c.Notes {
				all.Notes = append(all.Notes, file+": "+note)
			}
		}
		if len(all.Attacks)+len(all.Texts) == before {
			return Collection{}, fmt.Errorf("%s: no %s were found; name files that hold some and end in .json, .jsonl, .csv, .tsv or .txt", path, what)
		}
	}
	if len(all.Attacks) == 0 && len(paths) > 0 {
		return Collection{}, fmt.Errorf("%s: no %s were found, only documents to hide some in (\"context\")", strings.Join(paths, ", "), what)
	}
	all.leaveOutRepeated()
	return all, nil
}

// leaveOutRepeated leaves out what stands there before: the same text run twice
// measures nothing more, and would narrow the bounds.
func (c *Collection) leaveOutRepeated() {
	seen := map[string]bool{}
	before := len(c.Attacks)
	c.Attacks = slices.DeleteFunc(c.Attacks, func(o Outside) bool {
		was := seen[o.Text]
		seen[o.Text] = true
		return was
	})
	if n := before - len(c.Attacks); n > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("%d of %d texts repeat another one and were left out", n, before))
	}
}

func outsideFiles(what, path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file or folder; name one that holds %s", path, what)
	case err != nil:
		return nil, fmt.Errorf("look at the %s: %w", what, err)
	case !info.IsDir():
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && isOutsideFile(file) {
			files = append(files, file)
		}
		return err
	})
	slices.Sort(files)
	return files, err
}

func isOutsideFile(path string) bool {
	name := strings.ToLower(filepath.Base(path))
	for _, word := range []string{"license", "licence", "copying", "notice", "note.", "notes.", "readme"} {
		if strings.HasPrefix(name, word) {
			return false
		}
	}
	return slices.Contains([]string{".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt"}, filepath.Ext(name))
}

func readOutsideFile(path string) (Collection, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Collection{}, errors.Unwrap(err)
	}
	if info.Size() > maxOutsideBytes {
		return Collection{}, fmt.Errorf("holds %d MiB; at most %d are read", info.Size()>>20, maxOutsideBytes>>20)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return Collection{}, errors.Unwrap(err)
	}
	return ParseOutside(filepath.Base(path), raw)
}

// ParseOutside reads one file, its shape told by the name's ending: JSON, alone
// or one value a line, that is a text, a list, an object with the text in a
// field such as "text", "prompt", "instruction", "attack" or "payload", or an
// object of lists by kind; a table with such a column, or with a single one,
// read as tickets in a table are (see suite.ReadTable); or plain text, one a
// line, or parted by empty lines where there are any. An object that holds
// "context" and no such field is a document to hide attacks in. Text is in UTF-8,
// or in UTF-16 that says so. A shape that it does not know is an error that names
// what it found.
func ParseOutside(name string, raw []byte) (Collection, error) {
	p := outsideParser{file: name}
	var err error
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".csv", ".tsv":
		err = p.table(raw)
	case ".json", ".jsonl", ".ndjson", ".txt":
		var wrong suite.Problems
		content, ok := suite.Decode(raw, name, &wrong)
		switch {
		case !ok:
			err = firstProblem(&wrong)
		case ext == ".txt":
			err = p.lines(string(content))
		default:
			err = p.json(content)
		}
	default:
		err = errors.New("has an ending that is not known; give .json, .jsonl, .csv, .tsv or .txt")
	}
	return p.found, err
}

// firstProblem is the first of a file's problems as an error; nil without any.
func firstProblem(p *suite.Problems) error {
	var all *suite.Error
	if !errors.As(p.Err(), &all) {
		return nil
	}
	first := all.Problems[0]
	more := ""
	if all.Count > 1 {
		more = fmt.Sprintf(" (and %d more)", all.Count-1)
	}
	if first.Line > 0 {
		return fmt.Errorf("line %d %s%s", first.Line, first.Message, more)
	}
	return errors.New(first.Message + more)
}

type outsideParser struct {
	file  string
	found Collection
}

func (p *outsideParser) add(kind, s, target string) error {
	if s = strings.TrimSpace(strings.ToValidUTF8(s, "\ufffd")); text.IsBlank(s) {
		return nil
	}
	if len(p.found.Attacks) >= maxOutside {
		return errTooMany
	}
	p.found.Attacks = append(p.found.Attacks, Outside{Kind: strings.ToValidUTF8(kind, ""), Text: s, Target: target, File: p.file})
	return nil
}

// json reads one value or many, one after the other.
func (p *outsideParser) json(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	for n := 1; ; n++ {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("is no JSON at byte %d: %w", d.InputOffset(), err)
		}
		if err := p.value("", v, 0); err != nil {
			return err
		}
	}
}

func (p *outsideParser) value(kind string, v any, depth int) error {
	if depth > maxOutsideDepth {
		return fmt.Errorf("is nested deeper than %d levels; give a list of texts, or lists by kind", maxOutsideDepth)
	}
	switch v := v.(type) {
	case string:
		return p.add(kind, v, "")
	case []any:
		for _, e := range v {
			if err := p.value(kind, e, depth+1); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		return p.object(kind, v, depth)
	case nil:
		return nil
	}
	return fmt.Errorf("holds %v where a text was expected; give a list of texts, of objects with a field %s, or lists by kind", v, strings.Join(textFields()[:5], ", "))
}

func (p *outsideParser) object(kind string, v map[string]any, depth int) error {
	field := func(names []string) string {
		for _, n := range names {
			if s, ok := v[n].(string); ok && !text.IsBlank(s) {
				return s
			}
		}
		return ""
	}
	if s := field(textFields()); s != "" {
		return p.add(firstOf(field(kindFields()), kind), s, field(targetFields()))
	}
	if s, ok := v["context"].(string); ok {
		if len(p.found.Texts) < maxOutside {
			p.found.Texts = append(p.found.Texts, strings.ToValidUTF8(s, "\ufffd"))
		}
		return nil
	}
	for _, k := range slices.Sorted(maps.Keys(v)) {
		switch v[k].(type) {
		case []any, map[string]any:
			if err := p.value(firstOf(k, kind), v[k], depth+1); err != nil {
				return err
			}
		default:
			return fmt.Errorf("holds an object without a text, with the fields %s; name the text's field %s", strings.Join(slices.Sorted(maps.Keys(v)), ", "),
				strings.Join(textFields()[:5], ", "))
		}
	}
	return nil
}

func (p *outsideParser) table(raw []byte) error {
	var wrong suite.Problems
	t := suite.ReadTable(raw, p.file, slices.Concat(textFields(), kindFields(), targetFields()), &wrong)
	if err := firstProblem(&wrong); err != nil {
		return err
	}
	for _, n := range t.Notes {
		p.found.Notes = append(p.found.Notes, n.Message)
	}
	column, kind, target := columnOf(t.Header, textFields()), columnOf(t.Header, kindFields()), columnOf(t.Header, targetFields())
	switch {
	case len(t.Header) == 0:
		return nil
	case column < 0 && len(t.Header) > 1:
		return fmt.Errorf("has the columns %s; name the one that holds the text %s, and those that tell of it, if any, %s and %s",
			say.Clip(strings.Join(t.Header, ", "), 200), orList(textFields()), kindFields()[0], targetFields()[0])
	case column < 0:
		p.found.Notes = append(p.found.Notes, "its one column has no name that is known, so the first row was read as a text, too")
		column, kind, target = 0, -1, -1
		t.Rows = slices.Insert(t.Rows, 0, suite.TableRow{Fields: t.Header})
	}
	for _, row := range t.Rows {
		if err := p.add(cell(row.Fields, kind), cell(row.Fields, column), cell(row.Fields, target)); err != nil {
			return err
		}
	}
	return nil
}

func orList(words []string) string {
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func columnOf(header, names []string) int {
	for _, n := range names {
		if i := slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), n) }); i >= 0 {
			return i
		}
	}
	return -1
}

func cell(record []string, i int) string {
	if i < 0 || i >= len(record) {
		return ""
	}
	return record[i]
}

func (p *outsideParser) lines(s string) error {
	s = strings.TrimSpace(s)
	border := "\n"
	if strings.Contains(s, "\n\n") {
		border = "\n\n"
	}
	for part := range strings.SplitSeq(s, border) {
		if err := p.add("", part, ""); err != nil {
			return err
		}
	}
	return nil
}
