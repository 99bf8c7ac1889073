package stat

import (
	"math"
)

// Finite points at v, or is nil where v is not a number or infinite, which JSON
// can't hold.
func Finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// IsShare reports whether v lies between 0 and 1.
func IsShare(v float64) bool { return v >= 0 && v <= 1 }
