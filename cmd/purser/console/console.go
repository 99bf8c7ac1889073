// Package console is what commands have of the terminal and the process: where
// they read and write, how they print, and the errors that become exit codes. It
// knows nothing of what is printed.
package console

import (
	"errors"
	"fmt"
	"io"
)

// Env is what a command may use of the world around it.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
}

// UsageError is a mistake on the command line, or in a setting.
type UsageError struct{ err error }

func (e *UsageError) Error() string { return e.err.Error() }

func (e *UsageError) Unwrap() error { return e.err }

// Usagef is a UsageError of a sentence.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// ErrGate says that the command worked and what it measured was not enough.
var ErrGate = errors.New("a gate was not met")
