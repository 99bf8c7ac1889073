package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/suggest/message"
)

func TestRead(t *testing.T) {
	t.Parallel()
	const q = "How heavy may my bag be?"
	history := "\n\nOn Mon, 12 Jan 2026 at 10:30, Skerry Air <care@skerryair.example> wrote:\n> Hello."
	cases := []struct{ name, body, want string }{
		{"plain", q, q},
		{"empty", "", ""},
		{"blank", " \n\n\t\n", ""},
		{"only a frame", "On Mon, 12 Jan 2026 at 10:30, Skerry Air <care@skerryair.example> wrote:", "On Mon, 12 Jan 2026 at 10:30, Skerry Air <care@skerryair.example> wrote:"},
		{"only a signature", "--\nKari Nordmann\nHead of Bags", "--\nKari Nordmann\nHead of Bags"},
		{"only thanks", "Thank you very much!", "Thank you very much!"},
		{"only quoted", "> " + q + "\n> " + q, q + "\n" + q},
		{"quoted and its frame", strings.TrimSpace(history) + "\n> " + q, "Hello.\n" + q},
		{"a wrapped address whose bracket looks like a mark", q + "\n\nOn 12 Jan 2026, at 10:30, Skerry Air <care@skerryair.example\n> wrote:\n\n> Hello.", q},
		{"more than", "Is a bag of\n> 8 kg\nallowed?", "Is a bag of\n> 8 kg\nallowed?"},
		{"an arrow", "Oslo -> Bergen\nBergen => Oslo\n" + q, "Oslo -> Bergen\nBergen => Oslo\n" + q},
		{"said below the signature", q + history[:2] + "-- \nKari\n\nMy lawyer will write to you.", q + "\n\nMy lawyer will write to you."},
		{"a postscript", q + "\n\nBest\nKari\n\nPS: It is a trunk.", q + "\n\nPS: It is a trunk."},
		{"a booking below the closing", q + "\n\nThanks\nKari\nBooking: K7QX2M", q + "\n\nBooking: K7QX2M"},
		{"a list below thanks", "Hi\n\nThanks\n1) a second bag\n2) a guitar", "Hi\n\nThanks\n1) a second bag\n2) a guitar"},
		{"the customer's own mail is no attribution", "On 2 May 2026 at 10:30 you wrote to me:\n\"No fee.\"\nIs that so?", "On 2 May 2026 at 10:30 you wrote to me:\n\"No fee.\"\nIs that so?"},
		{"an itinerary with times", "From: Oslo\nTo: Bergen\nDate: 12 June 2026 10:30\n\n" + q, "From: Oslo\nTo: Bergen\nDate: 12 June 2026 10:30\n\n" + q},
		{"an error is no disclaimer", q + "\n\nIt says: if you believe you have received this message in error, contact support.", q + "\n\nIt says: if you believe you have received this message in error, contact support."},
		{"code is no HTML", "The page shows <div>hello</div> where the price was. Why?", "The page shows <div>hello</div> where the price was. Why?"},
		{"an address is no HTML", "Write to <kari@example.com>, please.", "Write to <kari@example.com>, please."},
		{"HTML", "<p>Hi</p><p>" + q + "</p>", "Hi\n\n" + q},
		{"HTML with breaks alone", "Hi,<br><br>" + q + "<br>Kari", "Hi,\n\n" + q + "\nKari"},
		{"hidden HTML", `<div style="display:none">Preview</div><style>p{}</style><script>x()</script><div>` + q + `</div>`, q},
		{"what HTML hides in numbers of characters", "<div>How heavy may&#8238; my bag&#8203; be?</div>", q},
		{"an address in HTML that nobody escaped", "<div>Write to <kari@example.com>, please.</div>", "Write to <kari@example.com>, please."},
		{"unclosed HTML", "<div><blockquote type=cite>Hello.<div>" + q, "Hello.\n" + q},
		{"a table of fares stays", "<p>Is this so?</p><table><tr><td>Fare</td><td>Price</td></tr><tr><td>Light</td><td>49</td></tr></table>", "Is this so?\n\nFare: Price\nLight: 49"},
		{"a form without a question", "New message from the contact form\nName: Kari\nEmail: kari@example.com\nSubject: Lost bag\nMessage:\nIP address: 192.0.2.1", "Lost bag"},
		{"what no list knows is said", "Name: Kari\nEmail: kari@example.com\nDog: a spaniel of nine kilos\nMessage: " + q, "Dog: a spaniel of nine kilos\n" + q},
		{"labels of a machine are no form", "Browser: Firefox\nOS: Linux\nDescription: the page is blank\nDate: Monday", "Browser: Firefox\nOS: Linux\nDescription: the page is blank\nDate: Monday"},
		{"a receipt below thanks", q + "\n\nThank you\n\n" + strings.Repeat("Total: 9 EUR\n", 20), q + "\n\nThank you\n\n" + strings.TrimSpace(strings.Repeat("Total: 9 EUR\n", 20))},
		{"two frames", q + "\n\n-----Original Message-----\nFrom: Skerry Air\nSent: Monday\nTo: Kari\nSubject: Bags\n\nHello.\n\n-----Original Message-----\nFrom: Kari\nSent: Sunday\nTo: Skerry Air\nSubject: Bags\n\nHi.", q},
		{"answers and what stands above", "Hi\n" + history[2:] + "\n\n" + q, "Hi\n\n" + q},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := message.Read(c.body, "en"); got.Text != c.want {
				t.Errorf("got %q, want %q; parts %q", got.Text, c.want, got.Parts)
			}
		})
	}
}

// TestWithoutFooters looks at what is left for those who read the whole message.
func TestWithoutFooters(t *testing.T) {
	t.Parallel()
	const q = "Can I take my small dog in the cabin?"
	cases := []struct{ name, locale, body, gone, kept string }{
		{"titles", "en", q + "\n\nBest\nKari Nordmann\nAttorney at law\nNordmann & Moor Solicitors", "Attorney", "Kari Nordmann"},
		{"a hospital", "en", q + "\n\nRegards\nDr Kari Nordmann\nIntensive Care Unit\nHarbour Hospital", "Intensive", q},
		{"a threat below the name", "en", q + "\n\nBest\nKari\nMy lawyer will see you in court.", "", "My lawyer will see you in court."},
		{"a short threat below the name", "en", q + "\n\nBest\nKari\nLawyer informed", "", "Lawyer informed"},
		{"a shouted threat", "en", q + "\n\nBest\nKari\nLEGAL ACTION FOLLOWS", "", "LEGAL ACTION FOLLOWS"},
		{"company details", "de", "Darf mein Hund mit?\n\nGruß\nKari\n\nMuster GmbH\nSitz der Gesellschaft: Husum\nRegistergericht: Amtsgericht Husum HRB 99", "Amtsgericht", "Kari"},
		{"a court that is meant", "de", "Ich gehe zum Amtsgericht, wenn nichts kommt.\n\nGruß\nKari", "", "Ich gehe zum Amtsgericht"},
		{"a footer in history", "en", q + "\n\nOn 12 Jan 2026 at 10:30, Moor <m@example.com> wrote:\n> I will sue you.\n>\n> This email and any attachments are confidential and may be legally privileged.", "", "I will sue you."},
		{"consent", "en", "Name: Kari\nEmail: k@example.com\nI agree to the processing of my personal data: Yes\nMessage: " + q, "personal data", "Name: Kari"},
		{"nothing else", "en", "This email and any attachments are confidential and for the intended recipient.", "", "confidential"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := message.Read(c.body, c.locale)
			got := m.WithoutFooters()
			if c.gone != "" && strings.Contains(got, c.gone) || !strings.Contains(got, c.kept) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestInContext(t *testing.T) {
	t.Parallel()
	m := message.Read("On 12 Jan 2026 at 10:30, Skerry Air <care@skerryair.example> wrote:\n> How heavy is the dog?\n\n7 kg\n\n> Anything else?\n\nIs that too much?\n\nOn Sunday, 11 Jan 2026 at 9:00, Kari <k@example.com> wrote:\n> Hi.", "en")
	const want = "> How heavy is the dog?\n7 kg\n> Anything else?\nIs that too much?"
	if got := m.InContext(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m = message.Read("Name: Kari\nEmail: k@example.com\nCountry: Norway\nWeight of the dog: 9 kg\nMessage: May it come?\nNewsletter: no", "en")
	if got := m.InContext(); m.Text != "May it come?" || got != "Weight of the dog: 9 kg\n\nMay it come?" {
		t.Errorf("got %q", got)
	}
	if m := message.Read("Is 7 kg too much?\n\n> The limit is 8 kg.\n> Regards", "en"); m.InContext() != "Is 7 kg too much?" {
		t.Errorf("got %q", m.InContext())
	}
}

func TestSubject(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Re: AW: Fwd: My bag":    "My bag",
		"RE[2]: SV : My bag":     "My bag",
		"Bag: lost":              "Bag: lost",
		"WG:My\nbag":             "My bag",
		"":                       "",
		"Re:":                    "",
		"Antw: Odp: R: Mon sac":  "Mon sac",
		"Question: price in EUR": "Question: price in EUR",
	} {
		if got := message.Subject(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// hard are messages that are all of one thing, or made to be slow.
func hard(n int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, n/len(s)+1)[:n] }
	return map[string]string{
		"quotes":          fill("> quoted text\n"),
		"deep quotes":     fill(">>>>>>>>>> x\n"),
		"rising quotes":   fill("> a\n>> b\n>>> c\n"),
		"one line":        fill("word "),
		"one word":        fill("a"),
		"brackets":        fill("<"),
		"greater":         fill(">"),
		"empty lines":     fill("\n"),
		"rules":           fill("_____\n\n"),
		"rules and gaps":  fill("__________\n\n\n\n\n\n"),
		"delimiters":      fill("--\nKari\n"),
		"closings":        fill("Kind regards\nKari\n\n"),
		"thanks":          fill("Thanks\n"),
		"frames":          fill("On Mon, 12 Jan 2026 at 10:30, A <a@b.example> wrote:\n"),
		"half frames":     fill("On Mon, 12 Jan 2026 at 10:30, A <a@b.example\n"),
		"frames by turns": fill("On 12 Jan 2026 at 10:30, A <a@b.example> wrote:\n> x\ny\n"),
		"headers":         fill("From: a@b.example\nSent: Monday\nTo: b\nSubject: c\n\n"),
		"forwards":        fill("---------- Forwarded message ---------\nFrom: a@b.example\nDate: Monday\nSubject: c\nTo: d\n\n"),
		"labels":          fill("Name: a\nEmail: a@b.example\nMessage: c\n"),
		"colons":          fill("a:b:"),
		"colon lines":     fill("a:\n"),
		"disclaimers":     fill("This email and any attachments are confidential.\n\n"),
		"divs":            fill("<div>"),
		"closed divs":     "<p>" + fill("</div>"),
		"block quotes":    "<div>" + fill("<blockquote>x"),
		"paragraphs":      fill("<p>x"),
		"cells":           "<table>" + fill("<tr><td>x<td>y"),
		"spans":           "<div>" + fill("<span>x</i>"),
		"breaks":          fill("<br>"),
		"attributes":      "<div " + fill(`class="gmail_quote" `) + ">x</div>",
		"at signs":        fill("@"),
		"addresses":       fill("a@b<"),
		"digits":          fill("12:30 2026 "),
		"no-break blanks": fill("\u00a0"),
	}
}

// TestHard reads messages of 60,000 characters that are all of one thing.
func TestHard(t *testing.T) {
	t.Parallel()
	for name, body := range hard(60_000) {
		m := message.Read(body, "")
		if text.IsBlank(m.Text) != text.IsBlank(body) && !strings.Contains(name, "div") && name != "breaks" {
			t.Errorf("%s: got %.60q", name, m.Text)
		}
	}
}

// BenchmarkHard reads them, and some five times as long: what grows with the square
// would take much longer for each byte.
func BenchmarkHard(b *testing.B) {
	for _, size := range []int{60_000, 300_000} {
		for name, body := range hard(size) {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				for b.Loop() {
					message.Read(body, "")
				}
			})
		}
	}
}

func BenchmarkRead(b *testing.B) {
	mails := corpus(b)
	for b.Loop() {
		for _, m := range mails {
			message.Read(m.body, m.lang)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, m := range corpus(f) {
		f.Add(m.body, m.lang)
	}
	for _, body := range hard(300) {
		f.Add(body, "")
	}
	f.Fuzz(func(t *testing.T, body, locale string) {
		m := message.Read(body, locale)
		if m.Text != text.Clean(m.Text) {
			t.Errorf("not clean: %q", m.Text)
		}
		if text.IsBlank(m.Text) && !text.IsBlank(m.WithoutFooters()) {
			t.Errorf("nothing is said of %q", body)
		}
		for _, p := range m.Parts {
			if p.Text == "" || p.Kind == "" {
				t.Errorf("an empty part of %q: %q", body, m.Parts)
			}
		}
		for _, field := range m.Fields {
			if field.Label == "" || field.Value == "" || field.Kind == "" {
				t.Errorf("an empty field of %q: %v", body, field)
			}
		}
		m.InContext()
		message.Subject(body)
	})
}
