package support

import (
	"math"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// place is a sentence, item, row or heading of the evidence.
type place struct {
	*reading
	source     int // index
	start, end int
	kind       knowledge.SentenceKind
	heading    bool
	// around are the lexemes of headings, of the line that leads a list in and of
	// a table's header, by how much they tell.
	around map[string]float64
	// rates that the header or the headings give the figures, by column; -1 for all.
	rates map[int][]string
	// table counts the tables of the task, from 1; 0 for none. key are the words of
	// a row's first cell, column those of its header for each of its figures.
	table int
	list  int // counts the lists, from 1; 0 for none
	key   []string
	// keyLexemes are those of key.
	keyLexemes []string
	columns    []int
	header     []*reading
	vector     []float32
	// deniedAhead tells that the heading or the line that leads a list in denies
	// what the items name: "Who can't check in online".
	deniedAhead bool
	signsAhead  []sign
}

// How much what stands around a sentence tells about it, beside its own words.
const (
	headingTells = .35
	leadTells    = .5
	columnTells  = .8
)

type headingLine struct {
	start, end, level int
	text              string
}

// headingsOf are the Markdown headings of a text.
func headingsOf(s string) []headingLine {
	var out []headingLine
	at, fenced := 0, false
	for line := range strings.Lines(s) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "```") {
			fenced = !fenced
		}
		level := len(trimmed) - len(strings.TrimLeft(trimmed, "#"))
		if !fenced && level > 0 && level <= 6 && len(trimmed) > level && trimmed[level] == ' ' {
			title := strings.TrimSpace(trimmed[level:])
			start := at + strings.Index(line, title)
			out = append(out, headingLine{start, start + len(title), level, title})
		}
		at += len(line)
	}
	return out
}

// take reads the sentences of one source.
func (t *Task) take(index int) {
	src := &t.context.Sources[index]
	r := t.reader
	path := append([]string{src.Title}, src.HeadingPath...)
	var above []*reading
	for _, h := range path {
		if h != "" {
			above = append(above, r.read(h, src.Locale))
		}
	}
	add := func(p *place) {
		p.source = index
		t.places = append(t.places, p)
	}
	if src.Title != "" {
		add(&place{reading: r.read(src.Title, src.Locale), start: src.Start, end: src.Start, heading: true, around: map[string]float64{}})
	}
	headings := headingsOf(src.Text)
	var open []headingLine
	var opened []*reading
	next := 0
	passage := knowledge.Passage{Start: src.Start, End: src.Start + len(src.Text), Text: src.Text, Context: src.Context}
	var header []*reading
	var lead *reading
	inList := false
	for _, s := range passage.Sentences(src.Locale) {
		for next < len(headings) && src.Start+headings[next].start <= s.Start {
			h := headings[next]
			for len(open) > 0 && open[len(open)-1].level >= h.level {
				open, opened = open[:len(open)-1], opened[:len(opened)-1]
			}
			rd := r.read(h.text, src.Locale)
			p := &place{reading: rd, start: src.Start + h.start, end: src.Start + h.end, heading: true}
			p.around = aroundOf(append(slices.Clone(above), opened...), nil)
			add(p)
			open, opened = append(open, h), append(opened, rd)
			next++
			lead, header = nil, nil
		}
		p := &place{reading: r.read(s.Text, src.Locale), start: s.Start, end: s.End, kind: s.Kind}
		switch s.Kind {
		case knowledge.SentenceHeader:
			t.tables++
			header = header[:0:0]
			for _, c := range s.Cells {
				header = append(header, r.read(c, src.Locale))
			}
			p.heading, p.around = true, aroundOf(append(slices.Clone(above), opened...), nil)
			add(p)
			continue
		case knowledge.SentenceRow:
			p.table, p.header = t.tables, header
			p.cells(s.Cells)
		case knowledge.SentenceItem:
			if !inList {
				t.lists++
			}
			p.list = t.lists
		case knowledge.SentenceProse, knowledge.SentenceCode:
			lead = nil
			if strings.HasSuffix(strings.TrimSpace(s.Text), ":") {
				lead = p.reading
			}
		}
		inList = s.Kind == knowledge.SentenceItem
		var ahead *reading
		if s.Kind == knowledge.SentenceItem {
			ahead = lead
			last := lead
			if last == nil && len(opened) > 0 {
				last = opened[len(opened)-1]
			}
			if last != nil && last.refuses() {
				p.deniedAhead, p.signsAhead = true, last.signs
			}
		}
		p.around = aroundOf(append(slices.Clone(above), opened...), ahead)
		p.rates = map[int][]string{}
		for i, h := range p.header {
			p.rates[i] = r.ratesIn(h, 0, len(h.words), 0)
			for _, w := range h.words {
				raise(p.around, w.lexeme, headingTells)
			}
		}
		for _, h := range opened {
			p.rates[-1] = append(p.rates[-1], r.ratesIn(h, 0, len(h.words), 0)...)
		}
		add(p)
	}
}

func raise(m map[string]float64, lexeme string, by float64) {
	if lexeme != "" {
		m[lexeme] = max(m[lexeme], by)
	}
}

func aroundOf(headings []*reading, lead *reading) map[string]float64 {
	out := map[string]float64{}
	for _, h := range headings {
		for _, w := range h.words {
			raise(out, w.lexeme, headingTells)
		}
	}
	if lead != nil {
		for _, w := range lead.words {
			raise(out, w.lexeme, leadTells)
		}
	}
	return out
}

// cells finds the row's key, and in which column each figure stands.
func (p *place) cells(cells []string) {
	at, spans := 0, make([]text.Span, len(cells))
	for i, c := range cells {
		if k := strings.Index(p.text[at:], c); k >= 0 && c != "" {
			spans[i] = text.Span{Start: at + k, End: at + k + len(c)}
			at = spans[i].End
		}
	}
	p.columns = make([]int, len(p.figures))
	for i := range p.figures {
		p.columns[i] = -1
		for k, s := range spans {
			if p.figures[i].Start >= s.Start && p.figures[i].End <= s.End {
				p.columns[i] = k
			}
		}
	}
	if len(spans) > 0 {
		for _, w := range p.words {
			if w.lexeme != "" && w.Start >= spans[0].Start && w.End <= spans[0].End {
				p.key, p.keyLexemes = append(p.key, w.lower), append(p.keyLexemes, w.lexeme)
			}
		}
	}
}

// near is how much the words of a text tell about what stands in the words from
// first to last: those beside it most.
func (rd *reading) near(first, last int) map[string]float64 {
	return rd.nearBy(first, last, nearWords)
}

func (rd *reading) nearBy(first, last int, half float64) map[string]float64 {
	out := map[string]float64{}
	for i := range rd.words {
		w := &rd.words[i]
		if w.lexeme == "" || i >= first && i <= last {
			continue
		}
		d := first - i
		if i > last {
			d = i - last
		}
		if w.clause != rd.words[first].clause {
			d += clauseIsFar
		}
		raise(out, w.lexeme, 1/(1+float64(d)/half))
	}
	return out
}

// nearWords is the distance at which a word tells half as much; clauseIsFar adds
// to it what another part of the sentence is away.
const (
	nearWords   = 10
	clauseIsFar = 4
	// sharpWords is nearWords where two figures of one sentence are told apart.
	sharpWords = 1.5
)

// nearFigure is near for a figure of the place, with what its row, column and
// headings say.
func (p *place) nearFigure(i int) map[string]float64 {
	f := &p.figures[i]
	out := p.near(f.first, f.last)
	for l, v := range p.around {
		raise(out, l, v)
	}
	if p.table > 0 {
		for _, k := range p.keyLexemes {
			raise(out, k, 1)
		}
		if c := p.columns[i]; c >= 0 && c < len(p.header) {
			for _, w := range p.header[c].words {
				raise(out, w.lexeme, columnTells)
			}
		}
	}
	return out
}

// ratesOf are those of a figure with what column and headings add.
func (p *place) ratesOf(i int) []string {
	out := slices.Clone(p.figures[i].rates)
	if p.table > 0 && p.columns[i] >= 0 {
		out = append(out, p.rates[p.columns[i]]...)
	}
	return append(out, p.rates[-1]...)
}

// weigh tells for each lexeme how rare it is among the places.
func (t *Task) weigh() {
	n := map[string]int{}
	for _, p := range t.places {
		seen := map[string]bool{}
		for _, w := range p.words {
			if w.lexeme != "" && !seen[w.lexeme] {
				seen[w.lexeme] = true
				n[w.lexeme]++
			}
		}
	}
	t.idf = make(map[string]float64, len(n))
	for l, k := range n {
		t.idf[l] = math.Log(1 + float64(len(t.places)+1)/float64(k))
	}
	t.rarest = math.Log(2 + float64(len(t.places)))
}

func (t *Task) rarity(lexeme string) float64 {
	if v, ok := t.idf[lexeme]; ok {
		return v
	}
	return t.rarest
}

// alike is which share of what a tells, 0 to 1, b tells too.
func (t *Task) alike(a, b map[string]float64) float64 {
	both, all := 0.0, 0.0
	for l, v := range a {
		w := t.rarity(l) * v
		all += w
		both += w * b[l]
	}
	if all == 0 {
		return 0
	}
	return both / all
}
