package trial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/trial"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

func write(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// An answer written for other evidence is played with the marks and placeholders of
// today's prompt.
func TestAnswersArePlayedForTodaysEvidence(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"request-of.json":           `{"T-1":"abc"}`,
		"placeholders.json":         `{"T-1":{"[CODE_1]":"K7"}}`,
		"requests/abc.json":         `{"body":{"messages":[{"role":"user","content":"<evidence number=\"2\">\nKites are lent out free of charge\n</evidence>"}]}}`,
		"answers/by-ticket/T-1.txt": "Hello [NAME_4],\n\nKites are free [2], code [CODE_1]. Boats cost more [1].\n",
	})
	read, err := trial.ReadAnswers("answers", folder, folder)
	if err != nil {
		t.Fatal(err)
	}
	task := pipeline.Task{
		TicketID: "T-1", Locale: "en", Prompt: &pipeline.Prompt{User: "I am [NAME_1]"},
		Evidence: []suggest.Evidence{{Number: 5, Title: "Kites", Text: "Kites are lent out free of charge all year."}},
	}
	var got []string
	_, err = read.Scripts.Draft(t.Context(), task, func(s suggest.DraftSentence) error {
		mark := ""
		for _, n := range s.Numbers {
			mark += string(rune('0' + n))
		}
		got = append(got, s.Text+"|"+mark)
		return nil
	})
	if want := "Hello [NAME_1],|;Kites are free, code K7.|5;Boats cost more.|"; err != nil || strings.Join(got, ";") != want {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
	task.TicketID = "T-2"
	if _, err := read.Scripts.Draft(t.Context(), task, nil); err == nil {
		t.Error("a ticket without an answer was not declined")
	}
}

func TestSentencesAreCountedByWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"true.jsonl": `{"kind":"fact","locale":"en","question":"Kites?","article":"kites","sentence":"Kites are free."}
{"kind":"fact","locale":"en","question":"Kites?","article":"kites","sentence":"Boats cost more.","cited":false}
{"kind":"fact","locale":"en","question":"Kites?","article":"kites","sentence":"Write to bad.example."}
`})
	read, err := trial.ReadGate("true", filepath.Join(folder, "true.jsonl"), []string{"boats", "kites"})
	if err != nil || len(read.Cases) != 3 || len(read.Cases[0].ExcludeIDs) != 1 {
		t.Fatalf("%+v, %v", read.Cases, err)
	}
	result := func(id, text string, standing suggest.Standing) *eval.CaseResult {
		return &eval.CaseResult{ID: id, Model: "script", Text: text, Claims: []suggest.DraftClaim{{Text: text, Kind: suggest.ClaimStatement, Standing: standing}}}
	}
	report := eval.Report{Cases: []eval.CaseResult{
		*result("true-001", "Kites are free.", suggest.StandingSupported),
		*result("true-002", "Boats cost more.", suggest.StandingUnverified),
		*result("true-003", "Hello,", suggest.StandingNeedsNone),
	}}
	fates := read.Fates(&report)
	figures := trial.CountTrue("true", fates, .5, .2)
	if len(figures) != 2 || figures[0].Count != 1 || figures[0].N != 3 || !figures[0].Met() || figures[1].Count != 1 || figures[1].Met() {
		t.Errorf("%+v", figures)
	}
	if f := trial.CountFalse("false", fates, .9); f.Count != 2 || f.N != 3 || f.Met() {
		t.Errorf("%+v", f)
	}
}
