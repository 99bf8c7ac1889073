// Package source reads articles from files: folders of Markdown with front
// matter, CSV as spreadsheets export it, and JSON lines. It turns whatever
// encoding and dialect it meets into clean documents, and everything that is
// wrong into problems that tell an editor where and what to do.
//
// It never writes, never follows a link out of the folder it was given, and
// never decides whether an import goes ahead: a caller that sees an error among
// the problems applies nothing.
package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// Limits bounds what is read. A zero field stands for its default.
type Limits struct {
	FileBytes  int64 // of one file; 64 MiB
	TotalBytes int64 // of all files together; 1 GiB
	BodyBytes  int   // of one document's body, as UTF-8; 1 MiB
	Documents  int   // 200,000
	Folders    int   // 20,000, each counted as often as links lead to it
	Depth      int   // of folders in folders; 64
	TitleChars int   // 500
	KeyChars   int   // 200
	Labels     int   // of one document; 20
	LabelChars int   // of one label; 100
	URLBytes   int   // 2,000
	Problems   int   // kept of each severity; the rest is only counted; 500
}

func (l Limits) withDefaults() Limits {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	if l.FileBytes <= 0 {
		l.FileBytes = 64 << 20
	}
	if l.TotalBytes <= 0 {
		l.TotalBytes = 1 << 30
	}
	def(&l.BodyBytes, 1<<20)
	def(&l.Documents, 200_000)
	def(&l.Folders, 20_000)
	def(&l.Depth, 64)
	def(&l.TitleChars, 500)
	def(&l.KeyChars, 200)
	def(&l.Labels, 20)
	def(&l.LabelChars, 100)
	def(&l.URLBytes, 2000)
	def(&l.Problems, 500)
	return l
}

// Options says how to read. The zero value reads what names its own locales.
type Options struct {
	// Locale is the BCP 47 tag of documents that name none, neither in a
	// field nor by their path. When it is empty such documents are errors.
	Locale string
	// KeyPrefix is put before every key, so that two sources with keys of
	// their own can be imported side by side.
	KeyPrefix string
	// Strict makes every warning an error.
	Strict bool
	// Limits bounds what is read.
	Limits Limits
	// Progress, when set, is called after every file and every thousand
	// documents, from the goroutine that called Read.
	Progress func(Progress)
}

// Progress is how far a reader has come.
type Progress struct {
	// Path is the file being read, inside the import.
	Path string
	// Files have been read, Documents found and Bytes read so far.
	Files, Documents int
	Bytes            int64
}

// Result is all that was read.
type Result struct {
	// Documents are in the order of their files' paths, then of their lines.
	Documents []knowledge.Document
	// Problems are in the order they were met; those about the import as a
	// whole come last. At most Limits.Problems of each severity are kept.
	Problems []knowledge.Problem
	// Errors and Warnings count all problems, kept or not.
	Errors, Warnings int
	// Files and Bytes count what was read, not what was passed over.
	Files int
	Bytes int64
}

// ErrOptions is wrapped by the error that Read returns for options it cannot
// work with.
var ErrOptions = errors.New("unusable import options")

// Read reads the folder or file at path.
//
// A folder is read with all folders in it: .md and .markdown, .csv, .tsv,
// .jsonl and .ndjson files. Other files are passed over with a warning; hidden
// ones, and the folders of version control, without. Symbolic links are
// followed inside the folder; one that leads out of it is an error, one that
// leads back to a folder around it a warning.
//
// What is wrong with the source, a missing path included, is in the result's
// problems. The error is for a cancelled context, whose error it wraps, and for
// options that make no sense, which wrap ErrOptions.
func Read(ctx context.Context, path string, opts Options) (Result, error) {
	r, err := newReader(opts)
	if err != nil {
		return Result{}, err
	}
	if err := r.readPath(ctx, path); err != nil {
		return Result{}, err
	}
	return r.finish(), nil
}

// ReadFS reads the folder or file named root, "." for all, of a file system,
// such as one that is embedded in the program. It is Read in all else.
func ReadFS(ctx context.Context, fsys fs.FS, root string, opts Options) (Result, error) {
	r, err := newReader(opts)
	if err != nil {
		return Result{}, err
	}
	if err := r.readRoot(ctx, fsys, root, root); err != nil {
		return Result{}, err
	}
	return r.finish(), nil
}

// reader collects documents and problems over all files of an import.
type reader struct {
	opts     Options
	limits   Limits
	fsys     fs.FS
	result   Result
	kept     map[knowledge.Severity]int
	places   map[identity]string
	names    map[string]fieldName
	unknown  tally // fields that no one reads
	skipped  tally // kinds of file that no one reads
	folders  int
	full     bool // a limit on the whole import was reached
	reported int  // documents at the last progress report
}

// identity is what makes two documents the same article in one import.
type identity struct{ key, locale string }

func newReader(opts Options) (*reader, error) {
	if opts.Locale != "" {
		locale, err := canonicalLocale(opts.Locale)
		if err != nil {
			return nil, fmt.Errorf("%w: default locale: %w", ErrOptions, err)
		}
		opts.Locale = locale
	}
	limits := opts.Limits.withDefaults()
	if opts.KeyPrefix != text.Clean(opts.KeyPrefix) || hasBlank(opts.KeyPrefix) || utf8.RuneCountInString(opts.KeyPrefix) >= limits.KeyChars {
		return nil, fmt.Errorf("%w: a key prefix is shorter than %d characters and has no blanks or control characters", ErrOptions, limits.KeyChars)
	}
	return &reader{
		opts: opts, limits: limits,
		kept:   map[knowledge.Severity]int{},
		places: map[identity]string{},
		names:  map[string]fieldName{},
	}, nil
}

func canonicalLocale(s string) (string, error) {
	return text.CanonicalLocale(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
}

func (r *reader) readPath(ctx context.Context, name string) error {
	info, err := os.Stat(name)
	if err != nil {
		r.unreadable(name, err)
		return ctx.Err()
	}
	if !info.IsDir() {
		dir, base := filepath.Split(filepath.Clean(name))
		if dir == "" {
			dir = "."
		}
		return r.readRoot(ctx, os.DirFS(dir), base, base)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		r.unreadable(name, err)
		return ctx.Err()
	}
	defer func() { _ = root.Close() }() // opened for reading: nothing is lost
	return r.readRoot(ctx, root.FS(), ".", name)
}

// readRoot reads what root names; shown is how problems call it.
func (r *reader) readRoot(ctx context.Context, fsys fs.FS, root, shown string) error {
	r.fsys = fsys
	if !fs.ValidPath(root) {
		r.problem(knowledge.ProblemUnreadable, shown, 0, "This is no path inside the import: give one without \"..\" and without a leading slash.")
		return ctx.Err()
	}
	info, err := fs.Stat(fsys, root)
	if err != nil {
		r.unreadable(shown, err)
		return ctx.Err()
	}
	if !info.IsDir() {
		if formatOf(root) == formatUnknown {
			r.problem(knowledge.ProblemUnknownFormat, shown, 0, "%s", unknownFormat(path.Ext(root)))
			return ctx.Err()
		}
		return r.file(ctx, root, root, info)
	}
	if err := r.folder(ctx, root, ".", []fs.FileInfo{info}); err != nil {
		return err
	}
	if r.result.Files == 0 && r.result.Errors == 0 {
		r.problem(knowledge.ProblemEmpty, shown, 0, "This folder holds nothing to import: put .md, .csv, .tsv or .jsonl files into it, or name another folder.")
	}
	return nil
}

// finish adds the problems that are about the import as a whole.
func (r *reader) finish() Result {
	for _, u := range r.unknown.sorted() {
		r.problem(knowledge.ProblemUnknownField, u.origin, u.line,
			"The field %s is not read (%s): leave it if it is for other programs, else rename it to key, locale, title, body, labels, url, kind, valid_from or valid_until.",
			quote(u.name), times(u.count, "time"))
	}
	for _, s := range r.skipped.sorted() {
		r.problem(knowledge.ProblemSkipped, s.origin, 0, "%s: %s", times(s.count, "file"), s.name)
	}
	return r.result
}

// problem records one problem; whether it is an error follows from its kind.
func (r *reader) problem(kind knowledge.ProblemKind, origin string, line int, format string, args ...any) {
	severity := knowledge.SeverityError
	switch kind {
	case knowledge.ProblemLossyText, knowledge.ProblemUnknownField, knowledge.ProblemSkipped, knowledge.ProblemLinkLoop:
		if !r.opts.Strict {
			severity = knowledge.SeverityWarning
		}
	case knowledge.ProblemUnreadable, knowledge.ProblemEmpty, knowledge.ProblemEncoding, knowledge.ProblemSyntax,
		knowledge.ProblemMissingField, knowledge.ProblemInvalidField, knowledge.ProblemDuplicateKey,
		knowledge.ProblemTooLarge, knowledge.ProblemUnknownFormat, knowledge.ProblemTakesOver, knowledge.ProblemNewContact:
	}
	if severity == knowledge.SeverityError {
		r.result.Errors++
	} else {
		r.result.Warnings++
	}
	if r.kept[severity] >= r.limits.Problems {
		return
	}
	r.kept[severity]++
	r.result.Problems = append(r.result.Problems, knowledge.Problem{
		Kind: kind, Severity: severity, Origin: origin, Line: line, Message: fmt.Sprintf(format, args...),
	})
}

func (r *reader) unreadable(origin string, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.problem(knowledge.ProblemUnreadable, origin, 0, "There is no such file or folder: check the path.")
	case errors.Is(err, fs.ErrPermission):
		r.problem(knowledge.ProblemUnreadable, origin, 0, "This can't be opened for lack of permission: allow the user who imports to read it.")
	default:
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		r.problem(knowledge.ProblemUnreadable, origin, 0, "This can't be read (%v): check the file and the disk it is on, and try again.", err)
	}
}

func (r *reader) progress(name string, always bool) {
	if r.opts.Progress == nil || !always && len(r.result.Documents)-r.reported < 1000 {
		return
	}
	r.reported = len(r.result.Documents)
	r.opts.Progress(Progress{Path: name, Files: r.result.Files, Documents: len(r.result.Documents), Bytes: r.result.Bytes})
}
