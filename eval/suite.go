package eval

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
)

// Names of the files of a suite.
const (
	TicketsFile   = "tickets.jsonl"
	KnowledgeFile = "kb.jsonl"
	// KnowledgeDir may stand in place of KnowledgeFile: a folder of articles.
	KnowledgeDir = "kb"
)

// MaxSuiteBytes bounds one file of a suite.
const MaxSuiteBytes = 256 << 20

// Suite is a set of cases with the knowledge they run on.
type Suite struct {
	// Name is the folder's own name.
	Name string
	// Hash tells suites apart: SHA-256 over the tickets as they stand in the
	// file, hexadecimal.
	Hash string
	// Knowledge is the file or folder to import; KnowledgeHash tells its
	// content, so that an imported workspace can be kept and used again.
	Knowledge     string
	KnowledgeHash string
	Cases         []Case
	// Notes are what reading found that is no error, such as a field that nothing
	// reads.
	Notes []knowledge.Problem
}

// SuiteError says what is wrong with a suite, place by place.
type SuiteError struct {
	Problems []knowledge.Problem
	// Count is how many there are; Problems holds at most 20.
	Count int
}

// maxProblems is how many problems are named one by one.
const maxProblems = 20

func (e *SuiteError) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	for _, p := range e.Problems {
		lines = append(lines, p.Error())
	}
	if more := e.Count - len(e.Problems); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// problems gathers what is wrong.
type problems struct{ SuiteError }

func (p *problems) add(kind knowledge.ProblemKind, origin string, line int, format string, args ...any) {
	p.Count++
	if len(p.Problems) < maxProblems {
		p.Problems = append(p.Problems, knowledge.Problem{
			Kind: kind, Severity: knowledge.SeverityError, Origin: origin, Line: line,
			Message: fmt.Sprintf(format, args...),
		})
	}
}

func (p *problems) err() error {
	if p.Count == 0 {
		return nil
	}
	return &p.SuiteError
}

// ReadSuite reads a folder that holds TicketsFile (or tickets.yaml, or
// tickets.csv) and KnowledgeFile (or KnowledgeDir). It fails with *SuiteError, which names files and lines.
// Whether the gold articles exist is known once the knowledge is read: see
// CheckGold.
func ReadSuite(dir string) (Suite, error) { return readFolder(dir, true) }

// ReadSuiteTickets is ReadSuite for a suite that runs on knowledge of another
// place: what stands in the folder is left alone, and Knowledge and
// KnowledgeHash are empty.
func ReadSuiteTickets(dir string) (Suite, error) { return readFolder(dir, false) }

func readFolder(dir string, withKnowledge bool) (Suite, error) {
	var p problems
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.add(knowledge.ProblemUnreadable, dir, 0, "there is no such folder; name one that holds %s and %s", TicketsFile, KnowledgeFile)
		return Suite{}, p.err()
	case err != nil:
		return Suite{}, fmt.Errorf("look at the suite: %w", err)
	case !info.IsDir():
		p.add(knowledge.ProblemUnreadable, dir, 0, "is a file; name the folder that holds %s and %s", TicketsFile, KnowledgeFile)
		return Suite{}, p.err()
	}
	s := Suite{Name: nameOf(dir)}
	if withKnowledge {
		if s.Knowledge, s.KnowledgeHash, err = hashKnowledge(dir, &p); err != nil {
			return Suite{}, err
		}
	}
	s.readTickets(dir, findTickets(dir, &p), &p)
	if err := p.err(); err != nil {
		return Suite{}, err
	}
	return s, nil
}

// ReadTickets reads a single file of tickets (.jsonl, .yaml, .yml or .csv), to
// be run on a workspace that is named otherwise. It fails with *SuiteError.
func ReadTickets(path string) (Suite, error) {
	var p problems
	s := Suite{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	s.readTickets(filepath.Dir(path), filepath.Base(path), &p)
	if err := p.err(); err != nil {
		return Suite{}, err
	}
	return s, nil
}

func (s *Suite) readTickets(dir, name string, p *problems) {
	if name == "" {
		return
	}
	if raw, ok := readFile(dir, name, p); ok {
		sum := sha256.Sum256(raw)
		s.Hash = hex.EncodeToString(sum[:])
		s.Cases, s.Notes = parseTickets(raw, name, p)
	}
}

// findTickets names the file that holds the suite's tickets.
func findTickets(dir string, p *problems) string {
	var found []string
	for _, name := range ticketFiles() {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 0:
		return TicketsFile // whose absence is then told
	case 1:
		return found[0]
	default:
		p.add(knowledge.ProblemDuplicateKey, found[0], 0, "stands beside %s; keep one file of tickets", strings.Join(found[1:], " and "))
		return ""
	}
}

func nameOf(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Base(dir)
}

func readFile(dir, name string, p *problems) ([]byte, bool) {
	file := filepath.Join(dir, name)
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.add(knowledge.ProblemUnreadable, name, 0, "is missing in the folder; put the suite's tickets there, one JSON object a line, or tickets.yaml, or tickets.csv")
		return nil, false
	case err == nil && info.Size() > MaxSuiteBytes:
		p.add(knowledge.ProblemTooLarge, name, 0, "holds %d MiB; at most %d are read", info.Size()>>20, MaxSuiteBytes>>20)
		return nil, false
	case err == nil && info.IsDir():
		p.add(knowledge.ProblemUnreadable, name, 0, "is a folder; it must be a file")
		return nil, false
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		p.add(knowledge.ProblemUnreadable, name, 0, "can't be read: %v", errors.Unwrap(err))
		return nil, false
	}
	return raw, true
}

// hashKnowledge finds the suite's knowledge and hashes its content: each
// file's path and bytes, in the order of the paths.
func hashKnowledge(dir string, p *problems) (where, hash string, err error) {
	file, folder := filepath.Join(dir, KnowledgeFile), filepath.Join(dir, KnowledgeDir)
	where = file
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if !isFolder(folder) {
			p.add(knowledge.ProblemUnreadable, KnowledgeFile, 0, "is missing in the folder; put the articles there, one JSON object a line, or Markdown files into a folder %q", KnowledgeDir)
			return "", "", nil
		}
		where = folder
	}
	files := []string{where} // which may be a link
	if isFolder(where) {
		files = nil
		err = filepath.WalkDir(where, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				files = append(files, path)
			}
			return err
		})
	}
	if err != nil {
		return "", "", fmt.Errorf("look at the suite's knowledge: %w", err)
	}
	slices.Sort(files)
	sum := sha256.New()
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return "", "", fmt.Errorf("read the suite's knowledge: %w", err)
		}
		name, err := filepath.Rel(dir, f)
		if err != nil {
			name = f
		}
		// A hash never fails to be written to.
		_, _ = fmt.Fprintf(sum, "%s\x00%d\x00", filepath.ToSlash(name), len(raw))
		_, _ = sum.Write(raw)
	}
	return where, hex.EncodeToString(sum.Sum(nil)), nil
}

// Holds tells whether path is, or would be, the suite's tickets or articles, so
// that nothing is written over them.
func Holds(dir, path string) bool {
	in, err := filepath.Rel(unlinked(dir), filepath.Join(unlinked(filepath.Dir(path)), filepath.Base(path)))
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(filepath.ToSlash(in), "/")
	return in == KnowledgeFile || first == KnowledgeDir || slices.Contains(ticketFiles(), in)
}

// unlinked is a path as it is without links, as far as it is there.
func unlinked(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return disk.Followed(path)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// CheckGold finds cases whose gold articles the knowledge does not hold. It
// fails with *SuiteError.
func (s *Suite) CheckGold(keys map[string]bool) error {
	var p problems
	for i := range s.Cases {
		c := &s.Cases[i]
		file, line := splitOrigin(c.Origin)
		for _, id := range c.GoldIDs {
			if !keys[id] {
				p.add(knowledge.ProblemInvalidField, file, line, "case %q: %s", c.ID, noGold(id, keys))
			}
		}
		for _, id := range c.ExcludeIDs {
			if !keys[id] {
				p.add(knowledge.ProblemInvalidField, file, line,
					"case %q: there is no article %q to hide in the knowledge; correct exclude_ids", c.ID, id)
			}
		}
	}
	return p.err()
}

// noGold says that a gold article is not there, and which may have been meant.
func noGold(id string, keys map[string]bool) string {
	hint := say.Alike(id, slices.Sorted(maps.Keys(keys)))
	if !strings.HasPrefix(hint, "; did you mean") {
		hint = "; correct gold_ids or add the article"
	}
	return fmt.Sprintf("gold article %q is not in the knowledge%s", id, hint)
}

// Keys are the keys of the documents, for CheckGold.
func Keys(docs []knowledge.Document) map[string]bool {
	keys := make(map[string]bool, len(docs))
	for i := range docs {
		keys[docs[i].Key] = true
	}
	return keys
}
