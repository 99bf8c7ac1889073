package knowledge

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Space names what makes vectors comparable: a model for questions and one for
// passages, the text they are given, and the length of a vector.
type Space struct {
	// Name differs for all that can't be compared.
	Name string
	// Dimensions is 1 to 4,000.
	Dimensions int
}

// MaxDimensions is what pgvector's index for half precision takes.
const MaxDimensions = 4000

// TextKind says what a text is embedded as.
type TextKind int

// A question is embedded by another model, or with another prefix, than the
// passages that may answer it.
const (
	QuestionText TextKind = iota + 1
	PassageText
)

// Embedder turns texts into vectors. Its errors are *EmbedError, or the
// context's.
type Embedder interface {
	// Space tells which space its vectors are in. It may ask the provider once.
	Space(ctx context.Context) (Space, error)
	// Embed returns one usable vector for each text, in order.
	Embed(ctx context.Context, kind TextKind, texts []string) ([][]float32, error)
}

// Reasons of an EmbedError.
const (
	EmbedUnreachable     = "UNREACHABLE"
	EmbedTimeout         = "TIMEOUT"
	EmbedUnauthorized    = "UNAUTHORIZED"
	EmbedModelNotFound   = "MODEL_NOT_FOUND"
	EmbedRateLimited     = "RATE_LIMITED"
	EmbedRejected        = "REJECTED"
	EmbedTooLong         = "TOO_LONG"
	EmbedProviderError   = "PROVIDER_ERROR"
	EmbedNotJSON         = "NOT_JSON"
	EmbedWrongDimensions = "WRONG_DIMENSIONS"
	EmbedBadVector       = "BAD_VECTOR"
	EmbedWrongCount      = "WRONG_COUNT"
)

// EmbedReason is the stable word for why embedding failed.
func EmbedReason(err error) string {
	var e *EmbedError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Reason
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return EmbedTimeout
	}
	return EmbedProviderError
}

// CheckVectors refuses what can't be searched: fewer or more vectors than
// texts, another length than dimensions, numbers that are none, and vectors
// without a direction, which would silently vanish from a cosine index. Its
// error is an *EmbedError.
func CheckVectors(vectors [][]float32, texts, dimensions int) error {
	if len(vectors) != texts {
		return &EmbedError{Reason: EmbedWrongCount, Err: fmt.Errorf("the provider answered %d vectors for %d texts", len(vectors), texts)}
	}
	for i, v := range vectors {
		if len(v) != dimensions {
			return &EmbedError{Reason: EmbedWrongDimensions, Err: fmt.Errorf("vector %d of %d has %d dimensions, expected %d: the model was changed behind its name", i+1, texts, len(v), dimensions)}
		}
		if err := checkVector(v); err != nil {
			return &EmbedError{Reason: EmbedBadVector, Err: fmt.Errorf("vector %d of %d %w", i+1, texts, err)}
		}
	}
	return nil
}

// halfMax is the largest number that half precision holds.
const halfMax = 65504

func checkVector(v []float32) error {
	var square float64
	for _, x := range v {
		switch f := float64(x); {
		case math.IsNaN(f) || math.IsInf(f, 0):
			return errors.New("holds NaN or infinity")
		case math.Abs(f) > halfMax:
			return errors.New("holds a number too large for half precision")
		default:
			square += f * f
		}
	}
	if square < 1e-12 {
		return errors.New("is zero")
	}
	return nil
}
