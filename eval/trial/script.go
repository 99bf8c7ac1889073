package trial

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Script is an answer written beforehand.
type Script struct {
	// Text is what the model writes, with marks [n] and placeholders.
	Text string
	// Offered is the evidence, by number, for which Text was written; its marks are
	// moved to the same evidence of today. Nil: the marks are Article's.
	Offered map[int]string
	// Article is the key of the article that every mark stands for.
	Article string
	// Values are what the placeholders stood for, for a prompt that hides less.
	Values map[string]string
}

// Drafter writes the scripts by the tickets' ids, and declines others.
type Drafter map[string]Script

// Name implements pipeline.Drafter.
func (Drafter) Name() string { return "script" }

// UsesPrompt implements pipeline.Prompted.
func (Drafter) UsesPrompt() bool { return true }

// Draft implements pipeline.Drafter.
func (d Drafter) Draft(_ context.Context, t pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
	report := pipeline.Report{Model: "script", Finish: "stop"}
	script, ok := d[t.TicketID]
	if !ok {
		return report, &pipeline.DraftError{Fault: suggest.FaultNoAnswer}
	}
	report.Output = script.render(t)
	reader := answer.NewReader(t.Locale, func(s suggest.DraftSentence) error {
		if pipeline.SaysNoAnswer(s.Text) {
			return &pipeline.DraftError{Fault: suggest.FaultNoAnswer}
		}
		return write(s)
	})
	if err := reader.Write(report.Output); err != nil {
		return report, err
	}
	return report, reader.Close(true)
}

var (
	spacedMarks  = regexp.MustCompile(` ?\[(\d+)\]`)
	marks        = regexp.MustCompile(`\[(\d+)\]`)
	placeholders = regexp.MustCompile(`\[([A-Z_]+)_\d+[A-Z]?\]`)
)

// render is the text with today's marks and placeholders.
func (s *Script) render(t pipeline.Task) string {
	to := map[int]int{}
	if s.Offered == nil {
		for _, e := range t.Evidence {
			if e.Key == s.Article {
				to[1] = e.Number
				break
			}
		}
	} else {
		to = moved(s.Offered, t.Evidence)
	}
	out := spacedMarks.ReplaceAllStringFunc(s.Text, func(m string) string {
		n, err := strconv.Atoi(strings.Trim(m, " []"))
		if err != nil || to[n] == 0 {
			return ""
		}
		return m[:strings.IndexByte(m, '[')] + "[" + strconv.Itoa(to[n]) + "]"
	})
	prompt := ""
	if t.Prompt != nil {
		prompt = t.Prompt.User
	}
	return placeholders.ReplaceAllStringFunc(out, func(m string) string {
		if strings.Contains(prompt, m) {
			return m
		}
		// What the prompt tells in clear is written in clear.
		if v := s.Values[m]; v != "" && strings.Contains(prompt, v) {
			return v
		}
		word, _, _ := strings.Cut(strings.Trim(m, "[]"), "_")
		if i := strings.Index(prompt, "["+word+"_"); i >= 0 {
			return prompt[i : i+strings.IndexByte(prompt[i:], ']')+1]
		}
		if v := s.Values[m]; v != "" {
			return v
		}
		return m
	})
}

// sameShare of the runs of three words of the shorter of two pieces of evidence must
// stand in the other for them to be the same.
const sameShare = .5

// moved finds for each piece of evidence of then the one of today that says the same.
func moved(then map[int]string, today []suggest.Evidence) map[int]int {
	to := map[int]int{}
	for n, text := range then {
		was, best := triples(text), 0.0
		for _, e := range today {
			is := triples(e.Title + "\n" + strings.Join(e.HeadingPath, " ") + "\n" + e.Text)
			both := 0
			for run := range was {
				if is[run] {
					both++
				}
			}
			if share := float64(both) / float64(max(1, min(len(was), len(is)))); share >= sameShare && share > best {
				best, to[n] = share, e.Number
			}
		}
	}
	return to
}

// triples are the runs of three words of a text.
func triples(s string) map[string]bool {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	out := map[string]bool{}
	for i := 0; i+3 <= len(words); i++ {
		out[strings.Join(words[i:i+3], " ")] = true
	}
	return out
}
