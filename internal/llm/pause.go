package llm

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// longestPause bounds how long a provider's wish to be left alone is remembered.
const longestPause = 10 * time.Minute

// pause is until when a provider asked to be left alone. It asks in the answer
// to one call and means all of them.
type pause struct {
	mu    sync.Mutex
	until time.Time
}

// note remembers what an answer asks for.
func (p *pause) note(r *http.Response) {
	wait, ok := RetryAfter(r)
	if !ok || wait <= 0 {
		return
	}
	until := time.Now().Add(min(wait, longestPause))
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.until) {
		p.until = until
	}
}

// wait holds a request until the provider may be asked again. When that is
// beyond longest or the request's deadline, it returns the answer that the
// provider would give.
func (p *pause) wait(req *http.Request, longest time.Duration) (*http.Response, error) {
	p.mu.Lock()
	left := time.Until(p.until)
	p.mu.Unlock()
	if left <= 0 {
		return nil, nil //nolint:nilnil // nothing holds the request
	}
	held := &http.Response{
		Status: "429 Too Many Requests", StatusCode: http.StatusTooManyRequests, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Retry-After": {strconv.FormatFloat(left.Seconds(), 'f', 3, 64)}}, Body: io.NopCloser(strings.NewReader("")), Request: req,
	}
	if asksTooMuch(held, longest) {
		return held, nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil, nil //nolint:nilnil // nothing holds the request any more
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// RetryAfter reads the header of that name, in seconds or as a date, and
// Retry-After-Ms, which some send beside it.
func RetryAfter(r *http.Response) (time.Duration, bool) {
	if r == nil {
		return 0, false
	}
	if ms, err := strconv.ParseFloat(strings.TrimSpace(r.Header.Get("Retry-After-Ms")), 64); err == nil && ms >= 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond)), true
	}
	value := strings.TrimSpace(r.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second)), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at)), true
	}
	return 0, false
}
