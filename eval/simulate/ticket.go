package simulate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/overlap"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/suggest"
)

// Ticket is a kind of ticket that can arrive, as a run found it.
type Ticket struct {
	// MessageWords is the customer's message, ReplyWords what a good reply has.
	MessageWords, ReplyWords float64
	// HasArticle is true when there is something to look up.
	HasArticle bool
	// DraftWords is the draft's length; 0 without one.
	DraftWords float64
	// ChangedShare is the share of words between draft and good reply.
	ChangedShare float64
	// Assumed is true when the good reply to a draft is not known, and ChangedShare
	// is that of the other drafts on average.
	Assumed bool
	// Weight is how many tickets it stands for among those that arrive; 0 means 1.
	Weight float64
}

// stands is the ticket's weight.
func (t Ticket) stands() float64 {
	if t.Weight == 0 {
		return 1
	}
	return t.Weight
}

// mostWeight bounds how many tickets one stands for.
const mostWeight = 1e12

// mostWords bounds a message, reply or draft that can be played.
const mostWords = 1_000_000

func (t Ticket) validate() error {
	for _, v := range []struct {
		name        string
		value, most float64
	}{
		{"words of the message", t.MessageWords, mostWords},
		{"words of the reply", t.ReplyWords, mostWords},
		{"words of the draft", t.DraftWords, mostWords},
		{"changed share", t.ChangedShare, 1},
		{"tickets that it stands for", t.Weight, mostWeight},
	} {
		if !(v.value >= 0 && v.value <= v.most) {
			return fmt.Errorf("the %s are %v; they must be from 0 to %v", v.name, v.value, v.most)
		}
	}
	return nil
}

// usualReply is the length taken for a reply that the suite does not know, in
// words, when it knows none at all.
const usualReply = 60

// Missing is what a run lacks of its suite.
type Missing struct {
	// Failed counts the tickets that are left out because they failed.
	Failed int
	// Coverage says what of the suite was run; empty when that is all of it.
	Coverage string
}

// FailedError says that too many tickets of a run failed.
type FailedError struct{ Failed, Tickets int }

func (e *FailedError) Error() string {
	return fmt.Sprintf("%d of the run's %s failed, and at most 1%% may: what fails is mostly the making of a draft, so the others would tell a wrong worth of drafts. "+
		"Go on with the run first: eval run --resume tries again what failed", e.Failed, say.Count(e.Tickets, "ticket"))
}

// mostFailed is the share of tickets that may be missing because they failed.
const mostFailed = .01

// FromRun takes the tickets of a run that people answer: those that failed are
// left out, and so are those that only AblateGold made and, in a run of a
// sample, those without a weight. A draft where silence was expected, or a
// person, is taken for one to be thrown away. Where the gold reply is not known, its length is the mean
// of those that are, and what is changed of a draft the mean of the drafts whose
// gold replies are known; it is an error when there are none of these. It fails
// with *FailedError when more than 1% failed, by number or by weight.
func FromRun(r *eval.Report) ([]Ticket, Missing, error) {
	if slices.ContainsFunc(r.Cases, func(c eval.CaseResult) bool { return c.Error == "" && !c.Knows(eval.FieldText) }) {
		return nil, Missing{}, errors.New("the run does not tell which tickets got a draft; import it again with the texts of the replies")
	}
	arrived := arriving(r)
	missing, err := missingOf(r, arrived)
	if err != nil {
		return nil, missing, err
	}
	tickets, err := ticketsOf(arrived, replyLength(r))
	return tickets, missing, err
}

// arriving are the cases that stand for tickets that people answer.
func arriving(r *eval.Report) []*eval.CaseResult {
	sampled := slices.ContainsFunc(r.Cases, func(c eval.CaseResult) bool { return c.Weight > 0 })
	var out []*eval.CaseResult
	for i := range r.Cases {
		c := &r.Cases[i]
		if !slices.Contains(c.Tags, suite.TagGoldHidden) && (!sampled || c.Weight > 0) {
			out = append(out, c)
		}
	}
	return out
}

// missingOf tells what the run lacks, and fails where that is too much.
func missingOf(r *eval.Report, arrived []*eval.CaseResult) (Missing, error) {
	var m Missing
	var failed, all float64
	for _, c := range arrived {
		stands := Ticket{Weight: c.Weight}.stands()
		all += stands
		if c.Error != "" {
			m.Failed++
			failed += stands
		}
	}
	if float64(m.Failed) > mostFailed*float64(len(arrived)) || failed > mostFailed*all {
		return m, &FailedError{Failed: m.Failed, Tickets: len(arrived)}
	}
	if r.Partial {
		m.Coverage = r.Coverage()
	}
	return m, nil
}

func ticketsOf(arrived []*eval.CaseResult, length float64) ([]Ticket, error) {
	var tickets []Ticket
	var held, changed float64
	for _, c := range arrived {
		if c.Error != "" {
			continue
		}
		t := Ticket{Weight: c.Weight, MessageWords: words(c.Question), ReplyWords: length, HasArticle: len(c.GoldIDs) > 0}
		if c.GoldReply != "" {
			t.ReplyWords = words(c.GoldReply)
		}
		if c.Outcome == suggest.OutcomeDraft {
			t.DraftWords = words(c.Text)
			switch {
			case c.Expect == suite.ExpectNone || c.Expect == suite.ExpectHuman:
				t.ChangedShare = 1
			case c.GoldReply == "":
				t.Assumed = true
			default:
				t.ChangedShare = overlap.ChangedShare(c.Text, c.GoldReply)
				held += t.stands()
				changed += t.stands() * t.ChangedShare
			}
		}
		tickets = append(tickets, t)
	}
	if len(tickets) == 0 {
		return nil, errors.New("the run holds no ticket that went through; run the suite again")
	}
	for i := range tickets {
		if !tickets[i].Assumed {
			continue
		}
		if held == 0 {
			return nil, errors.New("none of the run's drafts has a gold reply, so nothing tells how much of a draft agents would change; give tickets that get a draft a gold_reply, as an agent would write it, and run the suite again")
		}
		tickets[i].ChangedShare = changed / held
	}
	return tickets, nil
}

// replyLength is the mean length of the gold replies, in words.
func replyLength(r *eval.Report) float64 {
	var known, sum float64
	for i := range r.Cases {
		if reply := r.Cases[i].GoldReply; reply != "" {
			known++
			sum += words(reply)
		}
	}
	if known == 0 {
		return usualReply
	}
	return sum / known
}

func words(s string) float64 { return float64(len(strings.Fields(s))) }

// seconds is how long an agent takes, on average, without drafts and with them.
func (t Ticket) seconds(a Assumptions) (without, with float64) {
	read := t.MessageWords / a.ReadingWPM * 60
	write := t.ReplyWords / a.WritingWPM * 60
	lookup := 0.
	if t.HasArticle {
		lookup = a.LookupSeconds
	}
	without = read + lookup + write + a.DecideSeconds
	if t.DraftWords == 0 {
		return without, without
	}
	look := read + (t.DraftWords+a.CitedWords)/a.ReadingWPM*60 + a.CheckSeconds + a.DecideSeconds
	change := t.ChangedShare * a.RewriteShare
	if t.ChangedShare >= 1 || change > a.DiscardAbove {
		// Reading the draft was for nothing; its evidence still spares the search.
		if t.HasArticle {
			lookup /= 2
		}
		return without, look + lookup + write
	}
	return without, look + change*write
}
