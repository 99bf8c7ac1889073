package redteam

import (
	"bytes"
	"encoding/csv"
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
// .csv and .txt; ParseOutside says in what shapes. In a folder other files, and
// those named as licences and notes, are passed over.
func ReadOutside(paths ...string) (Collection, error) {
	var all Collection
	for _, path := range paths {
		files, err := outsideFiles(path)
		if err != nil {
			return Collection{}, err
		}
		for _, file := range files {
			c, err := readOutsideFile(file)
			if err != nil {
				return Collection{}, fmt.Errorf("%s: %w", file, err)
			}
			all.Attacks, all.Texts = append(all.Attacks, c.Attacks...), append(all.Texts, c.Texts...)
		}
	}
	if len(all.Attacks) == 0 && len(paths) > 0 {
		return Collection{}, fmt.Errorf("%s: no text was found; give files that end in .json, .jsonl, .csv or .txt", strings.Join(paths, ", "))
	}
	return all, nil
}

func outsideFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file or folder; name one that holds attacks", path)
	case err != nil:
		return nil, fmt.Errorf("look at the attacks: %w", err)
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
	return slices.Contains([]string{".json", ".jsonl", ".ndjson", ".csv", ".txt"}, filepath.Ext(name))
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
// object of lists by kind; CSV with such a column, or with a single one; or
// plain text, one a line, or parted by empty lines where there are any. An object
// that holds "context" and no such field is a document to hide attacks in. A
// shape that it does not know is an error that names what it found.
func ParseOutside(name string, raw []byte) (Collection, error) {
	p := outsideParser{file: name}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	var err error
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json", ".jsonl", ".ndjson":
		err = p.json(raw)
	case ".csv":
		err = p.csv(raw)
	case ".txt":
		err = p.lines(string(raw))
	default:
		err = errors.New("has an ending that is not known; give .json, .jsonl, .csv or .txt")
	}
	return p.found, err
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
			if s, ok := v[n].(string); ok {
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

func (p *outsideParser) csv(raw []byte) error {
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	column, kind, target := -1, -1, -1
	for n := 0; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("is no CSV: %w", err)
		}
		if n == 0 {
			column, kind, target = columnOf(record, textFields()), columnOf(record, kindFields()), columnOf(record, targetFields())
			switch {
			case column >= 0:
				continue
			case len(record) > 1:
				return fmt.Errorf("has the columns %s; name the one that holds the text %s", strings.Join(record, ", "), strings.Join(textFields()[:5], ", "))
			}
			column = 0
		}
		if err := p.add(cell(record, kind), cell(record, column), cell(record, target)); err != nil {
			return err
		}
	}
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
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
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
