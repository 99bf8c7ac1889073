package eval_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// prose makes a reply of so many words.
func prose(seed uint64, words int) string {
	random := rand.New(rand.NewPCG(seed, 4))
	var b strings.Builder
	for range words {
		for range 3 + random.IntN(6) {
			b.WriteByte("abcdefghijklmnopqrst"[random.IntN(20)])
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// BenchmarkMetricsOf10000Cases runs a suite of ten thousand cases in five
// languages, half of them tagged, through a pipeline that costs nothing: what
// is left is the metrics and their intervals.
func BenchmarkMetricsOf10000Cases(b *testing.B) {
	const cases = 10_000
	langs := []string{"de", "en", "fr", "nl", "pl"}
	texts := make([]string, 64)
	for i := range texts {
		texts[i] = prose(uint64(i), 120)
	}
	large := suite.Suite{Name: "large", Hash: "x"}
	for i := range cases {
		c := suite.Case{
			ID: fmt.Sprintf("%05d", i), Lang: langs[i%len(langs)], Channel: suggest.ChannelEmail,
			Messages: []suite.Message{{Author: suggest.AuthorCustomer, Text: fmt.Sprint(i)}},
			Expect:   suite.ExpectAnswer, GoldIDs: []string{"k3"}, GoldReply: texts[i*7%len(texts)],
		}
		if i%5 == 0 {
			c.Expect, c.GoldIDs, c.GoldReply = suite.ExpectNone, nil, ""
		}
		if i%2 == 0 {
			c.Tags = []string{"bags"}
		}
		large.Cases = append(large.Cases, c)
	}
	ranked := evaltest.Hits("k1", "k2", "k3", "k4")
	free := evaltest.Scripted{
		Answer: func(_ context.Context, in suggest.Input) (suggest.Suggestion, suggest.Record, error) {
			n := len(in.Messages[0].Text) + int(in.Messages[0].Text[0])
			s := evaltest.Draft(texts[n%len(texts)], float64(n%100)/100)
			s.Evidence[0].Text, s.Evidence[0].Locale = texts[(n+1)%len(texts)]+". "+texts[n%len(texts)], in.Ticket.Locale
			return s, suggest.Record{Question: in.Messages[0].Text}, nil
		},
		Find: func(knowledge.Query) (knowledge.Results, error) { return ranked, nil },
	}
	before := cpuSeconds(b)
	b.ResetTimer()
	defer func() { b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/10000cases") }()
	for b.Loop() {
		r, err := eval.Run(b.Context(), eval.Options{Suite: large, Pipeline: free, Searcher: free, Concurrency: 2})
		if err != nil || r.Metrics[eval.RougeL].N != 8000 {
			b.Fatal(err, r.Metrics[eval.RougeL].N)
		}
		if m := r.Metrics[eval.ClaimsSupported]; m.N != cases {
			b.Fatalf("claims of %d drafts are judged", m.N)
		}
	}
	b.ReportMetric((cpuSeconds(b)-before)/float64(b.N), "cpu-s/op")
}

// cpuSeconds is what this process has used, which other processes do not change.
func cpuSeconds(b *testing.B) float64 {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}
