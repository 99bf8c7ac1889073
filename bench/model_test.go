package bench_test

import (
	"encoding/json"
	"hash/fnv"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

const dimensions = 384

// model is a scripted OpenAI-compatible server. It has its answers ready and
// hands them out whole, so that nothing of its own is measured.
type model struct {
	url string
	// answer to a chat completion, and vector of a question: as HTTP bodies.
	answer, vector atomic.Pointer[[]byte]
	// question that vector is of.
	question atomic.Pointer[string]
	// chats counts the answers; asked and answered, where set, are called before
	// and after each.
	chats           atomic.Int64
	asked, answered atomic.Pointer[func()]
}

func newModel(t testing.TB) *model {
	t.Helper()
	m := &model{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if f := m.asked.Load(); f != nil {
			(*f)()
		}
		m.chats.Add(1)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write(*m.answer.Load())
		if f := m.answered.Load(); f != nil {
			(*f)()
		}
	})
	mux.HandleFunc("POST /v1/embeddings", m.embed)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	m.url = s.URL + "/v1"
	return m
}

// script sets what is answered from now on.
func (m *model) script(t ticket) {
	answer, vector := events(t.reply), embeddings([]string{t.question})
	m.answer.Store(&answer)
	m.vector.Store(&vector)
	m.question.Store(&t.question)
}

func (m *model) embed(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var request struct {
		Model string   `json:"model"`
		Input []string `json:"input"`
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.Unmarshal(raw, &request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q := m.question.Load()
	switch {
	case q == nil:
		_, _ = w.Write(embeddings(request.Input))
	case len(request.Input) == 1:
		_, _ = w.Write(*m.vector.Load())
	default: // the requests of the question, and the evidence: all of them mean the same
		_, _ = w.Write(embeddings(slices.Repeat([]string{*q}, len(request.Input))))
	}
}

// events is a chat completion as a stream of words.
func events(reply string) []byte {
	type delta struct {
		Content string `json:"content,omitempty"`
	}
	type choice struct {
		Index  int     `json:"index"`
		Delta  delta   `json:"delta"`
		Finish *string `json:"finish_reason"`
	}
	type usage struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
		Total      int `json:"total_tokens"`
	}
	type event struct {
		ID      string   `json:"id"`
		Object  string   `json:"object"`
		Created int      `json:"created"`
		Model   string   `json:"model"`
		Choices []choice `json:"choices"`
		Usage   *usage   `json:"usage,omitempty"`
	}
	var b strings.Builder
	add := func(choices []choice, u *usage) {
		raw, _ := json.Marshal(event{"chatcmpl-1", "chat.completion.chunk", 1, "scripted", choices, u})
		b.WriteString("data: " + string(raw) + "\n\n")
	}
	for word := range strings.SplitAfterSeq(reply, " ") {
		add([]choice{{Delta: delta{word}}}, nil)
	}
	stop := "stop"
	add([]choice{{Finish: &stop}}, nil)
	add([]choice{}, &usage{2500, 150, 2650})
	b.WriteString("data: [DONE]\n\n")
	return []byte(b.String())
}

func embeddings(texts []string) []byte {
	type item struct {
		Object    string    `json:"object"`
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	}
	data := make([]item, len(texts))
	for i, t := range texts {
		data[i] = item{"embedding", i, vectorOf(t)}
	}
	raw, _ := json.Marshal(map[string]any{"object": "list", "model": "scripted", "data": data})
	return raw
}

// vectorOf gives texts that share words near vectors, with cosines as a real
// model has them: most of each vector is what all have in common.
func vectorOf(s string) []float32 {
	words := make([]float64, dimensions)
	for _, word := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if len(word) < 4 {
			continue
		}
		h := fnv.New64a()
		_, _ = io.WriteString(h, word)
		for bits := h.Sum64(); bits > 0; bits >>= 16 {
			words[bits%dimensions]++
		}
	}
	norm := math.Sqrt(dot(words, words)) + 1e-9
	v := make([]float32, dimensions)
	for i, x := range words {
		v[i] = float32(math.Sqrt(.7/dimensions) + math.Sqrt(.3)*x/norm)
	}
	return v
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
