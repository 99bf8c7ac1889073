package convert

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// dstc9 converts the human evaluation of DSTC9's track 1 (Kim and others, "Beyond
// domain APIs", 2020): what systems replied to the test conversations, the
// snippets of knowledge that a right reply says, and three people's ratings of how
// accurate it is. The systems' replies and their ratings stand in lists in the order
// of the conversations; null is a reply that nobody rated.
func dstc9(paths []string) (Converted, error) {
	type snippet struct {
		Domain string          `json:"domain"`
		Entity json.RawMessage `json:"entity_id"`
		Doc    json.RawMessage `json:"doc_id"`
	}
	type reply struct {
		Response  string    `json:"response"`
		Knowledge []snippet `json:"knowledge"`
	}
	type turn struct{ Speaker, Text string }
	type rating struct{ Accuracy []int }
	type entity struct {
		Name string // null for what holds of the whole domain
		Docs map[string]struct{ Title, Body string }
	}
	var c Converted
	if len(paths) != 1 {
		return c, errors.New("name one folder: the repository of DSTC9's track 1")
	}
	root := paths[0]
	labels, err1 := readJSON[[]reply](filepath.Join(root, "data_eval", "test", "labels.json"))
	logs, err2 := readJSON[[][]turn](filepath.Join(root, "data_eval", "test", "logs.json"))
	knowledge, err3 := readJSON[map[string]map[string]entity](filepath.Join(root, "data_eval", "knowledge.json"))
	rated, err4 := filepath.Glob(filepath.Join(root, "results", "*", "*.human_eval.json"))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return c, err
	}
	said := func(s snippet) string {
		e := knowledge[s.Domain][strings.Trim(string(s.Entity), `"`)]
		doc := e.Docs[strings.Trim(string(s.Doc), `"`)]
		return cmp.Or(e.Name, s.Domain) + ": " + doc.Title + " " + doc.Body
	}
	for _, path := range rated {
		ratings, err1 := readJSON[[]*rating](path)
		replies, err2 := readJSON[[]reply](strings.TrimSuffix(path, ".human_eval.json") + ".json")
		if err := errors.Join(err1, err2); err != nil {
			return c, err
		}
		if len(ratings) > min(len(replies), len(labels), len(logs)) {
			return c, fmt.Errorf("%s has more ratings than there are replies or conversations", path)
		}
		for i, r := range ratings {
			if r == nil || len(r.Accuracy) == 0 || replies[i].Response == "" {
				continue
			}
			out := RatedReply{SystemReply: replies[i].Response, HumanReply: labels[i].Response, Accuracy: r.Accuracy}
			if n := len(logs[i]); n > 0 {
				out.Question = logs[i][n-1].Text
			}
			for _, s := range labels[i].Knowledge {
				out.GoldKnowledge = append(out.GoldKnowledge, said(s))
			}
			c.Replies = append(c.Replies, out)
		}
	}
	if len(c.Replies) == 0 {
		return c, fmt.Errorf("%s holds no results with human_eval.json; name the repository of DSTC9's track 1", root)
	}
	return c, nil
}
