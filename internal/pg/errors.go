package pg

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNoRows says that a statement that must find a row found none.
var ErrNoRows = errors.New("no such row")

// UnavailableError says that the database can't be reached, or went away
// before it answered. Trying again later makes sense.
type UnavailableError struct{ Err error }

func (e *UnavailableError) Error() string { return "the database does not answer: " + e.Err.Error() }
func (e *UnavailableError) Unwrap() error { return e.Err }

// Unavailable tells callers, who need not know this package, that trying again
// makes sense.
func (e *UnavailableError) Unavailable() bool { return true }

// UnknownOutcomeError says that the answer to a COMMIT was lost, so that what
// it would have done may or may not be done.
type UnknownOutcomeError struct{ Err error }

func (e *UnknownOutcomeError) Error() string {
	return "the database went away while it committed: " + e.Err.Error()
}
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// Unavailable tells callers that trying again, with the same request id, makes
// sense.
func (e *UnknownOutcomeError) Unavailable() bool { return true }

// ConfigError says that the database, or the way to it, is not set up for
// Purser. Its message tells the operator what to do.
type ConfigError struct {
	// Setting is what to look at.
	Setting string
	Err     error
}

func (e *ConfigError) Error() string { return e.Setting + ": " + e.Err.Error() }
func (e *ConfigError) Unwrap() error { return e.Err }

// ConstraintError says which constraint refused a row. The store that sent the
// statement turns the name into a domain error.
type ConstraintError struct {
	// Name of the constraint or unique index.
	Name string
	// Unique is true for a duplicate key, false for a missing reference or a
	// failed check.
	Unique bool
	Err    error
}

func (e *ConstraintError) Error() string { return "refused by constraint " + e.Name }
func (e *ConstraintError) Unwrap() error { return e.Err }

// errNoExtension says that vectors are not known to the database.
var errNoExtension = &ConfigError{Setting: "database", Err: errors.New("the vector extension (pgvector 0.7 or later) is missing; a superuser, or your provider's admin, must run \"CREATE EXTENSION vector\" in it once")}

// ErrTimeout says that a statement took longer than its limit, though the
// caller had not given up.
var ErrTimeout error = timeoutError{}

type timeoutError struct{}

func (timeoutError) Error() string { return "the database took too long" }

// Timeout tells callers, who need not know this package, what it was.
func (timeoutError) Timeout() bool { return true }

// ErrConflict says that two transactions were in each other's way and this one
// was given up for the other. Trying again makes sense.
var ErrConflict error = conflictError{}

type conflictError struct{}

func (conflictError) Error() string { return "another transaction was in the way" }

// Conflict tells callers, who need not know this package, what it was.
func (conflictError) Conflict() bool { return true }

// Translate turns a driver's error into one of this package's by SQLSTATE; an
// error of the caller's context stays what it is. nil stays nil.
func Translate(err error) error {
	var refused *pgconn.PgError
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case err == nil, translated(err):
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNoRows
	case errors.As(err, &refused):
		return translateState(refused, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &connect):
		return err
	case errors.As(err, &connect), errors.As(err, &network), pgconn.SafeToRetry(err),
		errors.Is(err, net.ErrClosed):
		return &UnavailableError{Err: err}
	}
	return translateLost(err)
}

// translated reports whether err went through Translate before.
func translated(err error) bool {
	var unavailable *UnavailableError
	var unknown *UnknownOutcomeError
	var config *ConfigError
	var constraint *ConstraintError
	return errors.As(err, &unavailable) || errors.As(err, &unknown) || errors.As(err, &config) ||
		errors.As(err, &constraint) || errors.Is(err, ErrTimeout) || errors.Is(err, ErrConflict)
}

// goesAway tells the states of a server that shuts down or crashed.
func goesAway(code string) bool {
	return code == "57P01" || code == "57P02" || code == "57P03"
}

// translateLost recognises a connection that broke in the middle of an answer:
// the driver wraps io.ErrUnexpectedEOF and the like.
func translateLost(err error) error {
	var op *net.OpError
	if errors.As(err, &op) || isEOF(err) {
		return &UnavailableError{Err: err}
	}
	return err
}

func translateState(refused *pgconn.PgError, err error) error {
	switch refused.Code {
	case "23505":
		return &ConstraintError{Name: refused.ConstraintName, Unique: true, Err: err}
	case "23503", "23514", "23502":
		return &ConstraintError{Name: refused.ConstraintName, Err: err}
	case "57014":
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	case "40001", "40P01":
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case "57P01", "57P02", "57P03", "53300", "53200", "53100", "25P03":
		return &UnavailableError{Err: err}
	case "28P01", "28000":
		return &ConfigError{Setting: "database URL", Err: errors.New("the database refuses this user or password")}
	case "3D000":
		return &ConfigError{Setting: "database URL", Err: errors.New("this database does not exist; create it, or name another")}
	case "42P01", "42883", "3F000":
		return &ConfigError{Setting: "database", Err: fmt.Errorf("its tables are not those of this version; run \"purser migrate\": %w", err)}
	case "42704":
		return &ConfigError{Setting: "database", Err: fmt.Errorf("a type is missing, perhaps the vector extension; a superuser must run \"CREATE EXTENSION vector\" once: %w", err)}
	case "42501":
		return &ConfigError{Setting: "database", Err: fmt.Errorf("the server's role lacks a privilege; run \"purser migrate\" again: %w", err)}
	}
	if len(refused.Code) == 5 && refused.Code[:2] == "08" {
		return &UnavailableError{Err: err}
	}
	return err
}
