package suite_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
)

func documents() []knowledge.Document {
	return []knowledge.Document{
		{Key: "bags", Locale: "en", Title: "Bags", Body: "One small bag of at most eight kilos flies for free with every fare that we sell."},
		{Key: "bags", Locale: "de", Title: "Gepäck", Body: "Eine kleine Tasche ist frei."},
		{Key: "pets", Locale: "de", Title: "Tiere", Body: "Katzen fliegen in der Kabine."},
	}
}

func TestCheckFindsWhatMakesFiguresWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, tickets, want string
		severity            knowledge.Severity
	}{
		{"gold is missing", `{"id":"a","text":"x","gold_ids":["boats"]}`, `gold article "boats" is not in the knowledge`, knowledge.SeverityError},
		{"gold is hidden", `{"id":"a","text":"x","gold_ids":["pets"],"exclude_lang":"de-AT"}`, "none can be found", knowledge.SeverityError},
		{"gold is hidden by its key", `{"id":"a","text":"x","gold_ids":["pets"],"exclude_ids":"pets"}`, "none can be found", knowledge.SeverityError},
		{"nothing to hide", `{"id":"a","text":"x","expect":"none","exclude_ids":["boats"]}`, `no article "boats" to hide`, knowledge.SeverityError},
		{"none with gold", `{"id":"a","text":"x","gold_ids":["bags"],"expect":"none"}`, "expects none but names gold articles", knowledge.SeverityError},
		{"answer with reason", `{"id":"a","text":"x","gold_ids":["bags"],"expect":"answer","reason":"LEGAL"}`, "names the reason for none", knowledge.SeverityError},
		{"unknown reason", `{"id":"a","text":"x","expect":"human","reason":"RAIN"}`, "there is no reason RAIN; give one of NO_KNOWLEDGE", knowledge.SeverityError},
		{"reason of the other kind", `{"id":"a","text":"x","expect":"none","reason":"LEGAL"}`, "does not go with expect none", knowledge.SeverityError},
		{"must and must not", `{"id":"a","text":"x","gold_ids":["bags"],"must_say":"free of charge","must_not_say":"FREE"}`, `must say "free of charge" and must not say "FREE"`, knowledge.SeverityError},
		{"gold says too little", `{"id":"a","text":"x","gold_reply":"One bag.","must_say":"free"}`, `the gold reply does not say "free"`, knowledge.SeverityError},
		{"gold says too much", `{"id":"a","text":"x","gold_reply":"One bag, free.","must_not_say":"free"}`, `the gold reply says "free"`, knowledge.SeverityError},
		{"gold is too long", `{"id":"a","text":"x","gold_reply":"One bag.","max_chars":3}`, "longer than max_chars", knowledge.SeverityError},
		{"two of the same", `{"id":"a","text":"Bag ?","expect":"none"}` + "\n" + `{"id":"b","text":"bag  ?","expect":"none"}`, `asks the same as "a"; it counts twice`, knowledge.SeverityWarning},
		{"two that contradict", `{"id":"a","text":"bag?","expect":"none"}` + "\n" + `{"id":"b","text":"bag?","gold_ids":["bags"]}`, `asks the same as "a" and expects something else`, knowledge.SeverityError},
		{"reply leaks", `{"id":"a","text":"x","gold_reply":"Small bag of at most EIGHT kilos, flies for free!"}`, `the gold reply stands word for word in article "bags"`, knowledge.SeverityWarning},
		{"question leaks", `{"id":"a","text":"small bag of at most eight kilos flies for free","expect":"none"}`, `the question stands word for word in article "bags"`, knowledge.SeverityWarning},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := suite.Read(evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": test.tickets}))
			if err != nil {
				t.Fatal(err)
			}
			problems := s.Check(documents())
			if len(problems) != 1 || !strings.Contains(problems[0].Message, test.want) || problems[0].Severity != test.severity || problems[0].Line == 0 {
				t.Errorf("problems are %+v, want %q", problems, test.want)
			}
		})
	}
}

func TestCheckLeavesGoodCasesAlone(t *testing.T) {
	t.Parallel()
	s, err := suite.Read(evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": `{"id":"a","text":"bag?","gold_ids":["bags"],"gold_reply":"Your small bag of eight kilos is free."}
{"id":"b","text":"bag?","gold_ids":["bags"],"exclude_lang":"de"}
{"id":"c","text":"he died","expect":"human","reason":"BEREAVEMENT","gold_ids":["bags"]}
`}))
	if err != nil {
		t.Fatal(err)
	}
	if problems := s.Check(documents()); len(problems) != 0 {
		t.Errorf("problems: %+v", problems)
	}
}
