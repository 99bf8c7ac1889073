package answer_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
)

// read gives text to a reader in the pieces that next says.
func read(t testing.TB, locale, text string, whole bool, next func(left int) int) []suggest.DraftSentence {
	t.Helper()
	out, err := tryRead(locale, text, whole, next)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tryRead(locale, text string, whole bool, next func(left int) int) (out []suggest.DraftSentence, err error) {
	r := answer.NewReader(locale, func(s suggest.DraftSentence) error {
		out = append(out, s)
		return nil
	})
	for len(text) > 0 {
		n := max(1, min(next(len(text)), len(text)))
		if err := r.Write(text[:n]); err != nil {
			return out, err
		}
		text = text[n:]
	}
	return out, r.Close(whole)
}

func atOnce(left int) int { return left }
func byteWise(int) int    { return 1 }

func s(brk, text string, numbers ...int) suggest.DraftSentence {
	return suggest.DraftSentence{Break: brk, Text: text, Numbers: numbers}
}

func TestSentenceReader(t *testing.T) {
	cases := []struct {
		name, text string
		cut        bool // the stream was cut off
		want       []suggest.DraftSentence
	}{
		{"one", "Bags may weigh 8 kg. [1]", false, []suggest.DraftSentence{s("", "Bags may weigh 8 kg.", 1)}},
		{"before the stop", "Bags may weigh 8 kg [1]. More costs 45 EUR [2].", false, []suggest.DraftSentence{s("", "Bags may weigh 8 kg.", 1), s(" ", "More costs 45 EUR.", 2)}},
		{"behind the stop", "Bags may weigh 8 kg.[1] More costs 45 EUR. [2] Bye.", false, []suggest.DraftSentence{s("", "Bags may weigh 8 kg.", 1), s(" ", "More costs 45 EUR.", 2), s(" ", "Bye.")}},
		{"several", "A is so [1][3]. B is so [1, 2]. C is so [1; 2]. D is so [2-4]. E is so [^1]. F is so 【2】. G is so 【2†source】.", false, []suggest.DraftSentence{
			s("", "A is so.", 1, 3), s(" ", "B is so.", 1, 2), s(" ", "C is so.", 1, 2), s(" ", "D is so.", 2, 3, 4), s(" ", "E is so.", 1), s(" ", "F is so.", 2), s(" ", "G is so.", 2),
		}},
		{"marks in front of a line", "[1] A is so. B is so.\nC is so.\n- [2] D is so.", false, []suggest.DraftSentence{s("", "A is so.", 1), s(" ", "B is so.", 1), s("\n", "C is so."), s("\n- ", "D is so.", 2)}},
		{"words in marks", "A is so [Evidence 1]. B is so [source: 2].", false, []suggest.DraftSentence{s("", "A is so.", 1), s(" ", "B is so.", 2)}},
		{"a mark as a link", "A is so [1](https://x.example/a).", false, []suggest.DraftSentence{s("", "A is so.", 1)}},
		{"round brackets are text", "Do this: (1) open (2) close [1].", false, []suggest.DraftSentence{s("", "Do this: (1) open (2) close.", 1)}},
		{"placeholders are text", "Hello [NAME_1]! We wrote to [EMAIL_2] [1].", false, []suggest.DraftSentence{s("", "Hello [NAME_1]!"), s(" ", "We wrote to [EMAIL_2].", 1)}},
		{"escaped placeholder", `We wrote to [EMAIL\_2] [1].`, false, []suggest.DraftSentence{s("", "We wrote to [EMAIL_2].", 1)}},
		{"linked placeholder", "Write to [EMAIL_2](mailto:[EMAIL_2]) [1].", false, []suggest.DraftSentence{s("", "Write to [EMAIL_2].", 1)}},
		{"unknown number stays a number", "A is so [99].", false, []suggest.DraftSentence{s("", "A is so.", 99)}},
		{"huge number is text", "A is so [123456].", false, []suggest.DraftSentence{s("", "A is so [123456].")}},
		{"abbreviation", "Ask Dr. Smith about 3.5 kg [1]. Then go.", false, []suggest.DraftSentence{s("", "Ask Dr. Smith about 3.5 kg.", 1), s(" ", "Then go.")}},
		{"url", "See https://help.example/a.b?c=d. It is there [1].", false, []suggest.DraftSentence{s("", "See https://help.example/a.b?c=d."), s(" ", "It is there.", 1)}},
		{"paragraphs", "Dear Kari,\n\nyour bag is here [1].\n\nKind regards", false, []suggest.DraftSentence{s("", "Dear Kari,"), s("\n\n", "your bag is here.", 1), s("\n\n", "Kind regards")}},
		{"list", "You need:\n- a passport [1]\n* a visa [2]\n1. patience\n", false, []suggest.DraftSentence{s("", "You need:"), s("\n- ", "a passport", 1), s("\n- ", "a visa", 2), s("\n1. ", "patience")}},
		{"markdown", "# Answer\n\n**Bags** may weigh `8 kg` and _more_ costs 2*3 [1].\n---\nSee [our page](https://x.example/bags).", false, []suggest.DraftSentence{
			s("", "Answer"), s("\n\n", "Bags may weigh 8 kg and more costs 2*3.", 1), s("\n\n", "See our page (https://x.example/bags)."),
		}},
		{"thoughts", "<think>They ask [1]. Hm.</think>\n\nBags may weigh 8 kg [1].", false, []suggest.DraftSentence{s("", "Bags may weigh 8 kg.", 1)}},
		{"thoughts without end", "<think>They ask about bags. Hm.", true, nil},
		{"cut in a word", "Bags may weigh 8 kg [1]. More costs 45 E", true, []suggest.DraftSentence{s("", "Bags may weigh 8 kg.", 1)}},
		{"cut in a mark", "Bags may weigh 8 kg [1", true, nil},
		{"cut behind the stop", "Bags may weigh 8 kg [1].", true, nil},
		{"half a mark at a clean end", "Bags may weigh 8 kg. [1", false, []suggest.DraftSentence{s("", "Bags may weigh 8 kg.")}},
		{"a fence around it", "```markdown\nBags may weigh 8 kg [1].\n```", false, []suggest.DraftSentence{s("", "Bags may weigh 8 kg.", 1)}},
		{"an object around it", `{"reply": "Bags may weigh 8 kg [1]."}`, false, []suggest.DraftSentence{s("", "Bags may weigh 8 kg.", 1)}},
		{"nothing", "", false, nil},
		{"blanks", " \n\n \t", false, nil},
		{"only marks", "[1] [2]", false, nil},
		{"no stop", "Bags may weigh 8 kg", false, []suggest.DraftSentence{s("", "Bags may weigh 8 kg")}},
		{"question", "Which flight? Tell us.", false, []suggest.DraftSentence{s("", "Which flight?"), s(" ", "Tell us.")}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for name, next := range map[string]func(int) int{"at once": atOnce, "byte by byte": byteWise, "threes": func(int) int { return 3 }} {
				if diff := cmp.Diff(c.want, read(t, "en", c.text, !c.cut, next)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func TestSentenceReaderTellsEarly(t *testing.T) {
	var got []string
	r := answer.NewReader("en", func(s suggest.DraftSentence) error {
		got = append(got, s.Text)
		return nil
	})
	for _, piece := range []string{"Bags may ", "weigh 8 kg.", " [1", "] And more", " costs"} {
		if err := r.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"Bags may weigh 8 kg."}, got); diff != "" {
		t.Errorf("before the end (-want +got):\n%s", diff)
	}
}

// FuzzSentenceReader: however the stream is cut, the same sentences come out,
// no mark of citation is left in them, and breaks are only of the known kinds.
func FuzzSentenceReader(f *testing.F) {
	for _, seed := range []string{
		"Bags may weigh 8 kg [1]. More costs 45 EUR. [2, 3]\n\n- item [1]\n- item", "<think>x</think> Hi [NAME_1]! 【1†a】 [a](b) **x**",
		"[1] [ 1 ] [evidence 2] [", "Ask Dr. Smith\n# Head\n```\ncode [1]\n```\nend", "\xff\xfe[1]\u00a0…。「あ」[1]。次", "1. a\n2) b\n3.c", "<thi", "[1 [2] 3]",
	} {
		f.Add(seed, []byte{1, 2, 3}, true)
		f.Add(seed, []byte{7}, false)
	}
	f.Fuzz(func(t *testing.T, text string, cuts []byte, whole bool) {
		if len(text) > 4000 {
			return
		}
		i := 0
		next := func(int) int {
			if len(cuts) == 0 {
				return 1
			}
			i++
			return int(cuts[i%len(cuts)])
		}
		want, err := tryRead("en", text, whole, atOnce)
		got, err2 := tryRead("en", text, whole, next)
		if err != nil || err2 != nil {
			if !errors.Is(err2, err) || !errors.Is(err, answer.ErrThoughts) && !errors.Is(err, answer.ErrObject) {
				t.Fatalf("at once %v, in pieces %v", err, err2)
			}
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("cut differently (-at once +in pieces):\n%s", diff)
		}
		for _, s := range want {
			if strings.TrimSpace(s.Text) == "" {
				t.Errorf("a blank sentence")
			}
			if utf8.ValidString(text) && !utf8.ValidString(s.Text) {
				t.Errorf("broken UTF-8 in %q", s.Text)
			}
			if rest := strings.TrimLeft(s.Break, " \n"); rest != "" && !strings.HasSuffix(rest, "- ") && !strings.HasSuffix(rest, ". ") {
				t.Errorf("break %q", s.Break)
			}
		}
	})
}
