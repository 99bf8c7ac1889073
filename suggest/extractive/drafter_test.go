package extractive_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/extractive"
	"github.com/purser-desk/purser/suggest/pipeline"
)

var analyzer = sync.OnceValue(analysis.NewAnalyzer)

func evidence(number int, locale, title, body string) suggest.Evidence {
	return suggest.Evidence{Number: number, Locale: locale, Title: title, Text: body, Start: 100, End: 100 + len(body), Score: 1 - 0.06*float64(number-1)}
}

const (
	cabin = `## Size and weight

You may bring **one** cabin bag of up to 8 kg. It must not exceed 55 x 40 x 23 cm. A personal item fits under the seat.

## At the gate

A bag that is too big costs 60 EUR at the gate.`
	pets = `Dogs and cats up to 8 kg travel in the cabin. You need:

- a carrier of at most 45 x 30 x 25 cm
- a pet passport
- a booking at least 48 hours before departure

The fee is 55 EUR per flight. Lounges are open to pets.`
	refunds = `We pay refunds within 7 days. The money goes back to the card that you paid with.`
)

type line struct {
	brk, text string
	number    int
}

func draft(t *testing.T, task pipeline.Task) ([]suggest.DraftSentence, error) {
	t.Helper()
	if task.MaxChars == 0 {
		task.MaxChars = 4000
	}
	var out []suggest.DraftSentence
	_, err := extractive.New(analyzer()).Draft(t.Context(), task, func(s suggest.DraftSentence) error {
		out = append(out, s)
		return nil
	})
	return out, err
}

func lines(sentences []suggest.DraftSentence) []line {
	var out []line
	for _, s := range sentences {
		l := line{brk: s.Break, text: s.Text}
		if len(s.Numbers) > 0 {
			l.number = s.Numbers[0]
		}
		out = append(out, l)
	}
	return out
}

func TestDraftLetter(t *testing.T) {
	got, err := draft(t, pipeline.Task{
		Question: "How heavy and how big may my cabin bag be?", Locale: "en", Channel: suggest.ChannelEmail, CustomerName: "Kari",
		Evidence: []suggest.Evidence{evidence(1, "en", "Cabin baggage", cabin), evidence(2, "en", "Refunds", refunds)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []line{
		{"", "Hello Kari,", 0},
		{"\n\n", "Thank you for your message.", 0},
		{"\n\n", "You may bring one cabin bag of up to 8 kg.", 1},
		{" ", "It must not exceed 55 x 40 x 23 cm.", 1},
		{"\n\n", "Kind regards", 0},
	}
	got2 := lines(got)
	if diff := cmp.Diff(want[:4], got2[:4], cmp.AllowUnexported(line{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got2[len(got2)-1] != want[4] {
		t.Errorf("closing %v", got2[len(got2)-1])
	}
}

// TestDraftQuotesWordForWord: what is cited stands in the passage, at the place
// that the citation names.
func TestDraftQuotesWordForWord(t *testing.T) {
	bodies := map[int]string{1: pets, 2: cabin, 3: refunds}
	got, err := draft(t, pipeline.Task{
		Question: "What do I need to take my dog along, and what does it cost?", Locale: "en", Channel: suggest.ChannelEmail,
		Evidence: []suggest.Evidence{evidence(1, "en", "Pets", pets), evidence(2, "en", "Cabin baggage", cabin), evidence(3, "en", "Refunds", refunds)},
	})
	if err != nil {
		t.Fatal(err)
	}
	statements := 0
	for _, s := range got {
		if s.Kind != suggest.ClaimStatement {
			if len(s.Citations) != 0 {
				t.Errorf("a courtesy cites: %q", s.Text)
			}
			continue
		}
		statements++
		c := s.Citations[0]
		body := bodies[c.Number]
		quoted := body[c.Start-100 : c.End-100]
		if plain := strings.NewReplacer("**", "").Replace(quoted); plain != s.Text {
			t.Errorf("%q cites %q", s.Text, quoted)
		}
	}
	if statements < 2 {
		t.Errorf("%d statements", statements)
	}
	text := ""
	for _, s := range got {
		text += s.Break + s.Text
	}
	for _, needed := range []string{"You need:\n- a carrier of at most 45 x 30 x 25 cm\n- a pet passport\n- a booking", "55 EUR per flight"} {
		if !strings.Contains(text, needed) {
			t.Errorf("lacks %q:\n%s", needed, text)
		}
	}
}

func TestDraftAnswersEveryQuestion(t *testing.T) {
	got, err := draft(t, pipeline.Task{
		Question: "How heavy may my cabin bag be? And when do I get my refund?", Locale: "en", Channel: suggest.ChannelEmail,
		Evidence: []suggest.Evidence{evidence(1, "en", "Cabin baggage", cabin), evidence(2, "en", "Refunds", refunds)},
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, s := range got {
		for _, n := range s.Numbers {
			seen[n] = true
		}
	}
	if !seen[1] || !seen[2] {
		t.Errorf("answered from %v", seen)
	}
}

func TestDraftIsShortInChat(t *testing.T) {
	got, err := draft(t, pipeline.Task{
		Question: "How heavy may my cabin bag be?", Locale: "en", Channel: suggest.ChannelSocial, Visibility: suggest.VisibilityPublic, MaxChars: 280,
		Evidence: []suggest.Evidence{evidence(1, "en", "Cabin baggage", cabin), evidence(2, "en", "Pets", pets)},
	})
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, s := range got {
		text += s.Break + s.Text
	}
	if len(text) > 280 || len(got) > 4 || !strings.HasPrefix(text, "Hi! You may bring one cabin bag") {
		t.Errorf("%q", text)
	}
}

func TestDraftLanguages(t *testing.T) {
	for _, locale := range extractive.Languages() {
		got, err := draft(t, pipeline.Task{Question: "8 kg?", Locale: locale, Channel: suggest.ChannelEmail, Evidence: []suggest.Evidence{evidence(1, locale, "T", "8 kg sunt.")}})
		if err != nil || len(got) < 4 || got[0].Kind != suggest.ClaimGreeting || got[len(got)-1].Kind != suggest.ClaimClosing {
			t.Errorf("%s: %v %v", locale, got, err)
		}
	}
	got, err := draft(t, pipeline.Task{Question: "8 kg?", Locale: "fi", Channel: suggest.ChannelEmail, Evidence: []suggest.Evidence{evidence(1, "fi", "T", "Laukku saa painaa 8 kg.")}})
	if err != nil || len(got) != 1 {
		t.Errorf("Finnish: %v %v", got, err)
	}
}

func TestDraftRefuses(t *testing.T) {
	fault := func(err error) suggest.DraftFault {
		var f *pipeline.DraftError
		if errors.As(err, &f) {
			return f.Fault
		}
		return ""
	}
	_, err := draft(t, pipeline.Task{Question: "q", Locale: "en", Evidence: []suggest.Evidence{evidence(1, "de", "T", "Bis 8 kg.")}})
	if fault(err) != suggest.FaultOtherLanguage {
		t.Errorf("another language: %v", err)
	}
	_, err = draft(t, pipeline.Task{Question: "q", Locale: "en", Evidence: []suggest.Evidence{evidence(1, "en", "T", "# Only a heading")}})
	if fault(err) != suggest.FaultNoAnswer {
		t.Errorf("nothing to quote: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = extractive.New(analyzer()).Draft(ctx, pipeline.Task{Question: "q", Locale: "en", Evidence: []suggest.Evidence{evidence(1, "en", "T", cabin)}}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
