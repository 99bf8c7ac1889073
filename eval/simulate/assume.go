package simulate

import (
	"errors"
	"fmt"
	"math"
	"reflect"
)

// Assumptions are what is taken for granted. Times are in seconds, speeds in
// words a minute.
type Assumptions struct {
	// TicketsPerWeek arrive on average, disruptions included.
	TicketsPerWeek float64 `json:"tickets_per_week"`
	// NightShare is the rate from 22 to 6 o'clock relative to the busiest hours;
	// WeekendShare that of Saturday and Sunday relative to other days.
	NightShare   float64 `json:"night_share"`
	WeekendShare float64 `json:"weekend_share"`
	// DisruptionsPerWeek begin at any time, last DisruptionHours, and multiply
	// arrivals by DisruptionFactor.
	DisruptionsPerWeek float64 `json:"disruptions_per_week"`
	DisruptionHours    float64 `json:"disruption_hours"`
	DisruptionFactor   float64 `json:"disruption_factor"`
	// Occupancy is how busy agents would be without drafts and disruptions: it
	// sets how many are on duty in each hour, the same with drafts and without.
	Occupancy float64 `json:"occupancy"`

	// ReadingWPM is silent reading of English non-fiction: 238 (Brysbaert, "How
	// many words do we read per minute?", 2019).
	ReadingWPM float64 `json:"reading_wpm"`
	// WritingWPM is composing a reply: 19 by Karat, Halverson, Horn and Karat
	// ("Patterns of entry and correction in large vocabulary continuous speech
	// recognition systems", 1999) for anyone; agents with practice are quicker.
	WritingWPM float64 `json:"writing_wpm"`
	// LookupSeconds is finding the article without a draft, for tickets that
	// have one.
	LookupSeconds float64 `json:"lookup_seconds"`
	// CheckSeconds is holding a draft against its sources, beyond reading both.
	CheckSeconds float64 `json:"check_seconds"`
	// DecideSeconds is deciding and clicking, for every ticket.
	DecideSeconds float64 `json:"decide_seconds"`
	// CitedWords is how much of the evidence is read with a draft.
	CitedWords float64 `json:"cited_words"`
	// RewriteShare is the share of words that the gold reply has otherwise and
	// that an agent would really change: two good replies use other words.
	RewriteShare float64 `json:"rewrite_share"`
	// DiscardAbove is the share of words to change from which on an agent throws
	// the draft away and begins anew.
	DiscardAbove float64 `json:"discard_above"`
	// Spread is the coefficient of variation between tickets of the same kind.
	Spread float64 `json:"spread"`
	// PromiseSeconds is the promised first reply.
	PromiseSeconds float64 `json:"promise_seconds"`
}

// Defaults are assumptions to begin with; only the reading speed is measured
// well enough to leave alone.
func Defaults() Assumptions {
	return Assumptions{
		TicketsPerWeek: 4000, NightShare: .15, WeekendShare: .7,
		DisruptionsPerWeek: .5, DisruptionHours: 8, DisruptionFactor: 3, Occupancy: .85,
		ReadingWPM: 238, WritingWPM: 33, LookupSeconds: 60, CheckSeconds: 10, DecideSeconds: 8, CitedWords: 80,
		RewriteShare: .5, DiscardAbove: .6, Spread: .5, PromiseSeconds: 3600,
	}
}

// Validate names the first assumption that can't be.
func (a Assumptions) Validate() error {
	v := reflect.ValueOf(a)
	for i := range v.NumField() {
		value := v.Field(i).Float()
		name := v.Type().Field(i).Tag.Get("json")
		if math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
			return fmt.Errorf("%s is %v; give a number from 0 on", name, value)
		}
	}
	for name, value := range map[string]float64{
		"tickets_per_week": a.TicketsPerWeek, "reading_wpm": a.ReadingWPM, "writing_wpm": a.WritingWPM,
		"occupancy": a.Occupancy, "promise_seconds": a.PromiseSeconds,
	} {
		if value == 0 {
			return fmt.Errorf("%s is 0; give a number above 0", name)
		}
	}
	if a.Occupancy > 1 || a.RewriteShare > 1 || a.DiscardAbove > 1 {
		return errors.New("occupancy, rewrite_share and discard_above can't be above 1")
	}
	if a.TicketsPerWeek > 200_000 {
		return errors.New("tickets_per_week is above 200000, which takes too long to play; play a part of the centre")
	}
	return nil
}
