package knowledge

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Section is a piece of an article as a drafter is given it: the sections that
// were found, or the whole article.
type Section struct {
	ArticleID, Key, Locale string
	Revision               int
	Title, URL             string
	Kind                   ArticleKind
	// ReviseTime is when the revision was applied; ValidFrom and ValidUntil are
	// zero where unbounded.
	ReviseTime, ValidFrom, ValidUntil time.Time
	// HeadingPath holds the headings above all of the text, outermost first; the
	// text does not say them again.
	HeadingPath []string
	// Start and End bound the text in the revision's body: UTF-8 byte offsets, End
	// exclusive. Text is body[Start:End], Markdown.
	Start, End int
	Text       string
	// StartCodePoint is Start in code points; 0 when it is not known.
	StartCodePoint int
	// Context is what stands further up and without which the text can't be read,
	// such as the head of a table; only where there was no room for the section.
	Context []Part
	// Score is the article's, 0 to 1.
	Score float64
	// Whole is true when nothing of the article is left out.
	Whole bool
}

// SectionOptions bound what Sections gives. Zero values mean the defaults.
type SectionOptions struct {
	// Bytes bounds the texts together; 0 means DefaultSectionBytes. The best
	// passage is given in any case.
	Bytes int
	// Articles bounds how many articles are heard; 0 means DefaultSectionArticles.
	Articles int
	// Whole is how long, in bytes, an article may be to be given whole; 0 means
	// DefaultWholeBytes, negative never. The first one may be of twice that length
	// where it leads by LeadMargin.
	Whole int
	// LeadMargin is by how much the first article's score must be above that of
	// the next other article to lead; 0 means DefaultLeadMargin.
	LeadMargin float64
}

// What Sections does unless told otherwise, chosen by what "purser eval run" prints
// as reply_in_evidence and gold_in_evidence on WixQA and the demo. On WixQA three
// passages of each article had held .57 of the gold replies' pairs of words, sections
// of four articles hold .59 in 6,000 bytes and .61 in 9,000; 12,000 bytes of six
// articles .63. On the demo whole articles of up to 2,500 bytes hold .35, sections
// alone .33; that a longer one leads seldom happens, and adds .001.
const (
	DefaultSectionBytes    = 9000
	DefaultSectionArticles = 4
	DefaultWholeBytes      = 2500
	DefaultLeadMargin      = 0.1
)

func (o SectionOptions) withDefaults() SectionOptions {
	if o.Bytes <= 0 {
		o.Bytes = DefaultSectionBytes
	}
	if o.Articles <= 0 {
		o.Articles = DefaultSectionArticles
	}
	if o.Whole == 0 {
		o.Whole = DefaultWholeBytes
	}
	if o.LeadMargin == 0 {
		o.LeadMargin = DefaultLeadMargin
	}
	return o
}

// Sections chooses what a drafter is given of hits, best first, which were asked
// for with Query.Sections: around each passage that was found the whole section,
// once, and the whole article where that is short or leads. The best passage of
// each of the first articles has its turn first, then the second ones of those that
// score at least half as well as the best. A section for which there is no room
// gives way to its passage.
//
// What is given is in the order of the hits, and within an article in its own.
// Sections of an article that follow one another are one.
func Sections(hits []Hit, o SectionOptions) []Section {
	o = o.withDefaults()
	hits = hits[:min(len(hits), o.Articles)]
	c := chooser{o: o, left: o.Bytes, pieces: make([][]piece, len(hits)), seen: map[string]bool{}}
	for turn := 0; ; turn++ {
		more := false
		for i := range hits {
			if turn >= len(hits[i].Passages) {
				continue
			}
			more = true
			if turn > 0 && hits[i].Score < hits[0].Score/2 {
				continue
			}
			c.choose(hits, i, turn)
		}
		if !more {
			break
		}
	}
	var out []Section
	for i := range hits {
		for _, p := range joinPieces(c.pieces[i]) {
			out = append(out, newSection(&hits[i], p))
		}
	}
	return out
}

// piece is a part of an article that was chosen.
type piece struct {
	start, end int
	text       string
	path       []string
	context    []Part
	whole      bool
}

type chooser struct {
	o      SectionOptions
	left   int
	pieces [][]piece // by hit
	seen   map[string]bool
}

// choose takes what there is room for: the whole article, the section, the
// passage, or nothing.
func (c *chooser) choose(hits []Hit, i, turn int) {
	h := &hits[i]
	f := &h.Passages[turn]
	for _, p := range c.pieces[i] {
		if p.start <= f.Start && f.End <= p.end {
			return // it is there already
		}
	}
	folded := strings.Join(strings.Fields(f.Text), " ")
	if c.seen[folded] {
		return // another article says the same
	}
	c.seen[folded] = true
	first := i == 0 && turn == 0
	if turn == 0 && h.Body != "" && len(h.Body) <= c.wholeBytes(hits, i) && len(h.Body) <= c.left {
		c.add(i, piece{end: len(h.Body), text: h.Body, whole: true})
		return
	}
	if p, ok := sectionPiece(h, f); ok && len(p.text) <= c.left {
		c.add(i, p)
		return
	}
	size := len(f.Text)
	for _, part := range f.Context {
		size += len(part.Text)
	}
	if size <= c.left || first {
		c.add(i, piece{start: f.Start, end: f.End, text: f.Text, path: f.HeadingPath, context: f.Context})
	}
}

func (c *chooser) add(i int, p piece) {
	c.pieces[i] = append(c.pieces[i], p)
	c.left -= len(p.text)
}

// wholeBytes is how long the article may be to be given whole.
func (c *chooser) wholeBytes(hits []Hit, i int) int {
	if i == 0 {
		next := slices.IndexFunc(hits, func(h Hit) bool { return h.Key != hits[0].Key })
		if next < 0 || hits[0].Score-hits[next].Score >= c.o.LeadMargin {
			return 2 * c.o.Whole
		}
	}
	return c.o.Whole
}

// sectionPiece is the section of a passage; false where it did not come with the
// hit.
func sectionPiece(h *Hit, f *FoundPassage) (piece, bool) {
	p := piece{start: f.SectionStart, end: f.SectionEnd, path: f.HeadingPath, text: f.Section}
	if h.Body != "" && p.start <= p.end && p.end <= len(h.Body) {
		p.text = h.Body[p.start:p.end]
	}
	return p, p.text != "" && len(p.text) == p.end-p.start
}

// joinPieces puts what overlaps or touches together, in the article's order.
func joinPieces(pieces []piece) []piece {
	slices.SortFunc(pieces, func(a, b piece) int { return a.start - b.start })
	var out []piece
	for _, p := range pieces {
		if n := len(out); n > 0 && p.start-out[n-1].end <= maxGap {
			out[n-1] = joined(out[n-1], p)
			continue
		}
		out = append(out, p)
	}
	return out
}

// maxGap is how many bytes may stand between what follows one another: blanks.
const maxGap = 4

func joined(a, b piece) piece {
	if b.end <= a.end {
		return a
	}
	if gap := b.start - a.end; gap > 0 {
		a.text += strings.Repeat("\n", gap) + b.text
	} else {
		a.text += b.text[-gap:]
	}
	a.end = b.end
	n := 0
	for n < len(a.path) && n < len(b.path) && a.path[n] == b.path[n] {
		n++
	}
	a.path = a.path[:n]
	return a
}

func newSection(h *Hit, p piece) Section {
	s := Section{
		ArticleID: h.ArticleID, Key: h.Key, Locale: h.Locale, Revision: h.Revision, Title: h.Title, URL: h.URL, Kind: h.Kind,
		ReviseTime: h.ReviseTime, ValidFrom: h.ValidFrom, ValidUntil: h.ValidUntil,
		HeadingPath: p.path, Start: p.start, End: p.end, Text: p.text, Context: p.context, Score: h.Score, Whole: p.whole,
	}
	s.Start += openingHeadings(s.Text, h.Title, p.path)
	s.Text = s.Text[s.Start-p.start:]
	if s.Start <= len(h.Body) {
		s.StartCodePoint = utf8.RuneCountInString(h.Body[:s.Start])
	}
	return s
}

// openingHeadings is how many bytes the headings take that a text begins with and
// that its title and heading path say already.
func openingHeadings(body, title string, path []string) int {
	if !strings.HasPrefix(strings.TrimLeft(body, " \n"), "#") && !strings.Contains(body, "\n==") && !strings.Contains(body, "\n--") {
		return 0
	}
	blocks := parseBlocks(body)
	for i, b := range blocks {
		said := clipRunes(collapse(b.plain.String()), maxPathRunes)
		if !b.isSectionHeading() || foldTitle(said) != foldTitle(title) && !slices.Contains(path, said) {
			return b.start
		}
		if i+1 == len(blocks) {
			return b.start // a heading alone is better than nothing
		}
	}
	return 0
}
