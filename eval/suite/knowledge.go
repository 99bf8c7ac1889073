package suite

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/purser-desk/purser/knowledge"
)

// article is one line of KnowledgeFile: all of an article that search and
// drafting look at.
type article struct {
	ID         string    `json:"id"`
	Lang       string    `json:"lang"`
	Title      string    `json:"title"`
	Body       string    `json:"body"`
	Labels     []string  `json:"labels,omitempty"`
	URL        string    `json:"url,omitempty"`
	Kind       string    `json:"kind,omitempty"`
	ValidFrom  time.Time `json:"valid_from,omitzero"`
	ValidUntil time.Time `json:"valid_until,omitzero"`
}

// KnowledgeWriter writes articles in the format of KnowledgeFile, one at a time.
// The same articles in the same order give the same bytes.
type KnowledgeWriter struct {
	out   *bufio.Writer
	lines *json.Encoder
}

// NewKnowledgeWriter makes one; Flush it at the end.
func NewKnowledgeWriter(w io.Writer) *KnowledgeWriter {
	k := &KnowledgeWriter{out: bufio.NewWriterSize(w, 1<<16)}
	k.lines = json.NewEncoder(k.out)
	k.lines.SetEscapeHTML(false)
	return k
}

// Write writes an article, which is a Markdown text.
func (k *KnowledgeWriter) Write(d *knowledge.Document) error {
	kind := d.Kind
	if kind == knowledge.KindAnswer {
		kind = ""
	}
	err := k.lines.Encode(article{
		ID: d.Key, Lang: d.Locale, Title: d.Title, Body: d.Body, Labels: d.Labels, URL: d.URL, Kind: string(kind),
		ValidFrom: d.ValidFrom.UTC(), ValidUntil: d.ValidUntil.UTC(),
	})
	if err != nil {
		return fmt.Errorf("write an article: %w", err)
	}
	return nil
}

// Flush writes what is left.
func (k *KnowledgeWriter) Flush() error {
	if err := k.out.Flush(); err != nil {
		return fmt.Errorf("write the articles: %w", err)
	}
	return nil
}

// KnowledgeHash is what a suite that holds these bytes as KnowledgeFile has as
// Suite.KnowledgeHash; size is how many there are.
func KnowledgeHash(content io.Reader, size int64) (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%s\x00%d\x00", KnowledgeFile, size) // a hash never fails
	n, err := io.Copy(sum, content)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", fmt.Errorf("hash the articles: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// hashKnowledge finds the suite's knowledge and hashes its content: each
// file's path and bytes, or where the link there leads, in the order of the
// paths.
func hashKnowledge(dir string, p *Problems) (where, hash string, err error) {
	file, folder := filepath.Join(dir, KnowledgeFile), filepath.Join(dir, KnowledgeDir)
	where = file
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if !isFolder(folder) {
			p.Add(knowledge.ProblemUnreadable, KnowledgeFile, 0, "is missing in the folder; put the articles there, one JSON object a line, or Markdown files into a folder %q", KnowledgeDir)
			return "", "", nil
		}
		where = folder
	}
	if !isOrdinary(dir, filepath.Base(where), p) {
		return "", "", nil
	}
	root, err := filepath.EvalSymlinks(where)
	if err != nil {
		return "", "", fmt.Errorf("look at the suite's knowledge: %w", err)
	}
	files, links, err := filesUnder(root)
	if err != nil {
		return "", "", fmt.Errorf("look at the suite's knowledge: %w", err)
	}
	sum := sha256.New()
	for _, f := range files {
		raw := []byte("-> " + links[f])
		if links[f] == "" {
			if raw, err = os.ReadFile(f); err != nil {
				return "", "", fmt.Errorf("read the suite's knowledge: %w", err)
			}
		}
		name, err := filepath.Rel(root, f)
		if err != nil {
			return "", "", fmt.Errorf("look at the suite's knowledge: %w", err)
		}
		// A hash never fails to be written to.
		_, _ = fmt.Fprintf(sum, "%s\x00%d\x00", filepath.ToSlash(filepath.Join(filepath.Base(where), name)), len(raw))
		_, _ = sum.Write(raw)
	}
	return where, hex.EncodeToString(sum.Sum(nil)), nil
}

// filesUnder are the files and links in a folder, sorted, and where the links
// lead: to what is in the folder, too, for what is not is not read. A file is
// under itself.
func filesUnder(root string) (files []string, links map[string]string, err error) {
	links = map[string]string{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Type()&fs.ModeSymlink != 0:
			links[path], err = os.Readlink(path)
			files = append(files, path)
		case d.Type().IsRegular():
			files = append(files, path)
		}
		return err
	})
	slices.Sort(files)
	return files, links, err
}
