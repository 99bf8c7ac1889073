package convert

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// covidFAQ converts deepset's FAQs on COVID-19: tables with question, answer and
// lang are articles, the first of those that ask the same; tables with question_1,
// question_2 and similar are people's paraphrases of the questions. A paraphrase
// that is similar is a ticket, and the article that it paraphrases its gold.
func covidFAQ(paths []string) (Converted, error) {
	var c Converted
	byQuestion := map[string]Article{}
	var paraphrases [][2]string
	for _, path := range paths {
		err := readTable(path, func(get func(string) string) {
			if get("question_1") != "" {
				if similar := get("similar"); similar == "1" || similar == "1.0" {
					paraphrases = append(paraphrases, [2]string{oneLine(get("question_1")), oneLine(get("question_2"))})
				}
				return
			}
			title, body := oneLine(get("question")), oneLine(get("answer"))
			key := strings.ToLower(title)
			if _, seen := byQuestion[key]; seen || title == "" || body == "" {
				return
			}
			a := Article{ID: fmt.Sprintf("cv%04d", len(c.Articles)), Lang: get("lang"), Title: title, Body: body}
			byQuestion[key] = a
			c.Articles = append(c.Articles, a)
		})
		if err != nil {
			return c, err
		}
	}
	number := map[string]int{}
	for _, p := range paraphrases {
		if a, found := byQuestion[strings.ToLower(p[0])]; found {
			c.Tickets = append(c.Tickets, Ticket{
				ID: fmt.Sprintf("cvq-%s%03d", a.Lang, number[a.Lang]), Lang: a.Lang, Text: p[1],
				GoldIDs: []string{a.ID}, GoldReply: a.Body, Expect: "answer",
			})
			number[a.Lang]++
		}
	}
	return complete(c, "tables with question, answer and lang, and tables with question_1, question_2 and similar")
}

// readTable reads a table with a header, parted by tabs when its name ends so, and
// hands each row's fields over by their column's name; "" for one that is missing.
func readTable(path string, row func(get func(string) string)) error {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	r := csv.NewReader(f)
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	if filepath.Ext(path) == ".tsv" {
		r.Comma = '\t'
	}
	records, err := r.ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(records) == 0 {
		return fmt.Errorf("%s is empty", path)
	}
	for _, record := range records[1:] {
		row(func(column string) string {
			if i := slices.Index(records[0], column); i >= 0 && i < len(record) {
				return record[i]
			}
			return ""
		})
	}
	return nil
}
