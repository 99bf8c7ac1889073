// Command fit measures how support is judged, and fits its weights.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/support"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("fit", flag.ContinueOnError)
	trials := flags.String("trials", "../shared/trials", "folder of trials")
	datasets := flags.String("datasets", "../shared/datasets", "folder of public data")
	demo := flags.String("demo", "cmd/purser/demo/kb", "articles of the demo")
	verbose := flags.String("v", "", "print the wrong ones of this set, or all")
	if err := flags.Parse(args); err != nil {
		return err
	}
	samples, err := readTrials(*trials, *datasets, *demo)
	if err != nil {
		return err
	}
	claims, err := readClaims()
	if err != nil {
		return err
	}
	samples = append(samples, claims...)
	checker := support.New(support.Options{Analyzer: analysis.NewAnalyzer()})
	type key struct{ set, kind string }
	type tally struct{ n, marked, contradicted int }
	tallies := map[key]*tally{}
	for _, s := range samples {
		f := checker.For(s.Context).Judge(context.Background(), s.Sentence, s.Cited)
		marked := f.Standing == suggest.StandingUnverified || f.Standing == suggest.StandingContradicted
		for _, k := range []key{{s.Set, s.Kind}, {s.Set, ""}} {
			if tallies[k] == nil {
				tallies[k] = &tally{}
			}
			t := tallies[k]
			t.n++
			if marked {
				t.marked++
			}
			if f.Standing == suggest.StandingContradicted {
				t.contradicted++
			}
		}
		if (*verbose == s.Set || *verbose == "all") && marked == s.True {
			fmt.Fprintf(out, "%-10s %-10s %-9s %.2f %s %s %v| %s\n    %s %s\n", s.Set, f.Standing, f.Reason, f.Score, s.Article, s.Context.Locale, s.Cited, s.Sentence, f.Detail, f.Calculation)
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
		fmt.Fprintf(out, "%-24s %-18s n %3d marked %3d (%.0f%%) contradicted %d\n", k.set, k.kind, t.n, t.marked, 100*float64(t.marked)/float64(t.n), t.contradicted)
	}
	return nil
}
