package llm_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/llm"
)

func TestEndpointAddresses(t *testing.T) {
	for _, test := range []struct{ base, chat, refused string }{
		{"https://api.example/v1", "https://api.example/v1/chat/completions", ""},
		{"https://api.example/v1/", "https://api.example/v1/chat/completions", ""},
		{"https://api.example/v1/chat/completions", "https://api.example/v1/chat/completions", ""},
		{"https://api.example/v1/embeddings/", "https://api.example/v1/chat/completions", ""},
		{"https://gate.example/openai/deployments/d?api-version=1&x=y", "https://gate.example/openai/deployments/d/chat/completions?api-version=1&x=y", ""},
		{"https://n.openai.azure.com/openai/deployments/d?api-version=1", "https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", ""},
		{"https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", "https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", ""},
		{"https://n.openai.azure.com/openai/v1/", "https://n.openai.azure.com/openai/v1/chat/completions", ""},
		{"https://n.services.ai.azure.com/models?api-version=1", "https://n.services.ai.azure.com/models/chat/completions?api-version=1", ""},
		{"https://n.openai.azure.com/openai/deployments/d", "", "write https://n.openai.azure.com/openai/deployments/d?api-version="},
		{"https://n.openai.azure.com", "", "write https://n.openai.azure.com/openai/v1"},
		{"https://n.openai.azure.com/openai?api-version=1", "", "/openai/deployments/DEPLOYMENT?api-version="},
		{"api.example/v1", "", "https://host/v1"},
		{"ftp://api.example/v1", "", "https://host/v1"},
	} {
		e, err := llm.NewEndpoint(test.base, "k")
		if test.refused != "" {
			if err == nil || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("%s: got %v, expected what to write: %s", test.base, err, test.refused)
			}
			continue
		}
		if err != nil || e.URL(llm.PathChat) != test.chat {
			t.Errorf("%s: %v, %v", test.base, e, err)
		}
	}
}

func TestEndpointShowsItsKey(t *testing.T) {
	for _, test := range []struct{ name, query, key, bearer, header string }{
		{"OpenAI", "", "k", "Bearer k", ""},
		{"no key", "", "", "", ""},
		{"Azure's key", "?api-version=1", "k", "", "k"},
		{"a token of Azure's directory", "?api-version=1", "eyJhbGciOi", "Bearer eyJhbGciOi", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got http.Header
			url, _ := provider(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
			e, err := llm.NewEndpoint(url+test.query, test.key)
			if err != nil {
				t.Fatal(err)
			}
			r, err := e.Post(t.Context(), client(t, llm.Options{}), llm.PathChat, 1, "application/json")
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Body.Close()
			if diff := cmp.Diff([]string{test.bearer, test.header}, []string{got.Get("Authorization"), got.Get("api-key")}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A gateway that misses the other header says so, once.
func TestEndpointLearnsTheKeysHeader(t *testing.T) {
	url, asked := provider(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("api-key") == "" {
			http.Error(w, "missing subscription key", http.StatusUnauthorized)
		}
	})
	e, err := llm.NewEndpoint(url, "k")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r, err := e.Post(t.Context(), client(t, llm.Options{}), llm.PathChat, 1, "application/json")
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
	}
	if asked() != 3 {
		t.Errorf("asked %d times", asked())
	}
}

func TestRefusals(t *testing.T) {
	sent := []string{"max_tokens", "temperature", "stream_options", "seed"}
	for _, test := range []struct {
		name, body, parameter string
		tooLong               bool
	}{
		{"OpenAI's", `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens"}}`, "max_tokens", false},
		{"validation", `{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"seed":1}}]}`, "stream_options", false},
		{"a field of one", `{"error":{"message":"no","param":"stream_options.include_usage"}}`, "stream_options", false},
		{"text", `unknown field "seed"`, "seed", false},
		{"a value", `{"message":"temperature must be less than 2"}`, "temperature", false},
		{"advice behind it", `{"error":"temperature is fixed; set seed instead"}`, "temperature", false},
		{"another", `{"error":{"message":"unknown model"}}`, "", false},
		{"a name in another", `{"error":{"message":"max_tokens_to_sample"}}`, "", false},
		{"too long for OpenAI", `{"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 5000; reduce max_tokens","code":"context_length_exceeded"}}`, "max_tokens", true},
		{"too long for llama.cpp", `{"error":{"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`, "", true},
		{"too long for Hugging Face", "{\"message\":\"`inputs` must have less than 512 tokens. Given: 700\",\"type\":\"Validation\"}", "", true},
		{"nothing", ``, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			url, _ := provider(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, test.body)
			})
			e, err := llm.NewEndpoint(url, "")
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Get(t.Context(), client(t, llm.Options{}), llm.PathModels) //nolint:bodyclose // an error has none
			var refused *llm.StatusError
			if !errors.As(err, &refused) || err.Error() != "the provider answered 400" {
				t.Fatalf("got %v", err)
			}
			if p := refused.Parameter(sent...); p != test.parameter {
				t.Errorf("it is about %q, expected %q", p, test.parameter)
			}
			if refused.TooLong() != test.tooLong {
				t.Errorf("too long: %v", refused.TooLong())
			}
		})
	}
}

func TestEvents(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     []string
		err      error
	}{
		{"as the standard says", "data: {\"a\":1}\n\ndata: {\"b\":2}\n\ndata: [DONE]\n\n", []string{`{"a":1}`, `{"b":2}`, "[DONE]"}, io.EOF},
		{"names, ids, comments, carriage returns", ": x\r\n\r\nevent: m\r\nid: 1\r\ndata: {}\r\n\r\n:\r\n", []string{"{}"}, io.EOF},
		{"no blank lines, no blank", "data:{}\ndata:[DONE]", []string{"{}", "[DONE]"}, io.EOF},
		{"one event in several lines", "data: {\"a\":\ndata: 1}\n\n", []string{"{\"a\":\n1}"}, io.EOF},
		{"cut", "data: {}\n\ndata: {\"a\"", []string{"{}"}, io.ErrUnexpectedEOF},
		{"no events", "<html>\n<p>\n", nil, io.EOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			events := llm.NewEvents(strings.NewReader(test.in))
			for {
				data, err := events.Next()
				if err != nil {
					if !errors.Is(err, test.err) {
						t.Errorf("ended with %v", err)
					}
					break
				}
				got = append(got, string(data))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	long := llm.NewEvents(io.MultiReader(strings.NewReader("data: "), endless{}))
	if _, err := long.Next(); !errors.Is(err, llm.ErrTooLarge) {
		t.Errorf("an endless line ended with %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// FuzzEvents: whatever comes, reading ends, and no event holds more than came.
func FuzzEvents(f *testing.F) {
	for _, s := range []string{"data: {}\n\n", "data:{\ndata:}\n\n", "\r\n\r\n:c\ndata", "data: [DONE]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		events := llm.NewEvents(strings.NewReader(in))
		for n := 0; ; n++ {
			data, err := events.Next()
			if err != nil {
				return
			}
			if len(data) > len(in) || n > len(in) {
				t.Fatalf("%d bytes of %d", len(data), len(in))
			}
		}
	})
}
