package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/purser-desk/purser/suggest/kind"
)

// falseShare of the sentences without a mark may be taken to have it.
const falseShare = .03

// mark is one of the things that are told beside the kind.
type mark struct {
	name      string
	is        func(kind.Example) bool
	told      func(kind.Result) float64
	against   func(kind.Example) bool // the sentences that must not be taken to have it
	threshold float64
}

func marks() []mark {
	none := func(e kind.Example) bool { return !e.Action && !e.Promise && !e.Liability }
	return []mark{
		{"source", func(e kind.Example) bool { return e.NeedsSource }, func(r kind.Result) float64 { return r.NeedsSource }, func(e kind.Example) bool { return !e.NeedsSource }, kind.SourceThreshold},
		{"action", func(e kind.Example) bool { return e.Action }, func(r kind.Result) float64 { return r.Action }, none, kind.ActionThreshold},
		{"promise", func(e kind.Example) bool { return e.Promise }, func(r kind.Result) float64 { return r.Promise }, none, kind.PromiseThreshold},
		{"liability", func(e kind.Example) bool { return e.Liability }, func(r kind.Result) float64 { return r.Liability }, none, kind.LiabilityThreshold},
	}
}

// division says which part of the examples each belongs to.
type division struct {
	name string
	part func(kind.Example) string
	// parts are joined into so many; 0 means that each stands alone.
	folds int
}

// figures prints how well examples are told by heads that were fitted without
// their part.
func figures(ctx context.Context, out io.Writer, all []kind.Example, vectors [][]float32) error {
	var shown, held []int
	for i := range all {
		if all[i].Held {
			held = append(held, i)
		} else {
			shown = append(shown, i)
		}
	}
	fmt.Fprintf(out, "%d examples, of which %d are held out\n\npenalties, three parts of the batches not held, by batch in all languages:\n", len(all), len(held))
	byBatch := division{"batches left out", func(e kind.Example) string { return e.Batch }, 3}
	for _, penalty := range []float64{.3, 1, 3} {
		results, err := predict(ctx, all, vectors, shown, byBatch, penalty)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%4g:", penalty)
		for _, m := range marks() {
			yes, no := scores(all, results, shown, m)
			fmt.Fprintf(out, "  %s %.4f", m.name, area(yes, no))
		}
		fmt.Fprintf(out, "  kinds %.3f\n", accuracy(all, results, shown))
	}
	for _, d := range []division{byBatch, {"one language left out", func(e kind.Example) string { return e.Language }, 0}} {
		every := append(slices.Clone(shown), held...)
		results, err := predict(ctx, all, vectors, every, d, kind.Penalty)
		if err != nil {
			return err
		}
		report(out, "all, "+d.name, all, results, every)
	}
	if len(held) == 0 {
		return nil
	}
	results, err := fitWith(ctx, all, vectors, shown, held, kind.Penalty)
	if err != nil {
		return err
	}
	report(out, "the batches held out, by the others", all, results, held)
	return nil
}

// predict tells each of some examples by a head that was fitted to the others of
// them.
func predict(ctx context.Context, all []kind.Example, vectors [][]float32, some []int, d division, penalty float64) (map[int]kind.Result, error) {
	var names []string
	for _, i := range some {
		names = append(names, d.part(all[i]))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	folds := d.folds
	if folds == 0 {
		folds = len(names)
	}
	out := map[int]kind.Result{}
	for f := range folds {
		var train, test []int
		for _, i := range some {
			if slices.Index(names, d.part(all[i]))%folds == f {
				test = append(test, i)
			} else {
				train = append(train, i)
			}
		}
		told, err := fitWith(ctx, all, vectors, train, test, penalty)
		if err != nil {
			return nil, err
		}
		for i, r := range told {
			out[i] = r
		}
	}
	return out, nil
}

func fitWith(ctx context.Context, all []kind.Example, vectors [][]float32, train, test []int, penalty float64) (map[int]kind.Result, error) {
	var examples []kind.Example
	var known [][]float32
	for _, i := range train {
		examples, known = append(examples, all[i]), append(known, vectors[i])
	}
	head, err := kind.FitTo(ctx, "", examples, known, penalty)
	if err != nil {
		return nil, err
	}
	out := map[int]kind.Result{}
	for _, i := range test {
		out[i] = head.Tell(all[i].Sentence, vectors[i])
	}
	return out, nil
}

// report prints areas, the share that is found where falseShare is found wrongly,
// what the thresholds of the package come to, and how many kinds are right.
func report(out io.Writer, title string, all []kind.Example, results map[int]kind.Result, some []int) {
	fmt.Fprintf(out, "\n%s (%d sentences):\n", title, len(some))
	for _, m := range marks() {
		yes, no := scores(all, results, some, m)
		at := quantile(no, 1-falseShare)
		fmt.Fprintf(out, "  %-9s  n %4d/%4d  AUC %.4f  found %.3f where %.3f are wrongly (from %.3f)  at %.2f: found %.3f, wrongly %.3f\n",
			m.name, len(yes), len(no), area(yes, no), above(yes, at), above(no, at), at, m.threshold, atLeast(yes, m.threshold), atLeast(no, m.threshold))
	}
	fmt.Fprintf(out, "  kinds      %.3f right\n", accuracy(all, results, some))
}

func scores(all []kind.Example, results map[int]kind.Result, some []int, m mark) (yes, no []float64) {
	for _, i := range some {
		switch {
		case m.is(all[i]):
			yes = append(yes, m.told(results[i]))
		case m.against(all[i]):
			no = append(no, m.told(results[i]))
		}
	}
	return yes, no
}

func accuracy(all []kind.Example, results map[int]kind.Result, some []int) float64 {
	right := 0
	for _, i := range some {
		if results[i].Kind == all[i].Kind {
			right++
		}
	}
	return float64(right) / float64(max(1, len(some)))
}

// area is that under the ROC curve: how often a sentence with the mark gets more
// than one without.
func area(yes, no []float64) float64 {
	sorted := slices.Clone(no)
	slices.Sort(sorted)
	var wins float64
	for _, v := range yes {
		below := sort.SearchFloat64s(sorted, v)
		upTo := sort.Search(len(sorted), func(i int) bool { return sorted[i] > v })
		wins += float64(below) + float64(upTo-below)/2
	}
	return wins / float64(max(1, len(yes)*len(no)))
}

func quantile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
}

func above(values []float64, threshold float64) float64 {
	return share(values, func(v float64) bool { return v > threshold })
}

func atLeast(values []float64, threshold float64) float64 {
	return share(values, func(v float64) bool { return v >= threshold })
}

func share(values []float64, in func(float64) bool) float64 {
	n := 0
	for _, v := range values {
		if in(v) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(values)))
}
