package sentence

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/lexicon"
	"github.com/purser-desk/purser/internal/text"
)

// Split cuts s into sentences. The spans are in order, do not overlap,
// carry neither leading nor trailing blanks and leave out only blanks.
//
// It begins with Unicode's default boundaries (UAX #29) and takes back those
// after abbreviations, ordinals, initials and the marks of lists. An empty
// line, a list item, a heading, a table's row or a quoted line begins a new
// sentence; a line that was only wrapped does not. Marks of citation such as
// "[1]" belong to the sentence before them.
func Split(s, locale string) []text.Span {
	c := &sentenceCutter{s: s, lang: text.BaseLanguage(locale)}
	var out []text.Span
	it := sentences.FromString(s)
	for it.Next() {
		p := text.Span{Start: it.Start(), End: it.End()}
		if trimSpan(s, p).Len() == 0 {
			continue
		}
		if n := len(out); n > 0 && c.continues(trimSpan(s, out[n-1]), trimSpan(s, p)) {
			out[n-1].End = p.End
			continue
		}
		if n := len(out); n > 0 {
			if end := citationEnd(s, out[n-1], p); end > p.Start {
				out[n-1].End, p.Start = end, end
			}
		}
		if trimSpan(s, p).Len() > 0 {
			out = append(out, p)
		}
	}
	for i := range out {
		out[i] = trimSpan(s, out[i])
	}
	return out
}

func trimSpan(s string, p text.Span) text.Span {
	t := strings.TrimLeftFunc(p.In(s), unicode.IsSpace)
	p.Start = p.End - len(t)
	p.End = p.Start + len(strings.TrimRightFunc(t, unicode.IsSpace))
	return p
}

// citationEnd is where the marks of citation at the beginning of next end;
// next's beginning when there are none, or they begin a line.
func citationEnd(s string, before, next text.Span) int {
	p := trimSpan(s, next)
	if strings.Contains(s[trimSpan(s, before).End:p.Start], "\n") {
		return next.Start
	}
	i, found := p.Start, next.Start
	if i > 0 && s[i-1] == '[' {
		i-- // the boundary stands inside the mark
	}
	for i < p.End && s[i] == '[' {
		j := i + 1
		for j < p.End && (text.IsDigit(s[j]) || s[j] == ',' || s[j] == ' ') {
			j++
		}
		if j == i+1 || j >= p.End || s[j] != ']' {
			break
		}
		i = j + 1
		found = i
		for i < p.End && s[i] == ' ' {
			i++
		}
	}
	if found > next.Start && found < p.End && s[found] == '.' {
		found++
	}
	return found
}

type sentenceCutter struct {
	s    string
	lang string
}

// continues reports whether b goes on with the sentence a.
func (c *sentenceCutter) continues(a, b text.Span) bool {
	if gap := c.s[a.End:b.Start]; strings.Contains(gap, "\n") {
		return strings.Count(gap, "\n") == 1 && c.isWrapped(a, b)
	}
	if isListMark(a.In(c.s)) {
		return true
	}
	if a.End == b.Start && c.isInAddress(a) {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(a.In(c.s))
	next := firstLetterOrDigit(b.In(c.s))
	switch last {
	case '.':
		return c.isAbbreviated(a, b, next)
	case '"', '\'', '”', '’', '»', '“', ')':
		// A quoted question inside a sentence goes on in small letters.
		return unicode.IsLower(next)
	}
	return false
}

// isInAddress reports whether a ends inside a web address: at the question mark
// before its query.
func (c *sentenceCutter) isInAddress(a text.Span) bool {
	t := a.In(c.s)
	t = t[max(0, len(t)-512):]
	run := t[strings.LastIndexFunc(t, unicode.IsSpace)+1:]
	return strings.HasSuffix(run, "?") && strings.Contains(run, "/") && strings.Contains(run, ".")
}

// isListMark reports "1.", "2)", "a.", "-" and the like standing alone.
func isListMark(s string) bool {
	t := strings.TrimLeft(s, "*-+•>#( \t")
	if t == "" {
		return true
	}
	if len(t) < 2 || t[len(t)-1] != '.' && t[len(t)-1] != ')' {
		return false
	}
	t = t[:len(t)-1]
	return len(t) <= 3 && text.AllDigits(t) || len(t) == 1 && text.IsAlnum(t[0]) && s[0] == t[0] && unicode.IsLower(rune(t[0]))
}

func firstLetterOrDigit(s string) rune {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
	}
	return 0
}

// wrapWidth is the length, in characters, from which a line is taken to have
// been broken because it was full.
const wrapWidth = 48

// isWrapped reports whether the line break between a and b stands inside a
// sentence.
func (c *sentenceCutter) isWrapped(a, b text.Span) bool {
	lineStart := strings.LastIndexByte(c.s[:a.End], '\n') + 1
	line := strings.TrimSpace(c.s[lineStart:a.End])
	next := c.s[b.Start:b.End]
	if i := strings.IndexByte(next, '\n'); i >= 0 {
		next = next[:i]
	}
	if isStructural(line) && !isItemText(line) || isStructural(next) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(line)
	if last == '.' && c.isAbbreviated(a, b, firstLetterOrDigit(next)) {
		return true
	}
	if strings.ContainsRune(".!?…:;。！？؟۔|", last) {
		return false
	}
	width := utf8.RuneCountInString(line)
	first := firstLetterOrDigit(next)
	if last == ',' && width < wrapWidth*2/3 {
		return false // "Dear Anna,"
	}
	return width >= wrapWidth || unicode.IsLower(first) && width >= wrapWidth/3
}

// isStructural reports lines that Markdown or e-mail give a place of their own:
// list items, headings, quotes, rows of tables, rules and fences.
func isStructural(line string) bool {
	if line == "" {
		return true
	}
	switch line[0] {
	case '#', '>', '|':
		return true
	case '-', '*', '+', '=', '_', '`', '~':
		return len(line) == 1 || line[1] == ' ' || line[1] == '\t' || line[1] == line[0]
	}
	if r, _ := utf8.DecodeRuneInString(line); r == '•' || r == '–' || r == '·' || r == '▪' || r == '✓' || r == '★' {
		return true
	}
	i := 0
	for i < len(line) && i < 3 && text.IsDigit(line[i]) {
		i++
	}
	return i > 0 && i+1 < len(line) && (line[i] == '.' || line[i] == ')') && line[i+1] == ' '
}

// isItemText reports structural lines whose text may be wrapped: list items and
// quotes, not headings and tables.
func isItemText(line string) bool {
	return line != "" && line[0] != '#' && line[0] != '|' && line[0] != '=' && line[0] != '_' && line[0] != '`'
}

// isAbbreviated reports whether the full stop at the end of a does not end a
// sentence, given that next is the first letter or digit of b.
func (c *sentenceCutter) isAbbreviated(a, b text.Span, next rune) bool {
	t := a.In(c.s)
	from := strings.LastIndexFunc(t, unicode.IsSpace) + 1
	word := strings.TrimLeft(t[from:], "([{\"'„“«¿¡*_")
	before := strings.TrimRightFunc(t[:from], unicode.IsSpace)
	before = before[strings.LastIndexFunc(before, unicode.IsSpace)+1:]
	body := strings.TrimSuffix(word, ".")
	if body == "" {
		return false
	}
	if text.AllDigits(body) {
		return len(body) <= 2 && c.isOrdinal(strings.ToLower(before), b)
	}
	lower := strings.ToLower(body)
	if utf8.RuneCountInString(body) == 1 {
		return c.isInitial(body, before, next)
	}
	return c.isAbbreviation(lower) || unicode.IsDigit(next) && c.isNumbered(lower)
}

// isInitial reports whether a single letter with a full stop is an initial or
// part of "z. B.".
func (c *sentenceCutter) isInitial(letter, before string, next rune) bool {
	r, _ := utf8.DecodeRuneInString(letter)
	switch {
	case !unicode.IsLetter(r):
		return false
	case unicode.IsLower(r):
		return c.lang != "pl" || !strings.ContainsRune("oizwau", r) && !unicode.IsUpper(next) || r == 'r' && unicode.IsLower(next)
	case strings.HasSuffix(before, ".") && utf8.RuneCountInString(before) <= 3:
		return true // "J. R. Smith", "z. B."
	case before == "":
		return true
	}
	return unicode.IsUpper(next) && !c.has("lettered", strings.ToLower(before)) && (letter != "I" || c.lang != "en")
}

// has asks a list of the text's language for a word, or those of all languages
// where it has none or is not known.
func (c *sentenceCutter) has(list, word string) bool {
	if l := lexicon.Of(c.lang, list); l != nil {
		return l.Has(word)
	}
	return hasAnywhere(list, word)
}

func hasAnywhere(list, word string) bool {
	return slices.ContainsFunc(lexicon.Languages(list), func(lang string) bool { return lexicon.Of(lang, list).Has(word) })
}

// isOrdinal reports whether digits with a full stop are an ordinal: before a
// month in any language, after an article or preposition in those that write
// ordinals so.
func (c *sentenceCutter) isOrdinal(before string, b text.Span) bool {
	next := b.In(c.s)
	word := next[:text.WordEnd(next, 0)]
	if m, _ := entity.Month(strings.ToLower(word), word, c.lang); m > 0 && word != "" {
		return true
	}
	return lexicon.Of(c.lang, "before-ordinal").Has(before)
}

// isAbbreviation reports words that end in a full stop without ending a
// sentence: those of the text's language, and titles and the like that are
// words in no other.
func (c *sentenceCutter) isAbbreviation(word string) bool {
	return lexicon.Of(c.lang, "abbreviations").Has(word) ||
		hasAnywhere("abbreviations-anywhere", word) && !lexicon.Of(c.lang, "no-abbreviations").Has(word)
}

// isNumbered reports words that are shortened before a number and may end a
// sentence otherwise: "No. 5", "kl. 14", "Sept. 5".
func (c *sentenceCutter) isNumbered(word string) bool {
	return c.has("abbreviations-numbered", word) || c.has("months-short", word) || lexicon.Of(c.lang, "months-short-own").Has(word)
}

// Ends reports whether s ends with a mark that may end a sentence, closing marks
// behind it aside.
func Ends[T string | []byte](s T) bool {
	for len(s) > 0 {
		r, size := utf8.DecodeLastRuneInString(string(s[max(0, len(s)-utf8.UTFMax):]))
		switch r {
		case '.', '!', '?', '…', '。', '！', '？':
			return true
		case '"', '\'', ')', ']', '”', '’', '»', '*', '_', '`':
			s = s[:len(s)-size]
		default:
			return false
		}
	}
	return false
}
