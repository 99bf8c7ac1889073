package pipeline_test

import (
	"context"
	"testing"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// TestQuestionIsCut looks at what is searched for.
func TestQuestionIsCut(t *testing.T) {
	const q = "How heavy may my bag be?"
	cases := []struct{ name, text, want string }{
		{"plain", q, q},
		{"English history", q + "\n\nOn Mon, 3 May 2026 at 10:11, Skerry Air <care@skerry.example> wrote:\n> We love bags.\n> Really.", q},
		{"wrapped history", q + "\n\nOn Mon, 3 May 2026 at 10:11, Skerry Air\n<care@skerry.example> wrote:\n\n> We love bags.", q},
		{"German history", q + "\n\nAm 03.05.2026 um 10:11 schrieb Skerry Air:\n> Wir lieben Taschen.", q},
		{"Dutch history", q + "\n\nOp 3 mei 2026 om 10:11 schreef Skerry Air:\n> Wij houden van tassen.", q},
		{"French history", q + "\n\nLe 3 mai 2026 à 10:11, Skerry Air a écrit :\n> Nous aimons les sacs.", q},
		{"Polish history", q + "\n\npon., 3 maj 2026 o 10:11 Skerry Air <care@skerry.example> napisał(a):\n> Kochamy torby.", q},
		{"Norwegian history", q + "\n\n3. mai 2026 kl. 10:11 skrev Skerry Air:\n> Vi elsker vesker.", q},
		{"Outlook", q + "\n\n________________________________\nFrom: Skerry Air <care@skerry.example>\nSent: Monday, 3 May 2026\nTo: Kari\nSubject: bags\n\nWe love bags.", q},
		{"Outlook in German", q + "\n\nVon: Skerry Air\nGesendet: Montag, 3. Mai 2026\nAn: Kari\nBetreff: Taschen\n\nWir lieben Taschen.", q},
		{"original message", q + "\n\n-----Original Message-----\nWe love bags.", q},
		{"answers between", "> What do you want?\n" + q + "\n> Anything else?\nNo.", q + "\nNo."},
		{"history with answers between", "On 3 May 2026, Skerry wrote:\n> What do you want?\n" + q, q},
		{"only quoted", "> " + q, q},
		{"signature", q + "\n\n-- \nKari Nordmann\nHead of Bags", q},
		{"closing", q + "\n\nKind regards,\nKari Nordmann\n+47 22 33 44 55", q},
		{"German closing", q + "\n\nMit freundlichen Grüßen\nKari", q},
		{"device", q + "\n\nSent from my iPhone", q},
		{"thanks in front is no closing", "Thanks\n\n" + q, "Thanks\n\n" + q},
		{"an itinerary", "From: Oslo\nTo: Bergen\nDate: 12 June\n\n" + q, "From: Oslo\nTo: Bergen\nDate: 12 June\n\n" + q},
		{"an itinerary below", q + "\n\nFrom: Oslo\nTo: Bergen\nDate: 12 June", q + "\n\nFrom: Oslo\nTo: Bergen\nDate: 12 June"},
		{"a German itinerary", q + "\n\nVon: Oslo\nAn: Bergen\nDatum: 12. Juni", q + "\n\nVon: Oslo\nAn: Bergen\nDatum: 12. Juni"},
		{"a Dutch itinerary", q + "\n\nVan: Oslo\nAan: Bergen\nDatum: 12 juni", q + "\n\nVan: Oslo\nAan: Bergen\nDatum: 12 juni"},
		{"a header without a subject", q + "\n\nFrom: care@skerry.example\nSent: Monday\nTo: Kari\n\nWe love bags.", q},
		{"thanks, then the matter", "Hello,\n\nThank you.\n\nI want a refund for my flight on Monday.", "Hello,\n\nThank you.\n\nI want a refund for my flight on Monday."},
		{"German thanks, then the matter", "Guten Tag,\n\nviele Grüße\n\nich möchte mein Geld für den Flug zurück.", "Guten Tag,\n\nviele Grüße\n\nich möchte mein Geld für den Flug zurück."},
		{"a verb in a sentence", "Ich schrieb Ihnen am 3. Mai Folgendes:\n" + q, "Ich schrieb Ihnen am 3. Mai Folgendes:\n" + q},
		{"a wrote in a sentence", "On Monday my sister wrote: the bag is lost.\n" + q, "On Monday my sister wrote: the bag is lost.\n" + q},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := run(t, pipelinetest.New(t, pipelinetest.Baggage(), nil, pipeline.Settings{}), pipelinetest.Customer(c.text))
			if m.record.Question != c.want {
				t.Errorf("got %q, want %q", m.record.Question, c.want)
			}
		})
	}
}

func TestLocale(t *testing.T) {
	german := "Guten Tag, wie schwer darf mein Handgepäck sein und was kostet ein zweites Stück?"
	cases := []struct {
		name                      string
		asked, ticket, message    string
		text                      string
		wantQuestion, wantToSpeak string
	}{
		{"recognised", "", "", "", german, "de", "de"},
		{"the message's", "", "", "nl", "ok 8?", "nl", "nl"},
		{"the ticket's", "", "pl", "nl", "ok 8?", "pl", "pl"},
		{"asked for", "fr", "", "", german, "de", "fr"},
		{"nobody knows", "", "", "", "KL 1234?", "", "en"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var asked knowledge.Query
			spy := pipelinetest.Searcher(func(ctx context.Context, q knowledge.Query) (knowledge.Results, error) {
				asked = q
				return pipelinetest.Baggage()(ctx, q)
			})
			in := pipelinetest.Customer(c.text)
			in.Locale, in.Ticket.Locale, in.Messages[0].Locale = c.asked, c.ticket, c.message
			m := run(t, pipelinetest.New(t, spy, nil, pipeline.Settings{}), in)
			if asked.Locale != c.wantQuestion || m.record.Locale != c.wantToSpeak {
				t.Errorf("question in %q, draft in %q", asked.Locale, m.record.Locale)
			}
		})
	}
}
