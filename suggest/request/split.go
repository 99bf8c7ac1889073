package request

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
)

// MaxSearched is how many requests of a message are searched for on their own.
const MaxSearched = 6

// maxParts bounds how many requests of a message are told apart.
const maxParts = 40

// Part is a piece of a message that may be a request of its own.
type Part struct {
	// Text in the customer's words, with what stands right before it in its sentence.
	Text string
	// Start and End are byte offsets in the message. Both are 0 where Merge has put
	// a request together from several places.
	Start, End int
	// Context is what the customer tells beside it, empty where nothing is told.
	Context string
	// Search is the text to search for: the request without the words that only
	// join it to what stands before.
	Search string
}

// InContext is the text to search for with what it is about; empty where nothing
// is told. Search alone finds the better articles: of 101 requests the right one is
// among the first three of 92 with it and of 83 with the context, which draws all
// requests to the same articles. But "Can I get a refund?" is another matter after a
// cancellation, so that the first article that the context finds belongs to what a
// request is given: then 91 of 101, and of ten such refunds 8 in place of 6.
func (p *Part) InContext() string {
	if p.Context == "" {
		return ""
	}
	return p.Context + "\n" + p.Search
}

// Split proposes the requests of a message, in order: questions, with or without
// a mark, wishes, and the items of a list, each with the statements that it needs.
// A message that wants one thing, or of which that can't be told, is one Part with
// all of it. It is nil for a blank message.
func Split(message, locale string) []Part {
	if text.IsBlank(message) {
		return nil
	}
	c := cutter{message, vocabularyOf(locale), locale}
	units := c.joinElliptic(c.units())
	parts := c.parts(units)
	if len(parts) == 0 {
		p := trim(message, text.Span{End: len(message)})
		return []Part{{Text: p.In(message), Start: p.Start, End: p.End, Search: p.In(message)}}
	}
	return parts[:min(len(parts), maxParts)]
}

// unit is a sentence or clause.
type unit struct {
	text.Span
	request bool
	// content is how many words tell a topic; elliptic says that the topic stands
	// in what was said before.
	content  int
	elliptic bool
	// item says that it is one of a list, said that it asks or wishes by itself,
	// another that its words begin another matter.
	item, said, another bool
	// told is the end of what it tells before it asks, 0 where it tells nothing.
	told int
}

type cutter struct {
	s      string
	voc    *vocabulary
	locale string
}

// units cuts the message. Items of a list are requests where one of them asks or
// wishes, where something announces them, or where nothing else is asked.
func (c *cutter) units() []unit {
	var out []unit
	asked := false
	for _, b := range blocksOf(c.s) {
		first := len(out)
		for _, p := range sentence.Split(b.In(c.s), c.locale) {
			p.Start, p.End = p.Start+b.Start, p.End+b.Start
			for _, u := range c.clauses(p) {
				u.item, u.said = b.item, u.request
				out = append(out, u)
			}
		}
		if b.item {
			out = c.oneItem(out, first)
		}
	}
	for i := range out {
		asked = asked || out[i].said && !out[i].item
	}
	for i := 0; i < len(out); {
		if !out[i].item {
			i++
			continue
		}
		j, said := i, false
		for ; j < len(out) && out[j].item; j++ {
			said = said || out[j].said
		}
		if said || !asked || i > 0 && strings.HasSuffix(out[i-1].In(c.s), ":") {
			for k := i; k < j; k++ {
				out[k].request = out[k].content > 0
			}
		}
		i = j
	}
	return out
}

// oneItem makes one unit of an item's sentences where only one of them or none
// asks.
func (c *cutter) oneItem(units []unit, first int) []unit {
	n := 0
	for _, u := range units[first:] {
		if u.request {
			n++
		}
	}
	if n > 1 || len(units)-first < 2 {
		return units
	}
	u := c.unit(text.Span{Start: units[first].Start, End: units[len(units)-1].End})
	u.item, u.request = true, n > 0
	u.said = u.request
	return append(units[:first], u)
}

func (c *cutter) unit(p text.Span) unit {
	t := c.voc.topic(tokensOf(c.s, p))
	u := unit{Span: p, content: t.content, elliptic: t.content == 0 || t.refers && t.content <= maxElliptic}
	if t.announces && t.content <= maxElliptic {
		u.content = 0
	}
	return u
}

// maxElliptic is the most words of its own that a clause has whose topic stands in
// what was said before. Fitted with MaxSearched and the rest of this package on
// batches a and b of testdata, "go test -run Figures -v ./suggest/request".
const maxElliptic = 2

// clauses cuts a sentence into its requests. What stands in it before the first
// one belongs to that; so does what asks for nothing by itself, such as "I'd like
// to know", to what follows.
func (c *cutter) clauses(p text.Span) []unit {
	tokens := tokensOf(c.s, p)
	signs := c.signs(p, tokens)
	if !signs.request {
		u := c.unit(p)
		u.another = len(tokens) > 0 && signs.begin(0)&join != 0
		return []unit{u}
	}
	var out []unit
	start, from := p.Start, 0
	for i := 1; i <= len(tokens); i++ {
		if i < len(tokens) && !c.begins(tokens, i, &signs) {
			continue
		}
		end := p.End
		if i < len(tokens) {
			end = tokens[i].Start
		}
		u := c.unit(trimClause(c.s, text.Span{Start: start, End: end}))
		u.request = true
		switch n := len(out); {
		case u.content > 0 && (c.says(tokens, from, i, &signs) || i == len(tokens)):
			out = append(out, u)
		case i < len(tokens):
			from = i // it leads in what follows
			continue
		case n > 0:
			out[n-1] = c.unit(text.Span{Start: out[n-1].Start, End: u.End})
			out[n-1].request = true
		default:
			out = append(out, u)
		}
		start, from = end, i
	}
	return out
}

// says reports whether tokens from one to before another ask or wish.
func (c *cutter) says(tokens []token, from, to int, s *sentenceSigns) bool {
	if _, joined := c.head(tokens, from, s); joined && from > 0 {
		return true
	}
	if s.thingsAt >= 0 && from >= s.thingsAt || c.asks(tokens, from, s) || s.tellAt >= 0 && from >= s.tellAt {
		return true
	}
	for i := from; i < to; i++ {
		for _, f := range s.found[i] {
			if f.signs&(wish|tell) != 0 {
				return true
			}
		}
	}
	return false
}

// sentenceSigns is what the words of a sentence say.
type sentenceSigns struct {
	// request says that something is asked or wished, mark that a question mark
	// stands at the end.
	request, mark bool
	// tellAt and thingsAt are the tokens behind the first words that ask to be told
	// something and that announce a list; -1 without.
	tellAt, thingsAt int
	found            [][]found
}

// maxLeadIn is how many words stand at most between "tell me" and what is to be told.
const maxLeadIn = 3

func (c *cutter) signs(p text.Span, tokens []token) sentenceSigns {
	s := sentenceSigns{mark: endsAsking(p.In(c.s)), tellAt: -1, thingsAt: -1, found: make([][]found, len(tokens))}
	wished, told, asked := false, false, false
	for i := range tokens {
		s.found[i] = c.voc.at(tokens, i)
		for _, f := range s.found[i] {
			if f.signs&wish != 0 {
				wished = true
			}
			if f.signs&tell != 0 && s.tellAt < 0 {
				s.tellAt = f.end
				told = f.words > 1
			}
			if f.signs&things != 0 && s.thingsAt < 0 {
				s.thingsAt = f.end
			}
			// Who leaves out the mark begins with more than one word.
			asked = asked || f.signs&ask != 0 && f.words > 1 && i > 0 && parts(c.s[tokens[i-1].End:tokens[i].Start])
			told = told || s.tellAt >= 0 && i >= s.tellAt && i <= s.tellAt+maxLeadIn && f.signs&(ask|whether) != 0
		}
	}
	s.request = s.mark || wished || told || asked || c.asks(tokens, 0, &s)
	return s
}

// begin is what the phrases say that begin at a token.
func (s *sentenceSigns) begin(i int) sign {
	var out sign
	for _, f := range s.found[i] {
		out |= f.signs
	}
	return out
}

// parts reports whether what stands between two words parts clauses.
func parts(gap string) bool {
	return strings.ContainsAny(gap, ",;:–—\n，；：") || strings.Contains(gap, " - ")
}

// asks reports whether a question begins at a token, after words that say nothing.
func (c *cutter) asks(tokens []token, i int, s *sentenceSigns) bool {
	i, _ = c.head(tokens, i, s)
	if i >= len(tokens) {
		return false
	}
	for _, f := range s.found[i] {
		if f.signs&ask != 0 || f.signs&verb != 0 && s.mark {
			return true
		}
	}
	return false
}

// head is the first token from i on that is no conjunction, no filler, no greeting
// and begins no other request; joined says that one of the last was among them.
func (c *cutter) head(tokens []token, i int, s *sentenceSigns) (at int, joined bool) {
	for i < len(tokens) {
		next := i
		if c.voc.and[tokens[i].word] {
			next = i + 1
		}
		for _, f := range s.found[i] {
			if f.signs&(join|filler|courtesy) != 0 && f.signs&(wish|ask|verb) == 0 && f.end > next {
				next = f.end
				joined = joined || f.signs&join != 0 && f.signs&filler == 0
			}
		}
		if next == i {
			break
		}
		i = next
	}
	return i, joined
}

// begins reports whether another request begins at a token inside a sentence that
// asks or wishes.
func (c *cutter) begins(tokens []token, i int, s *sentenceSigns) bool {
	part := parts(c.s[tokens[i-1].End:tokens[i].Start])
	and := c.voc.and[tokens[i].word]
	if !part && !and {
		return false
	}
	at, joined := c.head(tokens, i, s)
	if at >= len(tokens) {
		return false
	}
	if joined || s.thingsAt >= 0 && i >= s.thingsAt {
		return true
	}
	for _, f := range s.found[at] {
		switch {
		case f.signs&(wish|tell) != 0 && f.start == at,
			f.signs&whether != 0 && s.tellAt >= 0 && at >= s.tellAt,
			f.signs&verb != 0 && s.mark,
			f.signs&ask != 0 && (and || f.words > 1 || s.mark || s.tellAt >= 0 && at >= s.tellAt):
			return true
		}
	}
	return false
}

// joinElliptic adds requests that have no topic of their own to what stands before
// them: "My bag is broken. What can I do?", "What does it cost?"
func (c *cutter) joinElliptic(units []unit) []unit {
	var out []unit
	asked := false
	for _, u := range units {
		u.request = u.request || asked && u.another && u.content > 0
		if n := len(out); n > 0 && u.request && u.elliptic && !u.item && out[n-1].content > 0 {
			b := &out[n-1]
			if !b.request {
				b.told = b.End
			}
			b.End, b.request, b.content = u.End, true, b.content+u.content
		} else {
			out = append(out, u)
		}
		asked = asked || u.request
	}
	return out
}

// parts gives each request the statements before it, back to the last request
// that has some; those behind the last request belong to that.
func (c *cutter) parts(units []unit) []Part {
	var parts []Part
	var told []string
	said := map[string]bool{}
	open := false // told is still growing
	for _, u := range units {
		switch {
		case u.request && said[u.In(c.s)]:
			// Forms and subjects say things twice.
		case u.request && u.content > 0:
			said[u.In(c.s)] = true
			parts = append(parts, Part{Text: u.In(c.s), Start: u.Start, End: u.End, Context: strings.Join(told, " "), Search: c.searchText(u.Span)})
			open = false
			if u.told > 0 {
				told = []string{c.s[u.Start:u.told]}
			}
		case u.content > 0:
			if !open {
				told, open = nil, true
			}
			told = append(told, u.In(c.s))
		}
	}
	if open && len(parts) > 0 {
		last := &parts[len(parts)-1]
		if last.Context != "" {
			last.Context += " "
		}
		last.Context += strings.Join(told, " ")
	}
	return parts
}

// searchText is a request without what joins it to others.
func (c *cutter) searchText(p text.Span) string {
	tokens := tokensOf(c.s, p)
	signs := sentenceSigns{found: make([][]found, len(tokens))}
	for i := range tokens {
		signs.found[i] = c.voc.at(tokens, i)
	}
	if i, _ := c.head(tokens, 0, &signs); i < len(tokens) {
		p.Start = tokens[i].Start
	}
	return p.In(c.s)
}

// endsAsking reports whether a sentence ends with a question mark, whatever stands
// behind that but letters and digits.
func endsAsking(s string) bool {
	for s != "" {
		r, size := utf8.DecodeLastRuneInString(s)
		switch {
		case r == '?' || r == '？' || r == '؟':
			return true
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return false
		}
		s = s[:len(s)-size]
	}
	return false
}

func trim(s string, p text.Span) text.Span {
	t := strings.TrimLeftFunc(p.In(s), unicode.IsSpace)
	p.Start = p.End - len(t)
	p.End = p.Start + len(strings.TrimRightFunc(t, unicode.IsSpace))
	return p
}

// trimClause leaves out the mark that parts a clause from the next one.
func trimClause(s string, p text.Span) text.Span {
	p = trim(s, p)
	p.End = p.Start + len(strings.TrimRight(p.In(s), " ,;:-–—\n\t"))
	return p
}
