package pipeline_test

import (
	"context"
	"strings"
	"testing"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// spellings are names as the desk has them and as others write them.
var spellings = []struct{ known, written string }{
	{"Łukasz Nowak", "Lukasz Nowak"},
	{"Lukasz Nowak", "Łukasz Nowak"},
	{"Jørgen Dahl", "Jorgen Dahl"},
	{"Jørgen Dahl", "Joergen Dahl"},
	{"Mads Kjær", "Mads Kjaer"},
	{"Mads Kjaer", "Mads Kjær"},
	{"Ute Groß", "Ute Gross"},
	{"Ute Groß", "UTE GROSS"},
	{"Eva Müller", "Eva Mueller"},
	{"Eva Mueller", "Eva Müller"},
	{"Eva Müller", "Eva Muller"},
	{"HARRIET LOWMOOR", "Harriet Lowmoor"},
	{"Harriet Lowmoor", "HARRIET LOWMOOR"},
	{"Åse Strand", "Aase Strand"},
	{"Anđela Işık", "Andela Isik"},
}

func TestNamesInPublic(t *testing.T) {
	for _, c := range spellings {
		t.Run(c.known+" as "+c.written, func(t *testing.T) {
			for _, said := range []string{c.written, strings.Fields(c.written)[0], strings.Fields(c.written)[1]} {
				in := pipelinetest.Customer("How heavy may my cabin bag be?")
				in.Ticket.Customer.DisplayName = c.known
				in.Messages[0].Visibility, in.Messages[0].Channel = suggest.VisibilityPublic, suggest.ChannelSocial
				base := pipelinetest.Cited("Payment is by card at the desk.", 1)
				m := run(t, pipelinetest.New(t, pipelinetest.Baggage(), pipelinetest.Writes(nil, base, pipelinetest.Cited("Dear "+said+",")), pipeline.Settings{}), in)
				if m.record.Blocked["PERSONAL_DATA"] != 1 || m.text() != base.Text {
					t.Errorf("%q in public: %q, blocked %v", said, m.text(), m.record.Blocked)
				}
			}
		})
	}
}

// A word that the evidence uses is none of a name's, unless it begins like one.
func TestWordsThatAreNamesToo(t *testing.T) {
	in := pipelinetest.Customer("How heavy may my cabin bag be?")
	in.Ticket.Customer.DisplayName = "Will May"
	in.Messages[0].Visibility, in.Messages[0].Channel = suggest.VisibilityPublic, suggest.ChannelSocial
	s := pipelinetest.Cited("You may bring one cabin bag of up to 8 kg.", 1)
	if m := run(t, pipelinetest.New(t, pipelinetest.Baggage(), pipelinetest.Writes(nil, s), pipeline.Settings{}), in); m.text() != s.Text {
		t.Errorf("%q, blocked %v", m.text(), m.record.Blocked)
	}
}

func TestNamesInPrompts(t *testing.T) {
	for _, c := range spellings {
		t.Run(c.known+" as "+c.written, func(t *testing.T) {
			prompt := promptFor(t, "How heavy may my cabin bag be? "+c.written+" asks. Yours, "+strings.Fields(c.written)[0], func(in *suggest.Input) {
				in.Ticket.Customer.DisplayName = c.known
			})
			for _, w := range strings.Fields(c.written) {
				if strings.Contains(prompt, w) {
					t.Errorf("the prompt holds %q", w)
				}
			}
		})
	}
}

// As a line of its own the customer's name greets, and the agent's signs.
func TestNamesInGreetings(t *testing.T) {
	for _, c := range spellings {
		t.Run(c.known+" as "+c.written, func(t *testing.T) {
			in := pipelinetest.Customer("How heavy may my cabin bag be?")
			in.Ticket.Customer.DisplayName = c.known
			base := pipelinetest.Cited("Payment is by card at the desk.", 1)
			m := run(t, pipelinetest.New(t, pipelinetest.Baggage(), pipelinetest.Writes(nil, pipelinetest.Cited(c.written+","), base), pipeline.Settings{}), in)
			if got := m.Draft.Claims[0]; got.Kind != suggest.ClaimGreeting || got.Standing != suggest.StandingNeedsNone {
				t.Errorf("the customer's name is %+v", got)
			}
			in = pipelinetest.Customer("How heavy may my cabin bag be?")
			in.Agent = c.known
			m = run(t, pipelinetest.New(t, pipelinetest.Baggage(), pipelinetest.Writes(nil, base, pipelinetest.Cited(c.written)), pipeline.Settings{}), in)
			if got := m.Draft.Claims[1]; got.Kind != suggest.ClaimSignature || got.Standing != suggest.StandingNeedsNone {
				t.Errorf("the agent's name is %+v", got)
			}
		})
	}
}

// What nobody told but the texts tell is replaced before a model sees it, and
// restored behind it.
func TestUntoldInPrompts(t *testing.T) {
	for name, c := range map[string]struct {
		locale, text string
		gone         []string
		stays        string
	}{
		"kin":            {"en", "My son Thorvald flies with one cabin bag. How heavy may it be?", []string{"Thorvald"}, "My son [NAME_"},
		"a birth":        {"en", "My son was born 3.4.2011 and flies on 5.6.2027. How heavy may his cabin bag be?", []string{"3.4.2011"}, "flies on 5.6.2027"},
		"a street":       {"de", "Ich wohne Lindenstraße 12, 50667 Köln. Wie schwer darf das Handgepäck sein?", []string{"Lindenstraße"}, "Wie schwer darf das Handgepäck sein?"},
		"a closing":      {"en", "How heavy may my cabin bag be?\n\nKind regards\nThorvald Quimby", []string{"Thorvald", "Quimby"}, "How heavy may my cabin bag be?"},
		"of no language": {"", "Unsere Tochter Wilhelmina fliegt mit. Wie schwer darf das Handgepäck sein?", []string{"Wilhelmina"}, "Unsere Tochter [NAME_"},
		"an article's":   {"en", "I am told by Cabin Crew: how heavy may my cabin bag be?", nil, "Cabin"},
	} {
		t.Run(name, func(t *testing.T) {
			prompt := promptFor(t, c.text, func(in *suggest.Input) { in.Ticket.Locale = c.locale })
			for _, s := range c.gone {
				if strings.Contains(prompt, s) {
					t.Errorf("the prompt holds %q", s)
				}
			}
			if !strings.Contains(prompt, c.stays) || !strings.Contains(prompt, "You may bring one cabin bag of up to 8 kg") {
				t.Errorf("the prompt lacks %q:\n%s", c.stays, prompt)
			}
		})
	}
}

func TestUntoldIsRestored(t *testing.T) {
	in := pipelinetest.Customer("My son Thorvald flies with one cabin bag. How heavy may it be?")
	in.Ticket.Locale = "en"
	model := pipelinetest.Drafter(func(_ context.Context, d pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
		if !strings.Contains(d.Prompt.User, "My son [NAME_1] flies") {
			t.Errorf("prompt:\n%s", d.Prompt.User)
		}
		return pipeline.Report{}, write(pipelinetest.Cited("[NAME_1] may bring one cabin bag of up to 8 kg.", 1))
	})
	if m := run(t, pipelinetest.New(t, pipelinetest.Baggage(), model, pipeline.Settings{}), in); m.text() != "Thorvald may bring one cabin bag of up to 8 kg." {
		t.Errorf("%q, blocked %v", m.text(), m.record.Blocked)
	}
}

// promptFor is what a model is told of a message.
func promptFor(t *testing.T, text string, change func(*suggest.Input)) string {
	t.Helper()
	var prompt string
	model := pipelinetest.Drafter(func(_ context.Context, d pipeline.Task, write func(suggest.DraftSentence) error) (pipeline.Report, error) {
		prompt = d.Prompt.System + "\n" + d.Prompt.User
		return pipeline.Report{}, write(pipelinetest.Cited("Payment is by card at the desk.", 1))
	})
	in := pipelinetest.Customer(text)
	change(&in)
	run(t, pipelinetest.New(t, pipelinetest.Baggage(), model, pipeline.Settings{}), in)
	return prompt
}
