package knowledge

import (
	"errors"
	"fmt"
	"time"
)

// Errors that callers tell apart.
var (
	ErrArticleNotFound = errors.New("there is no such article")
	ErrPlanNotFound    = errors.New("there is no such import plan")
	// ErrPlanOutdated says that articles changed after the plan was made.
	ErrPlanOutdated = errors.New("the articles changed after this plan was made; plan again")
	ErrPlanExpired  = errors.New("this plan is older than a day; plan again")
	ErrPlanApplied  = errors.New("this plan was applied already")
)

// RemovalsError says that an import would remove more than a fifth of what its
// source owns.
type RemovalsError struct{ Removed, Existing int }

func (e *RemovalsError) Error() string {
	return fmt.Sprintf("this import would remove %d of %d articles of its source, more than a fifth; allow removals if that is meant", e.Removed, e.Existing)
}

// BlockedError says that a plan holds documents that can't be imported.
type BlockedError struct {
	Problems []Problem
	Count    int
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("%d documents can't be imported, so nothing is; mend them and plan again", e.Count)
}

// EmbedError says that the embedding provider gave no usable vectors. Its text
// holds nothing of what was to be embedded.
type EmbedError struct {
	// Reason is a stable word, such as "UNREACHABLE", "UNAUTHORIZED",
	// "MODEL_NOT_FOUND", "RATE_LIMITED", "PROVIDER_ERROR", "NOT_JSON",
	// "WRONG_DIMENSIONS", "BAD_VECTOR", "WRONG_COUNT".
	Reason string
	// RetryAfter is when trying again makes sense; 0 when not known.
	RetryAfter time.Duration
	// Permanent is true where trying again can't help.
	Permanent bool
	Err       error
}

func (e *EmbedError) Error() string { return "embed: " + e.Err.Error() }
func (e *EmbedError) Unwrap() error { return e.Err }

// FieldError says which field of a request can't be, and what was expected.
type FieldError struct {
	Field, Message string
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Message }
