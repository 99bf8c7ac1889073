package evalcmd

import (
	"fmt"
	"math"
	"strconv"
)

// atLeast1 is a flag whose absence, 0, means no bound; 0 itself can't be given,
// since it would not be told from that.
type atLeast1 int

// UnmarshalText reads a number from 1 on.
func (n *atLeast1) UnmarshalText(raw []byte) error {
	v, err := strconv.Atoi(string(raw))
	if err != nil || v < 1 {
		return fmt.Errorf("it is %q; give a number from 1 on, or leave it out for no bound", raw)
	}
	*n = atLeast1(v)
	return nil
}

// above0 is atLeast1 for amounts.
type above0 float64

// UnmarshalText reads a number above 0.
func (x *above0) UnmarshalText(raw []byte) error {
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) {
		return fmt.Errorf("it is %q; give a number above 0, or leave it out for no bound", raw)
	}
	*x = above0(v)
	return nil
}
