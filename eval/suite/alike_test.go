package suite_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/knowledge"
)

func checkedSuite(t *testing.T, tickets string) suite.Suite {
	t.Helper()
	s, err := suite.Read(evaltest.Folder(t, map[string]string{"kb.jsonl": evaltest.Knowledge, "tickets.jsonl": tickets}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func messages(problems []knowledge.Problem) []string {
	out := []string{}
	for _, p := range problems {
		out = append(out, p.Message)
	}
	return out
}

func TestCheckFindsCasesThatAreAlike(t *testing.T) {
	t.Parallel()
	const (
		long   = "My flight to Bergen on the second of May was cancelled and I would like to have my money back on my card"
		nearly = "My flight to Bergen on the third of May was cancelled and I would like to have my money back on my card!"
		other  = "My flight to Bergen was late and nobody at the airport could tell us where to wait for the next one"
	)
	ticket := func(id, text, rest string) string {
		return `{"id":"` + id + `","text":"` + text + `",` + rest + "}\n"
	}
	tests := []struct{ name, tickets, want string }{
		{"nearly the same", ticket("a", long, `"gold_ids":["bags"]`) + ticket("b", nearly, `"gold_ids":["bags"]`), `asks nearly the same as "a" (`},
		{"nearly the same, other answer", ticket("a", long, `"gold_ids":["bags"]`) + ticket("b", nearly, `"expect":"none"`), "and expects something else; make sure"},
		{"the same, other words to say", ticket("a", long, `"gold_ids":["bags"],"must_say":"for free"`) + ticket("b", long, `"gold_ids":["bags"],"must_not_say":"FREE"`), `one must say "for free" where the other must not say "FREE"`},
		{"the same, other facts", ticket("a", long, `"gold_ids":["bags"],"facts":[{"name":"fare","value":"Light"}]`) + ticket("b", long, `"expect":"none","facts":[{"name":"fare","value":"Plus"}]`), ""},
		{"the same, gold reply alone", ticket("a", long, `"gold_ids":["bags"]`) + ticket("b", long, `"gold_reply":"We pay it back."`), "it counts twice"},
		{"others", ticket("a", long, `"gold_ids":["bags"]`) + ticket("b", other, `"gold_ids":["bags"]`), ""},
		{"the same but for marks", ticket("a", long, `"gold_ids":["bags"]`) + ticket("b", long+"?!", `"gold_ids":["bags"]`), `asks the same as "a"; it counts twice`},
		{"short ones", ticket("a", "where is my bag", `"gold_ids":["bags"]`) + ticket("b", "where is my bag now", `"gold_ids":["bags"]`), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := checkedSuite(t, test.tickets)
			got := messages(s.Check(documents()))
			if test.want == "" && len(got) != 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
				t.Errorf("problems are %q, want %q", got, test.want)
			}
		})
	}
}

// Short questions have too few words for the search for what is nearly the same.
func TestCheckComparesQuestionsByTheirWords(t *testing.T) {
	t.Parallel()
	const contradicts = `asks the same as "a" and expects something else`
	tests := []struct{ name, first, second, want string }{
		{"other marks", `"text":"My card is lost, what shall I do?"`, `"text":"My card is lost. What shall I do?!"`, contradicts},
		{"other case and no mark", `"text":"Where is my PIN?"`, `"text":"where is my pin"`, contradicts},
		{"other apostrophe", `"text":"It doesn't work"`, `"text":"It doesn’t work."`, contradicts},
		{"another mark in the subject", `"subject":"Card!","text":"Lost?"`, `"subject":"card","text":"lost"`, contradicts},
		{"other blanks in Chinese", `"text":"我的卡丢了，怎么办？"`, `"text":"我的卡丢了 怎么办"`, contradicts},
		{"no mark in Thai", `"text":"กระเป๋าอยู่ที่ไหน?"`, `"text":"กระเป๋า อยู่ที่ไหน"`, contradicts},
		{"an earlier message", `"messages":[{"text":"Hello!"}],"text":"My bag?"`, `"messages":[{"text":"hello"}],"text":"my bag"`, contradicts},
		{"hidden articles in another order", `"text":"x","exclude_ids":["bags","cats"]`, `"text":"x","exclude_ids":["cats","bags"]`, contradicts},
		{"signs alone", `"text":"??"`, `"text":"??"`, contradicts},
		{"other greetings", `"text":"Hello!"`, `"text":"Hello there!"`, ""},
		{"other order", `"text":"Is it free?"`, `"text":"It is free."`, ""},
		{"other words of Chinese", `"text":"我的卡丢了"`, `"text":"我的卡掉了"`, ""},
		{"other currency", `"text":"Does it cost 5 €?"`, `"text":"Does it cost 5 $?"`, ""},
		{"other figures", `"text":"Is 1.5 kg free?"`, `"text":"Is 15 kg free?"`, ""},
		{"other sign", `"text":"C#?"`, `"text":"C++?"`, ""},
		{"other picture", `"text":"👍"`, `"text":"👎"`, ""},
		{"other author", `"author":"NOTE","text":"Bag?"`, `"text":"bag"`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			first := `{"id":"a","gold_ids":["pets"],` + test.first + "}\n"
			s := checkedSuite(t, first+`{"id":"b","expect":"none",`+test.second+"}\n")
			got := messages(s.Check(nil))
			if test.want == "" && len(got) != 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
				t.Errorf("problems are %q, want %q", got, test.want)
			}
		})
	}
}

func TestCheckFindsWhatIsNearlyQuoted(t *testing.T) {
	t.Parallel()
	const body = "Refunds are paid back to the card that was used within fourteen days of the day on which we confirm them, and you will get a message as soon as the bank has them"
	docs := []knowledge.Document{{Key: "refunds", Locale: "en", Title: "Refunds", Body: body}, {Key: "bags", Locale: "en", Title: "Bags", Body: "One."}}
	tests := []struct{ name, reply, want string }{
		{"word for word", body, `stands word for word in article "refunds"`},
		{"a word exchanged", strings.Replace(body, "you will get", "you shall get", 1), `stands nearly word for word in article "refunds"`},
		{"in other words", "Once confirmed, you have your money within two weeks; we write to you when your bank has it, and it goes to the card with which you paid", ""},
		{"half of it", body[:80] + " and there is a lot more to be said about this that stands in no article of ours at all", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := checkedSuite(t, `{"id":"a","text":"money?","gold_ids":["refunds"],"gold_reply":"`+test.reply+`"}`)
			got := messages(s.Check(docs))
			if test.want == "" && len(got) != 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
				t.Errorf("problems are %q, want %q", got, test.want)
			}
		})
	}
}

func TestCheckLanguages(t *testing.T) {
	t.Parallel()
	const (
		german  = "Guten Tag, Ihr Koffer ist leider noch nicht angekommen, wir suchen danach und melden uns bei Ihnen."
		english = "Hello, your suitcase has not arrived yet, we are looking for it and will write to you soon."
	)
	tests := []struct{ name, ticket, want string }{
		{"another language", `"lang":"en","text":"bag?","gold_reply":"` + german + `"`, `the gold reply is in "de", and a reply in "en" is expected`},
		{"as reply_lang says", `"lang":"en","reply_lang":"de","text":"bag?","gold_reply":"` + german + `"`, ""},
		{"not as reply_lang says", `"lang":"en","reply_lang":"de","text":"bag?","gold_reply":"` + english + `"`, `a reply in "de" is expected`},
		{"no language", `"text":"bag?","gold_reply":"` + german + `"`, ""},
		{"too short to tell", `"lang":"en","text":"bag?","gold_reply":"Guten Tag."`, ""},
		{"question", `"lang":"en","text":"` + german + `","expect":"none"`, `the question is in "de", and lang is "en"`},
		{"as it should be", `"lang":"de-AT","text":"` + german + `","gold_reply":"` + german + `"`, ""},
	}
	detector := langid.NewDetector()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := checkedSuite(t, `{"id":"a",`+test.ticket+"}")
			got := messages(s.CheckLanguages(detector))
			if test.want == "" && len(got) != 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
				t.Errorf("problems are %q, want %q", got, test.want)
			}
		})
	}
}

func TestCheckNotesWhatIsNotRead(t *testing.T) {
	t.Parallel()
	s := checkedSuite(t, `{"id":"a","text":"bag?","expect":"none","must_sya":"x","source":"crm","review":"is it?","candidates":["pets"]}`+"\n"+`{"id":"b","text":"cat?","expect":"none","must_sya":"x","Lang":"en","messages":[{"text":"Hi","autho":"NOTE"}]}`)
	want := []string{
		`the field "must_sya" is not read (2 times); did you mean must_say?`, `the field "source" is not read (1 time)`,
		`the field "messages.autho" is not read (1 time); did you mean author?`,
	}
	if diff := cmp.Diff(want, messages(s.Check(documents()))); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if s.Cases[1].Lang != "en" {
		t.Errorf("language %q", s.Cases[1].Lang)
	}
}

func TestCheckNamesArticlesThatMayHaveBeenMeant(t *testing.T) {
	t.Parallel()
	s := checkedSuite(t, `{"id":"a","text":"bag?","gold_ids":["bag"]}`)
	want := `gold article "bag" is not in the knowledge; did you mean bags?`
	if got := messages(s.Check(documents())); len(got) != 1 || !strings.Contains(got[0], want) {
		t.Errorf("problems are %q, want %q", got, want)
	}
	if err := s.CheckGold(suite.Keys(documents())); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want %q", err, want)
	}
}
