// Package openaitest is a scripted server for tests and benchmarks that speaks
// OpenAI's chat completions, streamed, and embeddings over loopback HTTP: slow,
// cut, wrong or hostile on demand. It holds no model.
package openaitest

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Script is how the server answers one chat completion. The zero value answers
// with an empty text that ends as it should.
type Script struct {
	// Text that the model writes. It is sent in pieces of at least Piece bytes,
	// characters whole; 0 means words.
	Text  string
	Piece int
	// Pieces are sent as they are, in place of Text.
	Pieces []string
	// Thoughts are sent as reasoning_content before the text, Between apart, too.
	Thoughts []string
	// Finish is the finish_reason; empty means "stop", "-" sends none.
	Finish string
	// Before the first piece and Between two pieces the server waits.
	Before, Between time.Duration
	// Status other than 0 and 200 answers with Body alone; Header is added.
	Status int
	Body   string
	Header map[string]string
	// CutAfter breaks the connection after so many bytes of the stream, when
	// above 0.
	CutAfter int
	// ContentType replaces text/event-stream.
	ContentType string
	// NoDone leaves out the last line, "data: [DONE]".
	NoDone bool
	// Hang keeps the connection open at the end until the client goes.
	Hang bool
	// NoUsage leaves out the count of tokens.
	NoUsage bool
}

// Request is a chat completion that the server was asked for.
type Request struct {
	Model    string `json:"model"`
	Messages []struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	} `json:"messages"`
	Stream              bool     `json:"stream"`
	MaxTokens           int      `json:"max_tokens"`
	MaxCompletionTokens int      `json:"max_completion_tokens"`
	Temperature         *float64 `json:"temperature"`
	Seed                *int     `json:"seed"`
	// Authorization as it was sent, and Raw the body.
	Authorization string `json:"-"`
	Raw           []byte `json:"-"`
}

// System and User are the texts of the messages with that role, joined.
func (r Request) System() string { return r.role("system") }

// User is the text of the user's messages.
func (r Request) User() string { return r.role("user") }

func (r Request) role(role string) string {
	var out []string
	for _, m := range r.Messages {
		if m.Role == role {
			out = append(out, m.Content)
		}
	}
	return strings.Join(out, "\n")
}

// Server answers over loopback HTTP. Close it.
type Server struct {
	*httptest.Server
	mu       sync.Mutex
	answer   func(Request) Script
	requests []Request
	active   int
	gone     int
}

// New starts a server that answers each request as answer says.
func New(answer func(Request) Script) *Server {
	s := &Server{answer: answer}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	mux.HandleFunc("POST /v1/embeddings", s.embed)
	s.Server = httptest.NewServer(mux)
	return s
}

// Fixed starts a server that always answers the same.
func Fixed(script Script) *Server { return New(func(Request) Script { return script }) }

// Set changes how the server answers from now on.
func (s *Server) Set(answer func(Request) Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// BaseURL is what OPENAI_BASE_URL would be.
func (s *Server) BaseURL() string { return s.URL + "/v1" }

// Requests are the chat completions asked for so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Active is how many chat completions are being answered.
func (s *Server) Active() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// Gone is how many clients left before the end.
func (s *Server) Gone() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var req Request
	if err != nil || json.Unmarshal(raw, &req) != nil {
		http.Error(w, `{"error":{"message":"bad request"}}`, http.StatusBadRequest)
		return
	}
	req.Raw, req.Authorization = raw, r.Header.Get("Authorization")
	s.mu.Lock()
	s.requests = append(s.requests, req)
	s.active++
	answer := s.answer
	s.mu.Unlock()
	// A client that leaves with the whole answer in hand has not gone early.
	whole := false
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.active--
		if !whole && r.Context().Err() != nil {
			s.gone++
		}
	}()
	whole = s.play(w, r, req, answer(req))
}

// play answers, and reports whether it came to the end.
func (s *Server) play(w http.ResponseWriter, r *http.Request, req Request, script Script) bool {
	for k, v := range script.Header {
		w.Header().Set(k, v)
	}
	if script.Status != 0 && script.Status != http.StatusOK {
		if !wait(r, script.Before) {
			return false
		}
		w.WriteHeader(script.Status)
		_, _ = io.WriteString(w, script.Body) // the client may be gone
		return true
	}
	kind := script.ContentType
	if kind == "" {
		kind = "text/event-stream"
	}
	w.Header().Set("Content-Type", kind)
	if script.Body != "" {
		_, _ = io.WriteString(w, script.Body) // the client may be gone
		flush(w)
		if script.Hang {
			<-r.Context().Done()
		}
		return !script.Hang
	}
	if !req.Stream {
		return wait(r, script.Before) && whole(w, req, script)
	}
	w.WriteHeader(http.StatusOK)
	flush(w)
	out := &cutter{w: w, left: script.CutAfter}
	if !wait(r, script.Before) {
		return false
	}
	for _, thought := range script.Thoughts {
		if !out.event(req.Model, map[string]any{"delta": map[string]any{"reasoning_content": thought, "content": nil}, "index": 0}, nil) {
			abort()
		}
		if !wait(r, script.Between) {
			return false
		}
	}
	for i, piece := range script.pieces() {
		if i > 0 && !wait(r, script.Between) {
			return false
		}
		if !out.event(req.Model, map[string]any{"delta": map[string]any{"content": piece}, "index": 0}, nil) {
			abort()
		}
	}
	return s.finish(r, req, script, out)
}

// whole answers a request that asked for no stream.
func whole(w http.ResponseWriter, req Request, script Script) bool {
	finish := script.Finish
	switch finish {
	case "":
		finish = "stop"
	case "-":
		finish = ""
	}
	text := script.Text
	if script.Pieces != nil {
		text = strings.Join(script.Pieces, "")
	}
	answer := map[string]any{
		"id": "chatcmpl-test", "object": "chat.completion", "created": 1, "model": req.Model,
		"choices": []any{map[string]any{
			"index": 0, "finish_reason": finish, "message": map[string]any{"role": "assistant", "content": text},
		}},
	}
	if !script.NoUsage {
		answer["usage"] = usageOf(req, text)
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(answer) == nil
}

// usageOf counts tokens roughly.
func usageOf(req Request, text string) map[string]int {
	return map[string]int{"prompt_tokens": len(req.Raw) / 4, "completion_tokens": len(text) / 4}
}

func (s *Server) finish(r *http.Request, req Request, script Script, out *cutter) bool {
	if script.Hang {
		<-r.Context().Done()
		return false
	}
	finish := script.Finish
	if finish == "" {
		finish = "stop"
	}
	if finish != "-" {
		if !out.event(req.Model, map[string]any{"delta": map[string]any{}, "index": 0, "finish_reason": finish}, nil) {
			abort()
		}
	}
	if !script.NoUsage {
		if !out.event(req.Model, nil, usageOf(req, script.Text)) {
			abort()
		}
	}
	if !script.NoDone && !out.write("data: [DONE]\n\n") {
		abort()
	}
	return true
}

// abort breaks the connection, as a provider that dies does.
func abort() { panic(http.ErrAbortHandler) }

func (s Script) pieces() []string {
	if s.Pieces != nil {
		return s.Pieces
	}
	if s.Piece <= 0 {
		return strings.SplitAfter(s.Text, " ")
	}
	var out []string
	for rest := s.Text; rest != ""; {
		n := min(s.Piece, len(rest))
		for n < len(rest) && !utf8.RuneStart(rest[n]) {
			n++
		}
		out = append(out, rest[:n])
		rest = rest[n:]
	}
	return out
}

func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func flush(w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}

// cutter writes events and breaks off after a number of bytes.
type cutter struct {
	w    http.ResponseWriter
	left int
}

func (c *cutter) event(model string, choice map[string]any, usage map[string]int) bool {
	e := map[string]any{"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": []any{}}
	if choice != nil {
		e["choices"] = []any{choice}
	}
	if usage != nil {
		e["usage"] = usage
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return false
	}
	return c.write("data: " + string(raw) + "\n\n")
}

func (c *cutter) write(s string) bool {
	cut := c.left > 0 && len(s) >= c.left
	if cut {
		s = s[:c.left]
	} else if c.left > 0 {
		c.left -= len(s)
	}
	_, err := io.WriteString(c.w, s)
	flush(c.w)
	return err == nil && !cut
}

// embed answers with vectors that depend on the words alone: the same text has
// the same vector, texts that share words are near each other.
func (s *Server) embed(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Model      string          `json:"model"`
		Input      json.RawMessage `json:"input"`
		Dimensions int             `json:"dimensions"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, `{"error":{"message":"bad request"}}`, http.StatusBadRequest)
		return
	}
	var texts []string
	if json.Unmarshal(req.Input, &texts) != nil {
		var one string
		if json.Unmarshal(req.Input, &one) != nil {
			http.Error(w, `{"error":{"message":"bad input"}}`, http.StatusBadRequest)
			return
		}
		texts = []string{one}
	}
	if req.Dimensions == 0 {
		req.Dimensions = 384
	}
	data := make([]map[string]any, len(texts))
	for i, t := range texts {
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": Vector(t, req.Dimensions)}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": data, "model": req.Model}) // the client may be gone
}

// Vector is the vector that the server gives a text, of length 1.
func Vector(s string, dimensions int) []float32 {
	v := make([]float32, dimensions)
	for _, word := range strings.Fields(strings.ToLower(s)) {
		h := fnv.New32a()
		_, _ = io.WriteString(h, word) // never fails
		v[int(h.Sum32())%dimensions]++
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		v[0], sum = 1, 1
	}
	norm := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= norm
	}
	return v
}

// Error is the body of an OpenAI-shaped error.
func Error(message string) string {
	return fmt.Sprintf(`{"error":{"message":%s,"type":"test"}}`, strconv.Quote(message))
}
