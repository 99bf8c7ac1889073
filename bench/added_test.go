package bench_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

// What Purser may add, and how soon it must say something.
const (
	ratioLimit = 1.6
	firstLimit = 5.0
)

// measured pairs at least, whatever the time that the benchmark is given.
const minPairs = 200

// BenchmarkSuggestReply measures a suggestion over gRPC against the reference
// set, one after the other in turns, and the first event of its stream against
// the cheapest call.
func BenchmarkSuggestReply(b *testing.B) {
	s := newServer(b)
	first := s.open(b, 0)
	r := newReference(b, s, s.suggest(b, first.id, "0").suggestion.GetSuggestionId())
	var whole, began, who, bare []time.Duration
	parts := make([][]time.Duration, len(steps))
	n, clean := 0, 0
	pair := func(keep bool) {
		n++
		k := s.open(b, n)
		p := r.prepare(b, k)
		product := func() {
			seen := s.suggest(b, k.id, strconv.Itoa(n))
			if seen.suggestion.GetOutcome() != purserv1.Outcome_OUTCOME_DRAFT || len(seen.suggestion.GetDegraded()) > 0 {
				b.Fatalf("ticket %d: no draft of the model: %s %v", n, seen.suggestion.GetOutcome(), seen.suggestion.GetDegraded())
			}
			// The scripted vectors say nothing of what a sentence means, so that some are
			// marked; none may be left out or cut off.
			if len(seen.suggestion.GetDraft().GetLeftOut()) == 0 {
				clean++
			}
			if keep {
				whole, began = append(whole, seen.whole), append(began, seen.first)
			}
		}
		if n%2 == 0 {
			product()
		}
		took := r.run(b, p)
		me := s.whoAmI(b)
		if n%2 == 1 {
			product()
		}
		if !keep {
			return
		}
		var sum time.Duration
		for i, d := range took {
			parts[i] = append(parts[i], d)
			sum += d
		}
		bare, who = append(bare, sum), append(who, me)
	}
	for range 20 { // statements are planned for good after five times
		pair(false)
	}
	for b.Loop() {
		pair(true)
	}
	for len(whole) < minPairs {
		pair(true)
	}
	if clean < n*9/10 {
		b.Fatalf("of %d drafts only %d are whole", n, clean)
	}

	added, low, high := ratio(whole, bare)
	soon, soonLow, soonHigh := ratio(began, who)
	b.ReportMetric(float64(median(whole).Nanoseconds()), "ns/op")
	b.ReportMetric(added, "ratio")
	b.ReportMetric(soon, "first/WhoAmI")
	fmt.Printf("\nWork added by Purser: SuggestReply %s against %s for the reference set (", ms(median(whole)), ms(median(bare)))
	for i, step := range steps {
		fmt.Printf("%s %s, ", step, ms(median(parts[i])))
	}
	fmt.Printf("medians of %d)\nratio %.2f (limit %.1f), 95%% interval %.2f to %.2f%s\n", len(whole), added, ratioLimit, low, high, verdict(added, ratioLimit))
	fmt.Printf("First event: %s against %s for WhoAmI\nfirst event / WhoAmI p50 %.2f (limit %.0f), 95%% interval %.2f to %.2f%s\n",
		ms(median(began)), ms(median(who)), soon, firstLimit, soonLow, soonHigh, verdict(soon, firstLimit))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }

func verdict(got, limit float64) string {
	if got > limit {
		return ": OVER THE LIMIT"
	}
	return ""
}
