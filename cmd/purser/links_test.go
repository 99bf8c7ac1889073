package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// headings is the anchors of a Markdown file, as GitHub makes them.
func headings(t *testing.T, path string) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	drop := regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(raw), -1) {
		anchors[strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return anchors
}

func TestDocumentsLinkToWhatThereIs(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	for _, name := range []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/evaluation.md"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(root, filepath.FromSlash(name))
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(string(raw), -1) {
				path, anchor, _ := strings.Cut(m[1], "#")
				if strings.Contains(path, "://") {
					continue
				}
				target := file
				if path != "" {
					target = filepath.Join(filepath.Dir(file), filepath.FromSlash(path))
				}
				if _, err := os.Stat(target); err != nil {
					t.Errorf("links to %s, which there is not", m[1])
				} else if anchor != "" && !headings(t, target)[anchor] {
					t.Errorf("links to %s, and %s has no such heading", m[1], filepath.Base(target))
				}
			}
		})
	}
}
