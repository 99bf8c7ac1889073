package main

import (
	"context"
	"fmt"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/proto/purser/v1"
)

type searchCommand struct {
	clientFlags
	Query         string   `arg:"" help:"The question."`
	Locale        string   `help:"Language of the question. Default: detected." placeholder:"TAG"`
	In            []string `help:"Only articles in these languages." placeholder:"TAG"`
	ExcludeLocale []string `help:"No articles in these languages." placeholder:"TAG"`
	Label         []string `help:"Only articles with all of these labels." placeholder:"LABEL"`
	Limit         int32    `default:"5" help:"Articles shown at most, 1 to 50."`
}

func (*searchCommand) Help() string {
	return "Examples:\n  purser search \"how big may my cabin bag be\"\n  purser search \"Maße von Handgepäck\" --in de --json"
}

func (c *searchCommand) Run(ctx context.Context, e *console.Env) error {
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (*purserv1.SearchResponse, error) {
		return cl.knowledge.Search(ctx, &purserv1.SearchRequest{
			Query: c.Query, Locale: c.Locale, ArticleLocales: c.In, ExcludeLocales: c.ExcludeLocale, Labels: c.Label, Limit: c.Limit,
		})
	}, func(answer *purserv1.SearchResponse) {
		if len(answer.GetHits()) == 0 {
			fmt.Fprintln(e.Stdout, "Nothing found.")
		}
		if answer.GetWordsOnly() {
			fmt.Fprintln(e.Stderr, "Searched by words alone: meaning can't be searched just now.")
		}
		for i, h := range answer.GetHits() {
			fmt.Fprintf(e.Stdout, "%2d. %s  [%s, %s, revision %d]  score %.2f\n", i+1, console.Plain(h.GetTitle()), console.Plain(h.GetArticleKey()), h.GetLocale(), h.GetRevision(), h.GetScore())
			fmt.Fprint(e.Stdout, console.Wrap(excerpt(console.Plain(h.GetText()), 300), "    ", console.Width(e.Stdout)))
		}
	})
}

// excerpt is the beginning of s, at most n characters, ended at a word.
func excerpt(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	cut := n
	for cut > n/2 && runes[cut] != ' ' {
		cut--
	}
	return string(runes[:cut]) + " …"
}
