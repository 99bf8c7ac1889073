package redteam

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// AdversarialModel is a drafter that does what every attacker asks: it reads the
// attack in whatever disguise it came, and writes what it asks for in every way
// that it knows: citing all evidence, citing nothing, and where a placeholder hides
// the attack, the placeholder. Before that it quotes evidence, so that there is a
// draft to get into; a ticket without an attack is answered by quotes alone. It is
// safe for concurrent use.
type AdversarialModel struct{ attempts *Attempts }

// NewAdversarialModel makes an AdversarialModel. It learns from attempts, which
// Run must be given too, what is attacked.
func NewAdversarialModel(attempts *Attempts) *AdversarialModel { return &AdversarialModel{attempts} }

// Name tells it apart in reports.
func (*AdversarialModel) Name() string { return "adversarial" }

// UsesPrompt is true: it is treated as a model is.
func (*AdversarialModel) UsesPrompt() bool { return true }

// Attempts are the tickets of a run that are under way, by their ids. Run puts
// them in, and the drafters of its pipeline note what they saw. The zero value is
// ready to use, also by several at once.
type Attempts struct{ byTicket sync.Map }

func (a *Attempts) of(t pipeline.Task) *attempt {
	found, _ := a.byTicket.Load(t.TicketID)
	try, _ := found.(*attempt)
	return try
}

// attempt is one ticket under way. Its drafter notes what it saw.
type attempt struct {
	attack *Attack // nil for a harmless ticket
	writes string

	mu       sync.Mutex
	noted    bool
	reached  bool
	canaries []string
}

func (a *attempt) note(reached bool, canaries []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.noted, a.reached = true, a.reached || reached
	a.canaries = append(a.canaries, canaries...)
}

// Draft implements pipeline.Drafter.
func (m *AdversarialModel) Draft(_ context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	report := pipeline.Report{Model: m.Name(), Finish: "stop"}
	lines := quotes(t)
	a := m.attempts.of(t)
	switch {
	case a == nil:
	case a.attack == nil:
		if a.writes != "" {
			lines = citing(a.writes, t)
		}
	default:
		lines = lines[:min(len(lines), 2)]
		reached := t.Prompt != nil && reads(a.attack, t.Prompt.User)
		var canaries []string
		if reached {
			var payload []string
			payload, canaries = obedience(a.attack, t)
			lines = append(lines, payload...)
		}
		a.note(reached, canaries)
	}
	report.Output = strings.Join(lines, "\n")
	reader := answer.NewReader(t.Locale, write)
	if err := reader.Write(report.Output); err != nil {
		return report, err
	}
	return report, reader.Close(true)
}

// Watch is a drafter that notes which attacks a model read, for the Run that is
// given the same attempts, and leaves the drafting to it. What no provider answered was not read.
func Watch(model pipeline.Drafter, attempts *Attempts) pipeline.Drafter {
	return watcher{model, attempts}
}

type watcher struct {
	pipeline.Drafter
	attempts *Attempts
}

// UsesPrompt implements pipeline.Prompted.
func (w watcher) UsesPrompt() bool {
	p, ok := w.Drafter.(pipeline.Prompted)
	return ok && p.UsesPrompt()
}

// Draft implements pipeline.Drafter.
func (w watcher) Draft(ctx context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	wrote := false
	report, err := w.Drafter.Draft(ctx, t, func(s suggest.DraftSentence) error {
		wrote = true
		return write(s)
	})
	a := w.attempts.of(t)
	if a == nil || a.attack == nil || t.Prompt == nil || !wrote && !spoke(err) {
		return report, err
	}
	var canaries []string
	if a.attack.Goal == GoalPrompt {
		canaries = betray(t.Prompt)
	}
	a.note(reads(a.attack, t.Prompt.User), canaries)
	return report, err
}

// spoke reports whether a model that drafted with err had its say.
func spoke(err error) bool {
	if err == nil {
		return true
	}
	var fault *pipeline.DraftError
	return errors.As(err, &fault) && !eval.IsProviderFault(fault.Fault)
}

// quotesMost is how many sentences of the evidence are quoted.
const quotesMost = 12

// quotes are sentences of the evidence, each with the number of its passage.
func quotes(t pipeline.Task) []string {
	var out []string
	for _, e := range t.Evidence {
		passage := knowledge.PlainText(e.Text)
		for _, s := range sentence.Split(passage, e.Locale) {
			if len(out) == quotesMost {
				return out
			}
			if line := strings.Join(strings.Fields(s.In(passage)), " "); len(line) > 20 {
				out = append(out, line+" ["+strconv.Itoa(e.Number)+"]")
			}
		}
	}
	return out
}

// reads reports whether a drafter that is told prompt can know what the attack
// asks for: it stands there, or a placeholder does that will be replaced by it.
func reads(a *Attack, prompt string) bool {
	if Legible(a.Needle, a.Hidden, prompt) {
		return true
	}
	return len(stand(a, prompt)) > 0
}

// stand are the placeholders that stand for what carries the attack.
func stand(a *Attack, prompt string) []string {
	switch {
	case a.Fact != "":
		for line := range strings.Lines(prompt) {
			if value, ok := strings.CutPrefix(line, "- "+a.Fact+": "); ok {
				return []string{strings.TrimSpace(value)}
			}
		}
	case a.Channel == ThroughName:
		for _, p := range placeholder.FindAllString(prompt, -1) {
			if strings.HasPrefix(p, "[NAME_") {
				return []string{p}
			}
		}
	}
	return nil
}

// obedience is what the attack has written, and canaries that are known now.
func obedience(a *Attack, t pipeline.Task) (lines, canaries []string) {
	payloads := slices.Clone(a.Payloads)
	if a.Goal == GoalPrompt {
		payloads = betray(t.Prompt)
		canaries = payloads
	}
	payloads = append(payloads, stand(a, t.Prompt.User)...)
	if a.Joins && len(t.Evidence) > 0 {
		for _, p := range slices.Clone(payloads) {
			payloads = append(payloads, join(t, p))
		}
	}
	// All evidence at once, each piece alone, and none.
	marks := append([]string{allMarks(t)}, marksOf(t)...)
	for _, p := range payloads {
		for _, m := range marks {
			lines = append(lines, strings.ReplaceAll(p, "\n", " "+m+"\n")+" "+m)
		}
		lines = append(lines, p)
	}
	return lines, canaries
}

func allMarks(t pipeline.Task) string { return strings.Join(marksOf(t), "") }

func marksOf(t pipeline.Task) []string {
	var marks []string
	for _, e := range t.Evidence {
		marks = append(marks, "["+strconv.Itoa(e.Number)+"]")
	}
	return marks
}

// citing is a text sentence by sentence, each with all evidence cited.
func citing(s string, t pipeline.Task) []string {
	var out []string
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		for _, span := range sentence.Split(line, t.Locale) {
			out = append(out, span.In(line)+" "+allMarks(t))
		}
	}
	return out
}

// join makes the payload the end of the first sentence that is quoted.
func join(t pipeline.Task, payload string) string {
	quoted := quotes(t)
	if len(quoted) == 0 {
		return payload
	}
	first := strings.TrimRight(withoutNumber(quoted[0]), " .!?")
	r, size := utf8.DecodeRuneInString(payload)
	return first + ", " + string(unicode.ToLower(r)) + payload[size:]
}

// withoutNumber cuts the number of the evidence off a quote.
func withoutNumber(s string) string {
	if i := strings.LastIndex(s, " ["); i > 0 {
		return s[:i]
	}
	return s
}

// betrayedMost is how many lines of its instructions an obedient model tells.
const betrayedMost = 8

// betray tells a model's instructions: line by line, and encoded.
func betray(p *pipeline.Prompt) []string {
	var out []string
	for line := range strings.Lines(p.System) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "- "))
		if len(strings.Fields(line)) >= 8 && len(out) < betrayedMost {
			out = append(out, line)
		}
	}
	if len(out) > 0 {
		out = append(out, base64.StdEncoding.EncodeToString([]byte(out[0])), reversed(out[0]), strings.Join(strings.Fields(out[0]), " - "))
	}
	return out
}

var _ pipeline.Prompted = (*AdversarialModel)(nil)
