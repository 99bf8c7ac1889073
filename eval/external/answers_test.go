package external_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/external"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
)

func TestImportNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, content, want string }{
		{"broken", "{\n", "rival.jsonl:1: is no answer"},
		{"unknown case", outside + `{"id":"z"}`, `rival.jsonl:6: the suite has no case "z"`},
		{"twice", outside + `{"id":"a"}`, `rival.jsonl:6: case "a" is answered on line 1 already; keep one`},
		{"missing", `{"id":"a","text":""}`, "rival.jsonl: 4 cases are missing (b, c, d, e); every case must be answered"},
		{"one missing", strings.Replace(outside, `{"id":"c","text":"Sunny."}`, "", 1), `rival.jsonl: case "c" is missing; every case`},
		{"confidence", strings.Replace(outside, "0.7", "7", 1), "the confidence must be between 0 and 1"},
		{"outcome", strings.Replace(outside, "HUMAN_ONLY", "MAYBE", 1), `outcome "MAYBE" is unknown`},
		{"less than no tokens", outside[:len(outside)-2] + `,"prompt_tokens":-5}`, "can't be below 0"},
		{"less than no time", outside[:len(outside)-2] + `,"ms":-5}`, "can't be below 0"},
		{"draft without text", strings.Replace(outside, `"text":""`, `"outcome":"DRAFT"`, 1), "a draft needs its text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := importRun(t, test.content)
			var wrong *suite.Error
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestImportReadsAnyEncodingOfTheSuite(t *testing.T) {
	t.Parallel()
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(strings.ReplaceAll(outside, "\n", "\r\n"))) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, content := range map[string]string{
		"UTF-16": string(wide), "UTF-8 with a mark": "\ufeff" + outside, "CRLF": strings.ReplaceAll(outside, "\n", "\r\n"), "blank lines": "\n\n" + outside + "\n \n",
	} {
		r, err := importRun(t, content)
		if err != nil || r.Cases[0].Text != "One bag is free." {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImportRefusesLines(t *testing.T) {
	t.Parallel()
	const good = `"text":"One bag is free.","ranked":"bags"`
	tests := []struct{ name, line, want string }{
		{"nothing that is read", `"rankings":["bags"],"answer":"One."`, `rival.jsonl:1: tells nothing of case "a" besides its id`},
		{"no number", good + `,"confidence":"0.9"`, `rival.jsonl:1: field "confidence" can't be a text; write it without quotes`},
		{"NaN", good + `,"confidence":NaN`, "NaN is no JSON; write null for what is not known"},
		{"per cent", good + `,"confidence":87`, "the confidence must be between 0 and 1, and it is 87; divide percentages by 100"},
		{"out of range", good + `,"confidence":1e999`, `field "confidence" can't be 1e999`},
		{"negative time", good + `,"ms":-1`, "ms can't be below 0"},
		{"half a token", good + `,"prompt_tokens":1.5`, `field "prompt_tokens" can't be 1.5; give a whole number`},
		{"endless tokens", good + `,"completion_tokens":1e18`, `field "completion_tokens" can't be 1e18; give a whole number`},
		{"objects ranked", `"ranked":[{"key":"bags"}]`, `field "ranked" can't be an object; give a text in double quotes`},
		{"numbers ranked", `"ranked":["bags",2]`, `field "ranked" can't be a number; put it in double quotes`},
		{"a ranking that is none", `"ranked":{"bags":1}`, `field "ranked" can't be an object; give a text in double quotes`},
		{"an empty key", `"ranked":["bags"," "]`, "ranked holds an empty key in place 2"},
		{"a text that is none", `"text":["One."]`, `field "text" can't be a list; give a text in double quotes`},
		{"a book", `"text":"` + strings.Repeat("word ", 200_000) + `"`, "text has 1000000 characters; at most 100000 are read"},
		{"text under silence", `"text":"One.","outcome":"NO_DRAFT"`, "the outcome is NO_DRAFT and there is a text; leave one of them out, or say DRAFT"},
		{"text with a reason for none", `"text":"One.","reason":"LEGAL"`, "there is a text, and the reason LEGAL for none"},
		{"outcome against reason", `"outcome":"NO_DRAFT","reason":"LEGAL"`, "the reason LEGAL does not go with the outcome NO_DRAFT"},
		{"reason against outcome", `"outcome":"HUMAN_ONLY","reason":"NO_KNOWLEDGE"`, "does not go with the outcome HUMAN_ONLY"},
		{"an unknown outcome", `"outcome":"NODRAFT"`, `outcome "NODRAFT" is unknown; did you mean`},
		{"an unknown reason", `"reason":"NO_KNOWLEDG"`, `reason "NO_KNOWLEDG" is unknown; did you mean NO_KNOWLEDGE?`},
		{"a reason unlike any", `"reason":"BECAUSE"`, `reason "BECAUSE" is unknown; give one of NO_KNOWLEDGE, LOW_CONFIDENCE`},
		{"an unknown kind", good + `,"claims":[{"text":"One.","kind":"CLAIM"}]`, `claims[1].kind "CLAIM" is unknown; give one of GREETING, EMPATHY, LEAD_IN, STATEMENT, STEP, QUESTION, GAP, CLOSING, SIGNATURE`},
		{"a claim without text", good + `,"claims":[{"cited":"bags"}]`, "claims[1].text is missing"},
		{"claims that are none", good + `,"claims":["One."]`, `field "claims" can't be a text; give objects with names and values`},
		{"claims of silence", `"text":"","claims":[{"text":"One."}]`, "there are claims without a text"},
		{"cited by no claim", good + `,"cited":["bags","pets"],"claims":[{"text":"One.","cited":"bags"}]`, `"pets" is in cited, and no claim cites it`},
		{"evidence of nothing", good + `,"evidence":[{"text":"One."}]`, "evidence[1].key is missing"},
		{"evidence in no language", good + `,"evidence":[{"key":"bags","lang":"12"}]`, "evidence[1].lang is no language tag"},
		{"the same twice", good + `,"text":"Two."`, `it gives "text" twice; keep one`},
		{"broken", `"text":"One."`[:9], "is no answer: broken JSON at byte"},
		{"two objects", good + `}{"x":1`, "is no answer: broken JSON at byte"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := importRun(t, answered(test.line, `"text":""`, `"text":""`, `"text":""`))
			var wrong *suite.Error
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "rival.jsonl:1: ") || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want %q", err, test.want)
			}
			if wrong.Count != 1 {
				t.Errorf("it is said %d times: %v", wrong.Count, err)
			}
		})
	}
}

func TestImportRefusesFiles(t *testing.T) {
	t.Parallel()
	run := evaltest.Run(t)
	raw, err := run.JSON()
	if err != nil {
		t.Fatal(err)
	}
	bare := func(rest string) string { return answered(rest, rest, rest, rest) }
	tests := []struct{ name, content, want string }{
		{"empty", " \n", "rival.jsonl: holds no answers; put one JSON object a line there"},
		{"other names", strings.ReplaceAll(bare(`"rankings":["bags"],"answer":"One."`), `"error":"no answer"`, `"answer":""`), `rival.jsonl: no line tells anything that is read besides id; give ranked, text, or both ("answer"; did you mean text? "rankings"; did you mean ranked?)`},
		{"errors alone", bare(`"error":"down"`), "every line is an error, so there is nothing to measure"},
		{"a list", `[` + strings.ReplaceAll(strings.TrimSpace(outside), "\n", ",\n") + `]`, "is a JSON list; write its objects one a line"},
		{"a run", string(raw), "and no file of answers; give it to \"purser eval compare\" as it is"},
		{"one object", "{\n\"id\": \"a\"\n}\n", "is one JSON object over many lines"},
		{"broken UTF-16", "\xff\xfe{", "rival.jsonl: is in UTF-16 but broken"},
		{"not UTF-8", strings.Replace(outside, "Sunny", "Sonn\xe4", 1), "rival.jsonl:3: has bytes that are not UTF-8"},
		{"no id", strings.Replace(outside, `{"id":"c"`, `{"case_id":"c"`, 1), `rival.jsonl:3: has no id; give that of the case in "id", and not in "case_id"`},
		{"an id that is a number", strings.Replace(outside, `{"id":"c"`, `{"id":3`, 1), `rival.jsonl:3: is no answer: field "id" can't be a number; put it in double quotes`},
		{"a misspelt id", strings.Replace(outside, `{"id":"c"`, `{"id":"cc"`, 1), `rival.jsonl:3: the suite has no case "cc"; did you mean`},
		{"a broken line", strings.Replace(outside, `Sunny."}`, `Sunny.`, 1), "rival.jsonl:3: is no answer: broken JSON"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := importRun(t, test.content)
			var wrong *suite.Error
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want %q", err, test.want)
			}
			if wrong.Count != 1 {
				t.Errorf("it is said %d times: %v", wrong.Count, err)
			}
		})
	}
	for path, want := range map[string]string{t.TempDir(): "is a folder; name the file of answers", filepath.Join(t.TempDir(), "x"): "there is no such file"} {
		if _, _, err := external.Import(evaltest.Suite(t), path, "rival", eval.ScorerOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestImportNotesLinesUnlikeTheOthers(t *testing.T) {
	t.Parallel()
	const drafts = `"text":"Cats fly.","ranked":"pets","cited":"pets","confidence":0.9,"evidence":[]`
	tests := []struct {
		name, content string
		want          []string
	}{
		{"all alike", answered(drafts, drafts, `"text":"","reason":"NO_KNOWLEDGE","confidence":0.1`, `"reason":"LEGAL","ranked":[]`), nil},
		{"misspelt", answered(drafts+`,"rank":1`, drafts+`,"rank":1,"latency":3`, `"text":"","reason":"NO_KNOWLEDGE","confidence":0.1`, `"reason":"LEGAL","ranked":[]`), []string{
			`rival.jsonl:1: the field "rank" is not read (2 times); did you mean ranked?`, `rival.jsonl:2: the field "latency" is not read (1 time); did you mean ms?`,
		}},
		{"missing in some", answered(`"text":"One bag."`, drafts, `"text":""`, `"reason":"LEGAL"`), []string{
			"rival.jsonl:1: ranked is missing here and told on other lines; nothing was found, it is taken; write null where it is not known (2 lines)",
			"rival.jsonl:3: outcome is missing here and told on other lines; no draft without outcome and reason is taken for NO_DRAFT (1 line)",
			"rival.jsonl:1: cited is missing here and told on other lines; it is taken for a text that cites nothing; write null where it is not known (1 line)",
			"rival.jsonl:1: evidence is missing here and told on other lines; it is taken for a text that had nothing to draw on; write null where it is not known (1 line)",
			"rival.jsonl:1: confidence is missing here and told on other lines; such a line counts for no metric of confidence (2 lines)",
		}},
		{"text missing", answered(`"ranked":"bags"`, `"ranked":"pets","text":"Cats."`, `"ranked":[],"text":""`, `"ranked":[],"text":""`), []string{
			"rival.jsonl:1: text is missing here and told on other lines; it is taken for no draft (1 line)",
		}},
		{"ranked twice", answered(`"ranked":["bags","bags","pets"]`, `"ranked":[]`, `"ranked":[]`, `"ranked":[]`), []string{
			"rival.jsonl:1: ranked names an article more than once; its first place counts (1 line)",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(evaltest.Folder(t, map[string]string{"rival.jsonl": test.content}), "rival.jsonl")
			_, notes, err := external.Import(evaltest.Suite(t), file, "rival", eval.ScorerOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range notes {
				got = append(got, n.Error())
				if n.Severity != knowledge.SeverityWarning {
					t.Errorf("%v is %v", n, n.Severity)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}
