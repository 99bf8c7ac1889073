package openai_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/openai"
)

// asked is one request as the provider read it.
type asked struct {
	Input  []string `json:"input"`
	Model  string   `json:"model"`
	Format string   `json:"encoding_format"`
	// Dimensions that were asked for.
	Dimensions int `json:"dimensions"`
	auth       string
}

// provider answers by a function; its requests are kept.
type provider struct {
	url string
	mu  sync.Mutex
	got []asked
}

func newProvider(t *testing.T, answer func(w http.ResponseWriter, r asked)) *provider {
	t.Helper()
	p := &provider{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request asked
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &request); err != nil {
			t.Errorf("request: %v", err)
		}
		request.auth = r.Header.Get("Authorization")
		p.mu.Lock()
		p.got = append(p.got, request)
		p.mu.Unlock()
		answer(w, request)
	}))
	t.Cleanup(s.Close)
	p.url = s.URL + "/v1"
	return p
}

func (p *provider) requests() []asked {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]asked(nil), p.got...)
}

// vectors answers three dimensions that tell the texts apart by their length.
func vectors(w http.ResponseWriter, r asked) {
	type item struct {
		Index     int `json:"index"`
		Embedding any `json:"embedding"`
	}
	var data []item
	for i := len(r.Input) - 1; i >= 0; i-- { // out of order, as is allowed
		v := []float32{float32(len(r.Input[i])), 1, 0}
		if r.Format == "base64" {
			raw := make([]byte, 12)
			for j, x := range v {
				binary.LittleEndian.PutUint32(raw[4*j:], math.Float32bits(x))
			}
			data = append(data, item{i, base64.StdEncoding.EncodeToString(raw)})
			continue
		}
		data = append(data, item{i, v})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": data})
}

func status(code int, header map[string]string, body string) func(http.ResponseWriter, asked) {
	return func(w http.ResponseWriter, _ asked) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func says(body string) func(http.ResponseWriter, asked) { return status(200, nil, body) }

func embedder(p *provider, change func(*openai.Options)) *openai.Embedder {
	o := openai.Options{
		BaseURL: p.url, Key: "secret", QuestionModel: "e5-query", PassageModel: "e5-passage", Dimensions: 3,
		Client: llm.NewClient(llm.Options{Attempts: 2, Backoff: time.Millisecond}),
	}
	if change != nil {
		change(&o)
	}
	e, err := openai.NewEmbedder(o)
	if err != nil {
		panic(err)
	}
	return e
}

func TestEmbed(t *testing.T) {
	tests := []struct {
		name   string
		change func(*openai.Options)
		kind   knowledge.TextKind
		asked  asked
		space  string
	}{
		{"a passage", nil, knowledge.PassageText, asked{Input: []string{"a", "bcd"}, Model: "e5-passage", Dimensions: 3, auth: "Bearer secret"}, "e5-query+e5-passage/3/v1"},
		{"a question", nil, knowledge.QuestionText, asked{Input: []string{"a", "bcd"}, Model: "e5-query", Dimensions: 3, auth: "Bearer secret"}, "e5-query+e5-passage/3/v1"},
		{
			"base64", func(o *openai.Options) { o.Base64 = true }, knowledge.PassageText,
			asked{Input: []string{"a", "bcd"}, Model: "e5-passage", Format: "base64", Dimensions: 3, auth: "Bearer secret"},
			"e5-query+e5-passage/3/v1",
		},
		{
			"one model with prefixes, no key", func(o *openai.Options) {
				o.Key, o.QuestionModel, o.PassageModel, o.QuestionPrefix, o.PassagePrefix = "", "e5", "e5", "query: ", "passage: "
			}, knowledge.QuestionText,
			asked{Input: []string{"query: a", "query: bcd"}, Model: "e5", Dimensions: 3},
			"e5/3/v1/28a8c6b4",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newProvider(t, vectors)
			e := embedder(p, test.change)
			got, err := e.Embed(t.Context(), test.kind, []string{"a", "bcd"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]asked{test.asked}, p.requests(), cmp.AllowUnexported(asked{})); diff != "" {
				t.Error(diff)
			}
			for i, text := range test.asked.Input {
				if got[i][0] != float32(len(text)) {
					t.Errorf("vector %d is %v: not that of %q", i, got[i], text)
				}
			}
			space, err := e.Space(t.Context())
			if err != nil || space.Dimensions != 3 || !strings.HasPrefix(space.Name, strings.TrimSuffix(test.space, "28a8c6b4")) {
				t.Errorf("space %+v, %v", space, err)
			}
		})
	}
}

func TestDimensionsAreAskedOnce(t *testing.T) {
	p := newProvider(t, vectors)
	e := embedder(p, func(o *openai.Options) { o.Dimensions = 0 })
	for range 3 {
		if space, err := e.Space(t.Context()); err != nil || space.Dimensions != 3 {
			t.Fatal(space, err)
		}
	}
	if n := len(p.requests()); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestNoTexts(t *testing.T) {
	p := newProvider(t, vectors)
	if got, err := embedder(p, nil).Embed(t.Context(), knowledge.PassageText, nil); len(got) != 0 || err != nil || len(p.requests()) != 0 {
		t.Error(got, err, p.requests())
	}
}

func TestFailures(t *testing.T) {
	const secret = "my lost suitcase" // of a customer: in no error
	tests := []struct {
		name      string
		answer    func(http.ResponseWriter, asked)
		reason    string
		permanent bool
		after     time.Duration
	}{
		{"401", status(401, nil, `{"error":{"message":"bad key for: `+secret+`"}}`), knowledge.EmbedUnauthorized, true, 0},
		{"403 as text", status(403, nil, "forbidden "+secret), knowledge.EmbedUnauthorized, true, 0},
		{"404 model", status(404, nil, `{"error":{"message":"no such model"}}`), knowledge.EmbedModelNotFound, true, 0},
		{"400", status(400, nil, `{"error":{"message":"input `+secret+` is too long","type":"invalid_request_error"}}`), knowledge.EmbedRejected, true, 0},
		{"429", status(429, map[string]string{"Retry-After": "30"}, `{"error":{"message":"slow down"}}`), knowledge.EmbedRateLimited, false, 30 * time.Second},
		{"500", status(500, nil, "crashed on "+secret), knowledge.EmbedProviderError, false, 0},
		{"HTML", says("<!DOCTYPE html><p>" + secret), knowledge.EmbedNotJSON, false, 0},
		{"nothing", says(""), knowledge.EmbedNotJSON, false, 0},
		{"half", says(`{"data":[{"index":0,"embedding":[1,`), knowledge.EmbedNotJSON, false, 0},
		{"another shape", says(`{"data":"` + secret + `"}`), knowledge.EmbedNotJSON, false, 0},
		{"another object", says(`{"models":[]}`), knowledge.EmbedWrongCount, false, 0},
		{"no vectors", says(`{"data":[]}`), knowledge.EmbedWrongCount, false, 0},
		{"fewer vectors", says(`{"data":[{"index":0,"embedding":[1,2,3]}]}`), knowledge.EmbedWrongCount, false, 0},
		{"more vectors", says(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":1,"embedding":[1,2,3]},{"index":2,"embedding":[1,2,3]}]}`), knowledge.EmbedWrongCount, false, 0},
		{"the same number twice", says(`{"data":[{"index":1,"embedding":[1,2,3]},{"index":1,"embedding":[3,2,1]}]}`), knowledge.EmbedWrongCount, false, 0},
		{"wrong dimensions", says(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":1,"embedding":[1,2]}]}`), knowledge.EmbedWrongDimensions, false, 0},
		{"a vector of none", says(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":1}]}`), knowledge.EmbedWrongDimensions, false, 0},
		{"zero", says(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":1,"embedding":[0,0,0]}]}`), knowledge.EmbedBadVector, false, 0},
		{"null numbers", says(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":1,"embedding":[null,null,null]}]}`), knowledge.EmbedBadVector, false, 0},
		{"NaN as number", says(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":1,"embedding":[NaN,1,2]}]}`), knowledge.EmbedNotJSON, false, 0},
		{"beyond half precision", says(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":1,"embedding":[1e6,1,2]}]}`), knowledge.EmbedBadVector, false, 0},
		{"beyond any precision", says(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":1,"embedding":[1e60,1,2]}]}`), knowledge.EmbedNotJSON, false, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := embedder(newProvider(t, test.answer), nil)
			_, err := e.Embed(t.Context(), knowledge.PassageText, []string{secret, "b"})
			checkFailure(t, err, test.reason)
			var failed *knowledge.EmbedError
			if errors.As(err, &failed) && (failed.Permanent != test.permanent || failed.RetryAfter != test.after) {
				t.Errorf("permanent %v, retry after %v", failed.Permanent, failed.RetryAfter)
			}
			if err != nil && strings.Contains(err.Error(), "suitcase") {
				t.Errorf("the error repeats the text: %v", err)
			}
		})
	}
}

func checkFailure(t *testing.T, err error, reason string) {
	t.Helper()
	var failed *knowledge.EmbedError
	if !errors.As(err, &failed) || failed.Reason != reason {
		t.Fatalf("got %v, expected %s", err, reason)
	}
}

func TestNaNInBase64(t *testing.T) {
	raw := make([]byte, 12)
	binary.LittleEndian.PutUint32(raw, math.Float32bits(float32(math.NaN())))
	p := newProvider(t, says(`{"data":[{"index":0,"embedding":"`+base64.StdEncoding.EncodeToString(raw)+`"}]}`))
	_, err := embedder(p, func(o *openai.Options) { o.Base64 = true }).Embed(t.Context(), knowledge.PassageText, []string{"a"})
	checkFailure(t, err, knowledge.EmbedBadVector)
}

func TestRefusedConnection(t *testing.T) {
	p := newProvider(t, vectors)
	p.url = "http://127.0.0.1:1/v1"
	_, err := embedder(p, nil).Embed(t.Context(), knowledge.PassageText, []string{"a"})
	checkFailure(t, err, knowledge.EmbedUnreachable)
}

func TestSlow(t *testing.T) {
	release := make(chan struct{})
	p := newProvider(t, func(http.ResponseWriter, asked) { <-release })
	t.Cleanup(func() { close(release) })

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := embedder(p, nil).Embed(ctx, knowledge.PassageText, []string{"a"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's deadline: got %v", err)
	}
	e := embedder(p, func(o *openai.Options) {
		o.Client = llm.NewClient(llm.Options{Attempts: 1, HeaderTimeout: 30 * time.Millisecond})
	})
	_, err := e.Embed(t.Context(), knowledge.PassageText, []string{"a"})
	checkFailure(t, err, knowledge.EmbedTimeout)
}

func TestProbeDoesNotHoldOthersUp(t *testing.T) {
	release, started := make(chan struct{}), make(chan struct{}, 10)
	p := newProvider(t, func(w http.ResponseWriter, r asked) { started <- struct{}{}; <-release; vectors(w, r) })
	e := embedder(p, func(o *openai.Options) { o.Dimensions = 0 })
	done := make(chan error, 1)
	go func() { _, err := e.Space(t.Context()); done <- err }()
	<-started
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := e.Space(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who can't wait got %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
