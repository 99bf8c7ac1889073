package answer_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/answer"
)

// said gives text to Thoughts in pieces and returns what is left of it.
func said(h answer.Habit, text string, whole bool, next func(left int) int) (string, *answer.Thoughts, error) {
	th := answer.NewThoughts(h)
	var out strings.Builder
	for len(text) > 0 {
		n := max(1, min(next(len(text)), len(text)))
		part, err := th.Write(text[:n])
		out.Write(part)
		if err != nil {
			return out.String(), th, err
		}
		text = text[n:]
	}
	part, err := th.Close(whole)
	out.Write(part)
	return out.String(), th, err
}

const reply = "Dear Kari,\n\nsmall dogs may fly [1].\n\nKind regards"

func TestThoughtsAreTakenOut(t *testing.T) {
	tests := []struct {
		name, text, want string
		bare             bool
	}{
		{"none", reply, reply, false},
		{"a tag", "<think>\nThey ask [1].\n</think>\n\n" + reply, reply, false},
		{"capitals", "<THINK>x</Think>" + reply, reply, false},
		{"another tag", "<thinking>They ask.</thinking>\n" + reply, reply, false},
		{"a tag of an assistant that reasons", "<reasoning>They ask.</reasoning>\n<answer>" + reply + "</answer>", reply, false},
		{"square brackets", "[THINK]They ask [1].[/THINK]" + reply, reply, false},
		{"triangles", "◁think▷They ask.◁/think▷" + reply, reply, false},
		{"tokens of a thought", "<|begin_of_thought|>They ask.<|end_of_thought|>\n\n<|begin_of_solution|>" + reply + "<|end_of_solution|>", reply, false},
		{"channels", "<|channel|>analysis<|message|>They ask.<|end|><|start|>assistant<|channel|>final<|message|>" + reply + "<|return|>", reply, false},
		{"channels with a tool between", "<|start|>assistant<|channel|>analysis<|message|>They ask.<|end|><|start|>assistant<|channel|>commentary to=x<|message|>{}<|call|><|start|>assistant<|channel|>final<|message|>" + reply, reply, false},
		{"channels without brackets", "analysisThey ask about dogs. A final word.assistantfinal" + reply, reply, false},
		{"in the middle", "Dear Kari,\n\n<think>Which [1]?</think>small dogs may fly [1].\n\nKind regards", reply, false},
		{"twice", "<think>a</think>Dear Kari,\n\n<think>b</think>small dogs may fly [1].\n\nKind regards", reply, false},
		{"thoughts within thoughts", "<think>a <think>b</think> c\n</think>" + reply, reply, false},
		{"no beginning", "Okay, they ask.\n\nLet me see.\n</think>\n\n" + reply, reply, true},
		{"no beginning, in a channel", "They ask.<|end|><|start|>assistant<|channel|>final<|message|>" + reply, reply, true},
		{"the end of a text", reply + "<|im_end|>", reply, false},
		{"DeepSeek's bars", reply + "<｜end▁of▁sentence｜>", reply, false},
		{"an object", `{"lang":"en","reply":"Dear Kari,\n\nsmall dogs may fly [1].\n\nKind regards"}`, reply, false},
		{"an object in a fence", "```json\n{\"reply\": \"Dear Kari,\\n\\nsmall dogs may fly [1].\\n\\nKind regards\"}\n```", reply, false},
		{"brackets that are no marks", "Dear Kari,\n\n1 < 2 [1] <b>x</b> [thin] <thin <|x y|> ◁", "Dear Kari,\n\n1 < 2 [1] <b>x</b> [thin] <thin <|x y|> ◁", false},
		{"nothing but thoughts", "<think>They ask.</think>", "", false},
		{"thoughts without an end", "<think>They ask.", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, next := range map[string]func(int) int{"at once": atOnce, "byte by byte": byteWise, "sevens": func(int) int { return 7 }} {
				got, th, err := said(answer.Unseen, test.text, true, next)
				if err != nil || got != test.want {
					t.Errorf("%s: %q, %v", name, got, err)
				}
				if bare := th.Habit() == answer.Unmarked; bare != test.bare {
					t.Errorf("%s: thinks without a mark: %v", name, bare)
				}
			}
		})
	}
}

// What is not yet known to be the answer is not given out.
func TestThoughtsAreWaitedFor(t *testing.T) {
	tests := []struct {
		name  string
		habit answer.Habit
		text  string
		want  string
	}{
		{"a greeting", answer.Unseen, "Dear Kari,\n\nsm", "Dear Kari,\n\nsm"},
		{"a first sentence that cites", answer.Unseen, "Small dogs may fly [1]. Cats", "Small dogs may fly [1]. Cats"},
		{"one that cites behind its end", answer.Unseen, "Small dogs may fly. [1] Cats", "Small dogs may fly. [1] Cats"},
		{"a second sentence that cites", answer.Unseen, "They ask about dogs. Small dogs may fly [1]. Cats", ""},
		{"a sentence about what it cites", answer.Unseen, "The evidence [1] says that small dogs may fly. Cats", ""},
		{"what may be thoughts", answer.Unseen, "Okay, the customer wants a dog.\n\nNow, what", ""},
		{"a short thought", answer.Unseen, "Hmm.\n\nNow, what", ""},
		{"half a line of a model that was seen", answer.Seen, "Okay, the customer wants", ""},
		{"a line of a model that was seen", answer.Seen, "Small dogs may fly.\nCats", "Small dogs may fly.\nCats"},
		{"a greeting that is thought", answer.Unmarked, "Dear Kari,\n\nsm", ""},
		{"a model that marks its thoughts", answer.Known, "Small dogs", "Small dogs"},
		{"half a mark", answer.Known, "Small dogs <thi", "Small dogs "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := answer.NewThoughts(test.habit).Write(test.text)
			if err != nil || string(got) != test.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestThoughtsThatAreCutOff(t *testing.T) {
	const begun = "Okay, the customer wants to fly with a dog, so"
	for habit, want := range map[answer.Habit]string{answer.Known: begun, answer.Seen: begun, answer.Unseen: "", answer.Unmarked: ""} {
		if got, _, err := said(habit, begun, false, atOnce); err != nil || got != want {
			t.Errorf("%v: %q, %v", habit, got, err)
		}
	}
	// A model that no longer thinks is heard.
	if got, _, err := said(answer.Unmarked, reply, true, byteWise); err != nil || got != reply {
		t.Errorf("%q, %v", got, err)
	}
}

func TestThoughtsTooLate(t *testing.T) {
	_, th, err := said(answer.Unseen, "Dear me,\n\nwhat do they ask?\n</think>\n"+reply, true, byteWise)
	if !errors.Is(err, answer.ErrThoughts) || th.Habit() != answer.Unmarked {
		t.Errorf("%v, %v", err, th.Habit())
	}
	r := answer.NewReader("en", func(suggest.DraftSentence) error { return nil })
	if err := r.Write("What do they ask? So. </think>"); !errors.Is(err, answer.ErrThoughts) {
		t.Errorf("got %v", err)
	}
}

func TestAnObjectWithoutText(t *testing.T) {
	for _, text := range []string{`{"a":1}`, `{"a":`, "```\n{1}\n```"} {
		if got, _, err := said(answer.Unseen, text, true, byteWise); !errors.Is(err, answer.ErrObject) || got != "" {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}

// FuzzThoughts: however the stream is cut the same is left, and nothing that
// stood between marks.
func FuzzThoughts(f *testing.F) {
	for _, s := range []string{
		"<think>secret</think>Hi", "a [THINK]secret[/THINK] b", "<|channel|>analysis<|message|>secret<|end|>x", "analysissecretassistantfinalx",
		"{\"a\":\"b\"}", "```\nx\n```", "secret\n</think>Hi,\nyou", "<think><think></think>", "◁think▷\xff", "<|start|>", "<|channel|><|message|>",
	} {
		for h := range 4 {
			f.Add(s, h, []byte{1, 2, 3}, true)
		}
	}
	f.Fuzz(func(t *testing.T, text string, habit int, cuts []byte, whole bool) {
		if len(text) > 4000 || habit < 0 || habit > 3 {
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
		h := answer.Habit(habit)
		want, _, err := said(h, text, whole, atOnce)
		got, _, err2 := said(h, text, whole, next)
		if !errors.Is(err2, err) {
			t.Fatalf("at once %v, in pieces %v", err, err2)
		}
		if err == nil && got != want {
			t.Fatalf("at once %q, in pieces %q", want, got)
		}
		if utf8.ValidString(text) && err == nil && !utf8.ValidString(want) {
			t.Errorf("broken UTF-8 in %q", want)
		}
		if strings.Contains(strings.ToLower(want), "<think>") && !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && !strings.Contains(text, "```") {
			t.Errorf("a mark of thoughts in %q", want)
		}
	})
}

// What a model writes is read in proportion to its length, whatever it is made of.
func TestReaderLooksAtEachByteAFewTimes(t *testing.T) {
	const size = 20 << 10
	for _, unit := range []string{"[", "[ ", "] ", "[1", "[1 ", "[1]", "[]", "[[1]] ", "(", "(a) ", "a. ", "z. B. ", "1. ", "! ] ", ".] ", "\". ", "【", "[source ", "[a](", "<", "<|", "``` ", "- ", "*", "x", "\n", "Dr. ", "</"} {
		text := strings.Repeat(unit, size/len(unit))
		for name, piece := range map[string]int{"at once": size, "in tokens": 3, "byte by byte": 1} {
			r := answer.NewReader("de", func(suggest.DraftSentence) error { return nil })
			for at := 0; at < len(text); at += piece {
				if err := r.Write(text[at:min(len(text), at+piece)]); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Close(true); err != nil {
				t.Fatal(err)
			}
			if each := float64(answer.Looked(r)) / size; each > 100 {
				t.Errorf("%q %s: looks at each byte %.0f times", unit, name, each)
			}
		}
	}
}

func BenchmarkReader(b *testing.B) {
	const size = 60 << 10
	for name, unit := range map[string]string{"brackets": "[ ", "closing brackets": ". ] ", "marks": "[1", "initials": "a. ", "prose": "Bags may weigh 8 kg [1]. "} {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(unit, size/len(unit))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r := answer.NewReader("en", func(suggest.DraftSentence) error { return nil })
				for at := 0; at < len(text); at += 4 {
					if err := r.Write(text[at:min(len(text), at+4)]); err != nil {
						b.Fatal(err)
					}
				}
				if err := r.Close(true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
