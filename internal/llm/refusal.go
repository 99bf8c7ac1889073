package llm

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// StatusError is a status that is no success, with what the provider said. Its
// Error holds the number alone, since some repeat what they were sent; what was
// said is to be compared, never to be shown.
type StatusError struct {
	Status int
	// RetryAfter is how long the provider asked to be left alone; 0 when it did
	// not.
	RetryAfter time.Duration
	// parameters are what the answer names as parameters, said all its texts in
	// lower case.
	parameters []string
	said       string
}

func (e *StatusError) Error() string { return fmt.Sprintf("the provider answered %d", e.Status) }

// readRefusal reads a failure and closes it.
func readRefusal(r *http.Response) *StatusError {
	raw, _ := io.ReadAll(io.LimitReader(r.Body, errorBodyBytes)) // half of it is good enough
	_ = r.Body.Close()
	e := newStatusError(r.StatusCode, raw)
	e.RetryAfter, _ = RetryAfter(r)
	return e
}

// newStatusError reads what the body of a failure says, in whatever shape: that
// of OpenAI, of FastAPI's validation, of Hugging Face's servers, or text.
func newStatusError(status int, body []byte) *StatusError {
	e := &StatusError{Status: status}
	var v any
	if json.Unmarshal(body, &v) != nil {
		v = string(body)
	}
	var said strings.Builder
	e.collect("", v, &said)
	e.said = strings.ToLower(said.String())
	return e
}

func (e *StatusError) collect(name string, v any, said *strings.Builder) {
	switch v := v.(type) {
	case string:
		if name == "param" || name == "loc" {
			e.parameters = append(e.parameters, strings.ToLower(v))
			return
		}
		said.WriteString(v)
		said.WriteByte('\n')
	case []any:
		for _, item := range v {
			e.collect(name, item, said)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if k != "input" && k != "ctx" && k != "url" { // what FastAPI repeats of the request
				e.collect(strings.ToLower(k), v[k], said)
			}
		}
	}
}

// NumberBelow is the largest whole number from 1 that was said and is below
// bound; 0 when there is none.
func (e *StatusError) NumberBelow(bound int) int {
	best := 0
	for _, field := range strings.FieldsFunc(e.said, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, err := strconv.Atoi(field); err == nil && n < bound && n > best {
			best = n
		}
	}
	return best
}

// Invalid reports whether the provider understood who asks and refuses what is
// asked for.
func (e *StatusError) Invalid() bool {
	return e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity || e.Status == http.StatusRequestEntityTooLarge
}

// Mentions reports whether any of the phrases, in lower case, was said.
func (e *StatusError) Mentions(phrases ...string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(e.said, p) })
}

// Parameter is the first of the names, which are those that were sent, that the
// refusal is about; empty when it names none. What stands in the place for
// parameters goes before what the text says.
func (e *StatusError) Parameter(names ...string) string {
	for _, name := range names {
		for _, p := range e.parameters {
			if p == name || strings.HasPrefix(p, name+".") || strings.HasPrefix(p, name+"[") {
				return name
			}
		}
	}
	// The one that is named first is the one refused; a later one is advice.
	best, at := "", len(e.said)
	for _, name := range names {
		if i := wordIndex(e.said, name); i >= 0 && i < at {
			best, at = name, i
		}
	}
	return best
}

// wordIndex is where a name stands alone in s, -1 when nowhere.
func wordIndex(s, name string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], name)
		if i < 0 {
			return -1
		}
		i += from
		if !isNameByte(s, i-1) && !isNameByte(s, i+len(name)) {
			return i
		}
		from = i + len(name)
	}
}

func isNameByte(s string, i int) bool {
	return i >= 0 && i < len(s) && (s[i] == '_' || unicode.IsLetter(rune(s[i])) || unicode.IsDigit(rune(s[i])))
}

// TooLong reports whether what was sent has more tokens than the model reads.
func (e *StatusError) TooLong() bool {
	if !e.Invalid() {
		return false
	}
	if e.Mentions("context length", "context_length", "context size", "context window", "context_window", "exceed_context", "maximum context",
		"max_model_len", "reduce the length", "maximum input length", "too many tokens", "sequence length", "physical batch size",
		"prompt is too long", "prompt too long", "input is too long", "input too long", "inputs too long", "text is too long") {
		return true
	}
	counted := wordIndex(e.said, "tokens") >= 0 || wordIndex(e.said, "token") >= 0
	return counted && len(e.parameters) == 0 && e.Mentions("less than", "longer than", "too long", "too large", "at most", "exceed", "maximum", "limit")
}
