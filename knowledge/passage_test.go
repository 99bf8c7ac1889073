package knowledge_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

func TestCut(t *testing.T) {
	t.Parallel()
	para := func(word string, n int) string { return strings.TrimSpace(strings.Repeat(word+" ", n)) + "." }
	tests := []struct {
		name  string
		title string
		body  string
		opts  knowledge.CutOptions
		want  []string // texts
		paths [][]string
	}{
		{name: "blank", body: " \n\t\n\u200b"},
		{
			name: "short body is one passage",
			body: "# A\n\nOne.\n\n## B\n\nTwo.\n",
			want: []string{"# A\n\nOne.\n\n## B\n\nTwo."}, paths: [][]string{{"A"}},
		},
		{
			name: "sections of some size stand alone",
			body: "# A\n\n" + para("one", 30) + "\n\n## B\n\n" + para("two", 30),
			opts: knowledge.CutOptions{Target: 140, Max: 200},
			want: []string{"# A\n\n" + para("one", 30), "## B\n\n" + para("two", 30)}, paths: [][]string{{"A"}, {"A", "B"}},
		},
		{
			name: "a heading is never left behind", body: para("one", 30) + "\n\n## B\n\n" + para("two", 12) + "\n\n" + para("three", 20),
			opts: knowledge.CutOptions{Target: 130, Max: 170},
			want: []string{para("one", 30), "## B\n\n" + para("two", 12), para("three", 20)}, paths: [][]string{nil, {"B"}, {"B"}},
		},
		{
			name: "a heading that repeats the title is no path", title: "Lost  Baggage",
			body: "# lost baggage\n\nCall us.\n", want: []string{"# lost baggage\n\nCall us."}, paths: [][]string{nil},
		},
		{
			name: "a long list is cut between its items", body: "- " + para("aa", 20) + "\n- " + para("bb", 20) + "\n- " + para("cc", 20),
			opts: knowledge.CutOptions{Target: 60, Max: 80},
			want: []string{"- " + para("aa", 20), "- " + para("bb", 20), "- " + para("cc", 20)}, paths: [][]string{nil, nil, nil},
		},
		{
			name: "a list stays whole and with its lead-in",
			body: para("one", 20) + "\n\nYou may bring:\n\n- a bag\n- a coat\n- a cat",
			opts: knowledge.CutOptions{Target: 60, Max: 90},
			want: []string{para("one", 20), "You may bring:\n\n- a bag\n- a coat\n- a cat"}, paths: [][]string{nil, nil},
		},
		{
			name: "a table that fits stays whole",
			body: para("one", 20) + "\n\n| Fare | Bag |\n|---|---|\n| Light | none |\n| Full | 1 |\n\n" + para("two", 20),
			opts: knowledge.CutOptions{Target: 40, Max: 84},
			want: []string{para("one", 20), "| Fare | Bag |\n|---|---|\n| Light | none |\n| Full | 1 |", para("two", 20)}, paths: [][]string{nil, nil, nil},
		},
		{
			name: "a table is cut between its rows",
			body: "| Fare | Bag |\n|---|---|\n| Light economy | none at all |\n| Full economy | one of 23 kg |\n| Business class | two of 32 kg |",
			opts: knowledge.CutOptions{Target: 40, Max: 75},
			want: []string{
				"| Fare | Bag |\n|---|---|\n| Light economy | none at all |",
				"| Full economy | one of 23 kg |",
				"| Business class | two of 32 kg |",
			}, paths: [][]string{nil, nil, nil},
		},
		{
			name: "a long paragraph is cut between sentences",
			body: "**Bring your pass.** " + para("word", 12) + " **It is** " + para("checked", 6),
			opts: knowledge.CutOptions{Target: 60, Max: 90},
			want: []string{"**Bring your pass.** " + para("word", 12), "**It is** " + para("checked", 6)}, paths: [][]string{nil, nil},
		},
		{
			name: "an endless word is cut between characters", body: strings.Repeat("e\u0301", 60),
			opts: knowledge.CutOptions{Target: 40, Max: 41},
			want: []string{strings.Repeat("e\u0301", 20), strings.Repeat("e\u0301", 20), strings.Repeat("e\u0301", 20)}, paths: [][]string{nil, nil, nil},
		},
		{
			name: "a hash in code is no heading", body: "```\n# not a heading\n```\n\nText.",
			want: []string{"```\n# not a heading\n```\n\nText."}, paths: [][]string{nil},
		},
		{
			name: "a lone dash makes no heading", body: "Some text\n-\n\nMore.",
			want: []string{"Some text\n-\n\nMore."}, paths: [][]string{nil},
		},
		{
			name: "underlined headings", body: "Fees\n====\n\nNone.", want: []string{"Fees\n====\n\nNone."}, paths: [][]string{{"Fees"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := knowledge.Cut(tt.title, tt.body, tt.opts)
			var texts []string
			var paths [][]string
			for _, p := range got {
				texts, paths = append(texts, p.Text), append(paths, p.HeadingPath)
			}
			if diff := cmp.Diff(tt.want, texts); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.paths, paths); diff != "" {
				t.Errorf("heading paths (-want +got):\n%s", diff)
			}
			checkPassages(t, tt.body, got, tt.opts)
		})
	}
}

// checkPassages asserts what holds for the passages of any body.
func checkPassages(t interface{ Errorf(string, ...any) }, body string, passages []knowledge.Passage, opts knowledge.CutOptions) {
	limit := opts.Max
	if limit <= 0 {
		limit = knowledge.DefaultPassageMax
	}
	limit = max(limit, 40)
	at := 0
	for i, p := range passages {
		if p.Ordinal != i {
			t.Errorf("passage %d has ordinal %d", i, p.Ordinal)
		}
		if p.Start < at || p.End <= p.Start || p.End > len(body) {
			t.Errorf("passage %d is [%d:%d] after %d in a body of %d", i, p.Start, p.End, at, len(body))
			return
		}
		if !isBlank(body[at:p.Start]) {
			t.Errorf("text %q before passage %d is in none", body[at:p.Start], i)
		}
		if body[p.Start:p.End] != p.Text {
			t.Errorf("passage %d: text is not body[%d:%d]", i, p.Start, p.End)
		}
		if utf8.ValidString(body) && !utf8.ValidString(p.Text) {
			t.Errorf("passage %d is cut inside a character", i)
		}
		checkContext(t, body, p, limit)
		if p.SectionStart > p.Start || p.SectionEnd < p.End || p.SectionEnd > len(body) || p.SectionStart < 0 {
			t.Errorf("passage [%d:%d] stands in section [%d:%d]", p.Start, p.End, p.SectionStart, p.SectionEnd)
		}
		if n := utf8.RuneCountInString(p.Text); n > limit || strings.TrimSpace(p.Text) == "" {
			t.Errorf("passage %d has %d characters, want 1 to %d that are not blank", i, n, limit)
		}
		at = p.End
	}
	if !isBlank(body[at:]) {
		t.Errorf("text %q at the end is in no passage", body[at:])
	}
}

// checkContext asserts that what a passage repeats stands further up, in order,
// and leaves it most of the room.
func checkContext(t interface{ Errorf(string, ...any) }, body string, p knowledge.Passage, limit int) {
	at, chars := 0, 0
	for _, c := range p.Context {
		if c.Start < at || c.End <= c.Start || c.End > p.Start || body[c.Start:c.End] != c.Text {
			t.Errorf("context [%d:%d] of the passage [%d:%d]", c.Start, c.End, p.Start, p.End)
			return
		}
		at, chars = c.End, chars+utf8.RuneCountInString(c.Text)
	}
	if chars > limit/2 {
		t.Errorf("context of %d characters in a passage of at most %d", chars, limit)
	}
}

func isBlank(s string) bool { return strings.TrimFunc(s, unicode.IsSpace) == "" || text.IsBlank(s) }

// markdown generates bodies that are dense with structure and breakage.
func markdown() *rapid.Generator[string] {
	line := rapid.SampledFrom([]string{
		"# Head", "## Sub *head* #", "### Deep", "Under\n=====", "Under\n---", "- item one", "- item two. With more.", "  - nested",
		"  continued", "1. first", "2) second", "> quote", "> - quoted item", "| a | b |", "|---|---|", "| 1 | `x|y` |", "```", "~~~go",
		"# code", "---", "***", "", "", "", "<div>", "</div>", "<!-- note -->", "[ref]: https://a.example/x", "See [ref] and [x](https://b.example).",
		"One sentence. Another one! A third? **Bold. Two.** End", "Zażółć gęślą jaźń. Ærlig talt.", "日本語の文。もう一つの文。", "👩\u200d👩\u200d👧 e\u0301",
		"    indented", "\tTabbed", "You may bring:", "a \\* b &amp; c &lt;", "<your code> and <b>bold</b><br>next", "- [ ] task", "https://c.example/very/long",
		"<table><tr><th>H</th><th>I</th></tr>", "<tr><td>a.</td><td>b <b>c</b></td>", "<table>", "</table>", "<tr>", "<td colspan=3 rowspan=\"2\">x", "</td></tr></table>",
		"*a _b **c", "trailing  ", "\\", "`", "![alt](i.png)",
	})
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for _, l := range rapid.SliceOfN(line, 0, 40).Draw(t, "lines") {
			b.WriteString(strings.Repeat(l+" ", rapid.IntRange(1, 4).Draw(t, "times")))
			b.WriteString(rapid.SampledFrom([]string{"\n", "\n", "\n\n", " ", "\r\n"}).Draw(t, "end"))
		}
		return b.String()
	})
}

func TestCutHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.OneOf(markdown(), rapid.String()).Draw(t, "body")
		opts := knowledge.CutOptions{Target: rapid.IntRange(0, 300).Draw(t, "target"), Max: rapid.IntRange(0, 400).Draw(t, "max")}
		passages := knowledge.Cut("Head", body, opts)
		checkPassages(t, body, passages, opts)
		checkSentences(t, body, passages)
		if diff := cmp.Diff(passages, knowledge.Cut("Head", body, opts)); diff != "" {
			t.Errorf("the same body was cut in two ways:\n%s", diff)
		}
	})
}

// checkSentences asserts that sentences lie in their passage and in order, and
// say nothing that the body does not.
func checkSentences(t interface{ Errorf(string, ...any) }, body string, passages []knowledge.Passage) {
	for _, p := range passages {
		at := 0
		for _, s := range p.Sentences("en") {
			if s.Context != (s.Start < p.Start) {
				t.Errorf("sentence %q at %d of a passage that begins at %d: context is %v", s.Text, s.Start, p.Start, s.Context)
			}
			if s.Start < at || s.End < s.Start || s.End > p.End {
				t.Errorf("sentence %q is [%d:%d] after %d in a passage that ends at %d", s.Text, s.Start, s.End, at, p.End)
				return
			}
			if utf8.ValidString(body) && !utf8.ValidString(body[s.Start:s.End]) {
				t.Errorf("sentence %q is cut inside a character", s.Text)
			}
			if s.Text == "" || s.Text != strings.Join(strings.Fields(s.Text), " ") {
				t.Errorf("sentence %q is empty or has stray blanks", s.Text)
			}
			at = s.End
		}
	}
}

// TestNoWordIsLost asserts that what stands in a body without marks stands in
// its sentences, too, however the body is cut.
func TestNoWordIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		var want []string
		kinds := rapid.SliceOfN(rapid.IntRange(0, 7), 1, 12).Draw(t, "blocks")
		for i, kind := range kinds {
			words := make([]string, rapid.IntRange(1, 20).Draw(t, "words"))
			if kind == 0 {
				words = words[:min(len(words), 3)] // a heading above the maximum is no longer one
			}
			for j := range words {
				words[j] = "w" + strings.Repeat(string(rune('a'+i)), j+1)
			}
			line := strings.Join(words, " ")
			if kind != 0 {
				want = append(want, words...)
			}
			switch kind {
			case 0:
				b.WriteString("## " + line)
			case 1:
				b.WriteString(line + ".")
			case 2:
				b.WriteString("- " + strings.Join(words, "\n- "))
			case 3:
				b.WriteString("1. " + strings.Join(words, "\n   - "))
			case 4:
				b.WriteString("> " + strings.Join(words, ".\n> "))
			case 5:
				b.WriteString("| " + strings.Join(words, " |\n| ") + " |")
			case 6:
				b.WriteString("**" + strings.Join(words, "** *") + "*")
			case 7:
				b.WriteString("    " + strings.Join(words, "\n    "))
			}
			b.WriteString("\n\n")
		}
		limit := rapid.IntRange(60, 400).Draw(t, "max")
		var got []string
		for _, p := range knowledge.Cut("", b.String(), knowledge.CutOptions{Max: limit}) {
			for _, s := range p.Sentences("en") {
				if s.Context {
					continue
				}
				got = append(got, strings.FieldsFunc(s.Text, func(r rune) bool { return !unicode.IsLetter(r) })...)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("words of %q (-want +got):\n%s", b.String(), diff)
		}
	})
}

// TestCutHostile gives Cut what makes naive parsers quadratic; the test's own
// time limit is what fails.
func TestCutHostile(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body string }{
		{"quotes", strings.Repeat("> ", 100_000)},
		{"nested list", strings.Repeat("- ", 100_000) + "a"},
		{"emphasis", strings.Repeat("*a_ ", 100_000)},
		{"links", strings.Repeat("[a](", 100_000)},
		{"wide table", "|a" + strings.Repeat("|a", 3000) + "\n" + strings.Repeat("|-", 3001) + "|\n" + strings.Repeat("|1\n", 10_000)},
		{"one word", strings.Repeat("a", 1<<18)},
		{"blanks", "a" + strings.Repeat(" ", 1<<18) + "b"},
		{"references", strings.Repeat("&a", 100_000)},
		{"open tables", strings.Repeat("<table>", 100_000)},
		{"tables", strings.Repeat("<table><tr><td>a</table>\n", 20_000)},
		{"brackets", "<table>" + strings.Repeat("<", 200_000) + "<tr><td></table>"},
		{"wide cells", "<table>" + strings.Repeat("<tr><td colspan=50 rowspan=50>a</tr>", 10_000) + "</table>"},
		{"nested items", strings.Repeat("- a:\n  ", 30)},
		{"long list", "Bring:\n\n" + strings.Repeat("- one thing\n", 20_000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			passages := knowledge.Cut("", tt.body, knowledge.CutOptions{})
			checkPassages(t, tt.body, passages, knowledge.CutOptions{})
			checkSentences(t, tt.body, passages[:1])
		})
	}
}

func FuzzCut(f *testing.F) {
	for _, s := range []string{
		"# A\n\ntext. More.\n", "- a\n  - b\n\n|x|y|\n|-|-|\n|1|2|\n", "```\ncode\n", "> q\n> > r\n", "<p>x</p>\n", "a\\", "&#x;&amp", "[a]: b\n[a]",
		"<table>\n<caption>C</caption><tr><th>a<th>b</tr>\n\n<tr><td>1<td>2</table>", "x <table><tr><td>y</td></tr></table> z",
		"\x80\xff", "\u2028x\u00a0y", "1.\n2.\n", "# \n## \n", "\x00", ">",
	} {
		f.Add(s, 100, 200)
	}
	f.Fuzz(func(t *testing.T, body string, target, limit int) {
		opts := knowledge.CutOptions{Target: target, Max: min(limit, 1<<20)}
		passages := knowledge.Cut("A", body, opts)
		checkPassages(t, body, passages, opts)
		checkSentences(t, body, passages)
		for _, p := range passages {
			_ = knowledge.EmbeddingText("A", p)
		}
		_, _ = knowledge.PlainText(body), knowledge.TidyMarkdown(body)
		_, _, _ = knowledge.SplitTitle(body)
	})
}

func TestSentences(t *testing.T) {
	t.Parallel()
	type sentence struct {
		Kind         knowledge.SentenceKind
		Source, Text string
	}
	const prose, item, header, row, code = knowledge.SentenceProse, knowledge.SentenceItem, knowledge.SentenceHeader, knowledge.SentenceRow, knowledge.SentenceCode
	tests := []struct {
		name, body string
		want       []sentence
	}{
		{"headings are none", "# Head\n\nText. More text.", []sentence{{prose, "Text.", "Text."}, {prose, "More text.", "More text."}}},
		{"emphasis", "You **must** show *it*.", []sentence{{prose, "You **must** show *it*.", "You must show it."}}},
		{
			"links", "See [our page](https://a.example/p \"t\") or [below](#x). Write to <help@a.example>.",
			[]sentence{
				{prose, "See [our page](https://a.example/p \"t\") or [below](#x).", "See our page (https://a.example/p) or below."},
				{prose, "Write to <help@a.example>.", "Write to help@a.example."},
			},
		},
		{
			"a link to itself and by reference", "[a.example](https://a.example) [mail@a.example](mailto:mail@a.example) [form][f].\n\n[f]: https://a.example/f",
			[]sentence{{
				prose, "a.example](https://a.example) [mail@a.example](mailto:mail@a.example) [form][f].",
				"a.example (https://a.example) mail@a.example form (https://a.example/f).",
			}},
		},
		{
			"lists", "Bring:\n\n- a bag. Small.\n- a coat\n  of wool\n  1. lined\n",
			[]sentence{{prose, "Bring:", "Bring:"}, {item, "a bag. Small.", "a bag. Small."}, {item, "a coat\n  of wool", "a coat of wool"}, {item, "lined", "lined"}},
		},
		{
			"tables", "| Fare | Bag | Seat |\n|---|---|---|\n| Light | **none** | 5 € |\n| Full \\| Flex | 1 | free |",
			[]sentence{
				{header, "Fare | Bag | Seat", "Fare: Bag; Seat"},
				{row, "Light | **none** | 5 €", "Light: none; 5 €"},
				{row, "Full \\| Flex | 1 | free", "Full | Flex: 1; free"},
			},
		},
		{"rows without a head", "| Light | none |\n| Full | 1 \\| 2 |", []sentence{{row, "Light | none", "Light: none"}, {row, "Full | 1 \\| 2", "Full: 1 | 2"}}},
		{"code", "```sh\nrun it\n\nand again\n```", []sentence{{code, "run it", "run it"}, {code, "and again", "and again"}}},
		{"escapes and references", "A \\* b &amp; c &copy; `x&amp;y` &nope;", []sentence{{prose, "A \\* b &amp; c &copy; `x&amp;y` &nope;", "A * b & c © x&amp;y &nope;"}}},
		{"comments and tags", "<!-- not for customers -->\n\n<p>Pay <b>now</b>.</p>\n\nType <your code> here.<br>Next", []sentence{
			{prose, "Pay <b>now</b>.", "Pay now."}, {prose, "Type <your code> here.", "Type <your code> here."}, {prose, "Next", "Next"},
		}},
		{
			"wrapped lines are one sentence",
			"The allowance for hand baggage on flights that\nLufthansa operates for us is one piece of at most\neight kilograms.",
			[]sentence{{
				prose, "The allowance for hand baggage on flights that\nLufthansa operates for us is one piece of at most\neight kilograms.",
				"The allowance for hand baggage on flights that Lufthansa operates for us is one piece of at most eight kilograms.",
			}},
		},
		{"short lines are entries", "Opening hours\nMonday 9–17\nTuesday 9–17", []sentence{
			{prose, "Opening hours", "Opening hours"}, {prose, "Monday 9–17", "Monday 9–17"}, {prose, "Tuesday 9–17", "Tuesday 9–17"},
		}},
		{"indented text is text", "Call us:\n\n    by day. Or by\n    night.\n", []sentence{
			{prose, "Call us:", "Call us:"}, {prose, "by day.", "by day."}, {prose, "Or by\n    night.", "Or by night."},
		}},
		{"a task", "- [x] Passport", []sentence{{item, "Passport", "Passport"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []sentence
			for _, p := range knowledge.Cut("", tt.body, knowledge.CutOptions{}) {
				for _, s := range p.Sentences("en") {
					got = append(got, sentence{s.Kind, tt.body[s.Start:s.End], s.Text})
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	want := [][]string{nil, {"Fare", "Bag *", "Seat"}, {"Light", "", "5 €"}}
	var got [][]string
	for _, s := range (knowledge.Passage{Text: "Fares:\n\n| Fare | **Bag** \\* | Seat |\n|---|---|---|\n| Light |  | 5 € |"}).Sentences("en") {
		got = append(got, s.Cells)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSentenceOffsetsAreTheBodys(t *testing.T) {
	t.Parallel()
	body := "# A\n\n" + strings.Repeat("Filler goes here. ", 6) + "\n\n## B\n\nThe **fee** is 5 €."
	passages := knowledge.Cut("", body, knowledge.CutOptions{Target: 100, Max: 120})
	last := passages[len(passages)-1]
	got := last.Sentences("en")
	if len(passages) < 2 || len(got) != 1 || body[got[0].Start:got[0].End] != "The **fee** is 5 €." {
		t.Errorf("got %+v of %d passages", got, len(passages))
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	body := "# Fees\n\nSee *our* [list](https://a.example).\n\n3. one\n4. two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
	want := "Fees\n\nSee our list (https://a.example).\n\n3. one\n4. two\n\na: b\n1: 2"
	if diff := cmp.Diff(want, knowledge.PlainText(body)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEmbeddingText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, title string
		passage     knowledge.Passage
		want        string
	}{
		{"all parts", "Bags", knowledge.Passage{HeadingPath: []string{"Fees", "Late"}, Text: "Pay [here](https://a.example)."}, "Bags\nFees > Late\nPay here."},
		{"own heading once", "Bags", knowledge.Passage{HeadingPath: []string{"Fees", "Late"}, Text: "## Late\n\nPay."}, "Bags\nFees\nLate\nPay."},
		{"title alone", "Bags", knowledge.Passage{}, "Bags"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := knowledge.EmbeddingText(tt.title, tt.passage); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSplitTitle(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, title, rest string
		ok                      bool
	}{
		{"first", "# A *b*\n\nText", "A b", "Text", true},
		{"behind a comment", "<!-- x -->\n# A\nText", "A", "<!-- x -->\nText", true},
		{"underlined", "A b\n===\nText", "A b", "Text", true},
		{"any level that opens", "### A\n\nText", "A", "Text", true},
		{"level one behind text", "Text\n\n## B\n\n# A\n\nMore", "A", "Text\n\n## B\n\nMore", true},
		{"one of several sections", "## A\n\nText\n\n## B", "", "## A\n\nText\n\n## B", false},
		{"no level one behind text", "Text\n\n## A", "", "Text\n\n## A", false},
		{"alone", "# A", "A", "", true},
		{"blank", "\n", "", "\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			title, rest, ok := knowledge.SplitTitle(tt.body)
			if title != tt.title || rest != tt.rest || ok != tt.ok {
				t.Errorf("got %q, %q, %v", title, rest, ok)
			}
		})
	}
}
