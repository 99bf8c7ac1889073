package simulate

import "fmt"

// Assumptions are what is taken for granted. Times are in seconds, speeds in
// words a minute. Assumed lists them with their bounds.
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
	// many words do we read per minute? A review and meta-analysis of reading
	// rate", Journal of Memory and Language 109, 2019).
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

// Assumed describes one assumption.
type Assumed struct {
	// Name is that in JSON.
	Name string
	// Least and Most bound it: outside, a play says nothing of any centre, or
	// never ends.
	Least, Most float64
	// About says in a line what it is.
	About string
	field func(*Assumptions) *float64
}

// Value is what the assumption is.
func (d Assumed) Value(a Assumptions) float64 { return *d.field(&a) }

// With is the assumptions with this one changed.
func (d Assumed) With(a Assumptions, value float64) Assumptions {
	*d.field(&a) = value
	return a
}

// AssumedList lists every assumption, in the order in which it is shown.
func AssumedList() []Assumed {
	return []Assumed{
		{"tickets_per_week", 1, 200_000, "tickets that arrive, disruptions included", func(a *Assumptions) *float64 { return &a.TicketsPerWeek }},
		{"night_share", 0, 1, "arrivals by night to those at the busiest hours", func(a *Assumptions) *float64 { return &a.NightShare }},
		{"weekend_share", 0, 1, "arrivals on a weekend day to those on another", func(a *Assumptions) *float64 { return &a.WeekendShare }},
		{"disruptions_per_week", 0, 20, "disruptions that begin in a week", func(a *Assumptions) *float64 { return &a.DisruptionsPerWeek }},
		{"disruption_hours", 0, 168, "how long one lasts", func(a *Assumptions) *float64 { return &a.DisruptionHours }},
		{"disruption_factor", 1, 50, "arrivals in it to those at other times", func(a *Assumptions) *float64 { return &a.DisruptionFactor }},
		{"occupancy", .05, 1, "share of their time that agents work on tickets without drafts and disruptions; sets how many there are", func(a *Assumptions) *float64 { return &a.Occupancy }},
		{"reading_wpm", 20, 2000, "words read in a minute (Brysbaert 2019: 238)", func(a *Assumptions) *float64 { return &a.ReadingWPM }},
		{"writing_wpm", 2, 500, "words of a reply composed in a minute", func(a *Assumptions) *float64 { return &a.WritingWPM }},
		{"lookup_seconds", 0, 3600, "finding the article without a draft", func(a *Assumptions) *float64 { return &a.LookupSeconds }},
		{"check_seconds", 0, 3600, "holding a draft against its sources, beyond reading both", func(a *Assumptions) *float64 { return &a.CheckSeconds }},
		{"decide_seconds", 0, 3600, "deciding and clicking", func(a *Assumptions) *float64 { return &a.DecideSeconds }},
		{"cited_words", 0, 10_000, "words of evidence read with a draft", func(a *Assumptions) *float64 { return &a.CitedWords }},
		{"rewrite_share", 0, 1, "of the words that the gold reply has otherwise, those that an agent changes", func(a *Assumptions) *float64 { return &a.RewriteShare }},
		{"discard_above", 0, 1, "share of words to change from which on a draft is thrown away", func(a *Assumptions) *float64 { return &a.DiscardAbove }},
		{"spread", 0, 3, "standard deviation of a ticket's time to its mean", func(a *Assumptions) *float64 { return &a.Spread }},
		{"promise_seconds", 1, 2_592_000, "the promised first reply", func(a *Assumptions) *float64 { return &a.PromiseSeconds }},
	}
}

// Validate names the first assumption, in the order of AssumedList, that can't
// be, and what may be given for it.
func (a Assumptions) Validate() error {
	for _, d := range AssumedList() {
		// Not what is outside, but what is not inside: NaN is neither.
		if v := d.Value(a); !(v >= d.Least && v <= d.Most) {
			return fmt.Errorf("%s is %v; give a number from %v to %v", d.Name, v, d.Least, d.Most)
		}
	}
	return nil
}
