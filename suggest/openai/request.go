package openai

import (
	"sync"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/suggest/answer"
)

// request is a chat completion to ask for.
type request struct {
	Model               string         `json:"model"`
	Messages            []message      `json:"messages"`
	MaxTokens           int            `json:"max_tokens,omitempty"`
	MaxCompletionTokens int            `json:"max_completion_tokens,omitempty"`
	Temperature         *float64       `json:"temperature,omitempty"`
	Seed                *int           `json:"seed,omitempty"`
	Stream              bool           `json:"stream,omitempty"`
	StreamOptions       *streamOptions `json:"stream_options,omitempty"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

// The parts of a request that providers refuse, by their names.
const (
	partMaxTokens           = "max_tokens"
	partMaxCompletionTokens = "max_completion_tokens"
	partTemperature         = "temperature"
	partSeed                = "seed"
	partStream              = "stream"
	partStreamOptions       = "stream_options"
	// partSystem is the system's message, which goes into the user's.
	partSystem = "system role"
	// partOptional stands for all that a request can do without.
	partOptional = "everything optional"
)

// leastTemperature is sent where none at all is refused.
const leastTemperature = .01

// manners are how a provider wants to be asked, as its refusals and answers have
// taught. They are safe for concurrent use.
type manners struct {
	mu sync.Mutex
	manner
}

// manner is one state of that.
type manner struct {
	// without are the parts that are left out.
	without map[string]bool
	// warm is true where a temperature of zero is refused but not a low one.
	warm bool
	// thinks is true for models whose thoughts need tokens of their own.
	thinks bool
	// cramped is true where the context has no place for that.
	cramped bool
	// tooLong is the shortest prompt, in bytes, that was refused for its length; 0
	// while none was.
	tooLong int
	// habit is how the model named so thinks.
	habit answer.Habit
	model string
}

// now is a copy that nobody changes.
func (m *manners) now() manner {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.manner
	c.without = make(map[string]bool, len(m.without))
	for part := range m.without {
		c.without[part] = true
	}
	return c
}

func (m *manners) learn(change func(*manner)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.without == nil {
		m.without = map[string]bool{}
	}
	change(&m.manner)
}

// habitOf is how a model thinks that the provider calls so.
func (m *manner) habitOf(model string) answer.Habit {
	if m.model != model || m.habit == answer.Known {
		return answer.Unseen
	}
	return m.habit
}

// request asks in a manner.
func (d *Drafter) request(q question, m manner) request {
	p := q.prompt
	r := request{Model: d.o.Model, Stream: !m.without[partStream]}
	if m.without[partSystem] {
		r.Messages = []message{{"user", p.System + "\n\n" + p.User}}
	} else {
		r.Messages = []message{{"system", p.System}, {"user", p.User}}
	}
	if r.Stream && !m.without[partStreamOptions] {
		r.StreamOptions = &streamOptions{IncludeUsage: true}
	}
	if !m.without[partSeed] {
		r.Seed = q.seed
	}
	tokens := d.o.MaxTokens
	if m.thinks && !m.cramped {
		tokens += d.o.ThinkingTokens
	}
	switch {
	case !m.without[partMaxTokens]:
		r.MaxTokens = tokens
	case !m.without[partMaxCompletionTokens]:
		r.MaxCompletionTokens = tokens
	}
	if !m.without[partTemperature] && d.o.Temperature >= 0 {
		t := d.o.Temperature
		if m.warm && t < leastTemperature {
			t = leastTemperature
		}
		r.Temperature = &t
	}
	return r
}

// parts are those that a request could do without, by name.
func (r *request) parts() []string {
	var parts []string
	for _, p := range []struct {
		name string
		sent bool
	}{
		{partMaxTokens, r.MaxTokens > 0},
		{partMaxCompletionTokens, r.MaxCompletionTokens > 0},
		{partTemperature, r.Temperature != nil},
		{partSeed, r.Seed != nil},
		{partStreamOptions, r.StreamOptions != nil},
	} {
		if p.sent {
			parts = append(parts, p.name)
		}
	}
	return parts
}

// adapt learns from a refusal what to leave out and names it; it is empty when
// nothing more can be.
func (d *Drafter) adapt(refused *llm.StatusError, r *request) string {
	system := len(r.Messages) > 1
	roles := refused.Mentions("system role", "system message", "system instruction", "developer instruction", "roles", "role must", "role is")
	if !refused.Invalid() {
		// Some servers fail over a template that knows no such role.
		if system && refused.Status == 500 && roles {
			return d.leaveOut(partSystem)
		}
		return ""
	}
	parts := r.parts()
	asked := parts
	if r.Stream {
		asked = append(asked, partStream)
	}
	part := refused.Parameter(asked...)
	switch {
	case part == partTemperature && *r.Temperature < leastTemperature:
		d.manners.learn(func(m *manner) { m.warm = true })
		return "temperature 0"
	case part == partMaxCompletionTokens:
		// Whoever refused the other name before gets none.
		return d.leaveOut(part, partMaxTokens)
	case part != "":
		return d.leaveOut(part)
	case system && roles:
		return d.leaveOut(partSystem)
	case len(parts) > 0:
		d.leaveOut(append(parts, partMaxCompletionTokens)...)
		return partOptional
	case system:
		return d.leaveOut(partSystem)
	}
	return ""
}

// leaveOut has parts left out from now on, and names the first.
func (d *Drafter) leaveOut(parts ...string) string {
	d.manners.learn(func(m *manner) {
		for _, p := range parts {
			m.without[p] = true
		}
	})
	return parts[0]
}
