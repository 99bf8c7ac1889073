package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/logistic"
	"github.com/purser-desk/purser/suggest/support"
)

// figureKinds are kinds of false sentences that the check of figures is for: the
// weights do not learn from them.
var figureKinds = []string{"number, made up", "number, of the article", "unit", "row"}

const (
	// penalty of the weights, chosen among .3, 1, 3, 10 and 30 by the area under the
	// curve.
	penalty = 1
	folds   = 9
	// trueMarked is the share of true claims that may score below the threshold.
	trueMarked = .04
)

// fitWeights fits the weights with and without vectors, each claim predicted
// without those about its article for the threshold, and returns the file's lines.
func fitWeights(ctx context.Context, out io.Writer, samples []sample, vectors *vectors) (string, error) {
	var file strings.Builder
	fmt.Fprintln(&file, "# go run ./suggest/support/fit -write: intercept, weights by Features, threshold")
	for _, name := range []string{"vectors", "words"} {
		var rows [][]float64
		var classes []int
		var groups []string
		for _, s := range samples {
			if slices.Contains(figureKinds, s.Kind) {
				continue
			}
			o := options()
			if name == "vectors" {
				o.Embedder = vectors
			}
			task := support.New(o).For(s.Context)
			if err := task.Embed(ctx); err != nil {
				return "", err
			}
			if name == "words" && s.Context.Locale != s.Context.Sources[0].Locale {
				continue
			}
			f, _ := task.Measure(ctx, s.Sentence, s.Cited)
			rows, groups = append(rows, f), append(groups, s.Article)
			class := 0
			if s.True {
				class = 1
			}
			classes = append(classes, class)
		}
		o := logistic.Options{Classes: 2, Penalty: penalty}
		predicted, err := logistic.CrossValidate(ctx, rows, classes, groups, folds, o)
		if err != nil {
			return "", err
		}
		model, err := logistic.Fit(ctx, rows, classes, o)
		if err != nil {
			return "", err
		}
		var right, wrong []float64
		for i, p := range predicted {
			if classes[i] == 1 {
				right = append(right, p[1])
			} else {
				wrong = append(wrong, p[1])
			}
		}
		slices.Sort(right)
		least := right[int(trueMarked*float64(len(right)))]
		fmt.Fprintf(out, "%s: %d true, %d false, area under the curve %.3f\n", name, len(right), len(wrong), area(right, wrong))
		for _, marked := range []float64{.01, .02, .03, .05, .1} {
			t := right[int(marked*float64(len(right)))]
			found := 0
			for _, p := range wrong {
				if p < t {
					found++
				}
			}
			fmt.Fprintf(out, "  %2.0f%% of true marked: %d of %d false found, below %.3f\n", 100*marked, found, len(wrong), t)
		}
		for i, n := range support.Features() {
			fmt.Fprintf(out, "  %-24s %6.2f\n", n, model.Weights[0][i+1])
		}
		fmt.Fprint(&file, name)
		for _, w := range model.Weights[0] {
			fmt.Fprintf(&file, " %.4f", w)
		}
		fmt.Fprintf(&file, " %.4f\n", least)
	}
	return file.String(), nil
}

// area is the share of pairs of a true and a false claim whose scores are in order.
func area(right, wrong []float64) float64 {
	n := 0.0
	for _, r := range right {
		for _, w := range wrong {
			switch {
			case r > w:
				n++
			case r == w:
				n += .5
			}
		}
	}
	return n / float64(len(right)*len(wrong))
}

func writeWeights(file, content string) error { return os.WriteFile(file, []byte(content), 0o600) }
