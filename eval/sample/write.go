package sample

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
)

// Names of the files beside those of the suite.
const (
	ReportFile = "sample.json"
	ReadmeFile = "README.md"
)

// CheckFolder fails with a sentence for people when dir holds anything.
func CheckFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at the folder to write: %w", err)
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty, and a sample never overwrites; name another folder", dir)
	}
	return nil
}

// Write makes dir with the suite in it: tickets, a description, the report, and
// the articles when given. The folder is there whole or not at all. It fails
// when dir holds anything.
func (h *Suite) Write(dir string, articles []byte) (err error) {
	files := map[string][]byte{ReadmeFile: []byte(h.readme(len(articles) > 0))}
	if files[suite.TicketsFile], err = lines(h.Cases); err != nil {
		return err
	}
	if len(articles) > 0 {
		files[suite.KnowledgeFile] = articles
		if h.Report.KnowledgeHash, err = suite.KnowledgeHash(bytes.NewReader(articles), int64(len(articles))); err != nil {
			return err
		}
	}
	if files[ReportFile], err = json.MarshalIndent(h.Report, "", "  "); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	files[ReportFile] = append(files[ReportFile], '\n')
	return writeFolder(dir, files)
}

func lines(cases []Case) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for i := range cases {
		if err := e.Encode(&cases[i]); err != nil {
			return nil, fmt.Errorf("write the tickets: %w", err)
		}
	}
	return b.Bytes(), nil
}

// writeFolder makes a folder beside its place and moves it there when it is
// whole.
func writeFolder(dir string, files map[string][]byte) (err error) {
	if err := CheckFolder(dir); err != nil {
		return err
	}
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	half, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".")
	if err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(half))
		}
	}()
	for name, content := range files {
		if err := disk.Write(filepath.Join(half, name), content); err != nil {
			return err
		}
	}
	// An empty folder of that name makes way; one that was filled meanwhile does
	// not.
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not empty any more, and a sample never overwrites; name another folder", dir)
	}
	if err := os.Rename(half, dir); err != nil {
		return fmt.Errorf("put the folder in its place: %w", err)
	}
	return nil
}

func (h *Suite) readme(articles bool) string {
	var b strings.Builder
	b.WriteString("# A suite made of what happened\n\n")
	fmt.Fprintf(&b, "%d cases stand for %d messages that could have been answered, written from %s up to %s.\n\n", h.Report.Cases, h.Report.Population,
		h.Report.Begin.Format("2006-01-02 15:04 MST"), h.Report.End.Format("2006-01-02 15:04 MST"))
	b.WriteString("Before anything else:\n\n")
	for _, w := range h.Report.Warnings {
		b.WriteString("- " + w + "\n")
	}
	b.WriteString("\n- `tickets.jsonl`: the cases. `weight` is how many messages one stands for. `expect` is `open` where what people did does not tell; " +
		"`review` then says what to decide and `candidates` names articles that were found at the time. Fill in `expect` (and `gold_ids` or `reason`), " +
		"and drop `review` and the tag of that name. `gold_reply` is the text that was sent.\n")
	if articles {
		b.WriteString("- `kb.jsonl`: the articles as they were published when the suite was made, which may be other than when the replies were written.\n")
	} else {
		b.WriteString("- The articles are not here: run it with `--workspace`, or put `kb.jsonl` here with `purser eval snapshot`.\n")
	}
	b.WriteString("- `sample.json`: what was sampled and what was replaced by pseudonyms, by kind.\n\n")
	b.WriteString("| stratum | messages | cases | weight |\n|---|---|---|---|\n")
	for _, s := range h.Report.Strata {
		fmt.Fprintf(&b, "| %s | %d | %d | %.2f |\n", s.Name, s.Population, s.Sampled, s.Weight)
	}
	return b.String()
}
