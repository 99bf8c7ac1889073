package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsASCIIAlnum reports whether s is made of ASCII letters and digits alone, and
// holds one.
func IsASCIIAlnum(s string) bool {
	for i := 0; i < len(s); i++ {
		if !IsDigit(s[i]) && (s[i]|0x20 < 'a' || s[i]|0x20 > 'z') {
			return false
		}
	}
	return s != ""
}

// IsDigit reports whether c is an ASCII digit.
func IsDigit(c byte) bool { return c >= '0' && c <= '9' }

// WordEnd returns where the run of letters and marks that begins at i ends.
// Scripts without blanks between words and others do not make one word.
func WordEnd(s string, i int) int {
	begin, asian := i, false
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if c|0x20 < 'a' || c|0x20 > 'z' || asian {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && (i == begin || !unicode.IsMark(r)) {
			return i
		}
		if a := IsAsian(r); i == begin {
			asian = a
		} else if a != asian && !unicode.IsMark(r) {
			return i
		}
		i += size
	}
	return i
}

// IsAsian reports whether r is of a script whose words stand without blanks
// between them, Korean included.
func IsAsian(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

// IsAlnum reports whether c is an ASCII letter or digit.
func IsAlnum(c byte) bool { return IsDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' }

// IsWordPart reports whether r can stand within a word of any script.
func IsWordPart(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// AllDigits reports whether s is made of ASCII digits alone, and holds one.
func AllDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// HasLetterOrDigit reports whether s holds a letter or digit of any script.
func HasLetterOrDigit(s string) bool {
	for _, r := range s {
		if r < 0x80 {
			if r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' {
				return true
			}
			continue
		}
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return true
		}
	}
	return false
}

// IsPaired reports whether a segment is of a script that is cut into pairs.
func IsPaired(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// DigitValue is the value of a decimal digit of any script. Each script's digits
// stand in a row from zero.
func DigitValue(r rune) byte {
	for _, rg := range unicode.Nd.R16 {
		if r <= 0xFFFF && uint16(r) >= rg.Lo && uint16(r) <= rg.Hi { //nolint:gosec // checked
			return byte((uint16(r) - rg.Lo) % 10) //nolint:gosec // below 10
		}
	}
	for _, rg := range unicode.Nd.R32 {
		if uint32(r) >= rg.Lo && uint32(r) <= rg.Hi { //nolint:gosec // runes are not negative here
			return byte((uint32(r) - rg.Lo) % 10) //nolint:gosec // below 10
		}
	}
	return 0
}
