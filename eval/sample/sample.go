package sample

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// History reads what happened. It is never written to.
type History interface {
	// Asks tells yield every ask of a time, and stops with yield's error.
	Asks(ctx context.Context, w suggest.Workspace, begin, end time.Time, yield func(suggest.Ask) error) error
	// AskHistory reads what surrounds one; it fails with
	// suggest.ErrTicketNotFound when it is gone.
	AskHistory(ctx context.Context, w suggest.Workspace, a suggest.Ask) (suggest.AskHistory, error)
}

// Options say what to sample.
type Options struct {
	History   History
	Workspace suggest.Workspace
	// Public is what anyone can read in the knowledge that the suite runs on.
	Public *Public
	// Begin and End bound when the asks were written, the second excluded.
	Begin, End time.Time
	// N is the most cases, at least 1; PerStratum the fewest of each stratum, as
	// far as there are so many and N allows.
	N, PerStratum int
	// Seed of the sample: the same history and seed give the same one.
	Seed uint64
	// Key is a secret that ids and pseudonyms are made with, so that nobody can
	// tell the value from them. The same key gives the same ones.
	Key []byte
	// Progress is told after each case; may be nil.
	Progress func(done, total int)
}

// Suite is a sample, ready to be written.
type Suite struct {
	// Cases by id.
	Cases  []Case
	Report Report
}

// Report says what was taken and hidden; it holds nothing of any ticket.
type Report struct {
	Begin time.Time `json:"begin"`
	End   time.Time `json:"end"`
	Seed  uint64    `json:"seed"`
	// Population is how many asks there were, Cases how many were taken.
	Population int `json:"population"`
	Cases      int `json:"cases"`
	// Withheld could not be made safe, or were gone when they were read.
	Withheld int `json:"withheld"`
	// Open are cases of which a person has to say what is expected.
	Open   int             `json:"open"`
	Strata []StratumReport `json:"strata"`
	// Replaced counts what has a pseudonym, by kind.
	Replaced map[string]int `json:"replaced"`
	// KnowledgeHash is that of the articles, when they stand in the folder.
	KnowledgeHash string `json:"knowledge_hash,omitempty"`
	Articles      int    `json:"articles,omitempty"`
	// Warnings for who uses the suite.
	Warnings []string `json:"warnings"`
}

// StratumReport says how a stratum was sampled.
type StratumReport struct {
	Name string `json:"name"`
	// Population and Sampled count asks; each case stands for Weight of them.
	Population int     `json:"population"`
	Sampled    int     `json:"sampled"`
	Weight     float64 `json:"weight"`
	// Expect counts the cases by what is expected.
	Expect map[suite.Expect]int `json:"expect"`
}

// ErrNothingHappened says that there is nothing to sample.
var ErrNothingHappened = errors.New("no message that could have been answered was written in this time; name another time with --from and --to")

// run is one sample under way.
type run struct {
	Options
	replaced map[string]int
}

// Take samples what happened. It fails with ErrNothingHappened, *TooFewError, with
// an error of the history or that of ctx; nothing is half done then.
func Take(ctx context.Context, o Options) (Suite, error) {
	r := &run{Options: o, replaced: map[string]int{}}
	sampler := newSampler(o.N, o.Seed)
	err := o.History.Asks(ctx, o.Workspace, o.Begin, o.End, func(a suggest.Ask) error {
		sampler.add(a)
		return ctx.Err()
	})
	if err != nil {
		return Suite{}, fmt.Errorf("read what happened: %w", err)
	}
	if len(sampler.strata) == 0 {
		return Suite{}, ErrNothingHappened
	}
	drawn, err := sampler.draw(o.PerStratum)
	if err != nil {
		return Suite{}, err
	}
	return r.cases(ctx, sampler, drawn)
}

func (r *run) cases(ctx context.Context, sampler *sampler, drawn map[string][]suggest.Ask) (Suite, error) {
	h := Suite{Report: Report{
		Begin: r.Begin.UTC(), End: r.End.UTC(), Seed: r.Seed, Population: sampler.population(), Replaced: r.replaced,
	}}
	total, done := 0, 0
	for _, asks := range drawn {
		total += len(asks)
	}
	for _, name := range slices.Sorted(maps.Keys(drawn)) {
		first := len(h.Cases)
		for _, ask := range drawn[name] {
			c, ok, err := r.one(ctx, ask)
			if err != nil {
				return Suite{}, err
			}
			if ok {
				h.Cases = append(h.Cases, c)
			} else {
				h.Report.Withheld++
			}
			if done++; r.Progress != nil {
				r.Progress(done, total)
			}
		}
		s := StratumReport{Name: name, Population: sampler.strata[name].size, Sampled: len(h.Cases) - first}
		if s.Sampled > 0 {
			s.Weight = float64(s.Population) / float64(s.Sampled)
		}
		for i := first; i < len(h.Cases); i++ {
			h.Cases[i].Weight = s.Weight
		}
		h.Report.Strata = append(h.Report.Strata, s)
	}
	slices.SortFunc(h.Cases, func(a, b Case) int { return strings.Compare(a.ID, b.ID) })
	openContradictions(h.Cases)
	h.count()
	return h, nil
}

func (r *run) one(ctx context.Context, ask suggest.Ask) (Case, bool, error) {
	history, err := r.History.AskHistory(ctx, r.Workspace, ask)
	if errors.Is(err, suggest.ErrTicketNotFound) {
		return Case{}, false, nil
	}
	if err != nil {
		return Case{}, false, fmt.Errorf("read a ticket: %w", err)
	}
	c, ok := r.newCase(&history)
	return c, ok, nil
}

// caseID names a message so that nobody without the key can tell which one.
func (r *run) caseID(message string) string {
	mac := hmac.New(sha256.New, r.Key)
	_, _ = mac.Write([]byte("case\x00" + string(r.Workspace) + "\x00" + message)) // a hash never fails
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// openContradictions opens what is expected where the same was asked and people
// did different things: a suite can't ask for both.
func openContradictions(cases []Case) {
	same := map[string][]*Case{}
	for i := range cases {
		c := &cases[i]
		var asked strings.Builder
		for _, m := range append(slices.Clone(c.Messages), Message{c.Author, c.Text}) {
			asked.WriteString(string(m.Author) + "\x00" + strings.ToLower(oneLine(m.Text)) + "\x00")
		}
		key := asked.String() + strings.ToLower(oneLine(c.Subject))
		if c.Expect != suite.ExpectOpen {
			same[key] = append(same[key], c)
		}
	}
	for _, group := range same {
		if !slices.ContainsFunc(group, func(c *Case) bool { return contradict(group[0], c) }) {
			continue
		}
		for _, c := range group {
			c.Candidates = append(c.Candidates, c.GoldIDs...)
			c.Expect, c.Reason, c.GoldIDs = suite.ExpectOpen, "", nil
			c.Review = "The same was asked more than once, and people did different things: which is right (answer with gold_ids, none or human)?"
			if !slices.Contains(c.Tags, "review") {
				c.Tags = append(c.Tags, "review")
				slices.Sort(c.Tags)
			}
		}
	}
}

func contradict(a, b *Case) bool {
	alike := len(a.GoldIDs) == 0 && len(b.GoldIDs) == 0 ||
		slices.ContainsFunc(a.GoldIDs, func(key string) bool { return slices.Contains(b.GoldIDs, key) })
	return a.Expect != b.Expect || a.Reason != b.Reason || !alike
}

// count fills in what the report says of the cases.
func (h *Suite) count() {
	r := &h.Report
	r.Cases = len(h.Cases)
	by := map[string]map[suite.Expect]int{}
	for i := range h.Cases {
		c := &h.Cases[i]
		if c.Expect == suite.ExpectOpen {
			r.Open++
		}
		for _, tag := range c.Tags {
			if name, ok := strings.CutPrefix(tag, "stratum:"); ok {
				if by[name] == nil {
					by[name] = map[suite.Expect]int{}
				}
				by[name][c.Expect]++
			}
		}
	}
	r.Warnings = []string{
		"Names, addresses and codes that nobody told the desk are found by how they are written, not all of them. A person must read every case before the suite leaves the house.",
		"Amounts, flight numbers and dates other than dates of birth stand as they were.",
	}
	for i := range r.Strata {
		s := &r.Strata[i]
		if s.Expect = by[s.Name]; s.Sampled == 0 {
			r.Warnings = append(r.Warnings, fmt.Sprintf("No case stands for the %d tickets of %q, so weighted figures leave them out.", s.Population, s.Name))
		}
	}
	if r.Open > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d of %d cases leave open what is expected, because what people did does not tell: a person has to fill in \"expect\" where \"review\" asks for it.", r.Open, r.Cases))
	}
	if r.Withheld > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("Left out because something personal would have stayed in them, or because they were erased meanwhile: %d.", r.Withheld))
	}
	if r.Cases == r.Population {
		r.Warnings = append(r.Warnings, "All that happened in this time was taken; there was no more.")
	}
}
