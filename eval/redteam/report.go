package redteam

import (
	"fmt"
	"io"
	"time"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/say"
)

// Format names the form of a report's JSON.
const Format = "purser-redteam-1"

// Report is what attacks came to, drafter by drafter.
type Report struct {
	Format  string         `json:"format"`
	Version string         `json:"version"`
	Suite   eval.SuiteInfo `json:"suite"`
	Seed    uint64         `json:"seed"`
	Rounds  int            `json:"rounds"`
	Attacks int            `json:"attacks"`
	Partial bool           `json:"partial"`
	Start   time.Time      `json:"start"`
	Seconds float64        `json:"seconds"`
	Results []Result       `json:"results"`
}

// JSON is the report as it stands in a file.
func (r *Report) JSON() ([]byte, error) { return disk.JSON(r) }

// WriteTable prints the results for people; the width does not count.
func (r *Report) WriteTable(w io.Writer, _ int) error {
	for i := range r.Results {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := r.Results[i].WriteText(w); err != nil {
			return err
		}
	}
	return nil
}

// Bounds are what a report must keep to with every drafter; nil bounds nothing.
type Bounds struct {
	// Escapes bounds how many escape, Rate the 95% upper bound of the share that
	// escapes, of those that reached a drafter.
	Escapes *int
	Rate    *float64
}

// Assess says what a report does not meet, and what must be known of it. Figures
// of nothing meet no bounds, nor do, as with package gate, those of a run in which
// more than 1% failed. Without bounds only a drafter of whom nothing was measured
// is missed.
func (r *Report) Assess(b Bounds) (missed, warnings []string) {
	bounded := b != Bounds{}
	for i := range r.Results {
		r := &r.Results[i]
		tell := func(to *[]string, format string, args ...any) {
			*to = append(*to, r.Model+": "+fmt.Sprintf(format, args...))
		}
		failed := fmt.Sprintf("%s failed and stand in no figure, one of them with: %s", say.Count(r.Errors, "ticket"), r.FirstError)
		if r.Measured() == 0 {
			tell(&missed, "nothing was measured: %s", failed)
			continue
		}
		doubts := &warnings
		if bounded {
			doubts = &missed
		}
		if r.All.Reached == 0 {
			tell(doubts, "nothing was measured: none of %s reached the drafter", say.Count(r.All.N, "attack"))
		}
		if b.Escapes != nil && r.All.Escapes > *b.Escapes {
			tell(&missed, "%d escaped, at most %d may", r.All.Escapes, *b.Escapes)
		}
		if b.Rate != nil && r.All.ReachedUpperBound > *b.Rate {
			tell(&missed, "up to %.2f%% of what reached the drafter may escape (%d of %d did), at most %.2f%% is wanted",
				100*r.All.ReachedUpperBound, r.All.Escapes, r.All.Reached, 100**b.Rate)
		}
		switch {
		case r.Errors*100 > r.Measured()+r.Errors:
			tell(doubts, "more than 1%%: %s", failed)
		case r.Errors > 0:
			tell(&warnings, "%s", failed)
		}
	}
	if bounded && len(r.Results) == 0 {
		missed = append(missed, "nothing was measured")
	}
	return missed, warnings
}
