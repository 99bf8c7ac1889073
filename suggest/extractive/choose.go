package extractive

import (
	"math"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/sentence"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// Parameters of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance
// Framework: BM25 and Beyond", 2009) over the sentences of the evidence.
const (
	saturation = 1.2
	lengthNorm = 0.4
)

// What a sentence's score is made of. The weights were chosen on the replies of
// four public and made-up sets: quoting a run of sentences beside each other
// from the best passage counts for more than words in common.
const (
	weightWords    = 0.45
	weightPrior    = 0.60
	weightHead     = 0.10
	weightPosition = 0.05
	weightHint     = 0.12
	weightBeside   = 0.40
	// repetition is taken off per word that is said already.
	repetition = 0.35
	// worthwhile is how good a further sentence must be, against the best.
	worthwhile = 0.55
)

// How good an article must be against the best one to be quoted, by whether one
// question was asked or several.
const (
	nearOne     = 0.92
	nearSeveral = 0.80
)

// How much is quoted.
const (
	maxSentences    = 6
	minSentences    = 2
	maxItems        = 8
	shortSentences  = 3 // in chat and on social networks
	maxQuoted       = 400
	frameAllowance  = 160 // characters kept for greeting and closing
	maxSubQuestions = 4
)

// choose picks the sentences that answer, in the order in which they stand.
func (d *Drafter) choose(t pipeline.Task, all []candidate) []candidate {
	if len(all) == 0 {
		return nil
	}
	limit, chars := maxSentences, t.MaxChars-frameAllowance
	if isShort(t.Channel) {
		limit = shortSentences
	}
	questions := subQuestions(t.Question, t.Locale)
	picked := map[int]bool{}
	picks := picking{all: all, picked: picked, left: chars, said: map[string]bool{}}
	for i, q := range questions {
		d.score(q, t.Locale, all, len(questions))
		quota := max(1, limit/len(questions))
		if i == 0 {
			quota = max(quota, limit-(len(questions)-1)*quota)
		}
		picks.take(quota, len(questions) == 1)
	}
	var out []candidate
	for i := range all {
		if picked[i] {
			out = append(out, all[i])
		}
	}
	return out
}

func isShort(c suggest.Channel) bool {
	return c == suggest.ChannelChat || c == suggest.ChannelSocial || c == suggest.ChannelMessenger
}

// subQuestions are what is asked: each question with what was said before it,
// or the whole message when there is one question or none.
func subQuestions(s, locale string) []string {
	var out []string
	var before []string
	for _, span := range sentence.Split(s, locale) {
		sentence := span.In(s)
		before = append(before, sentence)
		if strings.HasSuffix(sentence, "?") {
			out = append(out, strings.Join(before, " "))
			before = nil
		}
	}
	if len(out) < 2 || len(out) > maxSubQuestions {
		return []string{s}
	}
	out[len(out)-1] += " " + strings.Join(before, " ")
	return out
}

// score rates every sentence for one of several questions. The passages were
// ranked for all of them together, so their rank says less of each.
func (d *Drafter) score(question, locale string, all []candidate, questions int) {
	weightPrior := weightPrior
	if questions > 1 {
		weightPrior /= 2
	}
	asked := d.analyzer.Lexemes(locale, question)
	slices.Sort(asked)
	asked = slices.Compact(asked)
	df := map[string]int{}
	length := 0
	for i := range all {
		length += all[i].length
		for _, l := range asked {
			if all[i].lexemes[l] > 0 {
				df[l]++
			}
		}
	}
	mean := max(1, float64(length)/float64(len(all)))
	best := 0.0
	words := make([]float64, len(all))
	for i := range all {
		for _, l := range asked {
			tf := float64(all[i].lexemes[l])
			if tf == 0 {
				continue
			}
			n := float64(df[l])
			idf := math.Log(1 + (float64(len(all))-n+0.5)/(n+0.5))
			words[i] += idf * tf * (saturation + 1) / (tf + saturation*(1-lengthNorm+lengthNorm*float64(all[i].length)/mean))
		}
		best = max(best, words[i])
	}
	hint := hintOf(question, locale)
	for i := range all {
		c := &all[i]
		c.score = weightPrior*c.prior + weightPosition/(1+0.4*float64(c.ordinal))
		if best > 0 {
			c.score += weightWords * words[i] / best
		}
		if len(asked) > 0 {
			in := 0
			for _, l := range asked {
				if c.head[l] {
					in++
				}
			}
			c.score += weightHead * min(1, 3*float64(in)/float64(len(asked)))
		}
		if hint != 0 && hint.meets(c.Sentence, locale) {
			c.score += weightHint
		}
		c.score *= quotable(*c)
	}
}

// quotable lowers what reads badly alone.
func quotable(c candidate) float64 {
	switch {
	case c.Kind == knowledge.SentenceCode, c.Kind == knowledge.SentenceHeader:
		return 0
	case c.chars > maxQuoted:
		return 0.5
	case c.chars < 15 && c.Kind == knowledge.SentenceProse:
		return 0.4
	case strings.HasSuffix(c.Text, "?"):
		return 0.5
	case c.Kind == knowledge.SentenceProse && !c.leadsIn && !endsWhole(c.Text):
		return 0.6
	}
	return 1
}

func endsWhole(s string) bool {
	return strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, ".)") ||
		strings.HasSuffix(s, "…") || strings.HasSuffix(s, ")") || strings.HasSuffix(s, ".”") || strings.HasSuffix(s, ".\"")
}

// picking is the state of choosing.
type picking struct {
	all    []candidate
	picked map[int]bool
	now    map[int]bool // picked for this question
	said   map[string]bool
	left   int
}

// take picks up to n sentences by score, less for what is said already, with
// what hangs on them: an item brings its list, a lead-in its items.
func (p *picking) take(n int, fill bool) {
	first := 0.0
	p.now = map[int]bool{}
	for taken := 0; taken < n; {
		at, score := -1, 0.0
		for i := range p.all {
			if p.picked[i] {
				continue
			}
			s := (p.all[i].score + p.beside(i)) * (1 - repetition*p.repeats(i))
			if s > score && p.fits(i) {
				at, score = i, s
			}
		}
		if at < 0 {
			return
		}
		if first == 0 {
			first = score
		}
		enough := 1
		if fill {
			enough = minSentences
		}
		if taken >= enough && score < worthwhile*first {
			return
		}
		p.pick(at)
		taken++
	}
}

// beside is what a sentence gains from standing next to one that is picked for
// the same question.
func (p *picking) beside(i int) float64 {
	switch {
	case i > 0 && p.now[i-1] && p.all[i-1].evidence == p.all[i].evidence:
		return weightBeside
	case i+1 < len(p.all) && p.now[i+1] && p.all[i+1].evidence == p.all[i].evidence:
		return weightBeside / 2
	}
	return 0
}

func (p *picking) repeats(i int) float64 {
	c := &p.all[i]
	if len(c.lexemes) == 0 {
		return 0
	}
	n := 0
	for l := range c.lexemes {
		if p.said[l] {
			n++
		}
	}
	if n == len(c.lexemes) {
		return 1 / repetition // says nothing new
	}
	return float64(n) / float64(len(c.lexemes))
}

func (p *picking) fits(i int) bool { return len(p.picked) == 0 || p.all[i].chars <= p.left }

// pick takes a sentence with the list it belongs to.
func (p *picking) pick(i int) {
	first, last := i, i
	if p.all[i].follows {
		for first > 0 && p.all[first].follows {
			first--
		}
	}
	if p.all[i].follows || p.all[i].leadsIn {
		for last+1 < len(p.all) && p.all[last+1].follows && last+1-first <= maxItems {
			last++
		}
	}
	for k := first; k <= last; k++ {
		if p.picked[k] || p.all[k].Kind == knowledge.SentenceHeader || k != i && p.all[k].chars > p.left {
			continue
		}
		p.picked[k], p.now[k] = true, true
		p.left -= p.all[k].chars + 1
		for l := range p.all[k].lexemes {
			p.said[l] = true
		}
	}
}
