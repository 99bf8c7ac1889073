package knowledge_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/knowledge"
)

const fares = `Prices apply from May.

What each fare includes, by person and direction:

| Fare | Bag | Change |
|---|---|---|
| Light | EUR 29 | EUR 60 |
| Classic | 1 of 23 kg | EUR 30 |
| Flex | 1 of 23 kg | none |
| Plus | 2 of 32 kg | none |
`

const faresHTML = `<p>What each fare includes:</p>
<table class="fares"><thead>
<tr><th>Fare</th><th>Bag</th><th>Change</th></tr></thead>

<tbody><tr><td>Light</td><td><p>EUR&nbsp;29</p></td><td>EUR 60</td></tr>
    <tr><td rowspan="2">Flex</td><td>1 of 23 kg</td><td>none</td></tr>
    <tr><td colspan=2>all</td></tr>
</tbody></table><p>Ask us.</p>
`

// TestPiecesOfTablesCarryTheirHead cuts a table that is too long for one passage.
func TestPiecesOfTablesCarryTheirHead(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"markdown": fares, "html": faresHTML} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := []int{150, 180, 220, 260}
			if name == "html" { // its head alone takes a hundred
				limits = []int{280, 300, 320}
			}
			for _, limit := range limits {
				passages := knowledge.Cut("", body, knowledge.CutOptions{Target: 100, Max: limit})
				checkPassages(t, body, passages, knowledge.CutOptions{Target: 100, Max: limit})
				rows := 0
				for _, p := range passages {
					var header []string
					for _, s := range p.Sentences("en") {
						switch s.Kind {
						case knowledge.SentenceHeader:
							header = s.Cells
						case knowledge.SentenceRow:
							rows++
							if diff := cmp.Diff([]string{"Fare", "Bag", "Change"}, header); diff != "" {
								t.Errorf("at most %d: the head above %q (-want +got):\n%s", limit, s.Text, diff)
							}
							if !s.Context && !strings.Contains(body[s.Start:s.End], s.Cells[len(s.Cells)-1]) {
								t.Errorf("%q stands at %q", s.Text, body[s.Start:s.End])
							}
						case knowledge.SentenceProse, knowledge.SentenceItem, knowledge.SentenceCode:
						}
					}
				}
				if want := map[string]int{"markdown": 4, "html": 3}[name]; rows != want {
					t.Errorf("at most %d: %d rows, want %d", limit, rows, want)
				}
			}
		})
	}
}

func TestTablesOfHTML(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       [][]string // cells of headers (marked) and rows, texts of others
	}{
		{"head, blank lines, spans", faresHTML, [][]string{
			{"What each fare includes:"},
			{"#", "Fare", "Bag", "Change"},
			{"Light", "EUR 29", "EUR 60"},
			{"Flex", "1 of 23 kg", "none"},
			{"Flex", "all", "all"},
			{"Ask us."},
		}},
		{"no head", "<table><tr><td>Bus</td><td>7</td></tr><tr><td>Taxi</td><td>28</td></tr></table>", [][]string{{"Bus", "7"}, {"Taxi", "28"}}},
		{"heads of rows", "<table><tr><th>Bus</th><td>7</td></tr><tr><th>Taxi</th><td>28</td></tr></table>", [][]string{{"Bus", "7"}, {"Taxi", "28"}}},
		{"a bold first row", "<table><tr><td><b>Way</b></td><td><p><strong>Price</strong></p></td></tr><tr><td>Taxi</td><td>28</td></tr></table>", [][]string{{"#", "Way", "Price"}, {"Taxi", "28"}}},
		{
			"a head of two rows", "<table><tr><th rowspan=2>Item</th><th colspan=2>Price</th></tr><tr><th>online</th><th>airport</th></tr><tr><td>Golf</td><td>40</td><td>60</td></tr></table>",
			[][]string{{"#", "Item", "Price online", "Price airport"}, {"Golf", "40", "60"}},
		},
		{"a caption", "<table><caption>Bus fares</caption><tr><th>Way<th>Price<tr><td>single<td>6.50</table>", [][]string{{"Bus fares"}, {"#", "Way", "Price"}, {"single", "6.50"}}},
		{"a table in a cell", "<table><tr><td>a <table><tr><td>b</td></tr></table></td><td>c</td></tr></table>", [][]string{{"a b", "c"}}},
		{"inside a line", "See <table><tr><td>a</td><td>b</td></tr></table> and more.", [][]string{{"See"}, {"a", "b"}, {"and more."}}},
		{"in a list", "- one\n\n  <table><tr><td>a</td><td>b</td></tr></table>\n- two", [][]string{{"one"}, {"a", "b"}, {"two"}}},
		{"in code it is none", "```\n<table><tr><td>a</td></tr></table>\n```", [][]string{{"<table><tr><td>a</td></tr></table>"}}},
		{"not closed", "<table><tr><td>a</td><td>b</td></tr>", [][]string{{"a", "b"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got [][]string
			for _, p := range knowledge.Cut("", tt.body, knowledge.CutOptions{}) {
				for _, s := range p.Sentences("en") {
					switch {
					case s.Kind == knowledge.SentenceHeader:
						got = append(got, append([]string{"#"}, s.Cells...))
					case s.Cells != nil:
						got = append(got, s.Cells)
					default:
						got = append(got, []string{s.Text})
					}
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestListsKeepTheirLead(t *testing.T) {
	t.Parallel()
	item := func(word string) string { return strings.TrimSpace(strings.Repeat(word+" ", 12)) }
	body := "Long ago. In the cabin you may bring:\n\n- " + item("aa") + "\n- " + item("bb") + "\n- Liquids:\n  - " + item("cc") + "\n  - " + item("dd") + "\n"
	want := map[string]string{
		"aa": "In the cabin you may bring:",
		"bb": "In the cabin you may bring:",
		"cc": "In the cabin you may bring:|- Liquids:",
		"dd": "In the cabin you may bring:|- Liquids:",
	}
	passages := knowledge.Cut("", body, knowledge.CutOptions{Target: 60, Max: 100})
	if len(passages) < 4 {
		t.Fatalf("%d passages", len(passages))
	}
	for _, p := range passages {
		for word, lead := range want {
			if !strings.Contains(p.Text, word) {
				continue
			}
			for _, part := range strings.Split(lead, "|") {
				if !strings.Contains(p.Markdown(), part) {
					t.Errorf("%q misses %q", p.Markdown(), part)
				}
			}
			if n := strings.Count(p.Markdown(), "you may bring:"); n > 1 {
				t.Errorf("%q says its lead %d times", p.Markdown(), n)
			}
		}
	}
}

func TestRowsAreEmbeddedWithTheirColumns(t *testing.T) {
	t.Parallel()
	passages := knowledge.Cut("Fares", fares, knowledge.CutOptions{Target: 80, Max: 140})
	whole := ""
	for _, p := range passages {
		whole += knowledge.EmbeddingText("Fares", p) + "\n--\n"
	}
	for _, want := range []string{"Light: Bag: EUR 29; Change: EUR 60\n", "Flex: Bag: 1 of 23 kg; Change: none\n", "Plus: Bag: 2 of 32 kg; Change: none\n"} {
		if !strings.Contains(whole, want) {
			t.Errorf("%q is not in:\n%s", want, whole)
		}
	}
	last := passages[len(passages)-1]
	if words := knowledge.WordsText("Fares", last); strings.Count(words, "Change") != 1 || !strings.Contains(words, "Plus: 2 of 32 kg; none") {
		t.Errorf("words: %q", words)
	}
}

func TestSectionsOfPassages(t *testing.T) {
	t.Parallel()
	fill := strings.Repeat("Filler goes here. ", 12)
	body := "Intro.\n\n## A\n\n" + fill + "\n\n" + fill + "\n\n## B\n\n" + fill + "\n"
	for _, p := range knowledge.Cut("", body, knowledge.CutOptions{Target: 200, Max: 300}) {
		section := body[p.SectionStart:p.SectionEnd]
		switch {
		case strings.HasPrefix(p.Text, "Intro"):
		case len(p.HeadingPath) == 0, !strings.HasPrefix(section, "## "+p.HeadingPath[0]), strings.Count(section, "## ") != 1:
			t.Errorf("passage %q (%v) stands in section %q", p.Text[:20], p.HeadingPath, section)
		}
	}
	long := "## A\n\n" + strings.Repeat(fill+"\n\n", 100)
	passages := knowledge.Cut("", long, knowledge.CutOptions{})
	p := passages[len(passages)/2]
	if n := p.SectionEnd - p.SectionStart; n > knowledge.MaxSectionBytes || n < knowledge.MaxSectionBytes/2 || p.SectionStart > p.Start-1000 || p.SectionEnd < p.End+1000 {
		t.Errorf("the passage [%d:%d] of %d bytes stands in [%d:%d]", p.Start, p.End, len(long), p.SectionStart, p.SectionEnd)
	}
}

func TestTidyMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"Markdown stays", "# A\n\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "# A\n\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"},
		{
			"tables", "One.\n\n" + faresHTML + "\n- two <b>three</b>\n",
			"One.\n\nWhat each fare includes:\n\n| Fare | Bag | Change |\n|---|---|---|\n| Light | EUR 29 | EUR 60 |\n| Flex | 1 of 23 kg | none |\n| Flex | all | all |\n\nAsk us.\n\n- two <b>three</b>",
		},
		{"no head, a caption, a bar", "<table><caption>Buses</caption><tr><td>7|8</td><td>daily</td></tr></table>", "Buses\n\n| | |\n|---|---|\n| 7\\|8 | daily |"},
		{"comments and scripts", "A.\n\n<!-- secret -->\n\n<script>x()</script>\n\nB.", "A.\n\nB."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, knowledge.TidyMarkdown(tt.body)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
