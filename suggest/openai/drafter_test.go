package openai_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/openai"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const answer = "Dear customer,\n\nBags may weigh 8 kg [1]. More costs 45 EUR [2].\n\nKind regards"

var answered = []string{"Dear customer,", "Bags may weigh 8 kg.", "More costs 45 EUR.", "Kind regards"}

func drafter(t *testing.T, server *openaitest.Server, o openai.Options) *openai.Drafter {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	o.BaseURL, o.HTTPClient = server.BaseURL(), &http.Client{Transport: transport}
	if o.Model == "" {
		o.Model = "test-model"
	}
	d, err := openai.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func task() pipeline.Task {
	return pipeline.Task{
		Prompt: &pipeline.Prompt{Version: "v", System: "the rules", User: "the question"},
		Locale: "en", FirstWords: 5 * time.Second,
	}
}

func draft(ctx context.Context, d *openai.Drafter, t pipeline.Task) ([]string, pipeline.Report, error) {
	var out []string
	report, err := d.Draft(ctx, t, func(s suggest.DraftSentence) error {
		out = append(out, s.Text)
		return nil
	})
	return out, report, err
}

func TestDraft(t *testing.T) {
	server := openaitest.Fixed(openaitest.Script{Text: answer})
	defer server.Close()
	d := drafter(t, server, openai.Options{Key: "secret-key", MaxTokens: 123})
	got, report, err := draft(t.Context(), d, task())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(answered, got); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
	if report.Model != "test-model" || report.Finish != "stop" || report.Output != answer || report.PromptTokens == 0 || report.FirstWords <= 0 {
		t.Errorf("report %+v", report)
	}
	r := server.Requests()[0]
	if r.System() != "the rules" || r.User() != "the question" || !r.Stream || r.MaxTokens != 123 || r.Authorization != "Bearer secret-key" {
		t.Errorf("request %+v", r)
	}
	if r.Temperature == nil || *r.Temperature != 0 {
		t.Errorf("temperature %v: a zero must be sent", r.Temperature)
	}
	if string(report.Request) != string(r.Raw) && !strings.Contains(string(r.Raw), "the question") {
		t.Errorf("recorded request %s", report.Request)
	}
	if strings.Contains(string(report.Request), "secret-key") {
		t.Error("the record holds the key")
	}
}

func TestDraftRequest(t *testing.T) {
	cases := []struct {
		model       string
		temperature float64
		maxTokens   int
		completion  int
		sent        bool
	}{
		{"qwen", 0, 800, 0, true},
		{"qwen", -1, 800, 0, false},
		{"o3-mini", 0, 0, 4800, false},
		{"gpt-5-mini", 0.5, 0, 4800, false},
		{"openai/gpt-5", 0.5, 0, 4800, false},
	}
	for _, c := range cases {
		t.Run(c.model, func(t *testing.T) {
			server := openaitest.Fixed(openaitest.Script{Text: answer})
			defer server.Close()
			d := drafter(t, server, openai.Options{Model: c.model, Temperature: c.temperature})
			if _, _, err := draft(t.Context(), d, task()); err != nil {
				t.Fatal(err)
			}
			r := server.Requests()[0]
			if r.MaxTokens != c.maxTokens || r.MaxCompletionTokens != c.completion || (r.Temperature != nil) != c.sent {
				t.Errorf("request %s", r.Raw)
			}
		})
	}
}

func TestDraftFaults(t *testing.T) {
	const secret = "provider-says-something-private"
	cases := []struct {
		name   string
		script openaitest.Script
		want   []string
		fault  suggest.DraftFault
		status int
		retry  time.Duration
	}{
		{name: "401", script: openaitest.Script{Status: 401, Body: openaitest.Error(secret)}, fault: suggest.FaultUnauthorized, status: 401},
		{name: "404 model", script: openaitest.Script{Status: 404, Body: openaitest.Error(secret)}, fault: suggest.FaultModelNotFound, status: 404},
		{name: "400", script: openaitest.Script{Status: 400, Body: openaitest.Error(secret)}, fault: suggest.FaultRejected, status: 400},
		{name: "429", script: openaitest.Script{Status: 429, Body: openaitest.Error(secret), Header: map[string]string{"Retry-After": "7"}}, fault: suggest.FaultRateLimited, status: 429, retry: 7 * time.Second},
		{name: "500", script: openaitest.Script{Status: 500, Body: openaitest.Error(secret)}, fault: suggest.FaultProvider, status: 500},
		{name: "502 HTML", script: openaitest.Script{Status: 502, Body: "<html>" + secret + "</html>"}, fault: suggest.FaultProvider, status: 502},
		{name: "HTML", script: openaitest.Script{ContentType: "text/html", Body: "<html>" + secret + "</html>"}, fault: suggest.FaultNotJSON},
		{name: "HTML called a stream", script: openaitest.Script{Body: "<html>\n" + secret + "\n</html>"}, fault: suggest.FaultCut},
		{name: "nonsense in the stream", script: openaitest.Script{Body: "data: {" + secret + "\n\n"}, fault: suggest.FaultNotJSON},
		{name: "an error in the stream", script: openaitest.Script{Body: "data: " + openaitest.Error(secret) + "\n\n"}, fault: suggest.FaultProvider},
		{name: "empty", script: openaitest.Script{}, fault: suggest.FaultEmpty},
		{name: "empty stream", script: openaitest.Script{ContentType: "text/event-stream", Pieces: []string{}, Finish: "-", NoUsage: true, NoDone: true}, fault: suggest.FaultCut},
		{name: "length", script: openaitest.Script{Text: answer, Finish: "length"}, want: answered[:3], fault: suggest.FaultLength},
		{name: "content filter", script: openaitest.Script{Text: answer, Finish: "content_filter"}, want: answered[:3], fault: suggest.FaultFiltered},
		{name: "no finish reason and no last line", script: openaitest.Script{Text: answer, Finish: "-", NoDone: true}, want: answered[:3], fault: suggest.FaultCut},
		{name: "a tool", script: openaitest.Script{Finish: "tool_calls"}, fault: suggest.FaultEmpty},
		{name: "aborted", script: openaitest.Script{Text: answer, Finish: "abort"}, want: answered[:3], fault: suggest.FaultCut},
		{name: "too long", script: openaitest.Script{Status: 400, Body: openaitest.Error("maximum context length is 10")}, fault: suggest.FaultContext, status: 400},
		{name: "no answer", script: openaitest.Script{Text: "NO_ANSWER"}, fault: suggest.FaultNoAnswer},
		{name: "far too much", script: openaitest.Script{Text: strings.Repeat("On and on it goes. ", 4000), Piece: 1000}, fault: suggest.FaultOverlong},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := openaitest.Fixed(c.script)
			defer server.Close()
			got, _, err := draft(t.Context(), drafter(t, server, openai.Options{}), task())
			var fault *pipeline.DraftError
			if !errors.As(err, &fault) || fault.Fault != c.fault || fault.Status != c.status || fault.RetryAfter != c.retry {
				t.Fatalf("got %v (%+v)", err, fault)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error repeats the provider: %v", err)
			}
			if c.want != nil {
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("sentences (-want +got):\n%s", diff)
				}
			}
		})
	}
	t.Run("refused connection", func(t *testing.T) {
		server := openaitest.Fixed(openaitest.Script{})
		d := drafter(t, server, openai.Options{})
		server.Close()
		_, _, err := draft(t.Context(), d, task())
		var fault *pipeline.DraftError
		if !errors.As(err, &fault) || fault.Fault != suggest.FaultUnreachable {
			t.Errorf("got %v", err)
		}
	})
}

// TestDraftCutAnywhere breaks the stream at every byte: what was whole before is
// written, in order, and nothing that was not.
func TestDraftCutAnywhere(t *testing.T) {
	whole := 0
	for at := 1; ; at += 13 {
		server := openaitest.Fixed(openaitest.Script{Text: answer, CutAfter: at})
		got, report, err := draft(t.Context(), drafter(t, server, openai.Options{}), task())
		server.Close()
		if err == nil {
			break // behind the last byte that matters
		}
		var fault *pipeline.DraftError
		if !errors.As(err, &fault) || fault.Fault != suggest.FaultCut {
			t.Fatalf("cut after %d bytes: %v", at, err)
		}
		if len(got) > len(answered) || !cmp.Equal(got, answered[:len(got):len(got)]) && len(got) > 0 {
			t.Fatalf("cut after %d bytes: %q", at, got)
		}
		if len(got) < whole && report.Finish == "" {
			t.Errorf("cut after %d bytes: fewer sentences than before: %q", at, got)
		}
		whole = len(got)
		if at > 20_000 {
			t.Fatal("the stream never ends well")
		}
	}
	if whole < 3 {
		t.Errorf("at most %d whole sentences before the end", whole)
	}
}

func TestDraftTime(t *testing.T) {
	expect := func(t *testing.T, err error) {
		t.Helper()
		var fault *pipeline.DraftError
		if !errors.As(err, &fault) || fault.Fault != suggest.FaultTooSlow {
			t.Errorf("got %v", err)
		}
	}
	t.Run("slow first words", func(t *testing.T) {
		server := openaitest.Fixed(openaitest.Script{Text: answer, Before: time.Minute})
		defer server.Close()
		k := task()
		k.FirstWords = 50 * time.Millisecond
		_, _, err := draft(t.Context(), drafter(t, server, openai.Options{}), k)
		expect(t, err)
	})
	t.Run("no headers", func(t *testing.T) {
		server := openaitest.Fixed(openaitest.Script{Status: 500, Before: time.Minute})
		defer server.Close()
		k := task()
		k.FirstWords = 50 * time.Millisecond
		_, _, err := draft(t.Context(), drafter(t, server, openai.Options{}), k)
		expect(t, err)
	})
	t.Run("slow behind the first words", func(t *testing.T) {
		server := openaitest.Fixed(openaitest.Script{Pieces: []string{"Bags may weigh 8 kg [1]. ", "More costs 45 EUR [2]. ", "x"}, Between: 200 * time.Millisecond})
		defer server.Close()
		k := task()
		k.FirstWords = 100 * time.Millisecond
		got, _, err := draft(t.Context(), drafter(t, server, openai.Options{}), k)
		if err != nil || len(got) != 2 {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("deadline in the middle", func(t *testing.T) {
		server := openaitest.Fixed(openaitest.Script{Pieces: []string{"Bags may weigh 8 kg [1]. And more"}, Hang: true})
		defer server.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		got, _, err := draft(ctx, drafter(t, server, openai.Options{}), task())
		expect(t, err)
		_ = got // the sentence is not whole before the next has begun
	})
	t.Run("listener gone", func(t *testing.T) {
		server := openaitest.Fixed(openaitest.Script{Pieces: []string{"Dear customer,\n\nBags may weigh 8 kg [1]. And more costs 45 EUR [2]. Then"}, Hang: true})
		defer server.Close()
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("gone")
		_, err := drafter(t, server, openai.Options{}).Draft(ctx, task(), func(suggest.DraftSentence) error {
			cancel(gone)
			return nil
		})
		if !errors.Is(err, gone) {
			t.Errorf("got %v", err)
		}
		for range 200 {
			if server.Gone() == 1 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Error("the call to the model went on")
	})
	t.Run("listener fails", func(t *testing.T) {
		server := openaitest.Fixed(openaitest.Script{Text: answer})
		defer server.Close()
		broken := errors.New("broken")
		_, err := drafter(t, server, openai.Options{}).Draft(t.Context(), task(), func(suggest.DraftSentence) error { return broken })
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []openai.Options{{}, {BaseURL: "not a url", Model: "m"}, {BaseURL: "ftp://x/v1", Model: "m"}, {BaseURL: "http://x/v1"}} {
		if _, err := openai.New(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}
