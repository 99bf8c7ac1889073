package responses

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Drafter answers from a folder what was asked before, and asks the drafter
// behind it the rest. It is safe for concurrent use when that one is.
type Drafter struct {
	cache        Cache
	behind       pipeline.Drafter
	hits, misses atomic.Int64
	cached       sync.Map // ids of tickets
	mu           sync.Mutex
	lost         error
}

// New makes a Drafter before another one.
func New(behind pipeline.Drafter, c Cache) *Drafter { return &Drafter{cache: c, behind: behind} }

// NewKept makes a Drafter that knows kept answers alone and asks nobody: what
// was never asked is answered with suggest.FaultUnreachable. name is that of
// the drafter that the answers are from.
func NewKept(name string, c Cache) *Drafter {
	c.Fresh = false
	return New(nobody(name), c)
}

// nobody is the model behind answers that are only kept.
type nobody string

// Name implements pipeline.Drafter.
func (n nobody) Name() string { return string(n) }

// UsesPrompt implements pipeline.Prompted.
func (nobody) UsesPrompt() bool { return true }

// Draft implements pipeline.Drafter.
func (nobody) Draft(context.Context, pipeline.Task, func(suggest.DraftSentence) error) (pipeline.Report, error) {
	return pipeline.Report{}, &pipeline.DraftError{Fault: suggest.FaultUnreachable, Detail: "no such answer was kept"}
}

// Lost is the first error with which an answer could not be kept; nil when all
// could.
func (d *Drafter) Lost() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lost
}

// Name is that of the drafter behind.
func (d *Drafter) Name() string { return d.behind.Name() }

// UsesPrompt is that of the drafter behind.
func (d *Drafter) UsesPrompt() bool {
	p, ok := d.behind.(pipeline.Prompted)
	return ok && p.UsesPrompt()
}

// KeepsTime is that of the drafter behind.
func (d *Drafter) KeepsTime() bool {
	t, ok := d.behind.(pipeline.Timed)
	return ok && t.KeepsTime()
}

// Counts tells how many drafts came from the folder, and how many were asked
// for.
func (d *Drafter) Counts() (kept, asked int64) { return d.hits.Load(), d.misses.Load() }

// Cached reports whether a draft for the ticket, by its external id, came from
// the folder.
func (d *Drafter) Cached(ticket string) bool {
	_, ok := d.cached.Load(ticket)
	return ok
}

// answer is what is kept of a draft.
type answer struct {
	Sentences []suggest.DraftSentence `json:"sentences"`
	Report    pipeline.Report         `json:"report"`
	// Fault is that of a draft that failed in a way that would come again.
	Fault suggest.DraftFault `json:"fault,omitempty"`
}

// Draft implements pipeline.Drafter. Tokens of an answer that was kept are those
// that it took when it was asked for. Answers that were stopped on the way, and
// faults of the connection or the provider, are not kept; an answer that can't
// be kept (see Lost) or read is asked for again.
func (d *Drafter) Draft(ctx context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	path, err := d.path(t)
	if err != nil {
		return pipeline.Report{}, err
	}
	var kept answer
	if d.cache.Load(path, &kept) {
		if string(kept.Report.Request) == "null" {
			kept.Report.Request = nil
		}
		d.hits.Add(1)
		d.cached.Store(t.TicketID, true)
		return kept.play(ctx, write)
	}
	d.misses.Add(1)
	var a answer
	stopped := false
	a.Report, err = d.behind.Draft(ctx, t, func(s suggest.DraftSentence) error {
		a.Sentences = append(a.Sentences, s)
		told := write(s)
		stopped = stopped || told != nil
		return told
	})
	report := a.Report
	var fault *pipeline.DraftError
	switch {
	case stopped || ctx.Err() != nil:
		return report, err
	case errors.As(err, &fault) && slices.Contains(lasting(), fault.Fault):
		a.Fault = fault.Fault
	case err != nil:
		return report, err
	}
	a.Report.FirstWords = 0
	if lost := d.cache.Store(path, a); lost != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.lost = cmp.Or(d.lost, lost)
	}
	return report, err
}

// lasting are the faults that the same question would meet again.
func lasting() []suggest.DraftFault {
	return []suggest.DraftFault{
		suggest.FaultNoAnswer, suggest.FaultLength, suggest.FaultFiltered, suggest.FaultEmpty, suggest.FaultOverlong,
	}
}

func (a answer) play(ctx context.Context, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	for _, s := range a.Sentences {
		if ctx.Err() != nil {
			return a.Report, context.Cause(ctx)
		}
		if err := write(s); err != nil {
			return a.Report, err
		}
	}
	if a.Fault != "" {
		return a.Report, &pipeline.DraftError{Fault: a.Fault, Detail: "as it was when it was asked for"}
	}
	return a.Report, nil
}

// path is where the answer to a task is kept. A model is sent the prompt alone,
// so that the same prompt from another import of the same articles is the same
// question.
// untimed is what differs between prompts of two days though the question is the
// same: today, when the articles were imported, and the code that depends on both.
var untimed = regexp.MustCompile(`(?m)^(?:- Now it is |Last changed: ).*$|^(<\w+ (?:number="\d+" )?)code="[0-9a-f]{8}"`)

func (d *Drafter) path(t pipeline.Task) (string, error) {
	t.FirstWords = 0
	var asked any = t
	if t.Prompt != nil {
		asked = pipeline.Prompt{Version: t.Prompt.Version, System: untimed.ReplaceAllString(t.Prompt.System, ""), User: untimed.ReplaceAllString(t.Prompt.User, "")}
	}
	return d.cache.Path(d.behind.Name(), asked, len(t.Evidence), t.Locale, t.MaxChars)
}

var _ pipeline.Prompted = (*Drafter)(nil)
