package openai

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	api "github.com/sashabaranov/go-openai"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Options of a Drafter.
type Options struct {
	// BaseURL such as "https://api.openai.com/v1"; empty means that one.
	BaseURL string
	// Key is sent as a bearer token; empty for endpoints without.
	Key string
	// Model by the provider's name.
	Model string
	// MaxTokens of an answer; 0 means 800.
	MaxTokens int
	// Temperature, 0 to 2; negative leaves it to the provider. Models that
	// reason take none and are sent none.
	Temperature float64
	// Seed asks for the same answer to the same prompt; nil sends none.
	Seed *int
	// HTTPClient sends; nil means http.DefaultClient. It should bound the size
	// of answers and must have no timeout shorter than an answer.
	HTTPClient *http.Client
	// Clock is time.Now when nil.
	Clock func() time.Time
}

// Drafter drafts with a model. It is safe for concurrent use.
type Drafter struct{ o Options }

// maxOutputBytes is how much a model may write in one answer.
const maxOutputBytes = 64 << 10

// New makes a Drafter; it fails when Model is missing or BaseURL is no URL.
func New(o Options) (*Drafter, error) {
	if o.BaseURL == "" {
		o.BaseURL = "https://api.openai.com/v1"
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the model's base URL must look like https://host/v1")
	}
	if o.Model == "" {
		return nil, errors.New("name the chat model to draft with")
	}
	if o.MaxTokens == 0 {
		o.MaxTokens = 800
	}
	if o.HTTPClient == nil {
		o.HTTPClient = http.DefaultClient
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Drafter{o}, nil
}

// Name implements pipeline.Drafter.
func (d *Drafter) Name() string { return "openai" }

// UsesPrompt implements pipeline.Prompted.
func (d *Drafter) UsesPrompt() bool { return true }

// Draft implements pipeline.Drafter.
func (d *Drafter) Draft(ctx context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	request := d.request(t.Prompt)
	var report pipeline.Report
	var err error
	if report.Request, err = json.Marshal(request); err != nil {
		return report, &pipeline.DraftError{Fault: suggest.FaultRejected, Detail: "the request can't be written as JSON"}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a := &reply{d: d, begin: d.o.Clock(), report: &report}
	a.reader = answer.NewReader(t.Locale, func(s suggest.DraftSentence) error {
		if pipeline.SaysNoAnswer(s.Text) {
			if a.written {
				return nil
			}
			return &pipeline.DraftError{Fault: suggest.FaultNoAnswer}
		}
		a.written = true
		a.listenerErr = write(s)
		return a.listenerErr
	})
	if t.FirstWords > 0 {
		a.timer = time.AfterFunc(t.FirstWords, func() { cancel(errFirstWords) })
		defer a.timer.Stop()
	}
	doer := &recordingDoer{llm.Call{Client: d.o.HTTPClient}}
	err = a.read(ctx, d.client(doer), request)
	if a.listenerErr != nil {
		return report, a.listenerErr
	}
	return report, classify(ctx, err, doer)
}

var errFirstWords = errors.New("the model took too long to begin")

func (d *Drafter) client(doer *recordingDoer) *api.Client {
	config := api.DefaultConfig(d.o.Key)
	config.BaseURL = d.o.BaseURL
	config.HTTPClient = doer
	config.EmptyMessagesLimit = 100_000 // keep-alive lines, while a model thinks
	return api.NewClientWithConfig(config)
}

func (d *Drafter) request(p *pipeline.Prompt) api.ChatCompletionRequest {
	r := api.ChatCompletionRequest{
		Model: d.o.Model,
		Messages: []api.ChatCompletionMessage{
			{Role: api.ChatMessageRoleSystem, Content: p.System},
			{Role: api.ChatMessageRoleUser, Content: p.User},
		},
		Stream:        true,
		StreamOptions: &api.StreamOptions{IncludeUsage: true},
		Seed:          d.o.Seed,
	}
	if reasons(d.o.Model) {
		r.MaxCompletionTokens = 4 * d.o.MaxTokens // thoughts count
		return r
	}
	r.MaxTokens = d.o.MaxTokens //nolint:staticcheck // local servers know no other
	switch {
	case d.o.Temperature > 0:
		r.Temperature = float32(d.o.Temperature)
	case d.o.Temperature == 0:
		// A plain zero is left out of the request, and the provider's own is 1.
		r.Temperature = math.SmallestNonzeroFloat32
	}
	return r
}

// reasons reports whether a model takes max_completion_tokens and no
// temperature.
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

// reply is one answer being read.
type reply struct {
	d       *Drafter
	begin   time.Time
	report  *pipeline.Report
	reader  *answer.Reader
	timer   *time.Timer
	output  strings.Builder
	written bool
	// listenerErr is what write returned, which passes on as it is.
	listenerErr error
}

// chunk is what is needed of a stream's event.
type chunk struct {
	Model   string `json:"model"`
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
			Refusal string `json:"refusal"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

func (a *reply) read(ctx context.Context, client *api.Client, request api.ChatCompletionRequest) error {
	stream, err := client.CreateChatCompletionStream(ctx, request)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }() // nothing is left to do about it
	defer func() { a.report.Output = a.output.String() }()
	if kind := stream.Header().Get("Content-Type"); !isEventStream(kind) {
		return &pipeline.DraftError{Fault: suggest.FaultNotJSON, Detail: "no event stream"}
	}
	refused := false
	for {
		raw, err := stream.RecvRaw()
		if err != nil && !errors.Is(err, io.EOF) {
			_ = a.reader.Close(false)
			return err
		}
		if err != nil {
			return a.end(refused)
		}
		var c chunk
		if err := json.Unmarshal(raw, &c); err != nil {
			_ = a.reader.Close(false)
			return &pipeline.DraftError{Fault: suggest.FaultNotJSON, Detail: "an event that is no JSON"}
		}
		if len(c.Error) > 0 && string(c.Error) != "null" {
			_ = a.reader.Close(false)
			return &pipeline.DraftError{Fault: suggest.FaultProvider, Detail: "an error inside the stream"}
		}
		if refused, err = a.take(c, refused); err != nil {
			return err
		}
	}
}

// isEventStream lets an endpoint pass that names no type at all.
func isEventStream(kind string) bool {
	return kind == "" || strings.HasPrefix(kind, "text/event-stream") || strings.HasPrefix(kind, "application/octet-stream")
}

func (a *reply) take(c chunk, refused bool) (bool, error) {
	if c.Model != "" {
		a.report.Model = c.Model
	}
	if c.Usage != nil {
		a.report.PromptTokens, a.report.CompletionTokens = c.Usage.PromptTokens, c.Usage.CompletionTokens
	}
	if len(c.Choices) == 0 {
		return refused, nil
	}
	choice := c.Choices[0]
	if choice.FinishReason != "" {
		a.report.Finish = choice.FinishReason
	}
	refused = refused || choice.Delta.Refusal != ""
	content := choice.Delta.Content
	if content == "" {
		return refused, nil
	}
	if a.report.FirstWords == 0 {
		a.report.FirstWords = max(a.d.o.Clock().Sub(a.begin), 1)
		if a.timer != nil {
			a.timer.Stop()
		}
	}
	a.output.WriteString(content)
	if a.output.Len() > maxOutputBytes {
		return refused, &pipeline.DraftError{Fault: suggest.FaultOverlong}
	}
	return refused, a.reader.Write(content)
}

// end closes an answer whose stream is over: whole only when the provider said
// why it stopped.
func (a *reply) end(refused bool) error {
	finish := a.report.Finish
	whole := finish == string(api.FinishReasonStop) || finish == "eos" || finish == "end_turn"
	if err := a.reader.Close(whole); err != nil {
		return err
	}
	switch {
	case finish == string(api.FinishReasonContentFilter) || refused:
		return &pipeline.DraftError{Fault: suggest.FaultFiltered}
	case finish == string(api.FinishReasonLength):
		return &pipeline.DraftError{Fault: suggest.FaultLength}
	case whole && strings.TrimSpace(a.output.String()) == "":
		return &pipeline.DraftError{Fault: suggest.FaultEmpty}
	case finish == "":
		// Also when not one event came, as from a gateway: no model's doing.
		return &pipeline.DraftError{Fault: suggest.FaultCut}
	case !whole:
		return &pipeline.DraftError{Fault: suggest.FaultCut, Detail: "stopped for another reason than the end"}
	}
	return nil
}

// recordingDoer refuses redirects, and bounds what failures say.
type recordingDoer struct{ llm.Call }

// Do sends a request.
func (r *recordingDoer) Do(req *http.Request) (*http.Response, error) {
	resp, err := r.Call.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices && resp.StatusCode < http.StatusBadRequest {
		// Not followed, since the key must not travel, and no answer either.
		_ = resp.Body.Close()
		return nil, &pipeline.DraftError{Fault: suggest.FaultRejected, Status: resp.StatusCode, Detail: "a redirect"}
	}
	if resp.StatusCode >= http.StatusBadRequest {
		resp.Body = limited{io.LimitReader(resp.Body, 64<<10), resp.Body}
	}
	return resp, nil
}

type limited struct {
	io.Reader
	io.Closer
}

// classify turns whatever went wrong into a DraftError that holds nothing of
// what the provider said; errors of the pipeline pass as they are.
func classify(ctx context.Context, err error, doer *recordingDoer) error {
	var fault *pipeline.DraftError
	var apiErr *api.APIError
	var requestErr *api.RequestError
	var netErr net.Error
	var urlErr *url.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		return fault
	case errors.Is(context.Cause(ctx), errFirstWords):
		return &pipeline.DraftError{Fault: suggest.FaultTooSlow, Detail: "no first words"}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &pipeline.DraftError{Fault: suggest.FaultTooSlow}
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &apiErr) && apiErr.HTTPStatusCode == 0:
		return &pipeline.DraftError{Fault: suggest.FaultProvider, Detail: "an error inside the stream"}
	case errors.As(err, &apiErr), errors.As(err, &requestErr), doer.Status >= http.StatusBadRequest:
		return ofStatus(doer)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, api.ErrTooManyEmptyStreamMessages), doer.Status != 0 && errors.As(err, &netErr):
		return &pipeline.DraftError{Fault: suggest.FaultCut, Status: doer.Status}
	case errors.As(err, &urlErr) || errors.As(err, &netErr):
		return &pipeline.DraftError{Fault: suggest.FaultUnreachable}
	}
	if doer.Status != 0 {
		return &pipeline.DraftError{Fault: suggest.FaultCut, Status: doer.Status}
	}
	return &pipeline.DraftError{Fault: suggest.FaultUnreachable}
}

func ofStatus(doer *recordingDoer) error {
	e := &pipeline.DraftError{Status: doer.Status, RetryAfter: doer.RetryAfter}
	switch {
	case doer.Status == http.StatusUnauthorized || doer.Status == http.StatusForbidden:
		e.Fault = suggest.FaultUnauthorized
	case doer.Status == http.StatusNotFound:
		e.Fault = suggest.FaultModelNotFound
	case doer.Status == http.StatusTooManyRequests:
		e.Fault = suggest.FaultRateLimited
	case doer.Status >= http.StatusInternalServerError:
		e.Fault = suggest.FaultProvider
	default:
		e.Fault = suggest.FaultRejected
	}
	return e
}
