package pii

import (
	"errors"
	"fmt"
	"strings"
)

// ErrDamagedPlaceholder says that a text holds what was a placeholder and can't
// be told which one.
var ErrDamagedPlaceholder = errors.New("a placeholder for personal data came back damaged; draft again")

// ErrUnknownPlaceholder says that a text holds a placeholder that was never
// given out.
var ErrUnknownPlaceholder = errors.New("a placeholder for personal data was made up; draft again")

// Restore puts the values back into s. Placeholders that came back with other
// letter case, blanks, brackets, Markdown escapes or a translated word are
// repaired. It returns ErrDamagedPlaceholder or ErrUnknownPlaceholder, and no
// text, when one can't be resolved: such a text must not be shown.
//
// s must hold whole placeholders: hand over a stream by whole sentences.
func (r *Redactor) Restore(s string) (string, error) {
	marks := r.marks.find(s)
	if len(marks) == 0 {
		return s, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	b.Grow(len(s) + 64)
	last := 0
	for _, m := range marks {
		if m.spaced && !r.wasGiven(m) {
			continue
		}
		value, err := r.resolve(m)
		if err != nil {
			return "", err
		}
		b.WriteString(s[last:m.Start])
		b.WriteString(value)
		last = m.End
	}
	b.WriteString(s[last:])
	return b.String(), nil
}

func (r *Redactor) resolve(m mark) (string, error) {
	if m.spaced {
		return "", ErrDamagedPlaceholder
	}
	if m.number == 0 {
		return r.onlyOne(m.word)
	}
	n := m.number
	if n < 1 || n > len(r.entries) {
		return "", fmt.Errorf("%w (number %d)", ErrUnknownPlaceholder, n)
	}
	e := r.entries[n-1]
	if m.word != "" && m.word != e.word {
		return "", fmt.Errorf("%w (%s number %d)", ErrUnknownPlaceholder, m.word, n)
	}
	if m.letter == "" {
		return e.surfaces[0], nil
	}
	i := strings.Index(variantLetters, strings.ToUpper(m.letter)) + 1
	if i < 1 || i >= len(e.surfaces) {
		return "", fmt.Errorf("%w (%s number %d)", ErrUnknownPlaceholder, e.word, n)
	}
	return e.surfaces[i], nil
}

// wasGiven reports whether a placeholder with the mark's word and number was
// given out.
func (r *Redactor) wasGiven(m mark) bool {
	n := m.number
	return n >= 1 && n <= len(r.entries) && r.entries[n-1].word == m.word
}

// onlyOne resolves a placeholder that lost its number, when there is but one of
// its kind.
func (r *Redactor) onlyOne(word string) (string, error) {
	var only *entry
	for _, e := range r.entries {
		if e.word != word {
			continue
		}
		if only != nil {
			return "", ErrDamagedPlaceholder
		}
		only = e
	}
	if only == nil {
		return "", ErrDamagedPlaceholder
	}
	return only.surfaces[0], nil
}
