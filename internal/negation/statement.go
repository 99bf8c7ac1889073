package negation

import (
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// denialWords are the words of a language that deny: not those that turn a verb,
// other those that deny something else; joins are "and", "or" and "but".
type denialWords struct{ not, other, joins *lexicon.List }

// denialsOf is empty for a language whose words are not known.
func denialsOf(locale string) denialWords {
	lang := text.BaseLanguage(locale)
	return denialWords{lexicon.Of(lang, "denies-verb"), lexicon.Of(lang, "denies-other"), lexicon.Of(lang, "joins")}
}

func (d *denialWords) has(word string) bool { return d.not.Has(word) || d.other.Has(word) }

// DeniesVerb reports whether a word, in lower case, is one that turns the verb
// beside it, such as "not" and "never".
func DeniesVerb(word, locale string) bool { return lexicon.Of(locale, "denies-verb").Has(word) }

// isNot knows "don't", of which apostrophes make two words.
func isNot(before, word string) bool { return word == "t" && strings.HasSuffix(before, "n") }

// Statement is what one sentence says, as far as words tell.
type Statement struct {
	// Words are its lexemes, sorted and without repeats.
	Words []string
	// denied are, for each denial in it, the lexemes beside.
	denied [][]string
	// cells is true for the row of a table, whose cells deny for themselves.
	cells bool
}

// deniedBeside is how many lexemes on either side a denial concerns.
const deniedBeside = 2

// ReadStatement reads a sentence. A denial concerns what stands beside it in its
// part of the sentence, and all of it where nothing does.
func ReadStatement(a *analysis.Analyzer, sentence, locale string) Statement {
	words := a.Lexemes(locale, sentence)
	slices.Sort(words)
	st := Statement{Words: slices.Compact(words), cells: strings.ContainsRune(sentence, '|')}
	list := denialsOf(locale)
	if list.not == nil {
		return st
	}
	for part := range parts(sentence, list.joins) {
		for i, w := range part {
			if !list.has(w) && (i == 0 || !isNot(part[i-1], w) || !list.not.Has("not")) {
				continue
			}
			before := a.Lexemes(locale, strings.Join(part[:i], " "))
			after := a.Lexemes(locale, strings.Join(part[i+1:], " "))
			beside := slices.Concat(before[max(0, len(before)-deniedBeside):], after[:min(len(after), deniedBeside)])
			if len(beside) == 0 && len(st.denied) == 0 {
				beside = a.Lexemes(locale, sentence)
			}
			if len(beside) > 0 {
				st.denied = append(st.denied, beside)
			}
		}
	}
	return st
}

// Denies reports whether the statement denies anything.
func (s *Statement) Denies() bool { return len(s.denied) > 0 }

// denies reports whether the statement denies something that the other one
// speaks of.
func (s *Statement) denies(other *Statement) bool {
	return slices.ContainsFunc(s.denied, func(beside []string) bool {
		return slices.ContainsFunc(beside, func(l string) bool {
			_, found := slices.BinarySearch(other.Words, l)
			return found
		})
	})
}

// Shares counts the words that both have.
func (s *Statement) Shares(other *Statement) int {
	n, a, b := 0, s.Words, other.Words
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			n++
			a, b = a[1:], b[1:]
		}
	}
	return n
}

// Agrees reports whether a claim denies or affirms like the sentence that it
// follows: the one that shares most words with it, or any of those that share as
// many. Where none shares least (0 to 1) of the claim's words and of its own, the
// claim follows none, and agrees. It knows words, not meaning.
func Agrees(claim *Statement, sentences []*Statement, least float64) bool {
	most, agrees := 0, true
	for _, s := range sentences {
		if s.cells {
			continue
		}
		switch shared := claim.Shares(s); {
		case float64(shared) < least*float64(max(len(claim.Words), len(s.Words))) || shared == 0 || shared < most:
		case shared > most:
			most, agrees = shared, claim.denies(s) == s.denies(claim)
		default:
			agrees = agrees || claim.denies(s) == s.denies(claim)
		}
	}
	return agrees
}

// Quotes reports whether a claim stands in a text word for word and is not
// denied there by the words just before it.
func Quotes(claim, in, locale string) bool {
	claim, in = strings.TrimSuffix(plainLine(claim), ". "), plainLine(in)
	list := denialsOf(locale)
	for from := 0; ; from++ {
		i := strings.Index(in[from:], claim)
		if i < 0 {
			return false
		}
		from += i
		before := strings.Fields(in[max(0, from-aheadBytes):from])
		before = before[max(0, len(before)-deniedAhead):]
		before = before[slices.Index(before, ".")+1:]
		if !slices.ContainsFunc(before, func(w string) bool { return list.has(w) || w == "t" }) {
			return true
		}
	}
}

// deniedAhead is how many words before a claim may deny it, aheadBytes what is
// looked at for them.
const (
	deniedAhead = 2
	aheadBytes  = 60
)

// plainLine is the words of s, in lower case and surrounded by single blanks,
// with dots between sentences.
func plainLine(s string) string {
	var b strings.Builder
	b.WriteByte(' ')
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(".?!…", r) }) {
		for w := range strings.FieldsFuncSeq(part, func(r rune) bool { return !text.IsWordPart(r) }) {
			b.WriteString(strings.ToLower(w) + " ")
		}
		b.WriteString(". ")
	}
	return b.String()
}

// parts are the words of each part of a sentence, in lower case: what
// punctuation or an "and", "or", "but" parts.
func parts(s string, joins *lexicon.List) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		var part []string
		for s != "" {
			start := strings.IndexFunc(s, text.IsWordPart)
			if start < 0 {
				break
			}
			parted := strings.IndexFunc(s[:start], func(r rune) bool { return !unicode.IsSpace(r) && !strings.ContainsRune("'’-*_`\"", r) }) >= 0
			s = s[start:]
			end := strings.IndexFunc(s, func(r rune) bool { return !text.IsWordPart(r) })
			if end < 0 {
				end = len(s)
			}
			w := strings.ToLower(s[:end])
			s = s[end:]
			if (parted || joins.Has(w)) && len(part) > 0 {
				if !yield(part) {
					return
				}
				part = nil
			}
			if !joins.Has(w) {
				part = append(part, w)
			}
		}
		if len(part) > 0 {
			yield(part)
		}
	}
}
