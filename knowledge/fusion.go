package knowledge

// Fusion is how the arms of search become one score. The numbers were measured
// on public help-centre and question sets in six languages with
// multilingual-e5-small; none was fitted to one set or language alone, and the
// figures hold when each is moved by a third.
type Fusion struct {
	// Best and Second weigh the highest and second highest cosine of an
	// article's passages, Title that of its title. E5's cosines stand within a
	// few hundredths of each other, hence the size: one standard deviation of
	// .022 is worth 1.2.
	Best, Second, Title float64
	// Words weighs the best passage's BM25, TitleWords the title's.
	Words, TitleWords float64
	// K1 and B are BM25's parameters for passages, TitleB is b for titles, which
	// are short by nature (Robertson and Zaragoza, "The Probabilistic Relevance
	// Framework: BM25 and Beyond", 2009).
	K1, B, TitleB float64
	// Lift is how many standard deviations above the mean the cosines of an
	// article without vectors are taken to be: it was found by words.
	Lift float64
	// Candidates is the most passages or titles that an arm brings in a
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
		Best: 47.5, Second: 7.5, Title: 32, Words: .14, TitleWords: .10,
		K1: 1.2, B: .75, TitleB: .3, Lift: 1,
		Candidates: 2000, Rarest: 6, Exhaustive: 5000, MaxWords: 64,
	}
}
