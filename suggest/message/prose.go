package message

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a line that is said, in words.
const (
	proseWords      = 4
	proseLower      = 2
	proseJoinedRune = 12
	// proseLong is how long a line is that is said whatever it says, in bytes.
	proseLong = 400
)

// isProse reports whether a line below a closing reads as said by a person and
// not as a name, a title or a contact.
func (r *reader) isProse(s string) bool {
	s = withoutLinks(s)
	switch {
	case len(s) > proseLong:
		return true
	case strings.ContainsAny(s, "?？"), r.isListed(s):
		return true
	case r.isTitle(s):
		return false
	}
	if hasAddress(s) && len(strings.Fields(s)) <= proseWords {
		return false
	}
	if label, _, ok := labelled(s); ok {
		switch r.voc.labels[key(label)] {
		case labelBooking, labelFlight, labelDate, labelMessage, labelSubject:
			return true
		}
	}
	n, lower, joined := 0, 0, 0
	for _, w := range strings.Fields(s) {
		w = strings.TrimFunc(w, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) })
		c, size := utf8.DecodeRuneInString(w)
		if w == "" {
			continue
		}
		n++
		if unicode.IsLower(c) && size < len(w) && r.voc.titles[strings.ToLower(w)] == nil {
			lower++
		}
		if unicode.IsLetter(c) && !unicode.IsUpper(c) && !unicode.IsLower(c) {
			joined += utf8.RuneCountInString(w)
		}
	}
	if joined >= proseJoinedRune {
		return true
	}
	if n < proseWords {
		return false
	}
	some, _ := r.pronouns(wordsOf(s))
	return lower >= proseLower || lower > 0 && (some || endsSentence(s))
}

var listMark = regexp.MustCompile(`^\s*(\d{1,2}[.)]|[-*•·–])\s+\S`)

// isListed reports whether a line is one of a list of things, and no telephone
// number or street.
func (r *reader) isListed(s string) bool {
	return listMark.MatchString(s) && len(strings.Fields(s)) > 2
}

// isTitle reports whether a line is a profession, a department or the name of a
// house: all its words are known titles, those that join them, or names.
func (r *reader) isTitle(s string) bool {
	if strings.ContainsAny(s, "?？!:") || strings.HasSuffix(s, ".") && r.voc.titles[lastWord(s)] == nil {
		return false
	}
	shouts := s == strings.ToUpper(s)
	var langs []string
	fields := strings.FieldsFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) })
	if len(fields) > 10 {
		return false
	}
	for _, w := range fields {
		c, _ := utf8.DecodeRuneInString(w)
		switch {
		case r.voc.titles[strings.ToLower(w)] != nil:
			langs = append(langs, r.voc.titles[strings.ToLower(w)]...)
		case r.voc.titleJoins[strings.ToLower(w)]:
		case shouts && len(fields) > 1, unicode.IsLower(c):
			return false
		}
	}
	return len(langs) > 0 && !slices.ContainsFunc(langs, func(lang string) bool { return r.speaks(s, lang) })
}

func lastWord(s string) string {
	w := wordsOf(s)
	if len(w) == 0 {
		return ""
	}
	return w[len(w)-1]
}

// maxNameWords is how long a name may be.
const maxNameWords = 5

func isName(s string) bool {
	fields := strings.Fields(s)
	if len(fields) < 2 || len(fields) > maxNameWords || strings.ContainsAny(s, "?!:0123456789") || endsSentence(s) || s == strings.ToUpper(s) {
		return false
	}
	for _, w := range fields {
		if c, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(c) && utf8.RuneCountInString(w) > 3 {
			return false
		}
	}
	return true
}

// areNames reports whether the last n of the words of s are written as names.
func areNames(s string, n, words int) bool {
	original := strings.FieldsFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) && c != '\'' && c != '’' })
	if n > 0 && len(original) != words {
		return false
	}
	for _, w := range original[len(original)-n:] {
		if c, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(c) {
			return false
		}
	}
	return true
}
