package sample_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/purser-desk/purser/eval/sample"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// happened is a history in memory.
type happened []suggest.AskHistory

func (h happened) Asks(_ context.Context, _ suggest.Workspace, _, _ time.Time, yield func(suggest.Ask) error) error {
	for i := range h {
		if err := yield(h[i].Ask); err != nil {
			return err
		}
	}
	return nil
}

func (h happened) AskHistory(_ context.Context, _ suggest.Workspace, a suggest.Ask) (suggest.AskHistory, error) {
	for i := range h {
		if h[i].MessageID == a.MessageID {
			return h[i], nil
		}
	}
	return suggest.AskHistory{}, suggest.ErrTicketNotFound
}

func public() *sample.Public {
	p := &sample.Public{}
	for _, d := range []knowledge.Document{
		{Key: "bags", Locale: "en", Title: "Delayed bags", Body: "We bring it within 48 hours. Call +47 22 33 44 55, write to bags@skerry.example, or see https://skerry.example/bags. The form is PIR-20."},
		{Key: "fares", Locale: "en", Title: "Fares", Body: "The fares are Light and Plus."},
	} {
		p.Add(&d)
	}
	return p
}

func options(h happened) sample.Options {
	return sample.Options{
		History: h, Workspace: "w", Public: public(), N: 1000, PerStratum: 1, Seed: 1, Key: []byte("a key"),
	}
}

func sampled(t *testing.T, h ...suggest.AskHistory) sample.Suite {
	t.Helper()
	got, err := sample.Take(t.Context(), options(h))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

var serial atomic.Int64

// asked is a message of a customer.
func asked(text string) suggest.AskHistory {
	id := fmt.Sprintf("m%d", serial.Add(1))
	return suggest.AskHistory{
		Ask:    suggest.Ask{TicketID: "t" + id, MessageID: id, Sequence: 1},
		Ticket: suggest.Ticket{Channel: suggest.ChannelEmail, Locale: "en"},
		Messages: []suggest.Message{
			{ID: id, Author: suggest.AuthorCustomer, Channel: suggest.ChannelEmail, Visibility: suggest.VisibilityPrivate, Text: text},
		},
	}
}

// drafted gives an ask a draft of statements that cite bags, then fares.
func drafted(h suggest.AskHistory, decision suggest.DecisionKind, final string, statements ...string) suggest.AskHistory {
	h.SuggestionID, h.Outcome, h.Decision = "s"+h.MessageID, suggest.OutcomeDraft, decision
	s := &suggest.Suggestion{ID: h.SuggestionID, Outcome: h.Outcome, Draft: &suggest.Draft{Text: strings.Join(statements, " "), Locale: "en"}}
	s.Evidence = []suggest.Evidence{{Number: 1, Key: "bags"}, {Number: 2, Key: "fares"}, {Number: 3, Key: "gone"}}
	for i, text := range statements {
		s.Draft.Claims = append(s.Draft.Claims, suggest.DraftClaim{Text: text, Kind: suggest.ClaimStatement, Citations: []suggest.Citation{{Number: i + 1}}})
	}
	if decision != "" {
		s.Decision = &suggest.Decision{Kind: decision, FinalText: final}
	}
	h.Suggestion = s
	return h
}

func replied(h suggest.AskHistory, text string) suggest.AskHistory {
	h.Replied = true
	h.Replies = []suggest.Message{{Author: suggest.AuthorAgent, Text: text}}
	return h
}

func silent(h suggest.AskHistory, o suggest.Outcome, r suggest.Reason) suggest.AskHistory {
	h.SuggestionID, h.Outcome, h.Reason = "s"+h.MessageID, o, r
	h.Suggestion = &suggest.Suggestion{Outcome: o, Reason: r}
	return h
}

func discarded(h suggest.AskHistory, why suggest.DiscardReason) suggest.AskHistory {
	h.DiscardReason, h.Suggestion.Decision.DiscardReason = why, why
	return h
}

func resolved(h suggest.AskHistory) suggest.AskHistory {
	h.Resolved = true
	return h
}

func TestWhatIsClaimed(t *testing.T) {
	one, two := "We bring your delayed bag within 48 hours of your report.", "The fares are Light and Plus for all flights."
	whole := one + " " + two
	nearly := strings.Replace(whole, "of your report", "of the report", 1)
	for name, c := range map[string]struct {
		h      suggest.AskHistory
		expect suite.Expect
		reason suggest.Reason
		gold   string
		reply  string
		tag    string
	}{
		"approved":                        {drafted(asked("?1"), suggest.DecisionApprove, whole, one, two), suite.ExpectAnswer, "", "bags,fares", whole, "stratum:approved"},
		"approved, an article gone":       {drafted(asked("?2"), suggest.DecisionApprove, whole, one, two, "x"), suite.ExpectAnswer, "", "bags,fares", whole, "knowledge:gone"},
		"a sentence kept":                 {drafted(asked("?3"), suggest.DecisionEdit, one+" I looked into it for you and found nothing at all.", one, two), suite.ExpectAnswer, "", "bags", "", "edit:heavy"},
		"touched lightly":                 {drafted(asked("?4"), suggest.DecisionEdit, nearly, one, two), suite.ExpectAnswer, "", "fares", nearly, "edit:light"},
		"every sentence touched":          {drafted(asked("?5"), suggest.DecisionEdit, strings.Replace(nearly, "all flights", "every flight", 1), one, two), suite.ExpectAnswer, "", "bags,fares", "", "edit:light"},
		"written anew":                    {drafted(asked("?6"), suggest.DecisionEdit, "Sorry, no.", one, two), suite.ExpectOpen, "", "", "Sorry, no.", "review"},
		"ignored and copied":              {replied(drafted(asked("?7"), "", "", one, two), nearly), suite.ExpectAnswer, "", "fares", nearly, "stratum:ignored"},
		"ignored":                         {replied(drafted(asked("?8"), "", "", one, two), "Sorry, no."), suite.ExpectOpen, "", "", "Sorry, no.", "review"},
		"ignored, nobody replied":         {drafted(asked("?9"), "", "", one), suite.ExpectOpen, "", "", "", "review"},
		"an own reply":                    {drafted(asked("?10"), suggest.DecisionOwn, "Sorry, no.", one), suite.ExpectOpen, "", "", "Sorry, no.", "stratum:own"},
		"thrown away":                     {replied(discarded(drafted(asked("?11"), suggest.DecisionDiscard, "", one), "WRONG"), "No."), suite.ExpectOpen, "", "", "No.", "stratum:discarded:WRONG"},
		"not needed":                      {discarded(drafted(asked("?12"), suggest.DecisionDiscard, "", one), "NOT_NEEDED"), suite.ExpectNone, "", "", "", "stratum:discarded:NOT_NEEDED"},
		"not needed, and replied":         {replied(discarded(drafted(asked("?13"), suggest.DecisionDiscard, "", one), "NOT_NEEDED"), "Yes."), suite.ExpectOpen, "", "", "Yes.", "review"},
		"nothing to answer":               {resolved(silent(asked("?14"), suggest.OutcomeNoDraft, suggest.ReasonNothingToAnswer)), suite.ExpectNone, suggest.ReasonNothingToAnswer, "", "", "reason:NOTHING_TO_ANSWER"},
		"nothing to answer, not resolved": {silent(asked("?15"), suggest.OutcomeNoDraft, suggest.ReasonNothingToAnswer), suite.ExpectOpen, "", "", "", "review"},
		"silent, and replied":             {replied(silent(asked("?16"), suggest.OutcomeNoDraft, suggest.ReasonNoKnowledge), "Here."), suite.ExpectOpen, "", "", "Here.", "replied"},
		"left to a person":                {replied(silent(asked("?17"), suggest.OutcomeHumanOnly, suggest.ReasonLegal), "We regret."), suite.ExpectOpen, "", "", "We regret.", "stratum:human:LEGAL"},
		"without a suggestion":            {replied(asked("?18"), "Hello."), suite.ExpectOpen, "", "", "Hello.", "stratum:unaided"},
		"nothing at all":                  {asked("?19"), suite.ExpectOpen, "", "", "", "stratum:unanswered"},
	} {
		t.Run(name, func(t *testing.T) {
			got := sampled(t, c.h)
			if len(got.Cases) != 1 {
				t.Fatalf("%+v", got.Report)
			}
			k := got.Cases[0]
			if k.Expect != c.expect || k.Reason != c.reason || strings.Join(k.GoldIDs, ",") != c.gold || c.reply != "" && k.GoldReply != c.reply || !slices.Contains(k.Tags, c.tag) {
				t.Errorf("expect %s %s, gold %v, reply %q, tags %v", k.Expect, k.Reason, k.GoldIDs, k.GoldReply, k.Tags)
			}
			if (k.Review != "") != (k.Expect == suite.ExpectOpen) || slices.Contains(k.Candidates, "gone") {
				t.Errorf("review %q, candidates %v", k.Review, k.Candidates)
			}
		})
	}
}

func TestTheSameAskedTwice(t *testing.T) {
	t.Parallel()
	a := drafted(asked("Where is it?"), suggest.DecisionApprove, "There.", "There.")
	b := discarded(drafted(asked("where  is it?"), suggest.DecisionDiscard, "", "There."), "NOT_NEEDED")
	c := drafted(asked("Where was it?"), suggest.DecisionApprove, "There.", "There.")
	for _, k := range sampled(t, a, b, c).Cases {
		if same := strings.EqualFold(strings.Join(strings.Fields(k.Text), " "), "where is it?"); same != (k.Expect == suite.ExpectOpen) {
			t.Errorf("%q expects %s", k.Text, k.Expect)
		}
	}
}

func TestWhatIsTakenOver(t *testing.T) {
	t.Parallel()
	h := asked("And in public?")
	last := h.Messages[0]
	last.Visibility = suggest.VisibilityPublic
	h.Messages = []suggest.Message{
		{Author: suggest.AuthorCustomer, Visibility: suggest.VisibilityPublic, Text: "Hello!"},
		{Author: suggest.AuthorCustomer, Visibility: suggest.VisibilityPrivate, Text: "A secret."},
		{Author: suggest.AuthorNote, Visibility: suggest.VisibilityPublic, Text: "For colleagues."},
		{Author: suggest.AuthorAgent, Visibility: suggest.VisibilityPublic, Text: "Hi!"},
		last,
	}
	k := sampled(t, h).Cases[0]
	if len(k.Messages) != 2 || k.Messages[0].Text != "Hello!" || k.Messages[1].Text != "Hi!" || k.Visibility != suggest.VisibilityPublic || k.Text != "And in public?" {
		t.Errorf("%+v", k)
	}
	note := asked("The caller asks for the bag.")
	note.Messages[0].Author = suggest.AuthorNote
	if k := sampled(t, note).Cases[0]; k.Author != suggest.AuthorNote {
		t.Errorf("author %q", k.Author)
	}
}

// secrets are what must not be left of a text, each with the ways to write it.
func TestWhatIsHidden(t *testing.T) {
	t.Parallel()
	born := suggest.Fact{Name: "date of birth", Kind: suggest.FactDate, Date: suggest.Date{Year: 1987, Month: 5, Day: 3}}
	for name, c := range map[string]struct {
		text   string
		facts  []suggest.Fact
		gone   []string
		stays  []string
		locale string
	}{
		"a name behind I am":           {"Where is it? I am Ragnhildur Quimby, and I am in Oslo.", nil, []string{"Ragnhildur", "Quimby"}, []string{"I am in Oslo"}, "en"},
		"a name behind ich bin":        {"Hallo, ich bin Ragnhildur Quimby. Ich bin Kunde.", nil, []string{"Ragnhildur", "Quimby"}, []string{"Ich bin Kunde"}, "de"},
		"a sentence behind a name":     {"Mein Name ist Ragnhildur J. Quimby. Ich bin Kunde.", nil, []string{"Ragnhildur", "Quimby"}, []string{". Ich bin Kunde."}, "de"},
		"a part that is a word, too":   {"Ich komme von Oslo.\n\nGruß\nKunigunde von Hohenfels", nil, []string{"Kunigunde", "Hohenfels"}, []string{"Ich komme von Oslo."}, "de"},
		"a closing on the same line":   {"Where is my bag? Regards, Ragnhildur Quimby", nil, []string{"Ragnhildur", "Quimby"}, []string{"bag? Regards, "}, "en"},
		"thanks on the same line":      {"Wo ist mein Koffer? Danke, Ragnhildur", nil, []string{"Ragnhildur"}, []string{"Koffer? Danke, "}, "de"},
		"a name below a closing":       {"Where?\n\nKind regards\nRagnhildur Quimby", nil, []string{"Ragnhildur", "Quimby"}, []string{"Kind regards"}, "en"},
		"a German one":                 {"Wo ist er?\n\nMit freundlichen Grüßen\n\nKunigunde von Hohenfels", nil, []string{"Kunigunde", "Hohenfels"}, []string{"Grüßen"}, "de"},
		"a Norwegian one":              {"Hei, jeg heter Torbjørn Ådland.\n\nMvh\nTorbjørn", nil, []string{"Torbjørn", "Ådland"}, []string{"jeg heter"}, "nb"},
		"a Polish one":                 {"Gdzie jest?\nPozdrawiam,\nGrzegorz Brzęczyszczykiewicz", nil, []string{"Grzegorz", "Brzęczy"}, []string{"Pozdrawiam"}, "pl"},
		"a French one":                 {"Je m'appelle Théodule Lefèbvre.\nCordialement", nil, []string{"Théodule", "Lefèbvre"}, []string{"Cordialement"}, "fr"},
		"a Spanish one":                {"Me llamo Íñigo Etxeberria.\nSaludos", nil, []string{"Íñigo", "Etxeberria"}, []string{"Saludos"}, "es"},
		"behind a title":               {"I spoke with Mrs. Oberhuber-Kranz and Herr Zsigmondy.", nil, []string{"Oberhuber", "Zsigmondy"}, []string{"I spoke with Mrs."}, "en"},
		"who is greeted":               {"Dear Solveig,\nthanks.", nil, []string{"Solveig"}, []string{"Dear"}, "en"},
		"a name of two letters":        {"Hello, this is Bo. Bosnia is far, and so is bo.\n\nBo", nil, []string{"this is Bo"}, []string{"Bosnia is far, and so is bo."}, "en"},
		"nobody greeted":               {"Dear Sir or Madam,\nHello Team,\nwhere is it?", nil, nil, []string{"Dear Sir or Madam", "Hello Team"}, "en"},
		"an address":                   {"Write to k.o@post.example.net", nil, []string{"k.o@post"}, []string{"Write to", "@example.com"}, "en"},
		"an address of ours":           {"I wrote to bags@skerry.example and called 22 33 44 55", nil, nil, []string{"bags@skerry.example", "22 33 44 55"}, "en"},
		"a phone number":               {"Call +49 171 2345678.", nil, []string{"2345678"}, []string{"Call +49 1"}, "en"},
		"a card":                       {"Card 5500 0000 0000 0004.", nil, []string{"5500 0000"}, []string{"4111"}, "en"},
		"an account":                   {"IBAN DE89 3704 0044 0532 0130 00", nil, []string{"3704 0044"}, []string{"IBAN DE"}, "en"},
		"a code in letters":            {"My booking XQKWTR is lost, pnr: ZZTOPX", nil, []string{"XQKWTR", "ZZTOPX"}, []string{"My booking"}, "en"},
		"a code with figures":          {"It says K7QX2M on it.", nil, []string{"K7QX2M"}, []string{"It says"}, "en"},
		"a form of ours":               {"I filled in the form PIR-20.", nil, nil, []string{"PIR-20"}, "en"},
		"a long number":                {"Membership 48200193.", nil, []string{"48200193"}, []string{"Membership"}, "en"},
		"a link":                       {"See https://trips.example.net/manage?pnr=K7QX2M&name=QUIMBY", nil, []string{"K7QX2M", "QUIMBY", "trips.example.net"}, []string{"See https://example.com/"}, "en"},
		"a link of ours":               {"See https://skerry.example/bags", nil, nil, []string{"https://skerry.example/bags"}, "en"},
		"a date of birth":              {"Born 1987-05-03, that is 3 May 1987.", []suggest.Fact{born}, []string{"1987-05-03", "3 May 1987"}, []string{"Born 19"}, "en"},
		"a code as a fact":             {"Is X9Z7Q2 or x9-z7 q2 right?", []suggest.Fact{{Name: "booking", Kind: suggest.FactCode, Text: "X9Z7Q2"}}, []string{"X9Z7Q2", "x9-z7 q2"}, []string{"right?"}, "en"},
		"a street as a fact":           {"To Storgata 12, please.", []suggest.Fact{{Name: "address", Kind: suggest.FactText, Text: "Storgata 12"}}, []string{"Storgata"}, []string{"please"}, "en"},
		"a name as a fact":             {"For Bartholomew, please.", []suggest.Fact{{Name: "passenger", Kind: suggest.FactText, Text: "Bartholomew Vandersloot"}}, []string{"Bartholomew", "Vandersloot"}, []string{"please"}, "en"},
		"what every article says":      {"I fly Light.", []suggest.Fact{{Name: "fare", Kind: suggest.FactText, Text: "Light"}}, nil, []string{"I fly Light."}, "en"},
		"the name of a fare":           {"I fly Light.", []suggest.Fact{{Name: "fare name", Kind: suggest.FactText, Text: "Light"}}, nil, []string{"I fly Light."}, "en"},
		"what looks like a mark of it": {"I am [NAME_1] of [EMAIL_2].", nil, nil, []string{"[NAME_1]", "[EMAIL_2]"}, "en"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := replied(asked(c.text), "About this: "+c.text)
			h.Ticket.Facts, h.Ticket.Locale, h.Ticket.Subject = c.facts, c.locale, ""
			got := sampled(t, h)
			raw, err := json.Marshal(got.Cases)
			if err != nil || len(got.Cases) != 1 {
				t.Fatal(err, got.Report)
			}
			for _, s := range c.gone {
				if strings.Contains(strings.ToLower(string(raw)), strings.ToLower(s)) {
					t.Errorf("%q is left in %s", s, raw)
				}
			}
			for _, s := range c.stays {
				if !strings.Contains(got.Cases[0].Text, s) || !strings.Contains(got.Cases[0].GoldReply, s) {
					t.Errorf("%q is gone from %s", s, raw)
				}
			}
			if text, reply := got.Cases[0].Text, got.Cases[0].GoldReply; !strings.HasSuffix(reply, text) {
				t.Errorf("the same has other pseudonyms: %q and %q", text, reply)
			}
		})
	}
}

// Whatever stands around them, what the desk knows of a customer does not stay.
func FuzzHidden(f *testing.F) {
	for _, s := range []string{"", "Hello [NAME_1]", "\x00\xff", "Dear Sir,\n\nKind regards\nX", "日本語のテキスト", "a@b.example +47 22 33 44 55 DE89 3704 0044 0532 0130 00", "<b>&amp;</b> \u202e"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		values := []string{"Zbigniew Wrzesniewski", "zbig.w@post.example.net", "+49 171 2345678", "XK4Q9Z", "@zbig_w"}
		h := asked(before + "\n " + strings.Join(values, " \n ") + " \n" + after)
		h.Ticket.Subject = before + " \n" + values[3]
		h.Ticket.Customer = suggest.Customer{DisplayName: values[0], Identities: []suggest.Identity{
			{Kind: suggest.IdentityEmail, Value: values[1]}, {Kind: suggest.IdentityPhone, Value: values[2]}, {Kind: suggest.IdentityHandle, Value: "x:" + values[4]},
		}}
		h.Ticket.Facts = []suggest.Fact{{Name: "booking", Kind: suggest.FactCode, Text: values[3]}}
		got, err := sample.Take(t.Context(), options(happened{replied(h, after+" \n"+values[1]+" \n"+before)}))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range append(values, "Zbigniew", "Wrzesniewski") {
			if !strings.Contains(before+after, v) && strings.Contains(string(raw), v) {
				t.Errorf("%q is left in %s", v, raw)
			}
		}
	})
}

func TestSamplesStandForAll(t *testing.T) {
	t.Parallel()
	reasons := []suggest.Reason{"A", "B", "C", "D", "E"}
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 60), 1, len(reasons)).Draw(t, "sizes")
		n, floor, seed := rapid.IntRange(len(sizes), 80).Draw(t, "n"), rapid.IntRange(1, 12).Draw(t, "floor"), rapid.Uint64().Draw(t, "seed")
		var h happened
		population := 0
		for i, size := range sizes {
			population += size
			for range size {
				h = append(h, silent(asked("What?"), suggest.OutcomeNoDraft, reasons[i]))
			}
		}
		o := options(h)
		o.N, o.PerStratum, o.Seed = n, floor, seed
		got, err := sample.Take(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Cases) != min(n, population) || got.Report.Population != population {
			t.Fatalf("%d of %d cases for %v", len(got.Cases), n, sizes)
		}
		all := 0.0
		for _, c := range got.Cases {
			all += c.Weight
		}
		if math.Abs(all-float64(population)) > 1e-6 {
			t.Fatalf("weights come to %v of %d", all, population)
		}
		enough := floor*len(sizes) <= n
		for i, s := range got.Report.Strata {
			if s.Population != sizes[i] || s.Sampled < 1 || s.Sampled > s.Population || enough && s.Sampled < min(floor, s.Population) {
				t.Fatalf("%+v of sizes %v, n %d, floor %d", s, sizes, n, floor)
			}
		}
		// The order in which asks come is of no matter.
		slices.Reverse(h)
		again, err := sample.Take(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.Cases {
			if got.Cases[i].ID != again.Cases[i].ID {
				t.Fatal("another order took another sample")
			}
		}
	})
}

func TestTakeErrors(t *testing.T) {
	t.Parallel()
	if _, err := sample.Take(t.Context(), options(nil)); !errors.Is(err, sample.ErrNothingHappened) {
		t.Errorf("%v", err)
	}
	var few *sample.TooFewError
	o := options(happened{asked("a"), replied(asked("b"), "c")})
	if o.N = 1; true {
		if _, err := sample.Take(t.Context(), o); !errors.As(err, &few) || few.Strata != 2 {
			t.Errorf("%v", err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sample.Take(ended, options(happened{asked("a")})); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	gone := options(vanishing{happened{asked("a"), asked("b")}}.happened)
	gone.History = vanishing{happened{asked("a"), asked("b")}}
	got, err := sample.Take(t.Context(), gone)
	if err != nil || got.Report.Withheld != 2 || len(got.Cases) != 0 || !strings.Contains(strings.Join(got.Report.Warnings, "\n"), `No case stands for the 2 tickets of "unanswered"`) {
		t.Errorf("%v, %+v", err, got.Report)
	}
}

// vanishing is a history whose tickets are erased before they are read.
type vanishing struct{ happened }

func (vanishing) AskHistory(context.Context, suggest.Workspace, suggest.Ask) (suggest.AskHistory, error) {
	return suggest.AskHistory{}, suggest.ErrTicketNotFound
}

func TestWrite(t *testing.T) {
	t.Parallel()
	got := sampled(t, replied(asked("Where?"), "There."))
	parent := t.TempDir()
	dir := filepath.Join(parent, "deep", "suite")
	if err := got.Write(dir, []byte("{}\n")); err != nil {
		t.Fatal(err)
	}
	if err := got.Write(dir, nil); err == nil || !strings.Contains(err.Error(), "never overwrites") {
		t.Errorf("twice: %v", err)
	}
	empty := filepath.Join(parent, "empty")
	if err := errors.Join(os.Mkdir(empty, 0o700), got.Write(empty, nil)); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	file := filepath.Join(parent, "file")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), nil); err != nil {
		t.Fatal(err)
	}
	if got.Write(file, nil) == nil || got.Write(filepath.Join(file, "under"), nil) == nil {
		t.Error("a file was taken for a folder")
	}
	left, err := filepath.Glob(filepath.Join(parent, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 4 {
		t.Errorf("%v %v", names, err)
	}
}

func TestNamesInHan(t *testing.T) {
	t.Parallel()
	h := asked("我叫王芳,行李在哪里?")
	h.Ticket.Customer.DisplayName = "王芳"
	if k := sampled(t, h).Cases[0]; strings.Contains(k.Text+k.Customer.Name, "王芳") || !strings.Contains(k.Text, "行李在哪里") {
		t.Errorf("%q of %q", k.Text, k.Customer.Name)
	}
}
