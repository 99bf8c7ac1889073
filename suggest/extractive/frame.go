package extractive

import (
	"strings"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// frame puts greeting and closing around what is quoted. Sentences of one
// passage stay together; items stand on lines of their own.
func frame(t suggest.DraftTask, lines []candidate) []suggest.DraftSentence {
	w := wordsFor(t.Locale, t.Channel)
	var out []suggest.DraftSentence
	courtesy := func(brk, s string) {
		out = append(out, suggest.DraftSentence{Break: brk, Text: s, Kind: suggest.ClaimCourtesy})
	}
	if w.greeting != "" {
		greeting := w.greeting
		if t.CustomerName != "" {
			greeting += " " + t.CustomerName
		}
		courtesy("", greeting+w.greetingEnd)
	}
	if w.thanks != "" {
		courtesy("\n\n", w.thanks)
	}
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
	if w.closing != "" {
		courtesy("\n\n", w.closing)
	}
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

// words are what a language says around an answer. None states a fact.
type words struct {
	greeting, greetingEnd string
	thanks, closing       string
}

func wordsFor(locale string, c suggest.Channel) words {
	short, long := phrases(text.BaseLanguage(locale))
	switch {
	case isShort(c), c == suggest.ChannelReview:
		return short
	case c == suggest.ChannelPhone:
		return words{}
	}
	return long
}

// phrases are the courtesies of a language: short for chat and social networks,
// long for letters.
func phrases(language string) (short, long words) {
	switch language {
	case "de":
		return words{"Hallo", "!", "", ""}, words{"Guten Tag", ",", "vielen Dank für Ihre Nachricht.", "Mit freundlichen Grüßen"}
	case "nl":
		return words{"Hallo", "!", "", ""}, words{"Beste", ",", "Bedankt voor uw bericht.", "Met vriendelijke groet"}
	case "pl":
		return words{"Dzień dobry", "!", "", ""}, words{"Dzień dobry", ",", "dziękujemy za wiadomość.", "Z poważaniem"}
	case "fr":
		return words{"Bonjour", " !", "", ""}, words{"Bonjour", ",", "Merci pour votre message.", "Cordialement"}
	case "no":
		return words{"Hei", "!", "", ""}, words{"Hei", ",", "Takk for meldingen.", "Med vennlig hilsen"}
	case "es":
		return words{"Hola", ":", "", ""}, words{"Hola", ":", "Gracias por su mensaje.", "Un saludo"}
	case "it":
		return words{"Buongiorno", "!", "", ""}, words{"Buongiorno", ",", "grazie per il suo messaggio.", "Cordiali saluti"}
	case "pt":
		return words{"Olá", "!", "", ""}, words{"Olá", ",", "Obrigado pela sua mensagem.", "Com os melhores cumprimentos"}
	case "sv":
		return words{"Hej", "!", "", ""}, words{"Hej", ",", "Tack för ditt meddelande.", "Med vänliga hälsningar"}
	case "en":
		return words{"Hi", "!", "", ""}, words{"Hello", ",", "Thank you for your message.", "Kind regards"}
	}
	return words{}, words{}
}

// Languages are those with a greeting and closing of their own; in others the
// quotes stand alone.
func Languages() []string {
	return strings.Fields("de en es fr it nl no pl pt sv")
}
