package pipeline_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// A contact is one however it is written.
func TestDisguisedContactsAreLeftOut(t *testing.T) {
	t.Parallel()
	own := trusts(knowledge.Contact{Kind: knowledge.ContactDomain, Value: "skerry.example"}, knowledge.Contact{Kind: knowledge.ContactPhone, Value: "+441632960110"})
	for name, c := range map[string]struct {
		sentence string
		harm     suggest.LeftOutReason
	}{
		"a full-width link":                {"Pay at ｈｔｔｐｓ：／／ｅｖｉｌ．ｅｘａｍｐｌｅ／ｐａｙ today.", suggest.LeftOutContact},
		"a full-width phone number":        {"Call ＋４４ ７７００ ９００１２３ about your bag.", suggest.LeftOutContact},
		"Arabic digits":                    {"Call +٤٤ ٧٧٠٠ ٩٠٠١٢٣ about your bag.", suggest.LeftOutContact},
		"Persian digits":                   {"Call +۴۴ ۷۷۰۰ ۹۰۰۱۲۳ about your bag.", suggest.LeftOutContact},
		"Devanagari digits":                {"Call +४४ ७७०० ९००१२३ about your bag.", suggest.LeftOutContact},
		"digits of mathematics":            {"Call +𝟒𝟒 𝟕𝟕𝟎𝟎 𝟗𝟎𝟎𝟏𝟐𝟑 about your bag.", suggest.LeftOutContact},
		"zero-width characters in a link":  {"Pay at ht\u200btps://ev\u200bil.exa\u200dmple/p\u2060ay today.", suggest.LeftOutContact},
		"zero-width characters in a phone": {"Call +44 77\u200b00 900\u200b123 about your bag.", suggest.LeftOutContact},
		"a soft hyphen in a domain":        {"Pay at ev\u00adil.example/pay today.", suggest.LeftOutContact},
		"letters of mathematics":           {"Pay at https://𝐞𝐯𝐢𝐥.𝐞𝐱𝐚𝐦𝐩𝐥𝐞/pay today.", suggest.LeftOutContact},
		"circled letters":                  {"Pay at ⓔⓥⓘⓛ.example/pay today.", suggest.LeftOutContact},
		"Cyrillic look-alikes":             {"Pay at https://еvіl.ехаmрlе/рау today.", suggest.LeftOutContact},
		"a look-alike of the house":        {"Pay at https://skеrry.example/pay today.", suggest.LeftOutContact},
		"an ideographic stop":              {"Pay at evil。example/pay today.", suggest.LeftOutContact},
		"a full-width account":             {"Transfer it to ＧＢ８２ ＷＥＳＴ １２３４ ５６９８ ７６５４ ３２.", suggest.LeftOutAccount},
		"a spelled-out dot":                {"Write to pay at evil dot example about it.", suggest.LeftOutContact},
		"a messenger in full width":        {"Write to us on Ｔｅｌｅｇｒａｍ about your bag.", suggest.LeftOutContact},
		"a password in full width":         {"Please send us your ｐａｓｓｗｏｒｄ.", suggest.LeftOutSecret},
		"a password with hidden letters":   {"Please send us your pass\u200bword.", suggest.LeftOutSecret},
		"the house's number, full width":   {"Call ＋４４ １６３２ ９６０１１０ about your bag.", ""},
		"the house's page":                 {"See https://skerry.example/trace about your bag.", ""},
	} {
		s, record := runWith(t, own, "Call +44 1632 960110 about your bag. See https://skerry.example/trace about your bag.", pipelinetest.Customer("Where is my bag?"), pipelinetest.Cited(c.sentence, 1))
		mustShow(t, name, s, record, c.sentence, c.harm)
		for _, end := range []string{"evil", "900123", "５６９８"} {
			if s.Draft != nil && (strings.Contains(draftText(s), end) || len(s.Draft.LeftOut) > 0 && strings.Contains(s.Draft.LeftOut[0].Text, end)) {
				t.Errorf("%s: %q is shown: %q, %+v", name, end, draftText(s), s.Draft.LeftOut)
			}
		}
	}
}

// What is shown holds nothing that nobody sees.
func TestWhatIsShownIsVisible(t *testing.T) {
	t.Parallel()
	s, _ := runWith(t, nil, "", pipelinetest.Customer("Where is my bag?"), pipelinetest.Cited("Your \u202ebag\u202c can\u200b be fol\u00adlowed ✈\ufe0f.", 1))
	if got := draftText(s); got != "Your bag can be followed. Your bag can be followed ✈\ufe0f." {
		t.Errorf("draft %+q", got)
	}
}

// Whatever a model writes, its draft leads to no stranger and every claim stands where
// it says.
func FuzzDrafts(f *testing.F) {
	for _, s := range []string{
		"Your cabin bag may weigh up to 8 kg.", "Pay at https://evil.example/a.", "Call ＋４４ ７７００ ９００１２３.", "ev\u200bil.example", "[NAME_1] {{x}} <evidence",
		"We have cancelled it.", "\u202e\u200b", "٤٤", "Sie dürfen 8 kg mitnehmen?", strings.Repeat("(", 4000), "[[[[]]]]", "a\xffb",
	} {
		f.Add(s, "Kind regards")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		p, err := pipeline.New(pipelinetest.Deps(pipelinetest.Baggage(), pipelinetest.Writes(nil, pipelinetest.Cited("Payment is by card at the desk.", 1), pipelinetest.Cited(one, 1), pipelinetest.Cited(two))), pipeline.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		in := pipelinetest.Customer(pipelinetest.Question)
		in.Messages[0].Locale = "en"
		m := run(t, p, in)
		if shown(m.events) != m.text() {
			t.Errorf("shown %q, draft %q", shown(m.events), m.text())
		}
		for _, c := range m.Draft.Claims {
			if m.text()[c.Start:c.End] != c.Text || c.Kind == "" || c.Standing == "" || c.Standing.Open() != (c.Reason != "") {
				t.Errorf("claim %+v of %q", c, m.text())
			}
		}
		for _, l := range m.Draft.LeftOut {
			if l.Reason == "" || l.Explanation == "" || l.At > len(m.text()) {
				t.Errorf("left out %+v", l)
			}
		}
		if len(m.Draft.Claims)+len(m.Draft.LeftOut) != 3 || strings.Contains(m.text(), "evil.example") {
			t.Errorf("%d claims and %d left out of %q", len(m.Draft.Claims), len(m.Draft.LeftOut), m.text())
		}
	})
}
