package pii

import (
	"regexp"
	"sync"
)

// Field is what the name of a field tells of its value.
type Field struct {
	// Personal is true for what belongs to one person whatever it says, such as a
	// number of theirs; Name and Birth for a person's name and day of birth.
	Personal, Name, Birth bool
	// Flight is true for the number of a flight.
	Flight bool
}

type fieldRules struct{ personal, name, wholeName, birth, flight *regexp.Regexp }

// allFields reads names of fields in every language: they are the desk's words,
// whatever language a customer writes.
var allFields = sync.OnceValue(func() fieldRules {
	re := func(list string) *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\p{L}])` + fieldBlanks.ReplaceAllString(oneOf(wordsOf(languages(), list)), `[ _-]?`) + `(?:[^\p{L}]|$)`)
	}
	whole := regexp.MustCompile(`(?i)^` + oneOf(wordsOf(languages(), "whole-name-facts")) + `$`)
	return fieldRules{re("personal-facts"), re("name-facts"), whole, re("birth-facts"), re("flight-facts")}
})

// fieldBlanks are blanks in a pattern: in names of fields people put what they
// like there.
var fieldBlanks = regexp.MustCompile(`\[ \\t\]\+`)

// FieldOf tells what a field holds by its name, such as "date_of_birth".
func FieldOf(name string) Field {
	f := allFields()
	return Field{
		Personal: f.personal.MatchString(name), Name: f.name.MatchString(name) || f.wholeName.MatchString(name),
		Birth: IsBirthField(name), Flight: f.flight.MatchString(name),
	}
}

// IsBirthField reports whether a field holds a day of birth by its name.
func IsBirthField(name string) bool { return allFields().birth.MatchString(name) }
