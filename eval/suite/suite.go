package suite

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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

// maxBytes bounds one file of a suite.
const maxBytes = 256 << 20

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

// Error says what is wrong with a suite, place by place.
type Error struct {
	Problems []knowledge.Problem
	// Count is how many there are; Problems holds at most 1,000.
	Count int
}

// keptProblems bounds what is kept of a file that is no suite at all.
const keptProblems = 1000

// MaxNamed is how many problems are named one by one where nobody asked for all
// of them.
const MaxNamed = 20

func (e *Error) Error() string {
	named := e.Problems[:min(MaxNamed, len(e.Problems))]
	lines := make([]string, 0, len(named)+1)
	for _, p := range named {
		lines = append(lines, p.Error())
	}
	if more := e.Count - len(named); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// Problems gathers what is wrong while files are read.
type Problems struct{ found Error }

// Add notes a problem of a file; line 0 means all of it.
func (p *Problems) Add(kind knowledge.ProblemKind, origin string, line int, format string, args ...any) {
	p.found.Count++
	if len(p.found.Problems) < keptProblems {
		p.found.Problems = append(p.found.Problems, knowledge.Problem{
			Kind: kind, Severity: knowledge.SeverityError, Origin: origin, Line: line,
			Message: fmt.Sprintf(format, args...),
		})
	}
}

// Err is an *Error when there were problems, else nil.
func (p *Problems) Err() error {
	if p.found.Count == 0 {
		return nil
	}
	return &p.found
}

// CheckGold finds cases whose gold articles the knowledge does not hold. It
// fails with *Error.
func (s *Suite) CheckGold(keys map[string]bool) error {
	var p Problems
	for i := range s.Cases {
		c := &s.Cases[i]
		file, line := splitOrigin(c.Origin)
		for _, what := range c.missing(keys) {
			p.Add(knowledge.ProblemInvalidField, file, line, "case %q: %s", c.ID, what)
		}
	}
	return p.Err()
}

// missing says which articles that the case names are not there, and which may
// have been meant.
func (c *Case) missing(keys map[string]bool) (out []string) {
	for _, id := range c.GoldIDs {
		if !keys[id] {
			hint := say.Alike(id, slices.Sorted(maps.Keys(keys)))
			if !strings.HasPrefix(hint, "; did you mean") {
				hint = "; correct gold_ids or add the article"
			}
			out = append(out, fmt.Sprintf("gold article %q is not in the knowledge%s", id, hint))
		}
	}
	for _, id := range c.ExcludeIDs {
		if !keys[id] {
			out = append(out, fmt.Sprintf("there is no article %q to hide in the knowledge; correct exclude_ids", id))
		}
	}
	return out
}

// Keys are the keys of the documents, for CheckGold.
func Keys(docs []knowledge.Document) map[string]bool {
	keys := make(map[string]bool, len(docs))
	for i := range docs {
		keys[docs[i].Key] = true
	}
	return keys
}
