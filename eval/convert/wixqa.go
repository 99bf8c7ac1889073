package convert

import (
	"fmt"
	"strings"
)

// wixQA converts WixQA (Cohen and others, "WixQA: a multi-dataset benchmark for
// enterprise retrieval-augmented generation", 2025): rows with contents are
// articles, rows with a question are tickets.
func wixQA(paths []string) (Converted, error) {
	type row struct {
		ID         string   `json:"id"`
		URL        string   `json:"url"`
		Title      string   `json:"title"`
		Contents   string   `json:"contents"`
		Question   string   `json:"question"`
		Answer     string   `json:"answer"`
		ArticleIDs []string `json:"article_ids"`
	}
	var c Converted
	for _, path := range paths {
		rows, err := readRows[row](path)
		if err != nil {
			return c, err
		}
		for _, r := range rows {
			if r.Contents != "" {
				first, _, _ := strings.Cut(r.Contents, "\n")
				title := r.Title
				if title == "" {
					title = first
				}
				c.Articles = append(c.Articles, Article{ID: r.ID, Lang: "en", Title: title, Body: r.Contents, URL: r.URL})
			} else if r.Question != "" {
				c.Tickets = append(c.Tickets, Ticket{
					ID: fmt.Sprintf("wixqa-%04d", len(c.Tickets)+1), Lang: "en", Text: r.Question,
					GoldIDs: r.ArticleIDs, GoldReply: r.Answer, Expect: "answer",
				})
			}
		}
	}
	return complete(c, "wix_kb_corpus and one of the sets of questions")
}
