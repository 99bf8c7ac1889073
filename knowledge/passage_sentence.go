package knowledge

import (
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/internal/text"
)

// SentenceKind says what a sentence is in its passage, since a list item or a
// table row reads differently in a reply than running text.
type SentenceKind int

// The kinds of sentence.
const (
	SentenceProse  SentenceKind = iota + 1 // running text
	SentenceItem                           // an item of a list, or a sentence of a long one
	SentenceHeader                         // the first row of a table, which names its columns
	SentenceRow                            // another row: "first cell: second; third"
	SentenceCode                           // a line of code or preformatted text
)

// Sentence is the smallest piece of a passage that a reply can cite.
type Sentence struct {
	Kind SentenceKind
	// Start and End bound the sentence in its revision's body: UTF-8 byte
	// offsets, End exclusive. Marks at either side of it are outside.
	Start, End int
	// Text is one line without marks: what body[Start:End] says. A link is
	// followed by its target in brackets when customers can follow it; the
	// cells of a row are joined by ": " and "; ".
	Text string
	// Cells are the cells of a header or row, empty ones too, without marks, so
	// that a value can be said with its column's name. Nil for other kinds.
	Cells []string
	// Context is true for what the passage repeats from further up: it stands
	// before the passage's Start.
	Context bool
}

// maxItemChars is how long, in characters, a list item may be to count as one
// sentence.
const maxItemChars = 300

// Sentences takes a passage apart, in order, its context first: a passage that
// holds only the end of a table still has its head. Headings are not sentences. A list
// item is one sentence up to 300 characters and is divided like running text
// beyond that; a table row and a line of code are always one. The locale is the
// article's BCP 47 tag.
func (p Passage) Sentences(locale string) []Sentence {
	var out []Sentence
	whole := p.withContext()
	for _, b := range parseBlocks(whole.text) {
		for _, s := range b.sentences(locale) {
			plain := collapse(b.plain.String()[s.Start:s.End])
			if text.IsBlank(plain) {
				continue
			}
			start := whole.body(b.plain.sourceStart(s.Start))
			out = append(out, Sentence{
				Kind:    b.sentenceKind(),
				Start:   start,
				End:     max(start, min(p.Start+len(p.Text), whole.end(b.plain.sourceEnd(s.End)))),
				Text:    plain,
				Cells:   b.cells,
				Context: start < p.Start,
			})
		}
	}
	return out
}

func (b block) sentenceKind() SentenceKind {
	switch b.kind {
	case blockItem:
		return SentenceItem
	case blockHeader:
		return SentenceHeader
	case blockRow:
		return SentenceRow
	case blockCode:
		return SentenceCode
	case blockParagraph, blockHeading, blockHTML, blockOther:
	}
	return SentenceProse
}

// sentences returns the spans of a block's sentences in its plain text.
func (b block) sentences(locale string) []text.Span {
	plain := b.plain.String()
	switch b.kind {
	case blockHeading, blockOther:
		return nil
	case blockHeader, blockRow:
		return trimmedSpans(plain, text.Span{Start: 0, End: len(plain)})
	case blockItem:
		if utf8.RuneCountInString(plain) <= maxItemChars {
			return trimmedSpans(plain, text.Span{Start: 0, End: len(plain)})
		}
	case blockCode:
		return lineSpans(plain)
	case blockParagraph, blockHTML:
	}
	return sentence.Split(plain, locale)
}

func trimmedSpans(s string, p text.Span) []text.Span {
	trimmed := strings.TrimSpace(s[p.Start:p.End])
	if trimmed == "" {
		return nil
	}
	start := p.Start + strings.Index(s[p.Start:p.End], trimmed)
	return []text.Span{{Start: start, End: start + len(trimmed)}}
}

func lineSpans(s string) []text.Span {
	var out []text.Span
	at := 0
	for line := range strings.Lines(s) {
		out = append(out, trimmedSpans(s, text.Span{Start: at, End: at + len(line)})...)
		at += len(line)
	}
	return out
}

// SplitTitle takes the heading that names a Markdown document out of it: its
// first heading of level one, or else the heading it opens with, if no other one
// stands beside or above that. It returns the heading without marks, and the
// rest. ok is false, and rest all of it, when there is none.
func SplitTitle(markdown string) (title, rest string, ok bool) {
	blocks := parseBlocks(markdown)
	at := titleBlock(blocks)
	if at < 0 {
		return "", markdown, false
	}
	end := len(markdown)
	if at+1 < len(blocks) {
		end = blocks[at+1].start
	}
	return collapse(blocks[at].plain.String()), markdown[:blocks[at].start] + markdown[end:], true
}

// titleBlock finds the heading that names the document; -1 means there is none.
func titleBlock(blocks []block) int {
	opening, text := -1, false
	for i, b := range blocks {
		said := collapse(b.plain.String()) != ""
		switch {
		case !said:
		case !b.isSectionHeading():
			text = true
		case b.level == 1:
			return i
		case opening < 0 && !text:
			opening = i
		}
	}
	if opening < 0 {
		return -1
	}
	for _, b := range blocks[opening+1:] {
		if b.isSectionHeading() && b.level <= blocks[opening].level {
			return -1
		}
	}
	return opening
}
