package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/types/known/durationpb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// providerWords stand in whatever the scripted provider says when it fails:
// nobody may ever read them.
const providerWords = "provider-babble-7731"

func answers(script openaitest.Script) func(openaitest.Request) openaitest.Script {
	return func(openaitest.Request) openaitest.Script { return script }
}

func fails(status int) func(openaitest.Request) openaitest.Script {
	return answers(openaitest.Script{Status: status, Body: openaitest.Error(providerWords)})
}

// A provider that fails in whatever way costs the agent nothing but the model:
// the draft comes from the articles, or keeps the good sentences.
func TestProvidersThatFail(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{})
	good := "Please report the missing bag at the baggage desk before you leave the airport [1]. "
	calls := 0
	for name, c := range map[string]struct {
		answer   func(openaitest.Request) openaitest.Script
		closed   bool // nobody listens on the provider's port
		degraded string
		// keeps is true when the model's sentences are kept, with a warning.
		keeps    bool
		whole    bool // they are kept without one
		replaced int
	}{
		"refused connection":       {closed: true, degraded: "MODEL_UNAVAILABLE"},
		"401":                      {answer: fails(401), degraded: "MODEL_UNAVAILABLE"},
		"403":                      {answer: fails(403), degraded: "MODEL_UNAVAILABLE"},
		"404 model":                {answer: fails(404), degraded: "MODEL_UNAVAILABLE"},
		"400":                      {answer: fails(400), degraded: "MODEL_UNAVAILABLE"},
		"429 with a long wait":     {answer: answers(openaitest.Script{Status: 429, Header: map[string]string{"Retry-After": "120"}, Body: openaitest.Error(providerWords)}), degraded: "MODEL_UNAVAILABLE"},
		"429 for ever":             {answer: fails(429), degraded: "MODEL_UNAVAILABLE"},
		"500":                      {answer: fails(500), degraded: "MODEL_UNAVAILABLE"},
		"503":                      {answer: fails(503), degraded: "MODEL_UNAVAILABLE"},
		"an error that is no JSON": {answer: answers(openaitest.Script{Status: 502, Body: "<html>" + providerWords}), degraded: "MODEL_UNAVAILABLE"},
		"HTML instead of JSON":     {answer: answers(openaitest.Script{ContentType: "text/html", Body: "<html><body>" + providerWords + "</body></html>"}), degraded: "MODEL_UNAVAILABLE"},
		"HTML called a stream":     {answer: answers(openaitest.Script{Body: "<html><body>" + providerWords + "</body></html>"}), degraded: "MODEL_OUTPUT_UNUSABLE"},
		"events that are no JSON":  {answer: answers(openaitest.Script{Body: "data: {" + providerWords + "\n\n"}), degraded: "MODEL_UNAVAILABLE"},
		"an error in the stream":   {answer: answers(openaitest.Script{Body: "data: " + openaitest.Error(providerWords) + "\n\n"}), degraded: "MODEL_UNAVAILABLE"},
		"a redirect":               {answer: answers(openaitest.Script{Status: 302, Header: map[string]string{"Location": "https://elsewhere.example/" + providerWords}}), degraded: "MODEL_UNAVAILABLE"},
		"an empty answer":          {answer: answers(openaitest.Script{}), degraded: "MODEL_OUTPUT_UNUSABLE"},
		"an empty body":            {answer: answers(openaitest.Script{Pieces: []string{}, Finish: "-", NoUsage: true, NoDone: true}), degraded: "MODEL_OUTPUT_UNUSABLE"},
		"only blanks":              {answer: answers(openaitest.Script{Text: " \n\n "}), degraded: "MODEL_OUTPUT_UNUSABLE"},
		"a filter at once":         {answer: answers(openaitest.Script{Finish: "content_filter"}), degraded: "MODEL_REFUSED"},
		"a filter after sentences": {answer: answers(openaitest.Script{Text: good + "We trace", Finish: "content_filter"}), keeps: true},
		"the limit at once":        {answer: answers(openaitest.Script{Text: "We", Finish: "length"}), degraded: "MODEL_OUTPUT_UNUSABLE"},
		"the limit after sentences": {
			answer: answers(openaitest.Script{Text: good + "We trace", Finish: "length"}),
			keeps:  true,
		},
		"no reason to stop":    {answer: answers(openaitest.Script{Text: good, Finish: "-"}), whole: true},
		"no reason, no end":    {answer: answers(openaitest.Script{Text: good + "We trace", Finish: "-", NoDone: true}), keeps: true},
		"a greeting, then cut": {answer: answers(openaitest.Script{Text: "Hello Kari,\n\nPlease report", CutAfter: 500}), degraded: "MODEL_OUTPUT_UNUSABLE", replaced: 1},
		"slow":                 {answer: answers(openaitest.Script{Text: good, Before: time.Minute}), degraded: "MODEL_TOO_SLOW"},
	} {
		calls++
		ticket := d.ticket(t, fmt.Sprintf("provider-%d", calls), bagQuestion)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := openaitest.New(c.answer)
			t.Cleanup(m.Close)
			if c.closed {
				m.Close()
			}
			s := start(t, startOptions{model: m, beside: d.s})
			r := asks(t, ticket)
			r.TimeLimit = durationpb.New(8 * time.Second)
			if name == "slow" {
				r.TimeLimit = durationpb.New(time.Second)
			}
			began := time.Now()
			p := s.as(t, d.admin).mustSuggest(t, r)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			g := p.suggestion
			equal(t, g.GetOutcome(), purserv1.Outcome_OUTCOME_DRAFT)
			equal(t, p.shown, g.GetDraft().GetText())
			equal(t, p.replaced, c.replaced)
			warnings, degraded := codesOf(g.GetWarnings()), codesOf(g.GetDegraded())
			equal(t, slices.Contains(warnings, "INCOMPLETE"), c.keeps)
			if c.keeps || c.whole {
				equal(t, g.GetProvenance().GetDrafter(), "openai")
				equal(t, g.GetDraft().GetText(), "Please report the missing bag at the baggage desk before you leave the airport.")
			} else {
				equal(t, g.GetProvenance().GetDrafter(), "extractive")
				if !strings.Contains(g.GetDraft().GetText(), "Report a missing bag at the baggage desk") {
					t.Errorf("the articles' draft is %q", g.GetDraft().GetText())
				}
				if !slices.Contains(degraded, c.degraded) {
					t.Errorf("degraded by %v, want %s", degraded, c.degraded)
				}
			}
			for _, n := range append(g.GetWarnings(), g.GetDegraded()...) {
				if len(n.GetMessage()) < 10 {
					t.Errorf("%s says nothing: %q", n.GetCode(), n.GetMessage())
				}
			}
			for _, e := range p.events {
				if strings.Contains(prototext.Format(e), providerWords) {
					t.Errorf("the provider's words reach the agent: %v", e)
				}
			}
			if strings.Contains(s.log.String(), providerWords) || strings.Contains(s.log.String(), "provider-secret") {
				t.Errorf("the provider's words, or its key, are in the log:\n%s", s.log)
			}
		})
	}
}

// The provider's wish is kept for the operator, and one that can be met is.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Status: 429, Header: map[string]string{"Retry-After": "120"}})
	me, err := d.caller.admin.WhoAmI(t.Context(), &purserv1.WhoAmIRequest{})
	if err != nil {
		t.Fatal(err)
	}
	g := d.mustSuggest(t, asks(t, d.ticket(t, "T-1", bagQuestion))).suggestion
	record, err := d.s.service.Record(t.Context(), suggest.Workspace(me.GetWorkspaceId()), g.GetSuggestionId())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, record.Fault, suggest.FaultRateLimited)
	equal(t, record.RetryAfter, 2*time.Minute)

	m := openaitest.New(nil)
	t.Cleanup(m.Close)
	m.Set(func(openaitest.Request) openaitest.Script {
		if len(m.Requests()) == 1 {
			return openaitest.Script{Status: 429, Header: map[string]string{"Retry-After": "1"}}
		}
		return openaitest.Script{Text: bagAnswer}
	})
	again := start(t, startOptions{model: m, beside: d.s}).as(t, d.admin).mustSuggest(t, asks(t, d.ticket(t, "T-2", bagQuestion)))
	equal(t, again.suggestion.GetProvenance().GetDrafter(), "openai")
	equal(t, again.shown, bagDraft)
	equal(t, len(m.Requests()), 2)
}

// What a model writes is shown with what it rests on.
func TestWhatAModelWritesIsShownWithItsStanding(t *testing.T) {
	t.Parallel()
	shared := start(t, startOptions{})
	const so, open, not = purserv1.Standing_STANDING_SUPPORTED, purserv1.Standing_STANDING_UNVERIFIED, purserv1.Standing_STANDING_CONTRADICTED
	for name, c := range map[string]struct {
		text string
		want []purserv1.Standing
	}{
		"with marks":              {"Please report the missing bag at the baggage desk [1]. We trace delayed bags for 21 days [1].", []purserv1.Standing{so, so}},
		"without a mark":          {"Report the missing bag at the baggage desk. The captain is our friend.", []purserv1.Standing{so, open}},
		"cites what is not there": {"Report the missing bag at the baggage desk [7].", []purserv1.Standing{so}},
		"another deadline":        {"We trace delayed bags for 22 days [1].", []purserv1.Standing{not}},
		"another language":        {"Bitte melden Sie das fehlende Gepäckstück am Schalter, bevor Sie den Flughafen verlassen [1].", []purserv1.Standing{open}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deskBeside(t, shared, openaitest.Script{Text: c.text})
			d.imports(t, "help", bagArticle())
			p := d.mustSuggest(t, asks(t, d.ticket(t, "T-1", bagQuestion)))
			var got []purserv1.Standing
			for _, claim := range p.suggestion.GetDraft().GetClaims() {
				got = append(got, claim.GetStanding())
				if claim.GetStanding() != so && (claim.GetReason() == 0 || claim.GetExplanation() == "") {
					t.Errorf("nothing says why: %v", claim)
				}
			}
			equal(t, got, c.want)
			equal(t, p.suggestion.GetProvenance().GetDrafter(), "openai")
		})
	}
}

// Wherever the provider's stream is cut, what is shown is whole sentences.
func TestAStreamCutAtAnyByte(t *testing.T) {
	t.Parallel()
	m := openaitest.New(answers(openaitest.Script{}))
	t.Cleanup(m.Close)
	s := start(t, startOptions{model: m})
	c := s.as(t, s.workspace(t, "one"))
	c.imports(t, "help", bagArticle())
	ticket := c.ticket(t, "T-1", bagQuestion)
	text := "Hello,\n\nPlease report the missing bag at the baggage desk before you leave the airport [1]. We trace delayed bags for 21 days [1]."
	sentences := []string{"Hello,", "Please report the missing bag at the baggage desk before you leave the airport.", "We trace delayed bags for 21 days."}
	kept, incomplete, replaced := 0, 0, 0
	for cut := 1; cut < 5000; cut += 83 {
		before := len(m.Requests())
		m.Set(answers(openaitest.Script{Text: text, Piece: 11, CutAfter: cut}))
		p := c.mustSuggest(t, asks(t, ticket))
		equal(t, p.suggestion.GetOutcome(), purserv1.Outcome_OUTCOME_DRAFT)
		equal(t, p.shown, p.suggestion.GetDraft().GetText())
		if strings.ContainsAny(p.everShown, "[]") {
			t.Errorf("cut after %d: half a mark was shown: %q", cut, p.everShown)
		}
		if p.suggestion.GetProvenance().GetDrafter() != "openai" {
			replaced += p.replaced
			continue
		}
		kept++
		for _, claim := range p.suggestion.GetDraft().GetClaims() {
			if !slices.Contains(sentences, claim.GetText()) {
				t.Errorf("cut after %d: %q is no whole sentence", cut, claim.GetText())
			}
		}
		if slices.Contains(codesOf(p.suggestion.GetWarnings()), "INCOMPLETE") {
			incomplete++
		} else if len(p.suggestion.GetDraft().GetClaims()) != 3 {
			t.Errorf("cut after %d: nothing says that %q is not all", cut, p.shown)
		}
		equal(t, len(m.Requests()), before+1)
	}
	if kept == 0 || incomplete == 0 || replaced == 0 || kept == incomplete {
		t.Errorf("the cuts tell nothing: %d kept, %d of them incomplete, %d replaced", kept, incomplete, replaced)
	}
}
