package convert

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// bodySentences is how many training sentences an article holds.
const bodySentences = 20

// clinc150 converts CLINC150 (Larson and others, "An evaluation dataset for intent
// classification and out-of-scope prediction", 2019): an article for each intent,
// with its name as title and the first of its training sentences as body; the test
// sentences as tickets; and the ones out of scope as tickets that no article answers.
func clinc150(paths []string) (Converted, error) {
	type sentence [2]string
	var c Converted
	if len(paths) != 1 {
		return c, errors.New("name one file: data_full.json")
	}
	data, err := readJSON[struct {
		Train, Test []sentence
		OOS         []sentence `json:"oos_test"`
	}](paths[0])
	if err != nil {
		return c, err
	}
	sentences := map[string][]string{}
	for _, s := range data.Train {
		if len(sentences[s[1]]) < bodySentences {
			sentences[s[1]] = append(sentences[s[1]], s[0])
		}
	}
	for _, intent := range slices.Sorted(maps.Keys(sentences)) {
		c.Articles = append(c.Articles, Article{ID: intent, Lang: "en", Title: strings.ReplaceAll(intent, "_", " "), Body: strings.Join(sentences[intent], "\n")})
	}
	for i, s := range data.Test {
		c.Tickets = append(c.Tickets, Ticket{ID: fmt.Sprintf("test-%04d", i+1), Lang: "en", Text: s[0], GoldIDs: []string{s[1]}, Expect: "answer"})
	}
	for i, s := range data.OOS {
		c.Tickets = append(c.Tickets, Ticket{ID: fmt.Sprintf("oos-%04d", i+1), Lang: "en", Text: s[0], Expect: "none"})
	}
	return complete(c, "data_full.json")
}
