package kind

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/purser-desk/purser/suggest"
)

// Example is a sentence whose kind is known.
type Example struct {
	Sentence string
	// Language is a BCP 47 tag.
	Language string
	// Batch names what was written together: section and domain, such as
	// "closing bank". In another language the same batch holds sentences of like
	// meaning.
	Batch string
	// Held marks batches that were written to test with, and are left out while
	// penalties and thresholds are chosen.
	Held bool
	Kind suggest.ClaimKind
	// NeedsSource, Action, Promise and Liability are as in Result.
	NeedsSource, Action, Promise, Liability bool
}

//go:embed examples
var examples embed.FS

// Examples are all that the package has, in order of language and file.
func Examples() ([]Example, error) {
	files, err := fs.Glob(examples, "examples/*.txt")
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var out []Example
	for _, name := range files {
		f, err := examples.Open(name)
		if err != nil {
			return nil, err
		}
		read, err := ReadExamples(f, strings.TrimSuffix(path.Base(name), ".txt"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, read...)
	}
	return out, nil
}

// ReadExamples reads sentences of one language, one a line, in sections whose first
// line is "[section domain]" or "[section domain held]". A section is a kind in
// lower case, or action, promise or liability, which are statements. Before a
// sentence may stand letters and "| ": A, P and L for action, promise and
// liability, S where it needs a source though its kind does not, N the other way
// round.
func ReadExamples(r io.Reader, language string) ([]Example, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var out []Example
	var section Example
	for n, line := range strings.Split(string(raw), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "["):
			if section, err = readSection(line, language); err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
		case section.Kind == "":
			return nil, fmt.Errorf("line %d: a sentence stands before the first section", n+1)
		default:
			e, err := section.read(line)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			out = append(out, e)
		}
	}
	return out, nil
}

func readSection(line, language string) (Example, error) {
	words := strings.Fields(strings.Trim(line, "[]"))
	if len(words) < 2 || len(words) > 3 || (len(words) == 3 && words[2] != "held") || !strings.HasSuffix(line, "]") {
		return Example{}, fmt.Errorf("%q is not [section domain] or [section domain held]", line)
	}
	e := Example{Language: language, Batch: words[0] + " " + words[1], Held: len(words) == 3}
	switch words[0] {
	case "action", "promise", "liability":
		e.Kind = suggest.ClaimStatement
	default:
		e.Kind = suggest.ClaimKind(strings.ToUpper(strings.ReplaceAll(words[0], "-", "_")))
	}
	if !slices.Contains(suggest.ClaimKinds(), e.Kind) {
		return Example{}, fmt.Errorf("there is no kind %q", words[0])
	}
	e.NeedsSource = e.Kind.Says()
	return e, nil
}

func (e Example) read(line string) (Example, error) {
	e.Sentence = line
	marks, rest, found := strings.Cut(line, "| ")
	if !found || marks == "" || strings.Trim(marks, "APLSN") != "" {
		return e, nil
	}
	e.Sentence = rest
	for _, m := range marks {
		switch m {
		case 'A':
			e.Action = true
		case 'P':
			e.Promise = true
		case 'L':
			e.Liability = true
		case 'S':
			e.NeedsSource = true
		case 'N':
			e.NeedsSource = false
		}
	}
	if e.Sentence == "" {
		return e, fmt.Errorf("no sentence stands behind %q", marks)
	}
	return e, nil
}
