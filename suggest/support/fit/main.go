// Command fit measures how support is judged on made-up claims, and on a folder of
// trials where one is named, and fits the weights of what no rule decides:
//
//	bin/purser local run -- go run ./suggest/support/fit -trials ../shared/trials
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"sync"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/support"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout, os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var analyzer = sync.OnceValue(analysis.NewAnalyzer)

func options() support.Options { return support.Options{Analyzer: analyzer()} }

func run(ctx context.Context, args []string, out io.Writer, getenv func(string) string) error {
	flags := flag.NewFlagSet("fit", flag.ContinueOnError)
	trials := flags.String("trials", "", "folder of trials")
	datasets := flags.String("datasets", "", "folder of public data; beside the trials when not given")
	demo := flags.String("demo", "cmd/purser/demo/kb", "articles of the demo")
	url := flags.String("embedding-url", getenv("PURSER_TEST_EMBEDDING_URL"), "server of an embedding model; without one words decide alone")
	model := flags.String("model", "e5-query", "its model for questions")
	keep := flags.String("vectors", "", "file that keeps the vectors")
	refit := flags.Bool("fit", false, "fit the weights and print them")
	write := flags.Bool("write", false, "fit the weights and write them")
	verbose := flags.String("v", "", "print what is wrong of this set")
	if err := flags.Parse(args); err != nil {
		return err
	}
	claims, err := readClaims()
	if err != nil {
		return err
	}
	samples := claims
	if *trials != "" {
		if *datasets == "" {
			*datasets = *trials + "/../datasets"
		}
		more, err := readTrials(*trials, *datasets, *demo)
		if err != nil {
			return err
		}
		samples = append(samples, more...)
	}
	var embedder *vectors
	if *url != "" {
		if embedder, err = newVectors(*url, *model, *keep); err != nil {
			return err
		}
	}
	if *refit || *write {
		if embedder == nil {
			return errors.New("a fit needs vectors: name the embedding server with -embedding-url, or run it below \"purser local run\"")
		}
		content, err := fitWeights(ctx, out, claims, embedder)
		if err != nil {
			return err
		}
		if *write {
			return writeWeights("suggest/support/weights.txt", content)
		}
	}
	return measure(ctx, out, samples, embedder, *verbose)
}

type key struct{ set, kind string }

type tally struct{ n, marked, contradicted int }

// measure judges the samples and prints what was marked.
func measure(ctx context.Context, out io.Writer, samples []sample, embedder *vectors, verbose string) error {
	o := options()
	if embedder != nil {
		o.Embedder = embedder
	}
	checker := support.New(o)
	tallies := map[key]*tally{}
	for _, s := range samples {
		task := checker.For(s.Context)
		if err := task.Embed(ctx); err != nil {
			return err
		}
		f := task.Judge(ctx, s.Sentence, s.Cited)
		marked := f.Standing.Open()
		for _, k := range []key{{s.Set, s.Kind}, {s.Set, ""}} {
			if tallies[k] == nil {
				tallies[k] = &tally{}
			}
			tallies[k].n++
			if marked {
				tallies[k].marked++
			}
			if f.Standing == suggest.StandingContradicted {
				tallies[k].contradicted++
			}
		}
		if verbose == s.Set && marked == s.True {
			fmt.Fprintf(out, "%s %s %s %.2f %s %s | %s\n    %s %s\n", s.Kind, f.Standing, f.Reason, f.Score, s.Article, s.Context.Locale, s.Sentence, f.Detail, f.Calculation)
		}
	}
	var keys []key
	for k := range tallies {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].set < keys[j].set || keys[i].set == keys[j].set && keys[i].kind < keys[j].kind
	})
	for _, k := range keys {
		t := tallies[k]
		low, high := interval(t.marked, t.n)
		fmt.Fprintf(out, "%-24s %-24s marked %3d of %3d: %3.0f%% (%.0f to %.0f), contradicted %d\n", k.set, k.kind, t.marked, t.n, 100*float64(t.marked)/float64(t.n), 100*low, 100*high, t.contradicted)
	}
	return nil
}

// interval is Wilson's of 95% for k of n.
func interval(k, n int) (low, high float64) {
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m)) / (1 + z*z/m)
	return mid - half, mid + half
}
