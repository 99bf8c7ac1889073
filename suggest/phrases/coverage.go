package phrases

// Coverage marks the tokens of a text that phrases take.
type Coverage []bool

// Mark marks the tokens from start to before end.
func (c Coverage) Mark(start, end int) {
	for i := start; i < end; i++ {
		c[i] = true
	}
}

// Unknown is how many tokens no phrase takes.
func (c Coverage) Unknown() int {
	n := 0
	for _, marked := range c {
		if !marked {
			n++
		}
	}
	return n
}
