package openai

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Options of a Drafter.
type Options struct {
	// BaseURL such as "https://api.openai.com/v1", also an address of Azure with
	// its deployment and version; empty means that one.
	BaseURL string
	// Key is sent as a bearer token, or as Azure wants it; empty for endpoints
	// without.
	Key string
	// Model by the provider's name.
	Model string
	// MaxTokens of an answer; 0 means 800.
	MaxTokens int
	// ThinkingTokens is the room for thoughts beside them, for models that are
	// seen to think; 0 means 4,000.
	ThinkingTokens int
	// Temperature, 0 to 2; negative leaves it to the provider. Models that
	// reason take none and are sent none.
	Temperature float64
	// Seed asks for the same answer to the same prompt; nil sends none.
	Seed *int
	// HTTPClient sends; nil means http.DefaultClient. It should bound the size
	// of answers, must have no timeout shorter than an answer, and must not
	// follow redirects, as those of llm.NewClient don't.
	HTTPClient *http.Client
	// Clock is time.Now when nil.
	Clock func() time.Time
	// Logger is told what a provider refuses; nil tells nobody.
	Logger *slog.Logger
}

// Drafter drafts with a model. What its provider refuses of a request is left out
// from then on. It is safe for concurrent use.
type Drafter struct {
	o        Options
	endpoint *llm.Endpoint
	manners  manners
}

// New makes a Drafter; it fails when Model is missing or no endpoint can be at
// BaseURL.
func New(o Options) (*Drafter, error) {
	o.BaseURL = cmp.Or(o.BaseURL, "https://api.openai.com/v1")
	endpoint, err := llm.NewEndpoint(o.BaseURL, o.Key)
	if err != nil {
		return nil, fmt.Errorf("the chat model's address %w", err)
	}
	if o.Model == "" {
		return nil, errors.New("name the chat model to draft with")
	}
	o.MaxTokens, o.ThinkingTokens = cmp.Or(o.MaxTokens, 800), cmp.Or(o.ThinkingTokens, 4000)
	if o.HTTPClient == nil {
		o.HTTPClient = http.DefaultClient
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Drafter{o: o, endpoint: endpoint}
	if reasons(o.Model) {
		d.leaveOut(partMaxTokens, partTemperature)
		d.manners.learn(func(m *manner) { m.thinks = true })
	}
	return d, nil
}

// reasons reports whether a model is known to take max_completion_tokens and no
// temperature; others are asked.
func reasons(model string) bool {
	if _, name, ok := strings.Cut(model, "/"); ok {
		model = name
	}
	for _, prefix := range []string{"o1", "o3", "o4", "gpt-5", "gpt-6"} {
		if strings.HasPrefix(model, prefix) {
			return true
		}
	}
	return false
}

// Name implements pipeline.Drafter.
func (d *Drafter) Name() string { return "openai" }

// UsesPrompt implements pipeline.Prompted.
func (d *Drafter) UsesPrompt() bool { return true }

// KeepsTime implements pipeline.Timed.
func (d *Drafter) KeepsTime() bool { return true }

// errTaken wraps what whoever takes the sentences returned, which passes on as it
// is.
var errTaken = errors.New("the sentence was not taken")

// Draft implements pipeline.Drafter.
func (d *Drafter) Draft(ctx context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := newWatch(t, d.o.Clock, cancel)
	defer watch.stop()
	written := false
	var refusal error
	reader := func() *answer.Reader {
		return answer.NewReader(t.Locale, func(s suggest.DraftSentence) error {
			if pipeline.SaysNoAnswer(s.Text) {
				if written {
					return nil
				}
				return &pipeline.DraftError{Fault: suggest.FaultNoAnswer}
			}
			written = true
			if refusal = write(s); refusal != nil {
				return errTaken
			}
			return nil
		})
	}
	report, err := d.ask(ctx, question{t.Prompt, t.Shorter, d.o.Seed}, func(r *pipeline.Report, m manner) (*reply, func(error) error) {
		sentences := reader()
		a := &reply{d: d, manner: m, report: r, watch: watch, take: sentences.Write}
		return a, func(err error) error {
			if errors.Is(err, errTaken) || errors.Is(err, answer.ErrThoughts) {
				return err
			}
			return errors.Join(sentences.Close(err == nil), err)
		}
	})
	report.Thought = watch.thought()
	if refusal != nil {
		return report, refusal
	}
	return report, err
}

// question is what to ask a model.
type question struct {
	prompt *pipeline.Prompt
	// shorter makes the prompt shorter each time, nil when it can't be; it may be
	// nil itself.
	shorter func() *pipeline.Prompt
	seed    *int
}

// shorten makes the prompt shorter, and reports whether it could.
func (q *question) shorten() bool {
	if q.shorter == nil {
		return false
	}
	p := q.shorter()
	if p != nil {
		q.prompt = p
	}
	return p != nil
}

func (q *question) bytes() int { return len(q.prompt.System) + len(q.prompt.User) }

// mostTries bounds how often one answer is asked for, each time otherwise.
const mostTries = 10

// ask asks for an answer until the provider takes the request, leaving out what
// it refuses. begin makes what reads an answer, and what is to be done at its end.
func (d *Drafter) ask(ctx context.Context, q question, begin func(*pipeline.Report, manner) (*reply, func(error) error)) (pipeline.Report, error) {
	for try := 1; ; try++ {
		m := d.manners.now()
		for m.tooLong > 0 && q.bytes() >= m.tooLong && q.shorten() {
		}
		r := d.request(q, m)
		var report pipeline.Report
		var err error
		if report.Request, err = json.Marshal(r); err != nil {
			return report, &pipeline.DraftError{Fault: suggest.FaultRejected, Detail: "the request can't be written as JSON"}
		}
		a, end := begin(&report, m)
		err = d.answer(ctx, r, a)
		var refused *llm.StatusError
		if errors.As(err, &refused) && try < mostTries && d.yield(ctx, refused, &r, &q, m) {
			continue
		}
		err = end(err)
		if try < mostTries && d.givesRoom(ctx, err, a) {
			continue
		}
		return report, classify(ctx, err, a.begun)
	}
}

// yield changes what is asked for as a refusal wants it; false when that can't
// be.
func (d *Drafter) yield(ctx context.Context, refused *llm.StatusError, r *request, q *question, m manner) bool {
	if refused.TooLong() {
		return d.tooLong(ctx, q, m)
	}
	part := d.adapt(refused, r)
	if part == "" {
		return false
	}
	d.o.Logger.WarnContext(ctx, "the chat endpoint refuses a part of the request, which is left out from now on",
		"part", part, "status", refused.Status, "model", d.o.Model)
	return true
}

// tooLong makes room where the model's context is too short: that for thoughts
// goes first, then evidence.
func (d *Drafter) tooLong(ctx context.Context, q *question, m manner) bool {
	size, again := q.bytes(), false
	d.manners.learn(func(now *manner) {
		switch {
		case m.thinks && !now.cramped:
			now.cramped, again = true, true
		case now.tooLong == 0 || size < now.tooLong:
			now.tooLong = size
		}
	})
	d.o.Logger.WarnContext(ctx, "the model's context is too short for the prompt and its answer; what is sent is made shorter", "bytes", size, "model", d.o.Model)
	return again || q.shorten()
}

// givesRoom reports whether the same is to be asked again because the model is
// seen only now to think, and had no room for it.
func (d *Drafter) givesRoom(ctx context.Context, err error, a *reply) bool {
	if faultOf(err) != suggest.FaultLength || a.output.Len() > 0 || !a.thinking() || a.manner.thinks {
		return false
	}
	d.o.Logger.InfoContext(ctx, "the model thinks, and gets room for that from now on", "tokens", d.o.ThinkingTokens, "model", d.o.Model)
	return true
}

// answer sends a request and reads its answer.
func (d *Drafter) answer(ctx context.Context, r request, a *reply) error {
	accept := "text/event-stream"
	if !r.Stream {
		accept = "application/json"
	}
	response, err := d.endpoint.Post(ctx, d.o.HTTPClient, llm.PathChat, r, accept) //nolint:bodyclose // read closes it
	if err != nil {
		return err
	}
	a.begun = true
	return a.read(response)
}
