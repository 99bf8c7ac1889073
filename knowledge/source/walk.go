package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/purser-desk/purser/knowledge"
)

// format is a kind of file that there is a reader for.
type format int

const (
	formatUnknown format = iota
	formatMarkdown
	formatCSV
	formatJSONL
)

func formatOf(name string) format {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown":
		return formatMarkdown
	case ".csv", ".tsv":
		return formatCSV
	case ".jsonl", ".ndjson":
		return formatJSONL
	default:
		return formatUnknown
	}
}

// unknownFormat says what to do about a kind of file that is not read.
func unknownFormat(ext string) string {
	const known = ".md, .markdown, .csv, .tsv, .jsonl and .ndjson files"
	switch strings.ToLower(ext) {
	case ".json":
		return "A .json file is not read: write JSON lines, one article on each line, into a .jsonl file (jq -c '.[]' makes them of an array)."
	case ".xlsx", ".xls", ".ods", ".numbers":
		return "A spreadsheet is not read: export it as CSV in UTF-8."
	case ".txt", ".text":
		return "A plain text file is not read: give it the ending .md."
	case "":
		return "A file without an ending is not read: Purser reads " + known + "."
	default:
		return "A file of the kind " + quote(ext) + " is not read: Purser reads " + known + "."
	}
}

// folder reads a folder and what is in it. around holds the folder itself and
// those it was reached through.
func (r *reader) folder(ctx context.Context, dir, shown string, around []fs.FileInfo) error {
	if r.folders++; r.folders > r.limits.Folders || len(around) > r.limits.Depth {
		if !r.full {
			r.full = true
			r.problem(knowledge.ProblemTooLarge, shown, 0,
				"This import has more than %d folders, or more than %d inside each other: import its parts one by one, or remove links that multiply them.",
				r.limits.Folders, r.limits.Depth)
		}
		return nil
	}
	entries, err := fs.ReadDir(r.fsys, dir)
	if err != nil {
		r.unreadable(shown, err)
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.full {
			return nil
		}
		if isHidden(e.Name()) {
			continue
		}
		if err := r.entry(ctx, path.Join(dir, e.Name()), path.Join(shown, e.Name()), e, around); err != nil {
			return err
		}
	}
	return nil
}

func isHidden(name string) bool {
	switch name {
	case "CVS", "RCS", "_darcs", "node_modules", "__MACOSX":
		return true
	}
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$")
}

func (r *reader) entry(ctx context.Context, name, shown string, e fs.DirEntry, around []fs.FileInfo) error {
	link := e.Type()&fs.ModeSymlink != 0
	info, err := e.Info()
	if link {
		info, err = fs.Stat(r.fsys, name)
	}
	switch {
	case err != nil && link && path.Ext(name) != "" && formatOf(name) == formatUnknown:
		r.skipped.add(unknownFormat(path.Ext(name)), shown, 0)
	case err != nil && link:
		r.deadLink(name, shown, err)
	case err != nil:
		r.unreadable(shown, err)
	case info.IsDir():
		for _, a := range around {
			if link && os.SameFile(a, info) {
				r.problem(knowledge.ProblemLinkLoop, shown, 0, "This link leads back to a folder that it stands in, so it was not followed: remove it.")
				return nil
			}
		}
		return r.folder(ctx, name, shown, append(around[:len(around):len(around)], info))
	case formatOf(name) == formatUnknown:
		r.skipped.add(unknownFormat(path.Ext(name)), shown, 0)
	default:
		return r.file(ctx, name, shown, info)
	}
	return nil
}

// deadLink tells why a symbolic link can't be followed.
func (r *reader) deadLink(name, shown string, err error) {
	switch {
	case errors.Is(err, syscall.ELOOP):
		r.problem(knowledge.ProblemLinkLoop, shown, 0, "This link leads to itself, so it was not followed: remove it.")
	case errors.Is(err, fs.ErrNotExist):
		r.problem(knowledge.ProblemUnreadable, shown, 0, "This link leads to nothing: remove it, or put back what it led to.")
	case errors.Is(err, fs.ErrPermission):
		r.unreadable(shown, err)
	default:
		to, linkErr := fs.ReadLink(r.fsys, name)
		if linkErr != nil {
			to = "another place"
		}
		r.problem(knowledge.ProblemUnreadable, shown, 0,
			"This link leads out of the imported folder, to %s, and was not followed: copy what it leads to into the folder, or import that place by itself.", quote(to))
	}
}

// file reads one file of a known format.
func (r *reader) file(ctx context.Context, name, shown string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		r.problem(knowledge.ProblemUnreadable, shown, 0, "This is not an ordinary file: save what it gives to one and import that.")
		return nil
	}
	if info.Size() > r.limits.FileBytes {
		r.tooLarge(shown)
		return nil
	}
	raw, err := r.readAll(ctx, name)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.unreadable(shown, err)
		return nil
	}
	if int64(len(raw)) > r.limits.FileBytes {
		r.tooLarge(shown)
		return nil
	}
	r.result.Files++
	r.result.Bytes += int64(len(raw))
	if r.result.Bytes > r.limits.TotalBytes {
		r.full = true
		r.problem(knowledge.ProblemTooLarge, shown, 0, "The files of this import together have more than %s: import their folders one by one.", size(r.limits.TotalBytes))
		return nil
	}
	content, ok := r.decode(shown, raw)
	if ok {
		switch formatOf(name) {
		case formatMarkdown:
			r.markdown(shown, content)
		case formatCSV:
			err = r.csv(ctx, shown, content)
		case formatJSONL:
			err = r.jsonl(ctx, shown, content)
		case formatUnknown:
		}
	}
	r.progress(shown, true)
	return err
}

func (r *reader) tooLarge(shown string) {
	r.problem(knowledge.ProblemTooLarge, shown, 0, "This file has more than %s: split it into smaller ones.", size(r.limits.FileBytes))
}

func (r *reader) readAll(ctx context.Context, name string) ([]byte, error) {
	f, err := r.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // opened for reading: nothing is lost
	return io.ReadAll(io.LimitReader(cancellable{ctx.Err, f}, r.limits.FileBytes+1))
}

// cancellable stops reading, from a slow disk or network, once stop returns an
// error.
type cancellable struct {
	stop func() error
	r    io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.stop(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
