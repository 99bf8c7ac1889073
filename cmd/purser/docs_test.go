package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tree is what the repository holds that a page can name.
type tree struct {
	pages []string            // Markdown about Purser itself, paths with slashes
	paths map[string]bool     // every file and folder
	names map[string]bool     // every file's name without its folder
	tests map[string]bool     // Test functions
	said  map[string][]string // exported names, methods left out, by the package's name
}

func readTree(t *testing.T) tree {
	t.Helper()
	found := tree{paths: map[string]bool{}, names: map[string]bool{}, tests: map[string]bool{}, said: map[string][]string{}}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if rel == ".git" || rel == ".cache" || rel == "bin" || rel == "proto/.deps" {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		found.paths[rel] = true
		switch {
		case d.IsDir():
			return nil
		case strings.HasSuffix(rel, ".go"):
			return found.readGo(file)
		case strings.HasSuffix(rel, ".md") && (!strings.Contains(rel, "/") || strings.HasPrefix(rel, "docs/")):
			found.pages = append(found.pages, rel)
		}
		found.names[path.Base(rel)] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (tr *tree) readGo(file string) error {
	tr.names[filepath.Base(file)] = true
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	add := func(name *ast.Ident) {
		if name.IsExported() {
			tr.said[f.Name.Name] = append(tr.said[f.Name.Name], name.Name)
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if strings.HasSuffix(file, "_test.go") && strings.HasPrefix(d.Name.Name, "Test") {
				tr.tests[d.Name.Name] = true
			} else if d.Recv == nil {
				add(d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					add(s.Name)
				case *ast.ValueSpec:
					for _, name := range s.Names {
						add(name)
					}
				}
			}
		}
	}
	return nil
}

var (
	codeSpan  = regexp.MustCompile("`([^`\n]+)`")
	codeBlock = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	pageLink  = regexp.MustCompile(`\]\(([^)]+)\)`)
	testName  = regexp.MustCompile(`^Test[A-Z]\w*$`)
	goName    = regexp.MustCompile(`^([a-z]+)\.([A-Z]\w*)$`)
	fileName  = regexp.MustCompile(`^[\w.-]+\.(go|sql|proto|txt|sh)$`)
	topFolder = regexp.MustCompile(`^(api|bench|cmd|docs|eval|internal|knowledge|proto|suggest|\.ci|\.github)/`)
)

// missing says what is wrong with what a page has in code marks; empty when
// nothing is, or when it names nothing of the repository.
func (tr *tree) missing(span string) string {
	switch {
	case testName.MatchString(span):
		if !tr.tests[span] {
			return "there is no such test"
		}
	case topFolder.MatchString(span) && !strings.ContainsAny(span, " *…<"):
		if !tr.paths[strings.TrimSuffix(span, "/")] {
			return "there is no such path"
		}
	case fileName.MatchString(span) && strings.HasSuffix(span, ".go"):
		if !tr.names[span] {
			return "no file has this name"
		}
	case goName.MatchString(span):
		m := goName.FindStringSubmatch(span)
		if said, ours := tr.said[m[1]]; ours && !slices.Contains(said, m[2]) {
			return "the package has no such name"
		}
	}
	return ""
}

func TestPagesNameWhatThereIs(t *testing.T) {
	t.Parallel()
	there := readTree(t)
	if len(there.pages) < 30 || len(there.tests) < 500 || len(there.said) < 40 {
		t.Fatalf("found only %d pages, %d tests and %d packages", len(there.pages), len(there.tests), len(there.said))
	}
	tests, paths := 0, 0
	for _, page := range there.pages {
		raw, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(page)))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range codeSpan.FindAllStringSubmatch(codeBlock.ReplaceAllString(string(raw), ""), -1) {
			if wrong := there.missing(m[1]); wrong != "" {
				t.Errorf("%s names %s: %s", page, m[1], wrong)
			}
			if testName.MatchString(m[1]) {
				tests++
			} else if topFolder.MatchString(m[1]) {
				paths++
			}
		}
		if page == "ARCHITECTURE.md" {
			rooms := regexp.MustCompile(`(?m)^((?:api|bench|cmd|eval|internal|knowledge|proto|suggest)[\w/]*)/ `).FindAllStringSubmatch(string(raw), -1)
			if len(rooms) < 40 {
				t.Errorf("%s shows only %d rooms", page, len(rooms))
			}
			for _, m := range rooms {
				if !there.paths[m[1]] {
					t.Errorf("%s shows the room %s, which there is not", page, m[1])
				}
			}
		}
	}
	if tests < 50 || paths < 50 {
		t.Errorf("the pages name only %d tests and %d paths", tests, paths)
	}
}

// A room that nobody finds on the map is as good as hidden.
func TestArchitectureShowsEveryRoom(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	for file := range readTree(t).paths {
		room := path.Dir(file)
		if !strings.HasSuffix(file, ".go") || !topFolder.MatchString(room+"/") || strings.HasPrefix(room, "proto/tool") {
			continue
		}
		if base := path.Base(room); strings.HasSuffix(base, "test") {
			continue // for tests alone
		}
		if !strings.Contains(string(raw), "\n"+room+"/ ") && !strings.Contains(string(raw), "`"+room+"`") && !strings.Contains(string(raw), " "+room+" ") {
			t.Errorf("ARCHITECTURE.md does not show %s", room)
		}
	}
}

// headings is the anchors of a Markdown file, as GitHub makes them.
func headings(t *testing.T, file string) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	drop := regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(codeBlock.ReplaceAllString(string(raw), ""), -1) {
		anchors[strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return anchors
}

func TestPagesLinkToWhatThereIs(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	there := readTree(t)
	linked := map[string]bool{"README.md": true}
	for _, page := range there.pages {
		file := filepath.Join(root, filepath.FromSlash(page))
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pageLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(string(raw), ""), -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") {
				continue
			}
			target := page
			if to != "" {
				target = path.Join(path.Dir(page), to)
			}
			linked[target] = true
			if !there.paths[target] {
				t.Errorf("%s links to %s, which there is not", page, m[1])
			} else if anchor != "" && !headings(t, filepath.Join(root, filepath.FromSlash(target)))[anchor] {
				t.Errorf("%s links to %s, and %s has no such heading", page, m[1], target)
			}
		}
	}
	for _, page := range there.pages {
		if !linked[page] && page != "CHANGELOG.md" {
			t.Errorf("no page links to %s", page)
		}
	}
}
