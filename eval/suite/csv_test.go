package suite_test

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/purser-desk/purser/eval/evaltest"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// utf16le is what a spreadsheet saves as "Unicode text".
func utf16le(s string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func utf16be(s string) string {
	raw := []byte(utf16le(s))
	for i := 0; i+1 < len(raw); i += 2 {
		raw[i], raw[i+1] = raw[i+1], raw[i]
	}
	return string(raw)
}

// latin is the text in Windows-1252, as far as it has one byte for each.
func latin(s string) string {
	var out []byte
	for _, r := range s {
		if r == '€' {
			r = 0x80
		}
		out = append(out, byte(r))
	}
	return string(out)
}

func readTable(t *testing.T, name, content string) (suite.Suite, error) {
	t.Helper()
	return suite.ReadTickets(filepath.Join(evaltest.Folder(t, map[string]string{name: content}), name))
}

// The same table as spreadsheets of several makers and countries save it.
func TestTablesOfSpreadsheetsHoldTheSame(t *testing.T) {
	t.Parallel()
	const table = "id,lang,text,gold_ids\r\n" +
		"a,de,\"Grüße,\r\nwas kostet ein Koffer? 20 €\",bags|pets\r\n" +
		"b,de,Tasche?,bags\r\n"
	semicolons := strings.NewReplacer("id,lang,text,gold_ids", "id;lang;text;gold_ids", "a,de,", "a;de;", ",bags", ";bags", "b,de,Tasche?", "b;de;Tasche?").Replace(table)
	tabs := strings.NewReplacer("id,lang,text,gold_ids", "id\tlang\ttext\tgold_ids", "a,de,", "a\tde\t", ",bags", "\tbags", "b,de,Tasche?", "b\tde\tTasche?").Replace(table)
	want, err := readTable(t, "tickets.csv", table)
	if err != nil || len(want.Cases) != 2 || want.Cases[0].Question() != "Grüße,\nwas kostet ein Koffer? 20 €" {
		t.Fatalf("%v: %+v", err, want.Cases)
	}
	tests := []struct {
		name, file, content string
		notes               int
	}{
		{"byte order mark", "tickets.csv", "\ufeff" + table, 0},
		{"semicolons", "tickets.csv", semicolons, 0},
		{"sep=;", "tickets.csv", "sep=;\r\n" + semicolons, 0},
		{"sep=; in quotes, with a mark", "tickets.csv", "\ufeff\"sep=;\"\r\n" + semicolons, 0},
		{"SEP=,", "tickets.csv", "SEP=,\n" + table, 0},
		{"tabs", "tickets.tsv", tabs, 0},
		{"tabs in UTF-16", "tickets.csv", utf16le(tabs), 0},
		{"UTF-16, big end first", "tickets.csv", utf16be(table), 0},
		{"Windows-1252", "tickets.csv", latin(semicolons), 1},
		{"line ends of old Macs", "tickets.csv", strings.ReplaceAll(table, "\r\n", "\r"), 0},
		{"blank rows and columns", "tickets.csv", strings.ReplaceAll(table, "\r\n", ",,\r\n")[:0] + "id,lang,text,gold_ids,,\r\na,de,\"Grüße,\nwas kostet ein Koffer? 20 €\",bags|pets,,\r\n,,,,,\r\nb,de,Tasche?,bags,,\r\n,,,,,\r\n", 0},
		{"other order and capitals", "tickets.csv", "Gold_IDs, Text ,ID,LANG\r\nbags|pets,\"Grüße,\nwas kostet ein Koffer? 20 €\",a,de\r\nbags,Tasche?,b,de\r\n", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := readTable(t, test.file, test.content)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Cases, got.Cases, cmpopts.IgnoreFields(suite.Case{}, "Origin")); diff != "" {
				t.Errorf("cases (-want +got):\n%s", diff)
			}
			if len(got.Notes) != test.notes {
				t.Errorf("notes: %+v", got.Notes)
			}
		})
	}
}

func TestTablesHoldConversations(t *testing.T) {
	t.Parallel()
	s, err := readTable(t, "tickets.csv", `id,author,text,gold_ids,max_chars,tags
a,CUSTOMER,Where is my refund?,refunds,,money
a,AGENT,We confirmed it.,,,
a,customer,When do I get it?,,300,
b,,One bag?,bags,,
c,CUSTOMER,Hello?,,,
,CUSTOMER,Is anybody there?,bags,,
`)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID       string
		Messages []suite.Message
		Gold     []string
		Max      int
	}
	var got []row
	for i := range s.Cases {
		c := &s.Cases[i]
		got = append(got, row{c.ID, c.Messages, c.GoldIDs, c.MaxChars})
	}
	customer, agent := suggest.AuthorCustomer, suggest.AuthorAgent
	want := []row{
		{"a", []suite.Message{{Author: customer, Text: "Where is my refund?"}, {Author: agent, Text: "We confirmed it."}, {Author: customer, Text: "When do I get it?"}}, []string{"refunds"}, 300},
		{"b", []suite.Message{{Author: customer, Text: "One bag?"}}, []string{"bags"}, 0},
		{"c", []suite.Message{{Author: customer, Text: "Hello?"}, {Author: customer, Text: "Is anybody there?"}}, []string{"bags"}, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

func TestTablesNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	const head = "id,text,expect\n"
	tests := []struct{ name, file, content, want string }{
		{"two columns of a name", "tickets.csv", "id,text,Text\na,x,y\n", `tickets.csv:1: two columns are named "text"`},
		{"no column for the text", "tickets.csv", "id,question\na,x\n", "it has id, question"},
		{"too many fields", "tickets.csv", head + "a,x, y,none\n", "tickets.csv:2: is no row of the table: it has 4 fields and the first row 3"},
		{"too few fields", "tickets.csv", head + "a,x,none\nb,y\n", "tickets.csv:3: is no row of the table: it has 2 fields"},
		{"a quote in a field", "tickets.csv", head + "a,x \"y\" z,none\nb,,none\n", "tickets.csv:2: is no row of the table: a double quote stands in a field without quotes"},
		{"a quote that is not closed", "tickets.csv", head + "a,x,none\nb,\"y,none\nc,z,none\n", "tickets.csv:3: is no row of the table: its quotes don't match"},
		{"lines are counted behind sep=", "tickets.csv", "sep=,\n" + head + "a,x,none\nb,y,maybe\n", `tickets.csv:4: expect "maybe" is unknown`},
		{"the same id twice", "tickets.csv", head + "a,x,none\na,y,none\n", `tickets.csv:3: id "a" stands on line 2 already`},
		{"a conversation in two minds", "tickets.csv", "id,author,text,expect\na,CUSTOMER,x,none\na,CUSTOMER,y,human\n", "tickets.csv:3: another expect than in the conversation's rows before"},
		{"a conversation of two weights", "tickets.csv", "id,author,text,expect,weight\na,CUSTOMER,x,none,2\na,CUSTOMER,y,,3\n", "tickets.csv:3: another weight than in the conversation's rows before"},
		{"a conversation of two lengths", "tickets.csv", "id,author,text,expect,max_chars\na,CUSTOMER,x,none,200\na,CUSTOMER,y,,300\n", "tickets.csv:3: another max_chars than in the conversation's rows before"},
		{"two tables one behind the other", "tickets.csv", "id,text,gold_ids,lang\na,x,b,\nID,text,gold_ids,\nb,y,b,\n", "tickets.csv:3: repeats the first row; take it out"},
		{"a thousand or one, beside a decimal comma", "tickets.csv", "id;text;expect;weight\na;x;none;1.000\nb;y;none;2,5\n", `tickets.csv:2: weight "1.000" can be read in two ways, since line 3 has a decimal comma; write 1000, or 1`},
		{"a conversation that an agent ended", "tickets.csv", "id,author,text,expect\na,CUSTOMER,x,none\na,AGENT,y,\n", `tickets.csv:2: author "AGENT" can't be answered`},
		{"a weight in words", "tickets.csv", "id,text,expect,weight\na,x,none,heavy\n", `weight "heavy" is no number`},
		{"a header alone", "tickets.csv", head, "holds no tickets"},
		{"broken UTF-16", "tickets.csv", utf16le(head + "a,x,none\n")[:41], "is in UTF-16 but broken"},
		{"UTF-16 that does not say so", "tickets.csv", utf16le(head + "a,x,none\n")[2:], "holds a NUL byte"},
		{"UTF-32", "tickets.csv", "\xff\xfe\x00\x00i\x00\x00\x00", "is in UTF-32"},
		{"a stray byte", "tickets.csv", head + "a,Grüße aus Köln,none\nb,K\xf6ln,none\n", "tickets.csv:3: has bytes that are not UTF-8 while the rest of the file is"},
		{"JSON lines in Windows-1252", "tickets.jsonl", latin(`{"id":"a","text":"Köln","expect":"none"}`), "tickets.jsonl:1: has bytes that are not UTF-8; open it"},
		{"YAML in Windows-1252", "tickets.yaml", latin("- id: a\n  text: Köln\n"), "tickets.yaml:2: has bytes that are not UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := readTable(t, test.file, test.content)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestColumnsThatAreNotReadAreNoted(t *testing.T) {
	t.Parallel()
	s, err := readTable(t, "tickets.csv", "id,text,expect,facts,gold_id,owner\na,x,none,f,g,me\nb,y,none,f,g,me\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`the column "facts" is not read: a table has no place for it; use JSON lines or YAML`,
		`the field "gold_id" is not read (1 time); did you mean gold_ids?`,
		`the field "owner" is not read (1 time)`,
	}
	if diff := cmp.Diff(want, messages(s.Notes)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestTablesHaveDecimalCommas(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, weight, chars, want string
		read                      float64
		most                      int
	}{
		{"a point", "2.5", "300", "", 2.5, 300},
		{"a comma", "2,5", "300", "", 2.5, 300},
		{"blanks around it", " 2,50 ", " 300 ", "", 2.5, 300},
		{"many places", "2,5000001", "", "", 2.5000001, 0},
		{"three places that can be nothing else", "0,125", "", "", .125, 0},
		{"a whole number with a fraction", "2", "300,0", "", 2, 300},
		{"a whole number with a point", "2", "300.00", "", 2, 300},
		{"a thousand or one", "1,000", "", `weight "1,000" can be read in two ways; write 1000, or 1`, 0, 0},
		{"thousands or a fraction", "12,500", "", `weight "12,500" can be read in two ways; write 12500, or 12.5`, 0, 0},
		{"a thousand characters or one", "1", "1.000", `max_chars "1.000" can be read in two ways; write 1000, or 1`, 0, 0},
		{"a thousand characters with a comma", "1", "1,000", `max_chars "1,000" can be read in two ways; write 1000, or 1`, 0, 0},
		{"both", "1.234,5", "", `weight "1.234,5" is no number; write it without anything between thousands and with a decimal point, such as 1234.5`, 0, 0},
		{"two commas", "1,234,567", "", "is no number; write it without anything between thousands", 0, 0},
		{"a blank", "1 234,5", "", "is no number; write it without anything between thousands", 0, 0},
		{"half a character", "1", "2,5", `max_chars "2,5" is no whole number`, 0, 0},
		{"too many characters", "1", "99999999999999999999", "is no whole number", 0, 0},
		{"a negative weight", "-2,5", "", "weight must be a number above 0", 0, 0},
		{"no weight at all", "NaN", "", "weight must be a number above 0", 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := readTable(t, "tickets.csv", "id;text;expect;weight;max_chars\na;x;none;"+test.weight+";"+test.chars+"\n")
			switch {
			case test.want == "" && (err != nil || s.Cases[0].Weight != test.read || s.Cases[0].MaxChars != test.most):
				t.Errorf("cases %+v, error %v", s.Cases, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}
