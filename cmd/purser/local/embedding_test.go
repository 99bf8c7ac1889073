package local_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/purser-desk/purser/cmd/purser/local"
)

type embeddingAnswer struct {
	Object string
	Model  string
	Data   []struct {
		Object    string
		Index     int
		Embedding json.RawMessage
	}
	Usage struct {
		PromptTokens int `json:"prompt_tokens"`
		TotalTokens  int `json:"total_tokens"`
	}
	Error *struct {
		Message, Type string
		Param, Code   *string
	}
}

func startEmbedding(t *testing.T) string {
	t.Helper()
	r := start(t, local.Options{Throwaway: true, Embedding: true, Instance: "embed"})
	if err := r.WaitEmbedding(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.EmbeddingURL()
}

func post(t *testing.T, url, body string) (int, embeddingAnswer) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/embeddings", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return answer(t, req)
}

func answer(t *testing.T, req *http.Request) (int, embeddingAnswer) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var a embeddingAnswer
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatalf("%d, not JSON: %v: %.200s", resp.StatusCode, err, raw)
	}
	return resp.StatusCode, a
}

func embedBody(t *testing.T, model string, texts ...string) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"model": model, "input": texts})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func vectors(t *testing.T, a embeddingAnswer) [][]float32 {
	t.Helper()
	var all [][]float32
	for _, d := range a.Data {
		var v []float32
		if err := json.Unmarshal(d.Embedding, &v); err != nil {
			var s string
			if err := json.Unmarshal(d.Embedding, &s); err != nil {
				t.Fatal(err)
			}
			raw, err := base64.StdEncoding.DecodeString(s)
			if err != nil {
				t.Fatal(err)
			}
			v = make([]float32, len(raw)/4)
			if err := binary.Read(bytes.NewReader(raw), binary.LittleEndian, v); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, v)
	}
	return all
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestEmbeddings(t *testing.T) {
	url := startEmbedding(t)

	t.Run("the passage that answers is nearest", func(t *testing.T) {
		code, q := post(t, url, embedBody(t, "e5-query", "Wie viel Handgepäck darf ich mitnehmen?"))
		if code != http.StatusOK || q.Model != "e5-query" || q.Object != "list" {
			t.Fatalf("%d %+v", code, q)
		}
		_, p := post(t, url, embedBody(t, "e5-passage",
			"Refunds reach your card within seven days.",
			"You may take one cabin bag of 10 kg and a small personal item.",
			"Dogs under 8 kg travel in the cabin."))
		question, passages := vectors(t, q)[0], vectors(t, p)
		if len(question) != 384 || math.Abs(dot(question, question)-1) > 1e-3 {
			t.Errorf("%d dimensions, length² %f", len(question), dot(question, question))
		}
		best := dot(question, passages[1])
		if best <= dot(question, passages[0]) || best <= dot(question, passages[2]) {
			t.Errorf("scores %f %f %f", dot(question, passages[0]), best, dot(question, passages[2]))
		}
	})

	t.Run("base64 and float are the same", func(t *testing.T) {
		_, f := post(t, url, `{"model":"e5-passage","input":["one","two"],"encoding_format":"float"}`)
		_, b := post(t, url, `{"model":"e5-passage","input":["one","two"],"encoding_format":"base64"}`)
		fv, bv := vectors(t, f), vectors(t, b)
		if len(fv) != 2 || len(bv) != 2 || !slices.Equal(fv[1], bv[1]) || slices.Equal(fv[0], fv[1]) {
			t.Error("they differ")
		}
	})

	t.Run("questions and passages differ", func(t *testing.T) {
		_, q := post(t, url, embedBody(t, "e5-query", "one"))
		_, p := post(t, url, embedBody(t, "e5-passage", "one"))
		if slices.Equal(vectors(t, q)[0], vectors(t, p)[0]) {
			t.Error("the model's name makes no difference")
		}
	})

	t.Run("long texts are cut", func(t *testing.T) {
		words := strings.Repeat("baggage allowance 10 kg ", 2000)
		for _, model := range []string{"e5-query", "e5-passage"} {
			began := time.Now()
			code, a := post(t, url, embedBody(t, model, words))
			if code != http.StatusOK || a.Usage.PromptTokens > 512 || a.Usage.PromptTokens < 400 || a.Usage.TotalTokens != a.Usage.PromptTokens {
				t.Errorf("%d, usage %+v after %v", code, a.Usage, time.Since(began))
			}
		}
	})

	t.Run("odd characters", func(t *testing.T) {
		for _, body := range []string{
			`{"model":"e5-query","input":"a\u0000b"}`,
			`{"model":"e5-passage","input":"\ud800"}`,
			`{"model":"e5-passage","input":"👩‍👩‍👧 שלום"}`,
		} {
			if code, a := post(t, url, body); code != http.StatusOK || len(a.Data) != 1 {
				t.Errorf("%s: %d %+v", body, code, a.Error)
			}
		}
	})
}

func TestEmbeddingRefusals(t *testing.T) {
	url := startEmbedding(t)
	many := strings.TrimSuffix(strings.Repeat(`"a",`, 2049), ",")
	for name, tc := range map[string]struct {
		body string
		code int
		want string
	}{
		"no body":            {``, 400, "JSON"},
		"not JSON":           {`{"model":`, 400, "JSON"},
		"not an object":      {`[1]`, 400, "object"},
		"deep nesting":       {strings.Repeat("[", 100000), 400, "JSON"},
		"invalid UTF-8":      {"{\"model\":\"\xff\"}", 400, "UTF-8"},
		"no model":           {`{"input":"a"}`, 400, "e5-query"},
		"unknown model":      {`{"model":"gpt","input":"a"}`, 404, "e5-query"},
		"no input":           {`{"model":"e5-query"}`, 400, "input"},
		"no texts":           {`{"model":"e5-query","input":[]}`, 400, "2048"},
		"too many texts":     {`{"model":"e5-query","input":[` + many + `]}`, 400, "2048"},
		"tokens":             {`{"model":"e5-query","input":[1,2]}`, 400, "string"},
		"empty text":         {`{"model":"e5-query","input":["a"," "]}`, 400, "Input 1"},
		"other dimensions":   {`{"model":"e5-query","input":"a","dimensions":512}`, 400, "384"},
		"unknown encoding":   {`{"model":"e5-query","input":"a","encoding_format":"hex"}`, 400, "base64"},
		"more than it takes": {strings.Repeat(" ", 32<<20+1), 413, "fewer"},
	} {
		t.Run(name, func(t *testing.T) {
			code, a := post(t, url, tc.body)
			if code != tc.code || a.Error == nil || a.Error.Type != "invalid_request_error" || !strings.Contains(a.Error.Message, tc.want) {
				t.Errorf("%d %+v, want %d and %q", code, a.Error, tc.code, tc.want)
			}
		})
	}
	// The whole body is written before the answer is read: it must not be lost.
	t.Run("a long body without length", func(t *testing.T) {
		var d net.Dialer
		conn, err := d.DialContext(t.Context(), "tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/v1"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		chunk := strings.Repeat(" ", 8<<20)
		if _, err := fmt.Fprintf(conn, "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(chunk), chunk); err != nil {
			t.Error(err)
		}
		if raw, err := io.ReadAll(conn); err != nil || !bytes.Contains(raw, []byte(" 411 ")) || !bytes.Contains(raw, []byte("length")) {
			t.Errorf("%q %v", raw, err)
		}
	})
	t.Run("no length", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/embeddings", io.MultiReader(strings.NewReader("{}")))
		if err != nil {
			t.Fatal(err)
		}
		if code, a := answer(t, req); code != http.StatusLengthRequired || a.Error == nil {
			t.Errorf("%d %+v", code, a.Error)
		}
	})
	t.Run("other addresses", func(t *testing.T) {
		base := strings.TrimSuffix(url, "/v1")
		for path, want := range map[string]int{"/health": 200, "/v1/models": 200, "/v1/else": 404} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if code, _ := answer(t, req); code != want {
				t.Errorf("%s: %d, want %d", path, code, want)
			}
		}
	})
	t.Run("not HTTP", func(t *testing.T) {
		var d net.Dialer
		conn, err := d.DialContext(t.Context(), "tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/v1"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.Write([]byte("\x16\x03\x01\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		if raw, err := io.ReadAll(conn); err != nil || !bytes.Contains(raw, []byte("invalid_request_error")) {
			t.Errorf("%q %v", raw, err)
		}
	})
}

func TestQuestionsOvertakePassages(t *testing.T) {
	url := startEmbedding(t)
	question := embedBody(t, "e5-query", "how do I change my flight to another day?")
	ask := func() time.Duration {
		began := time.Now()
		if code, a := post(t, url, question); code != http.StatusOK {
			t.Fatalf("%d %+v", code, a.Error)
		}
		return time.Since(began)
	}
	measure := func(n int) (p50, worst time.Duration) {
		var all []time.Duration
		for range n {
			all = append(all, ask())
		}
		slices.Sort(all)
		return all[n/2], all[n-1]
	}
	ask()
	p50, worst := measure(20)
	t.Logf("alone: p50 %v, slowest %v", p50, worst)

	// Two imports at once, each a batch of long passages.
	passage := strings.Repeat("You may bring one cabin bag of 10 kg and a small personal item. ", 12)
	batch := embedBody(t, "e5-passage", slices.Repeat([]string{passage}, 10)...)
	var wg sync.WaitGroup
	var batches [2]time.Duration
	began := time.Now()
	for i := range batches {
		wg.Go(func() {
			if code, _ := post(t, url, batch); code != http.StatusOK {
				t.Errorf("batch: %d", code)
			}
			batches[i] = time.Since(began)
		})
	}
	time.Sleep(100 * time.Millisecond)
	p50, worst = measure(20)
	asked := time.Since(began)
	wg.Wait()
	t.Logf("during two batches of 10 long passages (%v, %v): p50 %v, slowest %v", batches[0], batches[1], p50, worst)
	if asked > min(batches[0], batches[1]) {
		t.Errorf("20 questions took %v, as long as a batch (%v)", asked, batches)
	}
	if one := max(batches[0], batches[1]) / 20; p50 > 2*one {
		t.Errorf("a question takes %v while a passage takes %v", p50, one)
	}
}

func TestBatchOfAClientThatHasGoneEnds(t *testing.T) {
	url := startEmbedding(t)
	passage := strings.Repeat("You may bring one cabin bag of 10 kg and a small personal item. ", 20)
	began := time.Now()
	post(t, url, embedBody(t, "e5-passage", passage))
	one := time.Since(began)
	body := embedBody(t, "e5-passage", slices.Repeat([]string{passage}, 200)...)
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/v1"))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/embeddings", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	began = time.Now()
	post(t, url, embedBody(t, "e5-passage", "short"))
	if took := time.Since(began); took > 50*one {
		t.Errorf("a passage waited %v behind a batch of 200 that nobody wants; one takes %v", took, one)
	}
}
