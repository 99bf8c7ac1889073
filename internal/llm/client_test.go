package llm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/purser-desk/purser/internal/llm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reply is one scripted answer.
type reply struct {
	status int
	header map[string]string
	body   string
}

// server answers with the script in order, its last reply again and again, and
// keeps what it was asked.
func server(t *testing.T, script ...reply) (url string, bodies func() []string) {
	t.Helper()
	var mu sync.Mutex
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		mu.Lock()
		next := script[min(len(got), len(script)-1)]
		got = append(got, string(raw))
		mu.Unlock()
		for k, v := range next.header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(next.status)
		_, _ = io.WriteString(w, next.body)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), got...)
	}
}

func client(t *testing.T, o llm.Options) *http.Client {
	t.Helper()
	if o.Backoff == 0 {
		o.Backoff = time.Millisecond
	}
	c := llm.NewClient(o)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func post(ctx context.Context, t *testing.T, c *http.Client, url string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("question"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, string(raw), err
}

func TestRetries(t *testing.T) {
	tests := []struct {
		name   string
		script []reply
		status int
		body   string
		sent   int
	}{
		{"answers at once", []reply{{200, nil, "yes"}}, 200, "yes", 1},
		{"fails once", []reply{{500, nil, "oops"}, {200, nil, "yes"}}, 200, "yes", 2},
		{"fails each time", []reply{{503, nil, "down"}}, 503, "down", 3},
		{"is limited for a moment", []reply{{429, map[string]string{"Retry-After": "0"}, ""}, {200, nil, "yes"}}, 200, "yes", 2},
		{"asks for too much patience", []reply{{429, map[string]string{"Retry-After": "3600"}, "later"}}, 429, "later", 1},
		{"refuses the key", []reply{{401, nil, "no"}}, 401, "no", 1},
		{"redirects", []reply{{307, map[string]string{"Location": "/elsewhere"}, ""}}, 307, "", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			url, bodies := server(t, test.script...)
			status, body, err := post(t.Context(), t, client(t, llm.Options{}), url)
			if err != nil || status != test.status || body != test.body {
				t.Fatalf("got %d %q %v, expected %d %q", status, body, err, test.status, test.body)
			}
			got := bodies()
			if len(got) != test.sent {
				t.Errorf("sent %d, expected %d", len(got), test.sent)
			}
			for i, b := range got {
				if b != "question" {
					t.Errorf("attempt %d carried %q", i+1, b)
				}
			}
		})
	}
}

func TestRetryAfterIsFollowedAndTold(t *testing.T) {
	url, _ := server(t, reply{429, map[string]string{"Retry-After": "1"}, ""}, reply{200, nil, "yes"})
	start := time.Now()
	if status, _, err := post(t.Context(), t, client(t, llm.Options{}), url); err != nil || status != 200 {
		t.Fatal(status, err)
	}
	if waited := time.Since(start); waited < 800*time.Millisecond {
		t.Errorf("waited %v of the second that was asked for", waited)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	url, bodies := server(t, reply{429, map[string]string{"Retry-After": "5"}, ""})
	if status, _, err := post(ctx, t, client(t, llm.Options{}), url); err != nil || status != 429 {
		t.Fatalf("a wait beyond the deadline: got %d, %v; expected the 429 at once", status, err)
	}
	if len(bodies()) != 1 {
		t.Errorf("sent %d", len(bodies()))
	}
}

func TestRetryAfterDate(t *testing.T) {
	for value, expected := range map[string]bool{
		"7": true, "1.5": true, "": false, "soon": false, "-3": false, "NaN": false,
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): true,
	} {
		if got, ok := llm.RetryAfter(&http.Response{Header: http.Header{"Retry-After": {value}}}); ok != expected || got < 0 {
			t.Errorf("%q: %v %v", value, got, ok)
		}
	}
	if _, ok := llm.RetryAfter(nil); ok {
		t.Error("no response has no header")
	}
}

// transport is an http.RoundTripper made of a function.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRefusedConnection(t *testing.T) {
	url, _ := server(t, reply{200, nil, ""})
	dead := strings.Replace(url, "127.0.0.1:", "127.0.0.1:1", 1)[:len("http://127.0.0.1:1")]
	attempts := 0
	counted := transport(func(r *http.Request) (*http.Response, error) {
		attempts++
		return http.DefaultTransport.RoundTrip(r)
	})
	if _, _, err := post(t.Context(), t, client(t, llm.Options{Transport: counted}), dead); err == nil {
		t.Fatal("a refused connection gave no error")
	}
	if attempts != 3 {
		t.Errorf("%d attempts", attempts)
	}
}

func TestBreaker(t *testing.T) {
	url, bodies := server(t, reply{500, nil, ""})
	c := client(t, llm.Options{Attempts: 1, BreakAfter: 3, BreakFor: 100 * time.Millisecond})
	for range 10 {
		_, _, err := post(t.Context(), t, c, url)
		if err != nil && !errors.Is(err, llm.ErrOpen) {
			t.Fatal(err)
		}
	}
	if n := len(bodies()); n >= 10 || n < 3 {
		t.Errorf("%d of 10 requests reached a provider that fails", n)
	}
	if _, _, err := post(t.Context(), t, c, url); !errors.Is(err, llm.ErrOpen) {
		t.Fatalf("got %v, expected ErrOpen", err)
	}
	time.Sleep(120 * time.Millisecond)
	before := len(bodies())
	_, _, _ = post(t.Context(), t, c, url)
	if len(bodies()) != before+1 {
		t.Error("the breaker did not try again")
	}
}

func TestBreakerIgnoresCallersAndLimits(t *testing.T) {
	url, _ := server(t, reply{429, map[string]string{"Retry-After": "99"}, ""})
	c := client(t, llm.Options{BreakAfter: 2})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		if _, _, err := post(gone, t, c, url); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, expected the caller's own error", err)
		}
		if status, _, err := post(t.Context(), t, c, url); err != nil || status != 429 {
			t.Fatal(status, err)
		}
	}
}

func TestAnswerBounds(t *testing.T) {
	url, _ := server(t, reply{200, nil, strings.Repeat("x", 1000)})
	if _, body, err := post(t.Context(), t, client(t, llm.Options{MaxResponseBytes: 1000}), url); err != nil || len(body) != 1000 {
		t.Errorf("an answer of just the bound: %d bytes, %v", len(body), err)
	}
	if _, body, err := post(t.Context(), t, client(t, llm.Options{MaxResponseBytes: 999}), url); !errors.Is(err, llm.ErrTooLarge) || len(body) > 999 {
		t.Errorf("an answer beyond the bound: %d bytes, %v", len(body), err)
	}
}

// stream answers with pieces and waits for release before it goes on.
func stream(t *testing.T, pieces int, pause <-chan struct{}) (string, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		for i := range pieces {
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
			_ = http.NewResponseController(w).Flush()
		}
		select {
		case <-pause:
		case <-r.Context().Done():
			return
		}
		panic(http.ErrAbortHandler) // cut the connection
	}))
	t.Cleanup(s.Close)
	return s.URL, &asked
}

func TestStreamIsNeverRepeated(t *testing.T) {
	cut := make(chan struct{})
	close(cut)
	url, asked := stream(t, 3, cut)
	_, body, err := post(t.Context(), t, client(t, llm.Options{}), url)
	if err == nil || !strings.Contains(body, "data: 2") {
		t.Errorf("got %q, %v; expected what came before the cut, and an error", body, err)
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestStall(t *testing.T) {
	url, _ := stream(t, 1, make(chan struct{}))
	_, body, err := post(t.Context(), t, client(t, llm.Options{StallTimeout: 50 * time.Millisecond}), url)
	if !errors.Is(err, llm.ErrStalled) || body == "" {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestCallerEndsStream(t *testing.T) {
	url, _ := stream(t, 1, make(chan struct{}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := post(ctx, t, client(t, llm.Options{}), url); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestRate(t *testing.T) {
	url, _ := server(t, reply{200, nil, ""})
	c := client(t, llm.Options{RequestsPerSecond: 50, Concurrent: 2})
	start := time.Now()
	var group sync.WaitGroup
	for range 11 {
		group.Go(func() {
			if _, _, err := post(t.Context(), t, c, url); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if took := time.Since(start); took < 180*time.Millisecond {
		t.Errorf("11 requests at 50 a second took %v", took)
	}
}
