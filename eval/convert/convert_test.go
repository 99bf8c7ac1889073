package convert_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/convert"
	"github.com/purser-desk/purser/eval/suite"
)

// write writes files into a folder of their own, and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// set converts these files of a folder by the set's name.
func set(t *testing.T, name, dir string, files ...string) (convert.Converted, error) {
	t.Helper()
	for i := range files {
		files[i] = filepath.Join(dir, files[i])
	}
	sets := convert.Sets()
	return sets[slices.IndexFunc(sets, func(s convert.Set) bool { return s.Name == name })].Convert(files)
}

func page(title, body string) string { return "---\nset: 1\ntitle: " + title + "\n---\n" + body + "\n" }

// Each set's rows here have the shape in which it is published.
func TestConvert(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files map[string]string
		args  []string
		want  convert.Converted
	}{
		"wixqa": {
			files: map[string]string{
				"kb.jsonl": `{"id":"a1","url":"https://support.example/a1","contents":"Opening a shop\nClick Add.","title":"Opening a shop","html_content":"<p>","article_type":"article"}` + "\n" +
					`{"id":"a2","url":"","contents":"Closing a shop\nClick Remove.","title":"","article_type":"known_issue"}` + "\n",
				"expert.jsonl": `{"question":"How do I open one?","answer":"Click Add.","article_ids":["a1","a2"]}` + "\n",
			},
			args: []string{"expert.jsonl", "kb.jsonl"},
			want: convert.Converted{
				Articles: []convert.Article{
					{ID: "a1", Lang: "en", Title: "Opening a shop", Body: "Opening a shop\nClick Add.", URL: "https://support.example/a1"},
					{ID: "a2", Lang: "en", Title: "Closing a shop", Body: "Closing a shop\nClick Remove."},
				},
				Tickets: []convert.Ticket{{ID: "wixqa-0001", Lang: "en", Text: "How do I open one?", GoldIDs: []string{"a1", "a2"}, GoldReply: "Click Add.", Expect: "answer"}},
			},
		},
		"techqa": {
			files: map[string]string{
				"notes.json": `{"swg2":{"_id":"swg2","title":"Empty","text":" "},"swg1":{"_id":"swg1","title":"Port in use","text":"Stop the other server.","metadata":{"date":"2019"}}}`,
				"dev.json": `[{"QUESTION_ID":"DEV_Q1","QUESTION_TITLE":"Port?","QUESTION_TEXT":"\nIt says in use.","DOCUMENT":"swg1","ANSWER":"Stop the other server.","START_OFFSET":"0","END_OFFSET":"22","ANSWERABLE":"Y","DOC_IDS":["swg1","swg2"]},` +
					`{"QUESTION_ID":"DEV_Q2","QUESTION_TITLE":"Colour?","QUESTION_TEXT":"","DOCUMENT":"-","ANSWER":"-","START_OFFSET":"-","END_OFFSET":"-","ANSWERABLE":"N","DOC_IDS":["swg1"]}]`,
			},
			args: []string{"notes.json", "dev.json"},
			want: convert.Converted{
				Articles: []convert.Article{{ID: "swg1", Lang: "en", Title: "Port in use", Body: "Stop the other server."}},
				Tickets: []convert.Ticket{
					{ID: "DEV_Q1", Lang: "en", Text: "Port?\n\nIt says in use.", GoldIDs: []string{"swg1"}, GoldReply: "Stop the other server.", Expect: "answer"},
					{ID: "DEV_Q2", Lang: "en", Text: "Colour?", Expect: "none"},
				},
			},
		},
		"covid-faq": {
			files: map[string]string{
				"faq.tsv": "question\tanswer\tanswer_html\tlink\tlang\n" +
					"Wie lange  dauert es?\t\"Zwei \n\"\"Tage\"\".\"\t<p>\thttps://a.example\tde\n" +
					"What is it?\tA virus.\t\t\ten\nwhat is it?\tSomething else.\t\t\ten\nEmpty?\t\t\t\ten\n",
				"eval_de.csv": "question_1,question_2,similar\nWie lange dauert es?,Wann ist es vorbei?,1\nWie lange dauert es?,Was ist es?,0\nWho asks?,Who?,1\n",
			},
			args: []string{"faq.tsv", "eval_de.csv"},
			want: convert.Converted{
				Articles: []convert.Article{
					{ID: "cv0000", Lang: "de", Title: "Wie lange dauert es?", Body: `Zwei "Tage".`},
					{ID: "cv0001", Lang: "en", Title: "What is it?", Body: "A virus."},
				},
				Tickets: []convert.Ticket{{ID: "cvq-de000", Lang: "de", Text: "Wann ist es vorbei?", GoldIDs: []string{"cv0000"}, GoldReply: `Zwei "Tage".`, Expect: "answer"}},
			},
		},
		"coronamelder": {
			files: map[string]string{
				"old/en/1-app.md": page("The old app?", "Old."), "old/nl/1-app.md": page("De oude app?", "Oud."),
				"new/en/1-app.md": page("Is it safe?", "[comment]: <> A video.\nYes, <b>it</b> is.{% include video.html key=\"a\" %}"),
				"new/nl/1-app.md": page("Is het veilig?", "Ja."), "new/fy/1-app.md": page("Feilich?", "Ja."),
				"new/en/2-more.md": page("Not translated?", "More."), "new/nl/2-more.md": page("Not translated?", "More."),
				"new/en/3-map.md": page("Where?", "{% include map.html %}"), "new/nl/3-map.md": page("Waar?", "Hier."),
				"new/en/4-only.md": page("Only English?", "Yes."),
			},
			args: []string{"new", "old"},
			want: convert.Converted{
				Articles: []convert.Article{
					{ID: "1-app-en", Lang: "en", Title: "Is it safe?", Body: "Yes,  it  is."}, {ID: "1-app-nl", Lang: "nl", Title: "Is het veilig?", Body: "Ja."},
				},
				Tickets: []convert.Ticket{
					{ID: "q-1-app-en", Lang: "en", Text: "Is it safe?", GoldIDs: []string{"1-app-nl"}, Expect: "answer", ExcludeLang: "en"},
					{ID: "q-1-app-nl", Lang: "nl", Text: "Is het veilig?", GoldIDs: []string{"1-app-en"}, Expect: "answer", ExcludeLang: "nl"},
				},
			},
		},
		"clinc150": {
			files: map[string]string{"data.json": `{"train":[["turn it up","change_volume"],["louder","change_volume"],["wake me","alarm"]],"val":[],"test":[["be louder","change_volume"]],"oos_test":[["who won"," oos"]]}`},
			args:  []string{"data.json"},
			want: convert.Converted{
				Articles: []convert.Article{{ID: "alarm", Lang: "en", Title: "alarm", Body: "wake me"}, {ID: "change_volume", Lang: "en", Title: "change volume", Body: "turn it up\nlouder"}},
				Tickets: []convert.Ticket{
					{ID: "test-0001", Lang: "en", Text: "be louder", GoldIDs: []string{"change_volume"}, Expect: "answer"},
					{ID: "oos-0001", Lang: "en", Text: "who won", Expect: "none"},
				},
			},
		},
		"dstc9": {
			files: map[string]string{
				"data_eval/test/logs.json":                `[[{"speaker":"U","text":"Hello"},{"speaker":"S","text":"Yes?"},{"speaker":"U","text":"Is a dog allowed?"}],[{"speaker":"U","text":"Is it late?"}]]`,
				"data_eval/test/labels.json":              `[{"target":true,"knowledge":[{"domain":"hotel","entity_id":7,"doc_id":0}],"response":"No dogs, sorry."},{"target":true,"knowledge":[{"domain":"train","entity_id":"*","doc_id":3}],"response":"It is."}]`,
				"data_eval/knowledge.json":                `{"hotel":{"7":{"name":"THE INN","docs":{"0":{"title":"Dogs?","body":"None."}}}},"train":{"*":{"name":null,"docs":{"3":{"title":"Late?","body":"Often."}}}}}`,
				"results/team01/entry0.json":              `[{"target":true,"response":"Dogs may stay."},{"target":true,"response":"Often."}]`,
				"results/team01/entry0.human_eval.json":   `[{"accuracy":[1,2,1],"appropriateness":[5,4,5]},null]`,
				"results/baseline/entry0.json":            `[{"target":false},{"target":true,"response":"Yes, often."}]`,
				"results/baseline/entry0.human_eval.json": `[{"accuracy":[1,1,1]},{"accuracy":[5,5,4],"appropriateness":[5,5,5]}]`,
			},
			args: []string{""},
			want: convert.Converted{Replies: []convert.RatedReply{
				{Question: "Is it late?", SystemReply: "Yes, often.", HumanReply: "It is.", GoldKnowledge: []string{"train: Late? Often."}, Accuracy: []int{5, 5, 4}},
				{Question: "Is a dog allowed?", SystemReply: "Dogs may stay.", HumanReply: "No dogs, sorry.", GoldKnowledge: []string{"THE INN: Dogs? None."}, Accuracy: []int{1, 2, 1}},
			}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := set(t, name, write(t, test.files), test.args...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			files, err := got.Write(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if got.Replies != nil {
				return
			}
			s, err := suite.Read(filepath.Dir(files[0]))
			if err != nil || len(s.Cases) != len(test.want.Tickets) {
				t.Errorf("%d of %d cases can be read: %v", len(s.Cases), len(test.want.Tickets), err)
			}
		})
	}
}

func TestConvertSaysWhichFilesItNeeds(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"wixqa": "wix_kb_corpus", "techqa": "training_dev_technotes.json", "covid-faq": "question, answer and lang", "clinc150": "data_full.json",
	} {
		content := "{}"
		if name == "covid-faq" {
			content = "title\nOne\n"
		}
		if _, err := set(t, name, write(t, map[string]string{"other.json": content}), "other.json"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"coronamelder", "dstc9"} {
		if _, err := set(t, name, write(t, nil), ""); err == nil {
			t.Errorf("%s converts an empty folder", name)
		}
	}
}

func TestTakePart(t *testing.T) {
	t.Parallel()
	c := convert.Converted{
		Articles: []convert.Article{{ID: "a"}, {ID: "b"}, {ID: "c"}},
		Tickets:  []convert.Ticket{{ID: "1", GoldIDs: []string{"a"}}, {ID: "2", GoldIDs: []string{"c"}}, {ID: "3"}},
	}
	c.OnlyGold()
	c.Every(2)
	if len(c.Articles) != 2 || c.Articles[1].ID != "c" || len(c.Tickets) != 2 || c.Tickets[1].ID != "3" {
		t.Errorf("kept %v and %v", c.Articles, c.Tickets)
	}
}
