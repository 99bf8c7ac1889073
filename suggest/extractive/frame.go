package extractive

import (
	"cmp"
	"strings"

	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// frame puts greeting and closing around what is quoted. Sentences of one
// passage stay together; items stand on lines of their own.
func frame(t pipeline.Task, lines []candidate) []suggest.DraftSentence {
	greeting, thanks, closing := courtesies(t.Locale, t.Channel)
	var out []suggest.DraftSentence
	courtesy := func(brk, s string, kind suggest.ClaimKind) {
		if s != "" {
			out = append(out, suggest.DraftSentence{Break: brk, Text: s, Kind: kind})
		}
	}
	name := ""
	if t.CustomerName != "" {
		name = " " + t.CustomerName
	}
	greeting = cmp.Or(t.Frame.Greeting, strings.Replace(greeting, "{name}", name, 1))
	courtesy("", greeting, suggest.ClaimGreeting)
	courtesy("\n\n", thanks, suggest.ClaimEmpathy)
	for i, c := range lines {
		s := suggest.DraftSentence{
			Text: c.Text, Numbers: []int{c.number}, Kind: suggest.ClaimStatement,
			Citations: []suggest.Citation{{Number: c.number, Start: c.Start, End: c.End}},
		}
		s.Break = breakBefore(lines, i)
		if i == 0 && isShort(t.Channel) && c.Kind == knowledge.SentenceProse {
			s.Break = " "
		}
		out = append(out, s)
	}
	courtesy("\n\n", cmp.Or(t.Frame.Closing, closing), suggest.ClaimClosing)
	courtesy("\n", t.Frame.Signature, suggest.ClaimSignature)
	return out
}

func breakBefore(lines []candidate, i int) string {
	c := lines[i]
	item := c.Kind == knowledge.SentenceItem || c.Kind == knowledge.SentenceRow
	switch {
	case i == 0 && item:
		return "\n\n- "
	case i == 0:
		return "\n\n"
	case item:
		return "\n- "
	case lines[i-1].evidence != c.evidence:
		return "\n\n"
	case lines[i-1].Kind != knowledge.SentenceProse:
		return "\n"
	}
	return " "
}

// courtesies are what a language says around an answer: a greeting alone in chats
// and social networks, all of it in letters, nothing on the phone. None states a
// fact.
func courtesies(locale string, c suggest.Channel) (greeting, thanks, closing string) {
	list := lexicon.Of(locale, courtesyList)
	switch {
	case isShort(c), c == suggest.ChannelReview:
		greeting, _ = list.Value("chat greeting")
	case c != suggest.ChannelPhone:
		greeting, _ = list.Value("greeting")
		thanks, _ = list.Value("thanks")
		closing, _ = list.Value("closing")
	}
	return greeting, thanks, closing
}

const courtesyList = "courtesies"

// Languages are those with a greeting and closing of their own; in others the
// quotes stand alone.
func Languages() []string { return lexicon.Languages(courtesyList) }
