package entity

import (
	"cmp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// twins are letters of other scripts beside the Latin ones that they look like.
const twins = "aаaαbЬcсcϲdԁeеeєgɡhһhнiіiιjјkкkκlӏmмnոnпoоoοoօpрpρqԛrгsѕtтtτuսuυvѵvνwԝwѡxхxχyуyγzᴢ" +
	"AАAΑBВBΒCСEЕEΕHНHΗIІIΙKКKΚMМMΜNΝOОOΟPРPΡTТTΤXХXΧYУYΥZΖ"

var latinOf = sync.OnceValue(func() map[rune]rune {
	m := make(map[rune]rune, len(twins)/3)
	r := []rune(twins)
	for i := 0; i+1 < len(r); i += 2 {
		m[r[i+1]] = r[i]
	}
	return m
})

// InLatin is s with Latin letters in place of those that look like them.
func InLatin(s string) string {
	latin := latinOf()
	return strings.Map(func(r rune) rune { return cmp.Or(latin[r], r) }, s)
}

// HidesContact reports whether s, in a language of Latin script, holds a link,
// e-mail address, phone number or IBAN that a reader sees and Find does not
// tell as one: in look-alikes of other scripts, in letters parted by blanks, or
// with its digits in words.
func HidesContact(s, locale string) bool {
	return hidesDigitWords(s) || hidesSpaced(s, locale) || hidesLookalikes(s, locale) || hidesDots(s, locale)
}

// otherDots are signs that a reader takes for the dot in an address.
var otherDots = strings.NewReplacer("·", ".", "∙", ".", "•", ".", "|", ".", "./", ".", "․", ".")

func hidesDots(s, locale string) bool {
	shown := otherDots.Replace(s)
	return shown != s && countContacts(shown, locale) > countContacts(s, locale)
}

func countContacts(s, locale string) int {
	n := 0
	for _, f := range Find(s, locale) {
		if f.IsContact() {
			n++
		}
	}
	return n
}

func hidesLookalikes(s, locale string) bool {
	foreign := strings.ContainsFunc(s, func(r rune) bool {
		return r >= 0x250 && unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Latin)
	})
	if !foreign || !strings.ContainsAny(s, ".@:/") || isCode("no-latin", text.BaseLanguage(locale)) {
		return false
	}
	shown := InLatin(s)
	return shown != s && countContacts(shown, locale) > countContacts(s, locale)
}

// spacedLeast is how many characters in a row, each by itself, are no prose.
const spacedLeast = 10

func hidesSpaced(s, locale string) bool {
	if len(s) < 2*spacedLeast {
		return false
	}
	var run strings.Builder
	n := 0
	ends := func() bool { return n >= spacedLeast && countContacts(run.String(), locale) > 0 }
	for word := range strings.FieldsSeq(s) {
		if utf8.RuneCountInString(strings.TrimRight(word, ".,;!?")) <= 1 {
			run.WriteString(word)
			n++
			continue
		}
		if ends() {
			return true
		}
		run.Reset()
		n = 0
	}
	return ends()
}

// digitWordsLeast is how many digits in words in a row are no prose.
const digitWordsLeast = 6

func hidesDigitWords(s string) bool {
	known := words().digits
	run := 0
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		lower := strings.ToLower(word)
		switch {
		case known.has(lower):
			if run++; run >= digitWordsLeast {
				return true
			}
		case run > 0 && strings.IndexFunc(word, unicode.IsLetter) < 0:
			// Digits among the words belong to them.
		default:
			run = 0
		}
	}
	return false
}
