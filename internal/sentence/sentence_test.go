package sentence_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/internal/text/texttest"
)

func TestSentences(t *testing.T) {
	tests := map[string]struct {
		locale, in string
		want       []string
	}{
		"empty":                {"en", "", nil},
		"blank":                {"en", " \n\t ", nil},
		"one without end":      {"en", "where is my bag", []string{"where is my bag"}},
		"two":                  {"en", "My bag is lost. Where is it?", []string{"My bag is lost.", "Where is it?"}},
		"title":                {"en", "Ask Dr. Berg. She knows.", []string{"Ask Dr. Berg.", "She knows."}},
		"e.g.":                 {"en", "Bring liquids, e.g. Perfume or gel. Not more.", []string{"Bring liquids, e.g. Perfume or gel.", "Not more."}},
		"decimals":             {"en", "It weighs 12.5 kg. That is fine.", []string{"It weighs 12.5 kg.", "That is fine."}},
		"version":              {"en", "Use v. 8 of the app. It works.", []string{"Use v. 8 of the app.", "It works."}},
		"number":               {"en", "See No. 5 there. I said no. Then I left.", []string{"See No. 5 there.", "I said no.", "Then I left."}},
		"initials":             {"en", "It was J. R. Smith. He paid.", []string{"It was J. R. Smith.", "He paid."}},
		"lettered thing":       {"en", "Go to Terminal B. Please hurry.", []string{"Go to Terminal B.", "Please hurry."}},
		"half days":            {"en", "We open at 9 a.m. and close at 5 p.m. every day. Come by.", []string{"We open at 9 a.m. and close at 5 p.m. every day.", "Come by."}},
		"address":              {"en", "See skerry.example/bags. Or write to help@skerry.example. Thanks", []string{"See skerry.example/bags.", "Or write to help@skerry.example.", "Thanks"}},
		"query of an address":  {"en", "See https://skerry.example/bags?id=1. Right?", []string{"See https://skerry.example/bags?id=1.", "Right?"}},
		"quoted question":      {"en", "They asked \"where?\" and left. Odd.", []string{"They asked \"where?\" and left.", "Odd."}},
		"exclamations":         {"en", "Hello!!! Where is it?! Answer me", []string{"Hello!!!", "Where is it?!", "Answer me"}},
		"citation mark":        {"en", "It takes 7 days. [1] You get a mail.[2] Bye", []string{"It takes 7 days. [1]", "You get a mail.[2]", "Bye"}},
		"placeholder":          {"en", "Write to [EMAIL_1]. We answer.", []string{"Write to [EMAIL_1].", "We answer."}},
		"numbered list":        {"en", "Do this:\n1. Open the app.\n2. Tap pay. Wait.\n", []string{"Do this:", "1. Open the app.", "2. Tap pay.", "Wait."}},
		"bullets":              {"en", "Bring:\n- a passport\n- a visa\n* money", []string{"Bring:", "- a passport", "- a visa", "* money"}},
		"heading":              {"en", "# Cabin bags\nOne is free.", []string{"# Cabin bags", "One is free."}},
		"paragraphs":           {"en", "first part\n\nsecond part", []string{"first part", "second part"}},
		"wrapped e-mail":       {"en", "I booked a flight to Oslo and then I found out that\nthe departure was moved by a day. What now?", []string{"I booked a flight to Oslo and then I found out that\nthe departure was moved by a day.", "What now?"}},
		"greeting":             {"en", "Dear Anna,\nmy bag is lost", []string{"Dear Anna,", "my bag is lost"}},
		"short lines":          {"en", "Hi\nMy flight is late\nPlease help", []string{"Hi", "My flight is late", "Please help"}},
		"table":                {"en", "| Bag | Price |\n|---|---|\n| Cabin | free |", []string{"| Bag | Price |", "|---|---|", "| Cabin | free |"}},
		"quoted mail":          {"en", "Yes.\n> Did you pay?\n> I did.", []string{"Yes.", "> Did you pay?", "> I did."}},
		"German":               {"de", "Das gilt z.B. Für Hunde. Bitte melden Sie sich.", []string{"Das gilt z.B. Für Hunde.", "Bitte melden Sie sich."}},
		"German, parted":       {"de", "Es gilt z. B. Montag bzw. Dienstag. Danke.", []string{"Es gilt z. B. Montag bzw. Dienstag.", "Danke."}},
		"German date":          {"de", "Wir fliegen am 1. Januar. Der 2. Koffer kostet 30 Euro. Ende", []string{"Wir fliegen am 1. Januar.", "Der 2. Koffer kostet 30 Euro.", "Ende"}},
		"German time":          {"de", "Abflug ist 3.50 Uhr. Seien Sie pünktlich.", []string{"Abflug ist 3.50 Uhr.", "Seien Sie pünktlich."}},
		"German number at end": {"de", "Gehen Sie zu Gate 12. Bitte beeilen Sie sich.", []string{"Gehen Sie zu Gate 12.", "Bitte beeilen Sie sich."}},
		"Dutch":                {"nl", "Neem bijv. Een paspoort mee. Dank u.", []string{"Neem bijv. Een paspoort mee.", "Dank u."}},
		"Polish":               {"pl", "Można zabrać np. Psa. Proszę o kontakt.", []string{"Można zabrać np. Psa.", "Proszę o kontakt."}},
		"French":               {"fr", "Voir M. Dupont. Merci.", []string{"Voir M. Dupont.", "Merci."}},
		"Norwegian":            {"no", "Flyet går kl. 14.30 den 3. mai. Møt opp f.eks. Klokken ett.", []string{"Flyet går kl. 14.30 den 3. mai.", "Møt opp f.eks. Klokken ett."}},
		"Spanish":              {"es", "¿Dónde está? ¡Ayuda! Hable con el Sr. García. Gracias.", []string{"¿Dónde está?", "¡Ayuda!", "Hable con el Sr. García.", "Gracias."}},
		"Italian":              {"it", "Chieda al sig. Rossi. Grazie.", []string{"Chieda al sig. Rossi.", "Grazie."}},
		"Portuguese":           {"pt", "Fale com a Sra. Silva. Obrigado.", []string{"Fale com a Sra. Silva.", "Obrigado."}},
		"Swedish":              {"sv", "Ta med t.ex. Pass. Tack.", []string{"Ta med t.ex. Pass.", "Tack."}},
		"Japanese":             {"ja", "荷物が届きません。どこですか？教えてください。", []string{"荷物が届きません。", "どこですか？", "教えてください。"}},
		"Chinese":              {"zh", "我的行李丢了！怎么办？请回复。", []string{"我的行李丢了！", "怎么办？", "请回复。"}},
		"Arabic":               {"ar", "أين حقيبتي؟ أريد المساعدة.", []string{"أين حقيبتي؟", "أريد المساعدة."}},
		"Hindi":                {"hi", "मेरा बैग कहाँ है। कृपया बताइए।", []string{"मेरा बैग कहाँ है।", "कृपया बताइए।"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range sentence.Split(tt.in, tt.locale) {
				got = append(got, p.In(tt.in))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Split(%q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func FuzzSentences(f *testing.F) {
	for _, s := range []string{"", "A. B. C", "1. x\n2) y", "Hi.\n\n\n[1] [2].", "z. B. 3. Mai", "\xff.\x00!", "。！？", "|a|\n|b|", "- \n- ", "\"a?\" b"} {
		f.Add(s, "en")
		f.Add(s, "de")
	}
	f.Fuzz(func(t *testing.T, s, locale string) {
		spans := sentence.Split(s, locale)
		texttest.CheckSpans(t, s, spans)
		last := 0
		for _, p := range append(spans, text.Span{Start: len(s), End: len(s)}) {
			if gap := s[last:p.Start]; strings.TrimFunc(gap, unicode.IsSpace) != "" {
				t.Fatalf("Split(%q) leaves out %q", s, gap)
			}
			last = p.End
		}
	})
}
