package convert

import (
	"bytes"
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// techQA converts IBM's TechQA (Castelli and others, "The TechQA dataset", 2020):
// a file with an object holds technical notes by their ids, one with a list the
// questions. Questions that no note answers expect no draft.
func techQA(paths []string) (Converted, error) {
	type note struct{ Title, Text string }
	type question struct {
		ID         string `json:"QUESTION_ID"`
		Title      string `json:"QUESTION_TITLE"`
		Text       string `json:"QUESTION_TEXT"`
		Document   string `json:"DOCUMENT"`
		Answer     string `json:"ANSWER"`
		Answerable string `json:"ANSWERABLE"`
	}
	var c Converted
	for _, path := range paths {
		list, err := beginsWith(path, '[')
		if err != nil {
			return c, err
		}
		if !list {
			notes, err := readJSON[map[string]note](path)
			if err != nil {
				return c, err
			}
			for _, id := range slices.Sorted(maps.Keys(notes)) {
				n := notes[id]
				if strings.TrimSpace(n.Text) != "" {
					c.Articles = append(c.Articles, Article{ID: id, Lang: "en", Title: cmp.Or(oneLine(n.Title), id), Body: n.Text})
				}
			}
			continue
		}
		questions, err := readJSON[[]question](path)
		if err != nil {
			return c, err
		}
		for _, q := range questions {
			t := Ticket{ID: q.ID, Lang: "en", Text: strings.TrimSpace(q.Title + "\n\n" + strings.TrimSpace(q.Text)), Expect: "none"}
			if q.Answerable == "Y" {
				t.Expect, t.GoldIDs, t.GoldReply = "answer", []string{q.Document}, q.Answer
			}
			c.Tickets = append(c.Tickets, t)
		}
	}
	return complete(c, "training_dev_technotes.json and training_Q_A.json or dev_Q_A.json")
}

func beginsWith(path string, first byte) (bool, error) {
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return false, err
	}
	return bytes.HasPrefix(bytes.TrimSpace(raw), []byte{first}), nil
}
