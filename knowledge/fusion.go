package knowledge

import "math"

// Fusion is how the sub-scores of search become one score: a weighted sum of raw
// values on a fixed scale, in natural log-odds. It needs no statistic of what
// was scanned, so it works alike in a base of five articles and of thousands.
//
// The numbers were measured on public help-centre and question sets in eleven
// languages with multilingual-e5-small. They are round and lie in the middle of
// a plateau: the figures hold when each is moved by a fifth, and none was
// chosen for one set or language alone.
type Fusion struct {
	// Best and Second weigh the highest and second highest cosine of an
	// article's passages, Title that of its title. E5's cosines stand within a
	// few hundredths of each other, hence the size: one standard deviation of
	// .022 is worth 1.5.
	Best, Second, Title float64
	// Words weighs the best passage's BM25, TitleWords the title's.
	Words, TitleWords float64
	// Missing is the cosine that an article without vectors is taken to have: a
	// middling candidate's, so that words alone can bring it up.
	Missing float64
	// K1 and B are BM25's parameters for passages, TitleB is b for titles, which
	// are short by nature (Robertson and Zaragoza, "The Probabilistic Relevance
	// Framework: BM25 and Beyond", 2009). Document frequencies are counted by
	// article within a locale.
	K1, B, TitleB float64
	// Candidates is the most passages or titles that a sub-score brings in a
	// workspace too large to score all, Rarest the most words of the question
	// that a passage is asked to hold one of there.
	Candidates, Rarest int
	// Exhaustive is the number of passages up to which all are scored.
	Exhaustive int
	// MaxWords is the most words of a question that are scored, rarest first.
	MaxWords int
}

// DefaultFusion is what search uses.
func DefaultFusion() Fusion {
	return Fusion{
		Best: 56, Second: 10, Title: 32, Words: .16, TitleWords: .08, Missing: .85,
		K1: 1.2, B: .75, TitleB: .3,
		Candidates: 2000, Rarest: 6, Exhaustive: 5000, MaxWords: 256,
	}
}

// base is the score of an article of which nothing speaks.
func (f Fusion) base() float64 { return (f.Best + f.Second + f.Title) * f.Missing }

// relevance brings a fused score to 0–1 by one fixed curve: .5 is six units above
// an article of which nothing speaks, about the middle of what first hits have.
// It orders and compares; whether the first hit answers is what confidence says.
func (f Fusion) relevance(score float64) float64 { return sigmoid((score - f.base() - 6) / 2) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
