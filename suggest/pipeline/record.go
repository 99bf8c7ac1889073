package pipeline

import (
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
)

// record gathers what made the suggestion, enough to run it again.
func (p *Pipeline) record(in suggest.Input, a asked, f found, d drafted) suggest.Record {
	r := suggest.Record{
		Ticket:   in.Recorded(),
		Messages: in.Messages, Facts: in.Ticket.Facts, Locale: a.draftLocale, Question: a.search,
		Settings: p.recorded, Prompt: d.report.Request, Output: d.report.Output, Finish: d.report.Finish,
		Blocked: d.blocked, Ranking: f.ranking, Questions: textsOf(f.requests),
	}
	if len(r.Blocked) == 0 {
		r.Blocked = nil
	}
	if d.fault != nil {
		r.Fault, r.RetryAfter = d.fault.Fault, d.fault.RetryAfter
	}
	r.Features, r.Assessment = confidence.Features(&f.results), f.assessed.Assessment
	r.Floors = &suggest.Floors{Knowledge: f.assessed.KnowledgeFloor, Quotes: f.assessed.QuoteFloor}
	r.Placeholders = d.placeholders
	if p.drafter != nil {
		r.Configured = p.drafter.Name()
	}
	if d.report.FirstWords > 0 {
		r.Features["first_words_ms"] = float64(d.report.FirstWords.Milliseconds())
	}
	return r
}
