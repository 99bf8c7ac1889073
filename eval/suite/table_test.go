package suite_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/eval/suite"
)

func TestReadTableFindsWhatPartsTheFields(t *testing.T) {
	t.Parallel()
	want := [][]string{{"prompt", "kind"}, {"one, two; three", "k"}, {"four", ""}}
	for name, content := range map[string]string{
		"commas":              "prompt,kind\n\"one, two; three\",k\nfour,\n",
		"semicolons":          "prompt;kind\n\"one, two; three\";k\n;\nfour;\n",
		"tabs":                "prompt\tkind\none, two; three\tk\nfour\t\n",
		"empty columns":       "prompt;kind;;\n\"one, two; three\";k;;\nfour;;;\n",
		"a line that says so": "sep=;\nprompt;kind\n\"one, two; three\";k\nfour;\n",
	} {
		for _, columns := range [][]string{{"prompt", "text"}, nil} {
			var wrong suite.Problems
			table := suite.ReadTable([]byte(content), "a.csv", columns, &wrong)
			got := [][]string{table.Header}
			for _, row := range table.Rows {
				got = append(got, row.Fields)
			}
			if diff := cmp.Diff(want, got); diff != "" || wrong.Err() != nil {
				t.Errorf("%s, of the columns %v: %v\n%s", name, columns, wrong.Err(), diff)
			}
		}
	}
}

func TestReadTableTellsWhatIsNoRow(t *testing.T) {
	t.Parallel()
	var wrong suite.Problems
	table := suite.ReadTable([]byte("prompt;kind\none\ntwo;k;l\nthree;k\nfo\"ur;k\n"), "a.csv", []string{"prompt"}, &wrong)
	var err *suite.Error
	if !errors.As(wrong.Err(), &err) || err.Count != 3 || err.Problems[1].Line != 3 || len(table.Rows) != 1 || table.Rows[0].Line != 4 {
		t.Errorf("%v; %+v", err, table)
	}
}
