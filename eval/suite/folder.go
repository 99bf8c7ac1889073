package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/knowledge"
)

// Read reads a folder that holds TicketsFile (or tickets.yaml, .yml, .csv, .tsv)
// and KnowledgeFile (or KnowledgeDir). It fails with *Error, which names files
// and lines. Whether the gold articles exist is known once the knowledge is
// read: see CheckGold.
func Read(dir string) (Suite, error) { return readFolder(dir, true) }

// ReadWithoutKnowledge is Read for a suite that runs on knowledge of another
// place: what stands in the folder is left alone, and Knowledge and
// KnowledgeHash are empty.
func ReadWithoutKnowledge(dir string) (Suite, error) { return readFolder(dir, false) }

func readFolder(dir string, withKnowledge bool) (Suite, error) {
	var p Problems
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.Add(knowledge.ProblemUnreadable, dir, 0, "there is no such folder; name one that holds %s and %s", TicketsFile, KnowledgeFile)
		return Suite{}, p.Err()
	case err != nil:
		return Suite{}, fmt.Errorf("look at the suite: %w", err)
	case !info.IsDir():
		p.Add(knowledge.ProblemUnreadable, dir, 0, "is a file; name the folder that holds %s and %s", TicketsFile, KnowledgeFile)
		return Suite{}, p.Err()
	}
	s := Suite{Name: nameOf(dir)}
	if withKnowledge {
		if s.Knowledge, s.KnowledgeHash, err = hashKnowledge(dir, &p); err != nil {
			return Suite{}, err
		}
		if filepath.Base(s.Knowledge) == KnowledgeFile && isFolder(filepath.Join(dir, KnowledgeDir)) {
			s.Notes = []knowledge.Problem{{
				Kind: ProblemUnread, Severity: knowledge.SeverityWarning, Origin: KnowledgeFile,
				Message: fmt.Sprintf("stands beside the folder %q, whose articles are not read; keep one of them", KnowledgeDir),
			}}
		}
	}
	return s.readTickets(dir, findTickets(dir, &p), &p)
}

// ReadTickets reads a single file of tickets (.jsonl, .yaml, .yml, .csv or .tsv), to
// be run on a workspace that is named otherwise. It fails with *Error.
func ReadTickets(path string) (Suite, error) {
	s := Suite{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	return s.readTickets(filepath.Dir(path), filepath.Base(path), &Problems{})
}

// readTickets is the suite with the tickets of a file, unless something is wrong.
func (s *Suite) readTickets(dir, name string, p *Problems) (Suite, error) {
	if name != "" && isOrdinary(dir, name, p) {
		if raw, ok := ReadFile(dir, name, p); ok {
			sum := sha256.Sum256(raw)
			s.Hash = hex.EncodeToString(sum[:])
			cases, notes := parseTickets(raw, name, p)
			s.Cases, s.Notes = cases, append(s.Notes, notes...)
		}
	}
	if err := p.Err(); err != nil {
		return Suite{}, err
	}
	return *s, nil
}

// findTickets names the file that holds the suite's tickets.
func findTickets(dir string, p *Problems) string {
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
		p.Add(knowledge.ProblemDuplicateKey, found[0], 0, "stands beside %s; keep one file of tickets", strings.Join(found[1:], " and "))
		return ""
	}
}

func nameOf(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Base(dir)
}

// ReadFile reads a file of at most 256 MiB; what is wrong with it goes to p, and
// ok is false then.
func ReadFile(dir, name string, p *Problems) (raw []byte, ok bool) {
	file := filepath.Join(dir, name)
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.Add(knowledge.ProblemUnreadable, name, 0, "is missing in the folder; put the suite's tickets there, one JSON object a line, or tickets.yaml, or tickets.csv")
		return nil, false
	case err == nil && info.Size() > maxBytes:
		p.Add(knowledge.ProblemTooLarge, name, 0, "holds %d MiB; at most %d are read", info.Size()>>20, maxBytes>>20)
		return nil, false
	case err == nil && info.IsDir():
		p.Add(knowledge.ProblemUnreadable, name, 0, "is a folder; it must be a file")
		return nil, false
	}
	raw, err = readMost(file)
	switch {
	case err != nil:
		p.Add(knowledge.ProblemUnreadable, name, 0, "can't be read: %v", errors.Unwrap(err))
		return nil, false
	case len(raw) > maxBytes: // a pipe does not say how much it gives
		p.Add(knowledge.ProblemTooLarge, name, 0, "holds more than %d MiB; at most that is read", maxBytes>>20)
		return nil, false
	}
	return raw, true
}

func readMost(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // opened for reading: nothing is lost
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}

// isOrdinary reports whether a file of a suite can be read again and again, and
// at once: a pipe gives what it has only one time, and waits for somebody to
// write. What is not there, or is a folder, is for others to tell.
func isOrdinary(dir, name string, p *Problems) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	if err != nil || info.IsDir() || info.Mode().IsRegular() {
		return true
	}
	p.Add(knowledge.ProblemUnreadable, name, 0, "is no ordinary file but a pipe or a device; save what it gives to a file")
	return false
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
