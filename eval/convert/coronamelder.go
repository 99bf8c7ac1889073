package convert

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	markup       = regexp.MustCompile(`<[^>]*>|\{%.*?%\}|\{\{.*?\}\}`)
	titleLine    = regexp.MustCompile(`(?m)^title:.*$`)
	commentLines = regexp.MustCompile(`(?m)^\[comment\]:.*$`)
)

// coronamelder converts the help pages of the Dutch corona app: folders that
// hold a folder for each language with the same pages under the same
// names. A page is taken when every language that all folders have gives it text,
// and a title of its own (one that nobody translated keeps the English title), that
// no page taken before has. Each title is a ticket, to be answered by the same page
// in any other language.
func coronamelder(paths []string) (Converted, error) {
	var c Converted
	langs, err := commonFolders(paths)
	if err != nil {
		return c, err
	}
	taken := map[string]bool{}
	for _, path := range paths {
		files, err := os.ReadDir(filepath.Join(path, langs[0]))
		if err != nil {
			return c, err
		}
		for _, file := range files {
			pages, err := translations(path, file.Name(), langs)
			if err != nil {
				return c, err
			}
			if len(pages) < len(langs) || slices.ContainsFunc(pages, func(a Article) bool { return taken[a.Lang+a.Title] || taken[a.ID] }) {
				continue
			}
			for _, a := range pages {
				taken[a.Lang+a.Title], taken[a.ID] = true, true
				t := Ticket{ID: "q-" + a.ID, Lang: a.Lang, Text: a.Title, Expect: "answer", ExcludeLang: a.Lang}
				for _, other := range pages {
					if other.Lang != a.Lang {
						t.GoldIDs = append(t.GoldIDs, other.ID)
					}
				}
				c.Articles, c.Tickets = append(c.Articles, a), append(c.Tickets, t)
			}
		}
	}
	return complete(c, "folders _questions with a folder for each language")
}

// commonFolders are the names of the folders that all of these hold.
func commonFolders(paths []string) ([]string, error) {
	count := map[string]int{}
	var names []string
	for _, path := range paths {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.IsDir() {
				count[e.Name()]++
				names = append(names, e.Name())
			}
		}
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(n string) bool { return count[n] < len(paths) })
	if len(names) < 2 {
		return nil, fmt.Errorf("%s: no two languages; name folders _questions with a folder for each language", strings.Join(paths, ", "))
	}
	return names, nil
}

// translations are a page's translations that have text, and titles that no other
// language has.
func translations(path, name string, langs []string) ([]Article, error) {
	var pages []Article
	titles := map[string]bool{}
	for _, lang := range langs {
		file := filepath.Join(path, lang, name)
		raw, err := os.ReadFile(filepath.Clean(file))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		parts := strings.SplitN(strings.ReplaceAll(string(raw), "\r\n", "\n"), "---\n", 3)
		if len(parts) < 3 {
			continue
		}
		var matter struct{ Title string }
		// Some pages say other fields twice, which is no YAML.
		if err := yaml.Unmarshal(titleLine.Find([]byte(parts[1])), &matter); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		title := oneLine(matter.Title)
		body := strings.TrimSpace(markup.ReplaceAllString(commentLines.ReplaceAllString(parts[2], ""), " "))
		if title == "" || body == "" || titles[title] {
			continue
		}
		titles[title] = true
		pages = append(pages, Article{ID: strings.TrimSuffix(name, ".md") + "-" + lang, Lang: lang, Title: title, Body: body})
	}
	return pages, nil
}
