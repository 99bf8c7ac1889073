package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// maxOutputBytes is how much a model may write in one answer, and
// maxThoughtBytes how much it may think.
const (
	maxOutputBytes  = 64 << 10
	maxThoughtBytes = 1 << 20
)

// chunk is what is needed of a stream's event, or of a whole answer.
type chunk struct {
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

type choice struct {
	Index int `json:"index"`
	// Delta is a piece of an answer, Message a whole one; some send the one for
	// the other.
	Delta, Message *part
	FinishReason   json.RawMessage `json:"finish_reason"`
}

// part is what a model writes: its text, and its thoughts by whatever name.
type part struct {
	Content          json.RawMessage `json:"content"`
	Refusal          json.RawMessage `json:"refusal"`
	ReasoningContent json.RawMessage `json:"reasoning_content"`
	Reasoning        json.RawMessage `json:"reasoning"`
	ReasoningDetails json.RawMessage `json:"reasoning_details"`
	Thinking         json.RawMessage `json:"thinking"`
}

// thoughts is how many bytes of thoughts stand beside the text.
func (p *part) thoughts() int {
	n := 0
	for _, raw := range []json.RawMessage{p.ReasoningContent, p.Reasoning, p.ReasoningDetails, p.Thinking} {
		if !isNothing(raw) {
			n += len(raw)
		}
	}
	return n
}

func isNothing(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", `""`, "[]", "{}":
		return true
	}
	return false
}

// text is what content says, and how many bytes of thoughts stand in it: a text,
// or a list of parts of which some are thoughts.
func text(content json.RawMessage) (said string, thought int) {
	if isNothing(content) {
		return "", 0
	}
	if json.Unmarshal(content, &said) == nil {
		return said, 0
	}
	var parts []json.RawMessage
	if json.Unmarshal(content, &parts) != nil {
		parts = []json.RawMessage{content}
	}
	var b strings.Builder
	for _, raw := range parts {
		var p struct {
			Type string          `json:"type"`
			Text json.RawMessage `json:"text"`
		}
		var plain string
		switch {
		case json.Unmarshal(raw, &plain) == nil:
			b.WriteString(plain)
		case json.Unmarshal(raw, &p) != nil:
		case strings.Contains(p.Type, "think"), strings.Contains(p.Type, "reason"):
			thought += len(raw)
		default:
			var valued struct{ Value string }
			if json.Unmarshal(p.Text, &plain) != nil && json.Unmarshal(p.Text, &valued) == nil {
				plain = valued.Value
			}
			b.WriteString(plain)
		}
	}
	return b.String(), thought
}

// reply is one answer being read.
type reply struct {
	d        *Drafter
	manner   manner
	report   *pipeline.Report
	thoughts *answer.Thoughts
	// take is handed what the model says, thoughts taken out.
	take  func(said string) error
	watch *watch
	// objects is true where the answer may be an object.
	objects bool
	// refused is true when the model declined; done when the stream said that it
	// was over; begun once anything came.
	refused, done, begun bool
	// thought counts the bytes of thoughts, in whatever form.
	thought, written int
	output           strings.Builder
	pieces           int
}

// read reads an answer to its end.
func (a *reply) read(r *http.Response) error {
	defer func() { _ = r.Body.Close() }() // nothing is left to do about it
	defer func() { a.report.Output = a.output.String() }()
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	switch {
	case strings.Contains(kind, "json") && !strings.Contains(kind, "ndjson") && !strings.Contains(kind, "stream"):
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		if err := a.event(raw); err != nil {
			return a.cut(err)
		}
		a.done = true
		return a.end()
	case strings.Contains(kind, "html"):
		return &pipeline.DraftError{Fault: suggest.FaultNotJSON, Detail: "no event stream"}
	}
	events := llm.NewEvents(r.Body)
	for {
		raw, err := events.Next()
		switch {
		case errors.Is(err, io.EOF):
			return a.end()
		case err != nil:
			return a.cut(err)
		case string(bytes.TrimSpace(raw)) == "[DONE]":
			a.done = true
			return a.end()
		}
		if err := a.event(raw); err != nil {
			return a.cut(err)
		}
	}
}

// cut ends an answer that came to no end of its own.
func (a *reply) cut(err error) error {
	switch {
	case errors.Is(err, errTaken):
		return err
	case errors.Is(err, answer.ErrThoughts):
		a.learn(false)
		return err
	}
	if told := a.finish(false); told != nil && errors.Is(told, errTaken) {
		return told
	}
	return err
}

func (a *reply) event(raw []byte) error {
	var c chunk
	if err := json.Unmarshal(raw, &c); err != nil {
		return &pipeline.DraftError{Fault: suggest.FaultNotJSON, Detail: "an event that is no JSON"}
	}
	if !isNothing(c.Error) {
		return &pipeline.DraftError{Fault: suggest.FaultProvider, Detail: "an error inside the stream"}
	}
	if c.Model != "" {
		a.report.Model = c.Model
	}
	if c.Usage != nil {
		a.report.PromptTokens, a.report.CompletionTokens = c.Usage.PromptTokens, c.Usage.CompletionTokens
	}
	for i := range c.Choices {
		if c.Choices[i].Index == 0 {
			return a.choice(&c.Choices[i])
		}
	}
	return nil
}

func (a *reply) choice(c *choice) error {
	if !isNothing(c.FinishReason) {
		a.report.Finish = strings.Trim(string(bytes.TrimSpace(c.FinishReason)), `"`)
	}
	p := c.Delta
	if p == nil {
		p = c.Message
	}
	if p == nil {
		return nil
	}
	a.refused = a.refused || !isNothing(p.Refusal)
	said, inside := text(p.Content)
	beside := p.thoughts() + inside
	if beside > 0 {
		a.thought += beside
		a.watch.thinks()
	}
	if a.thought > maxThoughtBytes {
		return &pipeline.DraftError{Fault: suggest.FaultOverlong, Detail: "endless thoughts"}
	}
	if said == "" {
		return nil
	}
	a.pieces++
	return a.say(said)
}

// say takes a piece of text, of which thoughts may still be a part.
func (a *reply) say(s string) error {
	if a.thoughts == nil {
		a.thoughts = answer.NewThoughts(a.manner.habitOf(a.report.Model))
		if a.objects {
			a.thoughts.KeepObjects()
		}
	}
	a.begun = true
	said, err := a.thoughts.Write(s)
	if len(said) == 0 && err == nil && a.thoughts.Thinking() {
		if a.thought += len(s); a.thought > maxThoughtBytes {
			return &pipeline.DraftError{Fault: suggest.FaultOverlong, Detail: "endless thoughts"}
		}
		a.watch.thinks()
		return nil
	}
	if a.written += len(s); a.written > maxOutputBytes+a.thought {
		return &pipeline.DraftError{Fault: suggest.FaultOverlong}
	}
	a.watch.speaks(len(said) > 0)
	return errors.Join(a.tell(said), err)
}

func (a *reply) tell(said []byte) error {
	if len(said) == 0 {
		return nil
	}
	if a.report.FirstWords == 0 {
		a.report.FirstWords = max(a.watch.since(), 1)
	}
	a.output.Write(said)
	return a.take(string(said))
}

// finish hands out what is left of the text.
func (a *reply) finish(whole bool) error {
	if a.thoughts == nil {
		return nil
	}
	said, err := a.thoughts.Close(whole)
	return errors.Join(a.tell(said), err)
}

// end closes an answer whose stream is over, and tells what it came to.
func (a *reply) end() error {
	ended := endOf(a.report.Finish, a.done)
	err := a.finish(ended == endWhole)
	a.learn(ended == endWhole && err == nil)
	if err != nil {
		return err
	}
	empty := strings.TrimSpace(a.output.String()) == ""
	switch {
	case ended == endFiltered || a.refused:
		return &pipeline.DraftError{Fault: suggest.FaultFiltered}
	case ended == endLength && empty && a.thinking():
		return &pipeline.DraftError{Fault: suggest.FaultLength, Detail: "its thoughts took all the tokens"}
	case ended == endLength:
		return &pipeline.DraftError{Fault: suggest.FaultLength}
	case ended == endFailed:
		return &pipeline.DraftError{Fault: suggest.FaultProvider, Detail: "stopped for an error"}
	case ended == endWhole && empty && a.thinking():
		return &pipeline.DraftError{Fault: suggest.FaultEmpty, Detail: "nothing but thoughts"}
	case ended == endWhole && empty:
		return &pipeline.DraftError{Fault: suggest.FaultEmpty}
	case ended == endCut:
		// Also when not one event came, as from a gateway: no model's doing.
		return &pipeline.DraftError{Fault: suggest.FaultCut}
	}
	return nil
}

func (a *reply) thinking() bool {
	return a.thought > 0 || a.thoughts != nil && a.thoughts.Thought()
}

// learn keeps what the answer tells of its model.
func (a *reply) learn(whole bool) {
	bare := a.thoughts != nil && a.thoughts.Habit() == answer.Unmarked
	if !a.thinking() && !whole && !bare {
		return
	}
	a.d.manners.learn(func(m *manner) {
		m.thinks = m.thinks || a.thinking()
		if bare || whole && a.thoughts != nil {
			m.habit, m.model = a.thoughts.Habit(), a.report.Model
		}
	})
}

// ending is how an answer ended.
type ending int

const (
	endWhole ending = iota
	endCut
	endLength
	endFiltered
	endFailed
)

// endOf reads the provider's reason for stopping. Servers name a good end in
// many ways, so that every reason counts as one that is not known for another.
// Without a reason the stream's own last line is one.
func endOf(finish string, done bool) ending {
	reason := strings.ToLower(finish)
	switch {
	case reason == "" && !done:
		return endCut
	case strings.Contains(reason, "length"), strings.Contains(reason, "max"), strings.Contains(reason, "token_limit"):
		return endLength
	case strings.Contains(reason, "filter"), strings.Contains(reason, "safety"), strings.Contains(reason, "block"),
		strings.Contains(reason, "prohibited"), strings.Contains(reason, "recitation"), strings.Contains(reason, "refus"):
		return endFiltered
	case strings.Contains(reason, "abort"), strings.Contains(reason, "cancel"), strings.Contains(reason, "insufficient"), strings.Contains(reason, "timeout"):
		return endCut
	case strings.Contains(reason, "error"):
		return endFailed
	}
	return endWhole
}

// watch bounds the waits for an answer: for a sign of life, for the end of
// thoughts, and for the end of the words. Thoughts are no part of the last.
type watch struct {
	clock  func() time.Time
	begin  time.Time
	cancel context.CancelCauseFunc
	// first and words run from the beginning; left is what words has left while
	// thoughts stop it.
	first, words, think *time.Timer
	until               time.Time
	left, thinking      time.Duration
	// total is how long it thought, besides the thoughts since thoughtSince.
	total        time.Duration
	thoughtSince time.Time
}

func newWatch(t pipeline.Task, clock func() time.Time, cancel context.CancelCauseFunc) *watch {
	w := &watch{clock: clock, begin: clock(), cancel: cancel, thinking: t.Thinking, until: t.Until}
	if t.FirstWords > 0 {
		w.first = time.AfterFunc(t.FirstWords, func() { cancel(errFirstWords) })
	}
	if !t.Until.IsZero() {
		w.words = time.AfterFunc(t.Until.Sub(w.begin), func() { cancel(errWords) })
	}
	return w
}

func (w *watch) since() time.Duration { return w.clock().Sub(w.begin) }

// thinks notes a thought.
func (w *watch) thinks() {
	if w.thinking <= 0 || w.think != nil {
		return
	}
	stop(w.first)
	now := w.clock()
	w.thoughtSince = now
	if w.words != nil {
		w.words.Stop()
		w.left = w.until.Sub(now)
	}
	w.think = time.AfterFunc(w.thinking-w.total, func() { w.cancel(errThinking) })
}

// speaks notes text; words is true when it is surely no thought.
func (w *watch) speaks(words bool) {
	stop(w.first)
	if w.think == nil || !words {
		return
	}
	w.think.Stop()
	w.think = nil
	now := w.clock()
	w.total += now.Sub(w.thoughtSince)
	if w.words != nil {
		w.until = now.Add(w.left)
		w.words = time.AfterFunc(w.left, func() { w.cancel(errWords) })
	}
}

// thought is how long the model thought.
func (w *watch) thought() time.Duration {
	if w.think != nil {
		return w.total + w.clock().Sub(w.thoughtSince)
	}
	return w.total
}

func (w *watch) stop() {
	stop(w.first)
	stop(w.words)
	stop(w.think)
}

func stop(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}
