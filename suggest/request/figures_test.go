package request_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/purser-desk/purser/cmd/purser/demo"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/source"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/request"
)

// counts are hits and tries by what was measured, for a batch and a language.
type counts map[[2]string]map[string][2]int

func (c counts) add(batch, lang, what string, ok bool) {
	for _, key := range [][2]string{{batch, lang}, {batch, "all"}, {"all", "all"}} {
		if c[key] == nil {
			c[key] = map[string][2]int{}
		}
		n := c[key][what]
		n[1]++
		if ok {
			n[0]++
		}
		c[key][what] = n
	}
}

// share is that of all batches.
func (c counts) share(batch, what string) float64 {
	n := c[[2]string{batch, "all"}][what]
	return float64(n[0]) / float64(max(n[1], 1))
}

func (c counts) table(columns ...string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nbatch\tlanguage\t"+strings.Join(columns, "\t"))
	var keys [][2]string
	for k := range c {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, k := range keys {
		fmt.Fprintf(w, "%s\t%s", k[0], k[1])
		for _, name := range columns {
			n := c[k][name]
			fmt.Fprintf(w, "\t%d of %d", n[0], n[1])
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	return b.String()
}

// apart reports whether each expected request stands in a text of its own, and no
// other text is there.
func apart(texts []string, want []expected) bool {
	used := map[int]bool{}
	for _, e := range want {
		at := slices.IndexFunc(texts, func(s string) bool { return strings.Contains(s, e.says) })
		if at < 0 || used[at] {
			return false
		}
		used[at] = true
	}
	return len(texts) == len(want)
}

// TestFiguresOfSplitting counts messages whose requests are told apart before
// anything is searched. What is too many then, Merge may still join.
func TestFiguresOfSplitting(t *testing.T) {
	t.Parallel()
	c := counts{}
	for _, s := range readSet(t, "requests.txt") {
		var texts []string
		for _, p := range request.Split(s.body, s.lang) {
			texts = append(texts, p.Text)
		}
		c.add(s.batch, s.lang, "apart", apart(texts, s.want))
	}
	t.Log(c.table("apart"))
	if c.share("all", "apart") < .85 {
		t.Error("fewer than 85% of the messages are told apart")
	}
}

// BenchmarkFigures runs the sets of testdata through the whole pipeline over the
// demo's articles, with the real embedding model, and prints by batch and language
// what is told apart and found, beside a search for the whole last message.
func BenchmarkFigures(b *testing.B) {
	a, w := demoDesk(b)
	requests, conversations := counts{}, counts{}
	b.ResetTimer()
	for b.Loop() {
		requests, conversations = counts{}, counts{}
		for _, s := range readSet(b, "requests.txt") {
			measureRequests(b, a, w, s, requests)
		}
		for _, s := range readSet(b, "conversations.txt") {
			measureConversation(b, a, w, s, conversations)
		}
	}
	b.Log(requests.table("apart", "found", "found by the whole"))
	b.Log(conversations.table("follow found", "new found", "found alone"))
	for _, batch := range []string{"a", "b", "c"} {
		b.ReportMetric(100*requests.share(batch, "apart"), "%apart-"+batch)
		b.ReportMetric(100*requests.share(batch, "found"), "%found-"+batch)
		b.ReportMetric(100*conversations.share(batch, "found"), "%goes-on-"+batch)
	}
}

func measureRequests(tb testing.TB, a *wiring.App, w suggest.Workspace, s setCase, c counts) {
	in := suggest.Input{Ticket: suggest.Ticket{ID: s.id, Channel: suggest.ChannelEmail}, Messages: []suggest.Message{
		{ID: "m", Author: suggest.AuthorCustomer, Channel: suggest.ChannelEmail, Text: s.body, Locale: s.lang},
	}}
	made, _, err := a.Pipeline.Run(tb.Context(), w, in, nil)
	if err != nil {
		tb.Fatal(err)
	}
	var texts []string
	for _, r := range made.Requests {
		texts = append(texts, r.Text)
	}
	c.add(s.batch, s.lang, "apart", apart(texts, s.want))
	whole := search(tb, a, w, s.body, s.lang)
	for _, e := range s.want {
		found := false
		for _, r := range made.Requests {
			if strings.Contains(r.Text, e.says) {
				var keys []string
				for _, n := range r.Evidence {
					keys = append(keys, made.Evidence[slices.IndexFunc(made.Evidence, func(x suggest.Evidence) bool { return x.Number == n })].Key)
				}
				found = found || among(keys, e.keys)
			}
		}
		c.add(s.batch, s.lang, "found", found)
		c.add(s.batch, s.lang, "found by the whole", among(whole, e.keys))
	}
}

func measureConversation(tb testing.TB, a *wiring.App, w suggest.Workspace, s setCase, c counts) {
	in := suggest.Input{Ticket: suggest.Ticket{ID: s.id, Channel: suggest.ChannelChat}}
	for line := range strings.Lines(s.body) {
		who, said, _ := strings.Cut(strings.TrimSpace(line), ": ")
		m := suggest.Message{ID: fmt.Sprint(len(in.Messages)), Author: suggest.AuthorAgent, Channel: suggest.ChannelChat, Text: said, Locale: s.lang}
		if who == "C" {
			m.Author = suggest.AuthorCustomer
		}
		in.Messages = append(in.Messages, m)
	}
	_, record, err := a.Pipeline.Run(tb.Context(), w, in, nil)
	if err != nil {
		tb.Fatal(err)
	}
	var keys []string
	for _, r := range record.Ranking {
		keys = append(keys, r.Key)
	}
	ok := among(keys, s.want[0].keys)
	c.add(s.batch, s.lang, "found", ok)
	c.add(s.batch, s.lang, s.kind+" found", ok)
	c.add(s.batch, s.lang, "found alone", among(search(tb, a, w, in.Messages[len(in.Messages)-1].Text, s.lang), s.want[0].keys))
}

// search are the articles that a text finds by itself.
func search(tb testing.TB, a *wiring.App, w suggest.Workspace, s, locale string) []string {
	r, err := a.Searcher.Search(tb.Context(), w, knowledge.Query{Text: s, Locale: locale, Limit: 10, Time: time.Now()})
	if err != nil {
		tb.Fatal(err)
	}
	var keys []string
	for _, h := range r.Hits {
		keys = append(keys, h.Key)
	}
	return keys
}

// among reports whether one of the first three articles is wanted.
func among(keys, want []string) bool {
	var first []string
	for _, k := range keys {
		if !slices.Contains(first, k) && len(first) < 3 {
			first = append(first, k)
		}
	}
	return slices.ContainsFunc(first, func(k string) bool { return slices.Contains(want, k) })
}

// demoDesk is a workspace with the demo's articles, embedded.
func demoDesk(tb testing.TB) (*wiring.App, suggest.Workspace) {
	tb.Helper()
	embedding := os.Getenv("PURSER_TEST_EMBEDDING_URL")
	if embedding == "" {
		tb.Fatal("PURSER_TEST_EMBEDDING_URL is not set: run it with \"bin/purser local run --\"")
	}
	schema := pgtest.New(tb)
	s, err := settings.Load("", func(name string) string {
		if name == "EMBEDDING_BASE_URL" {
			return embedding
		}
		return ""
	})
	if err != nil {
		tb.Fatal(err)
	}
	a, err := wiring.Assemble(s, schema.DB, slog.New(slog.DiscardHandler), wiring.Variant{EmbedTimeout: time.Minute})
	if err != nil {
		tb.Fatal(err)
	}
	w := knowledge.Workspace(schema.Workspace(tb))
	read, err := source.ReadFS(tb.Context(), demo.Files(), demo.KnowledgeDir, source.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	by := knowledge.Actor{ID: "ed"}
	plan, err := a.Importer.Plan(tb.Context(), w, knowledge.PlanRequest{Source: "demo", Actor: by}, knowledge.Documents(read.Documents))
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := a.Importer.Apply(tb.Context(), w, plan.ID, knowledge.ApplyRequest{Actor: by}); err != nil {
		tb.Fatal(err)
	}
	for {
		p, err := a.Embedding.Work(tb.Context(), w, knowledge.AllShares, time.Minute)
		if err != nil || p.Failed > 0 {
			tb.Fatal(p, err)
		}
		if !p.More {
			return a, w
		}
	}
}
