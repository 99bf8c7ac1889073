package suite

import (
	"fmt"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// ProblemLanguage is a text in another language than the case says.
const ProblemLanguage knowledge.ProblemKind = "LANGUAGE"

// languageChars is how long a text must be for its language to be told; no more
// than languageMost characters of it are looked at, which is enough and quick.
const (
	languageChars = 40
	languageMost  = 160
)

// Languages tells languages; *langid.Detector does.
type Languages interface {
	Detect(s string) langid.Guess
	// IsLanguage reports whether s is in the language of the locale, and whether
	// that is sure.
	IsLanguage(s, locale string) (ok, sure bool)
}

// CheckLanguages looks for gold replies and questions that are surely in
// another language than the case says (warnings). Texts that are too short to
// tell are passed over.
func (s *Suite) CheckLanguages(in Languages) []knowledge.Problem {
	var c checker
	for i := range s.Cases {
		k := &s.Cases[i]
		want := k.ReplyLang
		if want == "" {
			want = k.Lang
		}
		if is := otherLanguage(k.GoldReply, want, in); is != "" {
			c.warn(k, ProblemLanguage, fmt.Sprintf("the gold reply is in %q, and a reply in %q is expected; translate it, or say so in reply_lang", is, want))
		}
		if is := otherLanguage(k.Question(), k.Lang, in); is != "" {
			c.warn(k, ProblemLanguage, fmt.Sprintf("the question is in %q, and lang is %q; correct lang", is, k.Lang))
		}
	}
	return c.problems
}

// otherLanguage is the language of a text that is surely not in the one wanted;
// else empty.
func otherLanguage(s, want string, in Languages) string {
	if want == "" || utf8.RuneCountInString(s) < languageChars {
		return ""
	}
	s = say.Clip(s, languageMost)
	if ok, sure := in.IsLanguage(s, want); ok || !sure {
		return ""
	}
	if g := in.Detect(s); text.BaseLanguage(g.Locale) != text.BaseLanguage(want) {
		return g.Locale
	}
	return ""
}
