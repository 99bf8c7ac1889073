// Package profiles reads confidence profiles from files, and shows them to people.
package profiles

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/suggest/confidence"
)

// Print shows a profile to people.
func Print(w io.Writer, p *confidence.Profile) {
	q := p.Quality
	fmt.Fprintf(w, "Profile %q, hash %s\n", console.Plain(p.Name), p.Hash()[:12])
	space := "by words alone"
	if p.Space != "" {
		space = "in the embedding space " + p.Space
	}
	fmt.Fprintf(w, "Fitted to %s, searched %s, among at least %s.\n", say.Count(q.Samples, "ticket"), console.Plain(space), say.Count(p.Articles, "article"))
	fmt.Fprintf(w, "Floor %.3f: below it there is no draft, so that about %.0f%% of the answerable tickets get none.\n\n", p.Floor, 100*p.FalseAbstention)
	var features [][]string
	for _, f := range p.Features {
		features = append(features, []string{console.Plain(f.Name), fmt.Sprintf("%+.3f", f.Weight), fmt.Sprintf("%.4g", f.Mean), fmt.Sprintf("%.4g", f.Scale)})
	}
	console.PrintTable(w, []string{"Feature", "Weight", "Mean", "Scale"}, features)
	fmt.Fprintf(w, "Intercept %+.3f, penalty %g; weights are log-odds for a standard deviation.\n", p.Intercept, p.Penalty)
	if q.Samples > 0 {
		printQuality(w, p)
	}
}

func printQuality(w io.Writer, p *confidence.Profile) {
	q := p.Quality
	fmt.Fprintf(w, "\nCross-validated in %d folds, no article on both sides, with 95%% intervals:\n", q.Folds)
	rows := qualityRows(p)
	console.PrintTable(w, []string{"Set", "Tickets", "AUROC", "Brier", "Calibration error", "False abstention", "Right abstention"}, rows)
	fmt.Fprintln(w, "False abstention: answerable tickets that get no draft. Right abstention: the others that get none.")
	if len(p.Sets) > 1 {
		fmt.Fprintln(w, "Never seen: by a profile fitted to the other sets alone, as a new base would meet it.")
	}
	fmt.Fprintln(w, "\nHow often tickets of a confidence were answerable:")
	var groups [][]string
	for _, g := range q.Reliability {
		groups = append(groups, []string{fmt.Sprintf("%.3f", g.Confidence), fmt.Sprintf("%.3f (%.3f–%.3f)", g.Answerable, g.Low, g.High), fmt.Sprint(g.N)})
	}
	console.PrintTable(w, []string{"Confidence", "Answerable", "Tickets"}, groups)
}

// qualityRows are the lines of the table of quality, set by set.
func qualityRows(p *confidence.Profile) [][]string {
	rows := [][]string{qualityRow("all", "", p.Quality)}
	if len(p.Sets) == 1 {
		rows[0] = qualityRow(p.Sets[0].Name, setSize(p.Sets[0]), p.Quality)
	}
	for _, s := range p.Sets {
		if s.Within != nil {
			rows = append(rows, qualityRow(s.Name, setSize(s), *s.Within))
		}
		if s.Unseen != nil {
			rows = append(rows, qualityRow("  never seen", "", *s.Unseen))
		}
		if s.Estimate != nil {
			rows = append(rows, qualityRow("  without a profile", "", *s.Estimate))
		}
	}
	return rows
}

func setSize(s confidence.Set) string {
	return fmt.Sprintf("%d + %d not answerable", s.Answerable, s.Unanswerable)
}

func qualityRow(name, size string, q confidence.Quality) []string {
	row := []string{console.Plain(name), size}
	for _, f := range []confidence.Measured{q.AUROC, q.Brier, q.CalibrationError, q.FalseAbstention, q.RightAbstention} {
		cell := "-"
		if f.N > 0 {
			cell = fmt.Sprintf("%.3f (%.3f–%.3f)", f.Value, f.Low, f.High)
		}
		row = append(row, cell)
	}
	return row
}

// None is how the absence of any profile is named on the command line.
const None = "none"

// Read reads a profile for a command: nil for None.
func Read(path string) (*confidence.Profile, error) {
	if path == None {
		return nil, nil //nolint:nilnil // no profile is what was asked for
	}
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file; name a profile that \"purser eval calibrate\" wrote, or %q", path, None)
	case err != nil:
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	p, err := confidence.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &p, nil
}
