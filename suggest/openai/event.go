package openai

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// chunk is what is needed of a stream's event.
type chunk struct {
	Model   string `json:"model"`
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
			Refusal string `json:"refusal"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

// failed reports whether the provider sends an error inside the stream.
func (c *chunk) failed() bool { return len(c.Error) > 0 && string(c.Error) != "null" }

// words are all that an event brings; ok is false when it brings anything else.
func (c *chunk) words() (content string, ok bool) {
	if len(c.Choices) != 1 || c.Usage != nil || c.failed() {
		return "", false
	}
	choice := &c.Choices[0]
	return choice.Delta.Content, choice.Delta.Content != "" && choice.Delta.Refusal == "" && choice.FinishReason == ""
}

// mould is an event that brings words alone, less the words. The events of one
// answer differ in nothing else, so most need not be parsed as JSON again.
type mould struct{ before, after []byte }

// newMould takes an event that was parsed and the words that it brought; the
// mould that nothing fits when they can't be found in it for sure.
func newMould(event []byte, words string) mould {
	key := []byte(`"content"`)
	at := bytes.Index(event, key)
	if at < 0 || bytes.IndexByte(event, '\\') >= 0 || bytes.Count(bytes.ToLower(event), key) != 1 {
		return mould{}
	}
	start := at + len(key)
	for start < len(event) && (event[start] == ' ' || event[start] == ':') {
		start++
	}
	end := start + plainString(event[start:])
	if end == start || string(event[start+1:end-1]) != words {
		return mould{}
	}
	return mould{before: slices.Clone(event[:start]), after: slices.Clone(event[end:])}
}

// words are what an event brings that fits.
func (m mould) words(event []byte) (string, bool) {
	if len(m.before) == 0 || len(event) < len(m.before)+len(m.after) ||
		!bytes.HasPrefix(event, m.before) || !bytes.HasSuffix(event, m.after) {
		return "", false
	}
	gap := event[len(m.before) : len(event)-len(m.after)]
	if len(gap) <= 2 || plainString(gap) != len(gap) {
		return "", false
	}
	return string(gap[1 : len(gap)-1]), true
}

// plainString is the length of the JSON string that b begins with; 0 when there
// is none, or one that is not written as it reads.
func plainString(b []byte) int {
	if len(b) < 2 || b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			if !utf8.Valid(b[1:i]) {
				return 0
			}
			return i + 1
		case c == '\\' || c < ' ':
			return 0
		}
	}
	return 0
}
