package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/gate"
	"github.com/purser-desk/purser/eval/report"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// sample is a run of some tickets in two languages, one of which failed.
func sample() *eval.Report {
	r := &eval.Report{
		Format:        eval.Format,
		Suite:         eval.SuiteInfo{Name: "sample <suite>", Hash: "0123456789abcdef", Cases: 41},
		Configuration: eval.Configuration{Drafters: []string{"extractive"}, Versions: []string{"1.0"}},
	}
	for i := range 40 {
		c := eval.CaseResult{
			ID: fmt.Sprintf("t%02d", i), Lang: []string{"de", "en"}[i%2], Channel: suggest.ChannelEmail,
			Expect: suite.ExpectAnswer, GoldIDs: []string{"bags"}, GoldReply: "One bag is free of charge.",
			Question: `<script>alert("x")</script> & "bags"?`, Ranked: []string{"bags", "pets"},
			Outcome: suggest.OutcomeDraft, Confidence: float64(i) / 40, Text: "One <b>bag</b> is free.",
			Evidence: []eval.EvidenceShown{{Number: 1, Key: "bags", Locale: "en", Title: "Bags", Text: "One bag is free."}},
			Claims:   []suggest.DraftClaim{{Text: "One bag is free.", Kind: suggest.ClaimStatement, Citations: []suggest.Citation{{Number: 1}}}},
			Scores:   map[string]float64{eval.HitAt1: float64(i % 2), eval.HitAt3: 1, eval.DraftRate: 1, eval.RougeL: .5},
			Timing:   map[string]float64{"draft": float64(i), "total": float64(2 * i)},
		}
		if i%5 == 0 {
			c.Expect, c.GoldIDs, c.GoldReply = suite.ExpectNone, []string{}, ""
			c.Scores = map[string]float64{eval.DraftRate: 1, eval.AbstainedOnUnanswerable: 0}
		}
		r.Cases = append(r.Cases, c)
	}
	r.Cases = append(r.Cases, eval.CaseResult{ID: "down", Lang: "en", Expect: suite.ExpectAnswer, Error: "the model is down"})
	r.Measure()
	r.Timing.Start = time.Unix(0, 0).UTC()
	return r
}

func checked(t *testing.T, r *eval.Report) gate.Result {
	t.Helper()
	p, err := gate.ParsePolicy([]byte("version: 1\nlimits: [{metric: hit_at_3, at_least: 0.9}, {metric: hit_at_1, at_least: 0.9}]"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Check(*r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func page(t *testing.T) string {
	t.Helper()
	r, before := sample(), sample()
	before.Cases[3].Outcome, before.Cases[3].Text = suggest.OutcomeNoDraft, ""
	before.Cases[7].Text = "Two bags are free."
	before.Measure()
	c, err := compare.Runs(*before, *r, 0)
	if err != nil {
		t.Fatal(err)
	}
	g := checked(t, r)
	return pageOf(t, report.Page{Run: r, Gate: &g, Compared: &c})
}

func TestHTMLShowsEverything(t *testing.T) {
	t.Parallel()
	html := page(t)
	for _, want := range []string{
		"sample &lt;suite&gt;", "not met", "hit_at_1", "Reliability", "Risk over coverage", "hit_at_1 by language",
		"Time per step", "1 of 41 cases failed", "the model is down", `id="case-1"`, `href="#case-41"`,
		"bags (gold)", "<del>", "<ins>", "Cases that changed", "t03", "can&#39;t tell",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// judged is the sample with a judge whose reasons are hostile.
func judged(counts bool) *eval.Report {
	r := sample()
	r.Judge = &eval.JudgeInfo{
		Hash: "abcdef0123456789", Model: "judge <1>", Served: []string{"judge-1-2026"}, RubricHash: "fedcba9876543210", Times: 3, Temperature: .5, Counts: counts,
		Agreement: &eval.JudgeAgreement{Kappa: stat.Estimate{Value: .612, N: 300, Low: .5, High: .7}, TruePositive: stat.Share(180, 200), TrueNegative: stat.Share(80, 100)},
	}
	if !counts {
		r.Judge.WhyNot = []string{"the rubric is <another>"}
	}
	for i := range r.Cases {
		switch {
		case !r.Cases[i].Judgeable():
		case i == 3:
			r.Cases[i].Verdict = &eval.Verdict{Result: eval.JudgedError, Error: "HTTP 500"}
		case i == 4:
			r.Cases[i].Verdict = &eval.Verdict{Result: eval.JudgedNone, Votes: []string{eval.JudgedPass, eval.JudgedFail, eval.JudgedNonsense}, Reasons: []string{"a", "b"}}
		default:
			r.Cases[i].Verdict = &eval.Verdict{
				Result: eval.JudgedPass, Votes: []string{eval.JudgedPass}, Reasons: []string{`<img src=x onerror="alert(1)"> "fine"`},
			}
		}
	}
	r.Measure()
	return r
}

func TestHTMLShowsTheConversation(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Cases[0].Question = "Three times. What now?"
	r.Cases[0].Ticket = &eval.Ticket{Subject: "My <PIN>", Earlier: []eval.Said{{Author: suggest.AuthorCustomer, Text: "I typed it wrong."}, {Author: suggest.AuthorAgent, Text: "How often?"}}}
	html := pageOf(t, report.Page{Run: r})
	for _, want := range []string{"Subject: My &lt;PIN&gt;", "CUSTOMER: I typed it wrong.", "AGENT: How often?", "CUSTOMER: Three times. What now?"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestHTMLShowsTheJudge(t *testing.T) {
	t.Parallel()
	for counts, want := range map[bool][]string{
		true:  {"its verdicts count", "people would pass, given how it errs", "judge_pass_corrected"},
		false: {"its verdicts do not count", "the rubric is &lt;another&gt;", "(does not count)"},
	} {
		html := pageOf(t, report.Page{Run: judged(counts)})
		for _, w := range append(
			want, "judge &lt;1&gt;", "answered as judge-1-2026", "asked 3×", "0.612", "0.500 – 0.700", "&lt;img src=x", "no majority",
			"could not be judged", "1 drafts without a majority of votes, 1 that could not be judged, 1 votes that were no verdict", "nonsense",
		) {
			if !strings.Contains(html, w) {
				t.Errorf("counts %v: the page lacks %q", counts, w)
			}
		}
		if strings.Contains(html, "<img") || !counts && strings.Contains(html, "judge_pass") {
			t.Errorf("counts %v: the page has markup of the judge's, or verdicts among the metrics", counts)
		}
		wellFormed(t, html)
	}
}

func TestHTMLShowsWeightsPricesAndTimes(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Configuration.Prices = &eval.Prices{Currency: "EUR"}
	for i := range r.Cases {
		r.Cases[i].Weight, r.Cases[i].PromptTokens = 3, 1000
		if r.Cases[i].Scores != nil {
			r.Cases[i].Scores[eval.CostPer1000Tickets] = 250
		}
	}
	r.Measure()
	html := pageOf(t, report.Page{Run: r})
	for _, want := range []string{"Over all tickets that the suite is a sample of", "<b>250.0</b> EUR", "40000 tokens in", "Time per step as a table", "Reliability as a table"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	wellFormed(t, html)
}

// Whatever stands in a run is shown as text.
func TestHTMLOfAHostileRun(t *testing.T) {
	t.Parallel()
	const hostile = `"><script>alert(1)</script>' onload=x javascript:x {{.Run}} ` + "\x00\u202e]]>"
	r := sample()
	r.Suite.Name, r.Configuration.Models, r.Configuration.Versions = hostile, []string{hostile}, []string{hostile}
	for i := range r.Cases {
		c := &r.Cases[i]
		c.ID, c.Lang, c.Tags, c.Channel = fmt.Sprint(hostile, i), hostile, []string{hostile}, hostile
		c.Question, c.Text, c.GoldReply, c.Ranked, c.GoldIDs = hostile, hostile, "x "+hostile, []string{hostile}, []string{hostile}
		c.Evidence = []eval.EvidenceShown{{Number: 1, Key: hostile, Title: hostile, Text: strings.Repeat(hostile, 100), Locale: hostile}}
		if c.Timing != nil {
			c.Timing[hostile] = 1
		}
	}
	r.Cases[40].Error = hostile
	r.Measure()
	html := pageOf(t, report.Page{Run: r})
	for _, pattern := range []string{`(?i)<script`, `(?i)href="[^#]`, `(?i)<[a-z][^>]*\son[a-z]+=`, `\x00`} {
		if found := regexp.MustCompile(pattern).FindString(html); found != "" {
			t.Errorf("the page holds %q", found)
		}
	}
	raw, err := report.JUnit(r, checked(t, r))
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, string(raw))
}

func pageOf(t *testing.T, p report.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTMLLoadsAndRunsNothing(t *testing.T) {
	t.Parallel()
	html := page(t)
	for _, pattern := range []string{`(?i)<script`, `(?i)\s(src|srcset|action|formaction)=`, `(?i)href="[^#]`, `(?i)url\(`, `(?i)@import`, `(?i)<(link|iframe|object|img|base)`, `(?i)\son[a-z]+=`} {
		if found := regexp.MustCompile(pattern).FindString(html); found != "" {
			t.Errorf("the page holds %q", found)
		}
	}
	if strings.Contains(html, "<b>bag</b>") {
		t.Error("a draft's markup was taken for markup")
	}
}

// Every link leads to a case that is there, and every tag that is opened is
// closed.
func TestHTMLIsWellFormed(t *testing.T) {
	t.Parallel()
	html := page(t)
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(html, -1) {
		if !strings.Contains(html, `id="`+m[1]+`"`) {
			t.Errorf("link to %q leads nowhere", m[1])
		}
	}
	wellFormed(t, html)
}

func wellFormed(t *testing.T, markup string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(markup))
	d.Strict, d.Entity = true, xml.HTMLEntity
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("it is not well formed: %v", err)
		}
	}
}

func TestHTMLIsTheSameTwice(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(page(t), page(t)); diff != "" {
		t.Errorf("two pages of the same run differ:\n%s", diff)
	}
}

func TestHTMLOfAnEmptyRun(t *testing.T) {
	t.Parallel()
	r := &eval.Report{Format: eval.Format, Partial: true}
	r.Measure()
	r.Profile = &eval.ProfileUse{PassedOver: map[suggest.PassedOver]int{suggest.PassedOverFew: 2}}
	var b bytes.Buffer
	if err := report.HTML(&b, report.Page{Run: r}); err != nil || !strings.Contains(b.String(), "Partial") || !strings.Contains(b.String(), "the profile was passed over in 2 of 2 tickets") {
		t.Errorf("%v", err)
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	r := sample()
	raw, err := report.JUnit(r, checked(t, r))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suites   []struct {
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
				Error *struct {
					Message string `xml:"message,attr"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for _, attribute := range []string{`type="not met"`, `type="failed"`, `timestamp="1970-01-01T00:00:00"`, `skipped="0"`, `time="0.000"`} {
		if !strings.Contains(string(raw), attribute) {
			t.Errorf("it lacks %s:\n%s", attribute, raw)
		}
	}
	// Three demands on the run, two limits, and the case that failed.
	if got.Tests != 6 || got.Failures != 2 || got.Errors != 1 {
		t.Errorf("%d tests, %d failures, %d errors", got.Tests, got.Failures, got.Errors)
	}
	demands := got.Suites[0].Cases
	if demands[3].Failure != nil || demands[4].Failure == nil || !strings.Contains(demands[4].Failure.Message, "it is 0.500") {
		t.Errorf("limits: %+v", demands)
	}
	if e := got.Suites[1].Cases[0]; e.Name != "down" || e.Error == nil || e.Error.Message != "the model is down" {
		t.Errorf("failed case: %+v", e)
	}
}
