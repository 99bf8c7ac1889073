package source_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/knowledge/source"
)

// tree makes a folder of files and, for names with "->", symbolic links.
func tree(t *testing.T, entries ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, e := range entries {
		name, to, isLink := strings.Cut(e, " -> ")
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case isLink:
			err = os.Symlink(to, name)
		case strings.HasSuffix(e, "/"):
			err = os.MkdirAll(name, 0o700)
		default:
			err = os.WriteFile(name, []byte("Text of "+filepath.Base(name)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFolders(t *testing.T) {
	t.Parallel()
	outside := tree(t, "secret.md")
	tests := []struct {
		name     string
		entries  []string
		want     []string // origins of documents
		problems []string
	}{
		{"folders in folders", []string{"b/c/d.md", "a.md", "b/a.md", "e/"}, []string{"a.md", "b/a.md", "b/c/d.md"}, nil},
		{"a link to a folder around it", []string{"a/b.md", "a/up -> .."}, []string{"a/b.md"}, []string{"LINK_LOOP a/up"}},
		{"a link to itself", []string{"a.md", "x.md -> x.md"}, []string{"a.md"}, []string{"LINK_LOOP x.md"}},
		{
			"links that lead to each other",
			[]string{"a/x.md", "b/y.md", "a/b -> ../b", "b/a -> ../a"},
			[]string{"a/b/y.md", "a/x.md", "b/a/x.md", "b/y.md"},
			[]string{"LINK_LOOP a/b/a", "LINK_LOOP b/a/b"},
		},
		{"links inside", []string{"a/x.md", "b -> a", "c.md -> a/x.md"}, []string{"a/x.md", "b/x.md", "c.md"}, nil},
		{
			"links that lead out",
			[]string{"a.md", "b.md -> " + filepath.Join(outside, "secret.md"), "c -> " + outside, "d -> ../..", "e.png -> /nowhere"},
			[]string{"a.md"},
			[]string{"!UNREADABLE b.md", "!UNREADABLE c", "!UNREADABLE d", "SKIPPED e.png"},
		},
		{"a link to nothing", []string{"a.md", "b.md -> none.md"}, []string{"a.md"}, []string{"!UNREADABLE b.md"}},
		{"an empty folder", nil, nil, []string{"!EMPTY "}},
		{"names with blanks and letters", []string{"Gepäck & mehr/Was nun?.md"}, []string{"Gepäck & mehr/Was nun?.md"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := tree(t, tt.entries...)
			result, err := source.Read(t.Context(), dir, source.Options{Locale: "en"})
			if err != nil {
				t.Fatal(err)
			}
			checkResult(t, result)
			var got []string
			for _, d := range result.Documents {
				got = append(got, d.Origin)
				if strings.Contains(d.Body, "secret") {
					t.Errorf("%s was read from outside the folder", d.Origin)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
			var shown []string
			for _, p := range problems(result) {
				shown = append(shown, strings.ReplaceAll(p, dir, ""))
			}
			if diff := cmp.Diff(tt.problems, shown); diff != "" {
				t.Errorf("problems (-want +got):\n%s\n%v", diff, result.Problems)
			}
		})
	}
}

func TestSingleFiles(t *testing.T) {
	t.Parallel()
	dir := tree(t, "x.de.md", "y.txt", "link.md -> x.de.md")
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.md"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		docs       int
		problems   []string
	}{
		{"a file", "x.de.md", 1, nil},
		{"a link that is named itself", "link.md", 0, []string{"!MISSING_FIELD link.md"}},
		{"another kind", "y.txt", 0, []string{"!UNKNOWN_FORMAT y.txt"}},
		{"a pipe", "pipe.md", 0, []string{"!UNREADABLE pipe.md"}},
		{"nothing", "none.md", 0, []string{"!UNREADABLE none.md"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result, err := source.Read(t.Context(), filepath.Join(dir, tt.path), source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var shown []string
			for _, p := range problems(result) {
				shown = append(shown, strings.ReplaceAll(p, dir+"/", ""))
			}
			if diff := cmp.Diff(tt.problems, shown); diff != "" || len(result.Documents) != tt.docs {
				t.Errorf("%d documents, problems (-want +got):\n%s\n%v", len(result.Documents), diff, result.Problems)
			}
		})
	}
}

func TestManyFoldersEnd(t *testing.T) {
	t.Parallel()
	// Folders that all link to each other: without a bound there would be as
	// many paths as there are orders of them.
	var entries []string
	for _, a := range "abcdefghij" {
		for _, b := range "abcdefghij" {
			if a != b {
				entries = append(entries, string(a)+"/"+string(b)+" -> ../"+string(b))
			}
		}
	}
	result, err := source.Read(t.Context(), tree(t, entries...), source.Options{Limits: source.Limits{Folders: 500}})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, p := range problems(result) {
		if strings.HasPrefix(p, "!TOO_LARGE") {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%d problems say that there are too many folders, want 1: %v", found, problems(result))
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	big := strings.Repeat(`{"id":"x","title":"T","body":"B"}`+"\n", 2000)
	for _, name := range []string{"x.jsonl", "x.csv"} {
		content := big
		if name == "x.csv" {
			content = "key,title,body\n" + strings.Repeat("x,T,B\n", 2000)
		}
		ctx, cancel := context.WithCancel(t.Context())
		fsys := fstest.MapFS{"a.md": {Data: []byte("Text")}, name: {Data: []byte(content)}}
		_, err := source.ReadFS(ctx, fsys, ".", source.Options{Locale: "en", Progress: func(source.Progress) { cancel() }})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want context.Canceled", name, err)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]source.Options{
		"a locale that is none": {Locale: "english please"},
		"a prefix with a blank": {KeyPrefix: "a b"},
		"a prefix that is long": {KeyPrefix: strings.Repeat("x", 200)},
	} {
		if _, err := source.Read(t.Context(), ".", opts); !errors.Is(err, source.ErrOptions) {
			t.Errorf("%s: error %v, want ErrOptions", name, err)
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range 2500 {
		lines.WriteString(`{"id":"` + strings.Repeat("x", i%50+1) + string(rune('a'+i/50%26)) + string(rune('a'+i/1300)) + `","title":"T","body":"B","lang":"en"}` + "\n")
	}
	var seen []int
	opts := source.Options{Progress: func(p source.Progress) {
		if p.Path != "x.jsonl" || p.Files != 1 || p.Bytes != int64(lines.Len()) {
			t.Errorf("progress %+v", p)
		}
		seen = append(seen, p.Documents)
	}}
	result, err := source.ReadFS(t.Context(), fstest.MapFS{"x.jsonl": {Data: []byte(lines.String())}}, "x.jsonl", opts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1000, 2000, 2500}, seen); diff != "" || result.Files != 1 || result.Bytes != int64(lines.Len()) {
		t.Errorf("progress (-want +got):\n%s\n%v", diff, problems(result))
	}
}
