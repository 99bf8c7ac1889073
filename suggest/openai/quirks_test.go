package openai_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/openai"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// refuses answers like a provider that refuses some requests.
func refuses(when func(openaitest.Request) bool, status int, body string) func(openaitest.Request) openaitest.Script {
	return func(r openaitest.Request) openaitest.Script {
		if when(r) {
			return openaitest.Script{Status: status, Body: body}
		}
		return openaitest.Script{Text: answer}
	}
}

func sends(name string) func(openaitest.Request) bool {
	return func(r openaitest.Request) bool {
		var sent map[string]json.RawMessage
		_ = json.Unmarshal(r.Raw, &sent)
		_, ok := sent[name]
		return ok
	}
}

func either(a, b func(openaitest.Request) bool) func(openaitest.Request) bool {
	return func(r openaitest.Request) bool { return a(r) || b(r) }
}

// What a provider refuses is left out, is left out from then on, and stands in
// the log by its name.
func TestRefusedPartsAreLeftOut(t *testing.T) {
	one := 1
	tests := []struct {
		name   string
		refuse func(openaitest.Request) bool
		status int
		body   string
		tries  int
		logged string
	}{
		{"the old name of the bound", sends("max_tokens"), 400, `{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.","param":"max_tokens"}}`, 2, "max_tokens"},
		{"any bound", either(sends("max_tokens"), sends("max_completion_tokens")), 400, `{"error":{"message":"unknown field max_tokens and max_completion_tokens"}}`, 3, "max_completion_tokens"},
		{"a temperature of zero", func(r openaitest.Request) bool { return r.Temperature != nil && *r.Temperature == 0 }, 400, openaitest.Error("temperature must be above 0"), 2, "temperature 0"},
		{"every temperature", sends("temperature"), 422, `{"detail":[{"loc":["body","temperature"],"msg":"Extra inputs are not permitted"}]}`, 3, "temperature"},
		{"options of streams", sends("stream_options"), 422, `{"detail":[{"loc":["body","stream_options"]}]}`, 2, "stream_options"},
		{"the seed", sends("seed"), 400, openaitest.Error("seed is not supported"), 2, "seed"},
		{"streams", sends("stream"), 400, openaitest.Error("stream is not supported by this model"), 2, "stream"},
		{"the system's role", func(r openaitest.Request) bool { return r.System() != "" }, 400, openaitest.Error("Conversation roles must alternate user/assistant"), 2, "system role"},
		{"the system's role, by failing", func(r openaitest.Request) bool { return r.System() != "" }, 500, openaitest.Error("template: System role not supported"), 2, "system role"},
		{"something without a name", sends("stream_options"), 400, `{"error":"nope"}`, 2, "everything optional"},
		{"two things", either(sends("max_tokens"), sends("temperature")), 400, openaitest.Error("temperature and max_tokens are fixed"), 4, "temperature"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := openaitest.New(refuses(test.refuse, test.status, test.body))
			defer server.Close()
			var log bytes.Buffer
			d := drafter(t, server, openai.Options{Seed: &one, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			for try := range 2 {
				got, _, err := draft(t.Context(), d, task())
				if err != nil || !cmp.Equal(got, answered) {
					t.Fatalf("%q, %v", got, err)
				}
				if n := len(server.Requests()); n != test.tries+try {
					t.Errorf("asked %d times", n)
				}
			}
			if !strings.Contains(log.String(), fmt.Sprintf("part=%s", quoted(test.logged))) {
				t.Errorf("the log does not name %s:\n%s", test.logged, log.String())
			}
			last := server.Requests()[len(server.Requests())-1]
			if whole := last.System() + "\n\n" + last.User(); !strings.HasSuffix(whole, "the rules\n\nthe question") {
				t.Errorf("asked %q", whole)
			}
		})
	}
	t.Run("everything", func(t *testing.T) {
		server := openaitest.New(refuses(func(openaitest.Request) bool { return true }, 400, openaitest.Error("no")))
		defer server.Close()
		_, _, err := draft(t.Context(), drafter(t, server, openai.Options{}), task())
		if fault := faultOf(err); fault != suggest.FaultRejected || len(server.Requests()) > 10 {
			t.Errorf("%v after %d requests", err, len(server.Requests()))
		}
	})
}

func quoted(s string) string {
	if strings.Contains(s, " ") {
		return `"` + s + `"`
	}
	return s
}

func faultOf(err error) suggest.DraftFault {
	var fault *pipeline.DraftError
	if errors.As(err, &fault) {
		return fault.Fault
	}
	return ""
}

// raw is a stream of events as they stand.
func raw(events ...string) openaitest.Script {
	return openaitest.Script{ContentType: "text/event-stream", Body: "data: " + strings.Join(events, "\n\ndata: ") + "\n\n"}
}

func delta(fields string) string {
	return `{"model":"m","choices":[{"index":0,"delta":{` + fields + `}}]}`
}

const (
	thought = "They ask about bags, and I must not say that more costs much. [1]"
	written = `"content":"Dear customer,\n\nBags may weigh 8 kg [1]. More costs 45 EUR [2].\n\nKind regards"`
	stops   = `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
)

// However a model thinks and however its stream ends, its answer arrives whole
// and nothing else does.
func TestAnswersInEveryForm(t *testing.T) {
	marked := func(before, after string) openaitest.Script {
		return openaitest.Script{Text: before + thought + after + answer, Piece: 5}
	}
	tests := map[string]openaitest.Script{
		"reasoning_content":      {Text: answer, Thoughts: []string{thought, thought}},
		"reasoning":              raw(delta(`"reasoning":"`+thought+`","content":""`), delta(written), stops, "[DONE]"),
		"reasoning with details": raw(delta(`"reasoning_details":[{"type":"reasoning.text","text":"`+thought+`"}],"content":null`), delta(written), stops, "[DONE]"),
		"a tag":                  marked("<think>", "</think>\n\n"),
		"another tag":            marked("<thinking>", "</thinking>\n"),
		"no opening tag":         marked("", "\n</think>\n\n"),
		"channels":               marked("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
		"square brackets":        marked("[THINK]", "[/THINK]"),
		"in the middle":          {Text: strings.Replace(answer, "\n\n", "\n\n<think>"+thought+"</think>", 1)},
		"parts":                  raw(delta(`"content":[{"type":"thinking","thinking":[{"type":"text","text":"`+thought+`"}]}]`), delta(`"content":[{"type":"text",`+strings.Replace(written, "content", "text", 1)+`}]`), stops, "[DONE]"),
		"a fence":                {Text: "```markdown\n" + answer + "\n```"},
		"an object":              {Text: `{"reply":` + strings.TrimPrefix(written, `"content":`) + `}`},
		"a whole answer where none was asked for": {ContentType: "application/json", Body: `{"model":"m","choices":[{"message":{` + written + `},"finish_reason":"stop"}]}`},
		"the end in capitals":                     {Text: answer, Finish: "STOP"},
		"the end by another name":                 {Text: answer, Finish: "eos_token"},
		"no end but the last line":                {Text: answer, Finish: "-"},
		"no last line":                            {Text: answer, NoDone: true},
		"a first event without a choice":          raw(`{"choices":[],"prompt_filter_results":[{}]}`, delta(written), stops, "[DONE]"),
		"no role":                                 raw(delta(`"role":"assistant","content":null`), delta(written), stops, "[DONE]"),
		"two choices":                             raw(`{"choices":[{"index":1,"delta":{"content":"Another."}},{"index":0,"delta":{`+written+`}}]}`, `{"choices":[{"index":1,"delta":{"content":"One."}}]}`, stops, "[DONE]"),
		"comments and carriage returns":           {ContentType: "text/event-stream", Body: ": wait\r\n\r\nevent: message\r\ndata: " + delta(written) + "\r\n\r\ndata: " + stops + "\r\n\r\ndata: [DONE]\r\n\r\n"},
	}
	for name, script := range tests {
		t.Run(name, func(t *testing.T) {
			server := openaitest.Fixed(script)
			defer server.Close()
			d := drafter(t, server, openai.Options{})
			for _, when := range []string{"first", "second"} { // when nothing is known of the model, and then
				got, report, err := draft(t.Context(), d, task())
				if err != nil {
					t.Fatal(when, err)
				}
				if diff := cmp.Diff(answered, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", when, diff)
				}
				if strings.Contains(report.Output, "They ask") {
					t.Errorf("%s: the record holds thoughts: %q", when, report.Output)
				}
			}
		})
	}
}

func TestOnlyThoughts(t *testing.T) {
	for name, test := range map[string]struct {
		script openaitest.Script
		fault  suggest.DraftFault
		asked  int
	}{
		"that took all the tokens": {openaitest.Script{Thoughts: []string{thought}, Finish: "length"}, suggest.FaultLength, 2}, // again with room
		"in a tag, cut":            {openaitest.Script{Text: "<think>" + thought, Finish: "length"}, suggest.FaultLength, 2},
		"without a tag, cut":       {openaitest.Script{Text: "Okay. " + thought, Finish: "length"}, suggest.FaultLength, 1},
		"and no answer":            {openaitest.Script{Text: "<think>" + thought + "</think>"}, suggest.FaultEmpty, 1},
		"an object of numbers":     {openaitest.Script{Text: `{"a":1}`}, suggest.FaultEmpty, 1},
	} {
		t.Run(name, func(t *testing.T) {
			server := openaitest.Fixed(test.script)
			defer server.Close()
			got, _, err := draft(t.Context(), drafter(t, server, openai.Options{MaxTokens: 100, ThinkingTokens: 1000}), task())
			if len(got) > 0 || faultOf(err) != test.fault {
				t.Errorf("%q, %v", got, err)
			}
			requests := server.Requests()
			if len(requests) != test.asked || test.asked == 2 && requests[1].MaxTokens != 1100 {
				t.Errorf("asked %d times, the last time for %d tokens", len(requests), requests[len(requests)-1].MaxTokens)
			}
		})
	}
}

// Thoughts that nothing marked at their beginning, in a model that did not think
// before, end the draft as soon as they show.
func TestThoughtsAreTakenBack(t *testing.T) {
	text := answer
	server := openaitest.New(func(openaitest.Request) openaitest.Script { return openaitest.Script{Text: text} })
	defer server.Close()
	d := drafter(t, server, openai.Options{})
	if _, _, err := draft(t.Context(), d, task()); err != nil {
		t.Fatal(err)
	}
	text = "What do they ask?\n\nAbout bags.\n</think>\n\n" + answer
	if _, _, err := draft(t.Context(), d, task()); faultOf(err) != suggest.FaultThoughts {
		t.Errorf("got %v", err)
	}
	if got, _, err := draft(t.Context(), d, task()); err != nil || !cmp.Equal(got, answered) {
		t.Errorf("once it is known: %q, %v", got, err)
	}
}

func TestTimeToThink(t *testing.T) {
	thoughts := []string{thought, thought, thought, thought, thought}
	tests := []struct {
		name   string
		script openaitest.Script
		change func(*pipeline.Task)
		fault  suggest.DraftFault
		detail string
	}{
		{"is given", openaitest.Script{Thoughts: thoughts, Text: answer, Piece: 1000, Between: 100 * time.Millisecond}, func(k *pipeline.Task) {
			k.FirstWords, k.Until, k.Thinking = 200*time.Millisecond, time.Now().Add(350*time.Millisecond), time.Minute
		}, "", ""},
		{"has an end", openaitest.Script{Thoughts: thoughts, Text: answer, Between: 100 * time.Millisecond}, func(k *pipeline.Task) {
			k.FirstWords, k.Thinking = 200*time.Millisecond, 150*time.Millisecond
		}, suggest.FaultTooSlow, "it thought for too long"},
		{"is not given", openaitest.Script{Thoughts: thoughts, Text: answer, Between: 100 * time.Millisecond}, func(k *pipeline.Task) {
			k.FirstWords = 200 * time.Millisecond
		}, suggest.FaultTooSlow, "no first words"},
		{"is not for words", openaitest.Script{Text: answer, Between: 100 * time.Millisecond}, func(k *pipeline.Task) {
			k.Until, k.Thinking = time.Now().Add(200*time.Millisecond), time.Minute
		}, suggest.FaultTooSlow, ""},
		{"is not for signs that the connection lives", openaitest.Script{ContentType: "text/event-stream", Body: ": wait\n\n: wait\n\n", Hang: true}, func(k *pipeline.Task) {
			k.FirstWords, k.Thinking = 200*time.Millisecond, time.Minute
		}, suggest.FaultTooSlow, "no first words"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := openaitest.Fixed(test.script)
			defer server.Close()
			d := drafter(t, server, openai.Options{})
			k := task()
			k.FirstWords = 0
			test.change(&k)
			_, report, err := draft(t.Context(), d, k)
			var fault *pipeline.DraftError
			if faultOf(err) != test.fault || errors.As(err, &fault) && fault.Detail != test.detail {
				t.Errorf("got %v", err)
			}
			if test.name == "is given" && (report.Thought < 300*time.Millisecond || report.Thought > 10*time.Second) {
				t.Errorf("it thought for %s", report.Thought)
			}
		})
	}
}

// A prompt that is too long is made shorter, and the next one at once.
func TestShorterPrompts(t *testing.T) {
	server := openaitest.New(refuses(func(r openaitest.Request) bool { return len(r.User()) > 30 }, 400,
		`{"error":{"message":"This model's maximum context length is 30 tokens; reduce max_tokens","code":"context_length_exceeded"}}`))
	defer server.Close()
	d := drafter(t, server, openai.Options{})
	for _, tries := range []int{3, 4} {
		k := task()
		k.Prompt.User = strings.Repeat("x", 100)
		k.Shorter = func() *pipeline.Prompt {
			p := *k.Prompt
			if len(p.User) < 4 {
				return nil
			}
			p.User = p.User[:len(p.User)/2]
			k.Prompt = &p
			return &p
		}
		if got, _, err := draft(t.Context(), d, k); err != nil || !cmp.Equal(got, answered) {
			t.Fatalf("%q, %v", got, err)
		}
		if n := len(server.Requests()); n != tries {
			t.Errorf("asked %d times, expected %d", n, tries)
		}
	}
	k := task()
	k.Prompt.User = strings.Repeat("x", 100)
	if _, _, err := draft(t.Context(), d, k); faultOf(err) != suggest.FaultContext {
		t.Errorf("a prompt that can't be shorter: %v", err)
	}
}

// A provider that answers nothing within the time for first words is left alone
// after a few times.
func TestSilenceOpensTheBreaker(t *testing.T) {
	server := openaitest.Fixed(openaitest.Script{Before: time.Minute})
	defer server.Close()
	client := llm.NewClient(llm.Options{BreakAfter: 3, Patience: time.Millisecond})
	defer client.CloseIdleConnections()
	d, err := openai.New(openai.Options{BaseURL: server.BaseURL(), Model: "m", HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for range 5 {
		k := task()
		k.FirstWords = 30 * time.Millisecond
		_, _, last = draft(t.Context(), d, k)
	}
	if faultOf(last) != suggest.FaultUnreachable || len(server.Requests()) != 3 {
		t.Errorf("%v after %d requests", last, len(server.Requests()))
	}
}

func TestAddressesOfAzure(t *testing.T) {
	if _, err := openai.New(openai.Options{BaseURL: "https://x.openai.azure.com/openai/deployments/d", Model: "m"}); err == nil || !strings.Contains(err.Error(), "api-version=") {
		t.Errorf("got %v", err)
	}
	var path, key string
	client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		path, key = r.URL.String(), r.Header.Get("api-key")
		return nil, errors.New("enough")
	})}
	d, err := openai.New(openai.Options{BaseURL: "https://x.openai.azure.com/openai/deployments/d?api-version=7", Key: "k", Model: "m", HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	_, _, _ = draft(t.Context(), d, task())
	if path != "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=7" || key != "k" {
		t.Errorf("asked %s with key %q", path, key)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
