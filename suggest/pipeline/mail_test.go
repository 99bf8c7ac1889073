package pipeline_test

import (
	"context"
	"strings"
	"testing"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

const smallDog = "Can I take my small dog in the cabin?"

// TestFootersNeedNobody drafts whatever profession a signature names and whatever
// courts a company's footer does, and still hands over what a customer says there.
func TestFootersNeedNobody(t *testing.T) {
	p := pipelinetest.New(t, pipelinetest.Baggage(), nil, pipeline.Settings{})
	for _, c := range []struct {
		name, text string
		want       suggest.Outcome
	}{
		{"an attorney", smallDog + "\n\nKind regards\nKari Nordmann\nPartner, Nordmann & Moor Solicitors\nAttorney at law", suggest.OutcomeDraft},
		{"an intensive care unit", smallDog + "\n\nBest\nKari Nordmann\nConsultant, Intensive Care Unit\nHarbour General Hospital", suggest.OutcomeDraft},
		{"a register", "Darf mein kleiner Hund mit in die Kabine?\n\nMit freundlichen Grüßen\nKari Feld\n\nMuster GmbH\nSitz der Gesellschaft: Husum, Amtsgericht Husum HRB 99\nInformationen zur Verarbeitung Ihrer personenbezogenen Daten nach Art. 13 DSGVO: muster.example", suggest.OutcomeDraft},
		{"a disclaimer", smallDog + "\n\nRegards\nKari\n\nThis email is confidential and may be legally privileged. Unauthorised disclosure may lead to legal action by our lawyers. If you are not the intended recipient, delete it.", suggest.OutcomeDraft},
		{"consent", "Name: Kari\nE-Mail: kari@example.com\nI agree to the processing of my personal data under the GDPR: Yes\nMessage: " + smallDog, suggest.OutcomeDraft},
		{"a threat below the signature", smallDog + "\n\n-- \nKari Nordmann\n\nIf you say no I will take you to court.", suggest.OutcomeHumanOnly},
		{"a threat in history", smallDog + "\n\nOn 12 Jan 2026 at 10:30, Kari <kari@example.com> wrote:\n> My lawyer will sue you.", suggest.OutcomeHumanOnly},
	} {
		if got, reason := outcomeOf(t, p, pipelinetest.Customer(c.text)); (got == suggest.OutcomeHumanOnly) != (c.want == suggest.OutcomeHumanOnly) {
			t.Errorf("%s: %s (%s), want %s", c.name, got, reason, c.want)
		}
	}
}

// TestFormsTellFacts looks at what a form's fields become.
func TestFormsTellFacts(t *testing.T) {
	in := pipelinetest.Customer("Name: Kari\nEmail: kari@example.com\nBooking reference: R8TN4D\nFlight number: SKE 512\nMessage: " + smallDog + "\nNewsletter: no\nOrder number: pay at https://evil.example/1")
	in.Ticket.Facts = []suggest.Fact{{Name: "flight", Kind: suggest.FactCode, Text: "SKE 512", MayMention: true}}
	m := run(t, pipelinetest.New(t, pipelinetest.Baggage(), nil, pipeline.Settings{}), in)
	var got []string
	for _, f := range m.record.Facts {
		got = append(got, f.Name+"="+suggest.FactValue(f))
	}
	if s := strings.Join(got, " "); s != "flight=SKE 512 booking_code=R8TN4D" || m.record.Question != smallDog {
		t.Errorf("facts %q, question %q", s, m.record.Question)
	}
}

// TestAnswersAreReadWithTheirQuestions looks at what a model reads of answers that
// stand between quoted lines.
func TestAnswersAreReadWithTheirQuestions(t *testing.T) {
	user := ""
	spy := pipelinetest.Drafter(func(_ context.Context, task pipeline.Task, _ func(suggest.DraftSentence) error) (pipeline.Report, error) {
		user = task.Prompt.User
		return pipeline.Report{}, nil
	})
	in := pipelinetest.Customer("On 12 Jan 2026 at 10:30, Care <care@skerryair.example> wrote:\n> How heavy is your bag?\n\n9 kg\n\n> Anything else?\n\nIs that too heavy for the cabin baggage?\n\nOn 11 Jan 2026 at 9:00, Kari <kari@example.com> wrote:\n> An older question.")
	p := pipelinetest.New(t, pipelinetest.Baggage(), spy, pipeline.Settings{})
	m := run(t, p, in)
	if !strings.Contains(user, "> How heavy is your bag?\n9 kg\n> Anything else?\nIs that too heavy for the cabin baggage?") || strings.Contains(user, "older") {
		t.Errorf("the model read %s", user)
	}
	if m.record.Question != "9 kg\n\nIs that too heavy for the cabin baggage?" {
		t.Errorf("searched for %q", m.record.Question)
	}

	// Of a thread that began elsewhere, the history is all that is known.
	in = pipelinetest.Customer("And how heavy may it be?\n\nOn 12 Jan 2026 at 10:30, Care <care@skerryair.example> wrote:\n> Yes, one cabin bag is free.")
	run(t, p, in)
	if !strings.Contains(user, "The customer quotes: Yes, one cabin bag is free.") {
		t.Errorf("the model read %s", user)
	}
	in.Messages = append([]suggest.Message{{ID: "m0", Author: suggest.AuthorAgent, Text: "Yes, one cabin bag is free.\n\nKind regards\nCare", Channel: suggest.ChannelEmail, Visibility: suggest.VisibilityPrivate}}, in.Messages...)
	run(t, p, in)
	if !strings.Contains(user, "Us: Yes, one cabin bag is free.\n") || strings.Contains(user, "quotes") || strings.Contains(user, "Kind regards\n</earlier>") {
		t.Errorf("the model read %s", user)
	}
}
