package llm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/purser-desk/purser/internal/llm"
)

// provider answers with a function and counts what reached it.
func provider(t *testing.T, answer http.HandlerFunc) (url string, asked func() int) {
	t.Helper()
	count := make(chan int, 1)
	count <- 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count <- 1 + <-count
		_, _ = io.Copy(io.Discard, r.Body)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() int {
		n := <-count
		count <- n
		return n
	}
}

// hang sends nothing; drip sends its headers and then a line now and then.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		_, _ = fmt.Fprint(w, ": wait\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-time.After(2 * time.Millisecond):
		case <-r.Context().Done():
		}
	}
}

func TestBreakerOpensForSilence(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
		// end makes the context of a request that ends before its answer.
		end  func(context.Context) (context.Context, context.CancelFunc)
		open bool
	}{
		{"hangs to the caller's limit", hang, within(20 * time.Millisecond), true},
		{"drips to the caller's limit", drip, within(20 * time.Millisecond), true},
		{"is given up as too slow", hang, cancelled(fmt.Errorf("no words: %w", llm.ErrTooSlow)), true},
		{"the caller leaves", drip, cancelled(context.Canceled), false},
		{"the caller allows nearly nothing", hang, within(time.Millisecond), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url, asked := provider(t, test.answer)
			c := client(t, llm.Options{BreakAfter: 3, BreakFor: time.Minute, Patience: 10 * time.Millisecond})
			var last error
			for range 8 {
				ctx, cancel := test.end(t.Context())
				_, _, last = post(ctx, t, c, url)
				cancel()
			}
			if open := errors.Is(last, llm.ErrOpen); open != test.open || test.open && asked() != 3 {
				t.Errorf("after %d requests the breaker is open: %v", asked(), open)
			}
		})
	}
}

func within(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
}

func cancelled(cause error) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(ctx)
		timer := time.AfterFunc(20*time.Millisecond, func() { cancel(cause) })
		return ctx, func() { timer.Stop(); cancel(nil) }
	}
}

// After the pause one request tries, and its success lets all others through.
func TestBreakerClosesAgain(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	url, asked := provider(t, func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			hang(w, r)
		}
	})
	c := client(t, llm.Options{BreakAfter: 2, BreakFor: 50 * time.Millisecond, Patience: time.Millisecond})
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		_, _, _ = post(ctx, t, c, url)
		cancel()
	}
	broken.Store(false)
	time.Sleep(60 * time.Millisecond)
	for range 3 {
		if status, _, err := post(t.Context(), t, c, url); err != nil || status != 200 {
			t.Fatal(status, err)
		}
	}
	if asked() != 5 {
		t.Errorf("%d requests reached the provider", asked())
	}
}

func TestRetryAfterHoldsAllCalls(t *testing.T) {
	url, asked := provider(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	c := client(t, llm.Options{})
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if after, _ := llm.RetryAfter(r); r.StatusCode != 429 || after < 50*time.Second || after > time.Minute {
			t.Errorf("got %d, to be tried again after %s", r.StatusCode, after)
		}
	}
	if asked() != 1 {
		t.Errorf("%d requests reached a provider that asked for a minute's peace", asked())
	}
}
