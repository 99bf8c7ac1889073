package llm

import (
	"net/http"
	"time"
)

// Call sends through a client and remembers of the last answer what clients of
// an HTTP API leave out of their errors. It is for one call at a time.
type Call struct {
	Client *http.Client
	// Status of the last answer; 0 without one.
	Status int
	// RetryAfter is how long the provider asked to be left alone; 0 when it did
	// not.
	RetryAfter time.Duration
}

// Do sends a request.
func (c *Call) Do(req *http.Request) (*http.Response, error) {
	r, err := c.Client.Do(req)
	if err != nil {
		return nil, err
	}
	c.Status = r.StatusCode
	c.RetryAfter, _ = RetryAfter(r)
	return r, nil
}
