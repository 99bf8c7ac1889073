package main

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/purser-desk/purser/suggest/kind"
)

// tellAll prints, tab-separated, for each line of in: kind, the four probabilities,
// the line.
func tellAll(ctx context.Context, c *kind.Classifier, in io.Reader, out io.Writer) error {
	var sentences []string
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if lines.Text() != "" {
			sentences = append(sentences, lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	results, err := c.Classify(ctx, sentences, "")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "kind\tsource\taction\tpromise\tliability\tsentence")
	for i, r := range results {
		fmt.Fprintf(out, "%s\t%.3f\t%.3f\t%.3f\t%.3f\t%s\n", r.Kind, r.NeedsSource, r.Action, r.Promise, r.Liability, sentences[i])
	}
	return nil
}
