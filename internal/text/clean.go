package text

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks may follow one base character. Living
// scripts need four or five; piles of them are made to break displays.
const maxMarks = 12

const (
	zwnj            = '\u200C'
	zwj             = '\u200D'
	blackFlag       = '\U0001F3F4'
	tagFirst        = '\U000E0020'
	tagLast         = '\U000E007F'
	graphemeJoiner  = '\u034F'
	replacementRune = utf8.RuneError
)

// Clean makes text safe to store and possible to compare: invalid UTF-8
// becomes U+FFFD, the result is in Unicode normal form C, line ends are "\n",
// lines have no trailing blanks and the text no trailing empty lines.
//
// What no reader sees is removed: NUL and control characters (tabs and line
// feeds stay), bidirectional embeddings, overrides and isolates, zero-width
// characters, tag characters and variation selectors that select nothing.
// Joiners and directional marks stay where the scripts beside them need them,
// as in Persian, Hindi, Hebrew or emoji sequences.
//
// Clean(Clean(s)) is Clean(s). Its result's offsets are the offsets that the
// rest of this package speaks of.
func Clean(s string) string {
	if isPlainASCII(s) {
		return s
	}
	// Dropping an invisible character may put two others beside each other
	// that then compose or no longer join, so go on until nothing changes.
	// Every round but the first is rare, and each shortens the text or ends.
	for range 4 {
		next := cleanOnce(s)
		if next == s {
			break
		}
		s = next
	}
	return s
}

func cleanOnce(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, string(replacementRune)))
	return norm.NFC.String(trimLines(dropUnseen(s)))
}

// isPlainASCII reports whether s is printable ASCII with clean line ends, and
// so needs no cleaning. Most messages are.
func isPlainASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= utf8.RuneSelf, c == 0x7F, c < ' ' && c != '\n' && c != '\t':
			return false
		case c == '\n' && (i+1 == len(s) || i > 0 && (s[i-1] == ' ' || s[i-1] == '\t')):
			return false
		}
	}
	return s == "" || s[len(s)-1] != ' ' && s[len(s)-1] != '\t'
}

// dropUnseen removes characters that a reader does not see and that carry no
// meaning where they stand, and makes every line end a line feed.
func dropUnseen(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	prev := rune(0) // the last rune written
	marks := 0      // combining marks written since the last base character
	flag := false   // inside the tag sequence of a flag emoji
	for i, r := range s {
		size := utf8.RuneLen(r)
		rest := s[i+size:]
		switch r {
		case '\r':
			if strings.HasPrefix(rest, "\n") {
				continue
			}
			r = '\n'
		case '\v', '\f', '\u0085', '\u2028', '\u2029':
			r = '\n'
		}
		if r >= tagFirst && r <= tagLast {
			if !flag && prev != blackFlag {
				continue
			}
			flag = true
		} else {
			flag = false
			if !isSeen(r, prev, rest) {
				continue
			}
		}
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			if marks++; marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}
		b.WriteRune(r)
		prev = r
	}
	return b.String()
}

// isSeen reports whether r means something between prev and rest.
func isSeen(r, prev rune, rest string) bool {
	switch {
	case r == '\n' || r == '\t':
		return true
	case r < ' ' || r >= 0x7F && r < 0xA0:
		return false
	case r < 0xAD:
		return true
	case r == zwj:
		next, _ := utf8.DecodeRuneInString(rest)
		return joins(prev) && !unicode.IsSpace(next) || isPictographic(prev) && isPictographic(next)
	case r == zwnj:
		next, _ := utf8.DecodeRuneInString(rest)
		return joins(prev) && joins(next)
	case r == '\u200E' || r == '\u200F' || r == '\u061C':
		next, _ := utf8.DecodeRuneInString(rest)
		return isRightToLeft(prev) || isRightToLeft(next)
	case r >= 0xFE00 && r <= 0xFE0F: // text or emoji presentation
		return isPictographic(prev) && prev != zwj || prev == '#' || prev == '*' || prev >= '0' && prev <= '9' || unicode.Is(unicode.Han, prev)
	case r >= 0xE0100 && r <= 0xE01EF:
		return unicode.Is(unicode.Han, prev)
	case r == graphemeJoiner || r == '\u115F' || r == '\u1160' || r == '\u3164' || r == '\uFFA0':
		return false
	case unicode.Is(unicode.Cf, r):
		// Signs that enclose numbers in Arabic and Syriac are visible.
		return r >= 0x0600 && r <= 0x0605 || r == 0x06DD || r == 0x070F || r == 0x08E2
	case r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF:
		return false
	}
	return true
}

// joins reports whether r belongs to a script whose letters take another shape
// when joined, so that a joiner beside it has a meaning.
func joins(r rune) bool {
	return r >= 0x0600 && unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko,
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil,
		unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}

func isRightToLeft(r rune) bool {
	return r >= 0x0590 && unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko)
}

// isPictographic is a wide reading of Unicode's Extended_Pictographic with
// what may stand beside a joiner in an emoji sequence.
func isPictographic(r rune) bool {
	switch {
	case r >= 0x1F000 && r <= 0x1FAFF, r >= 0x2190 && r <= 0x2BFF, r == 0xFE0F, r == 0x20E3:
		return true
	case r == 0xA9, r == 0xAE, r == 0x203C, r == 0x2049, r == 0x2122, r == 0x2139, r == 0x3030, r == 0x303D, r == 0x3297, r == 0x3299:
		return true
	}
	return false
}

// trimLines removes blanks at the end of every line and empty lines at the end
// of the text.
func trimLines(s string) string {
	if !strings.Contains(s, "\n") {
		return strings.TrimRightFunc(s, unicode.IsSpace)
	}
	var b strings.Builder
	b.Grow(len(s))
	for line := range strings.Lines(s) {
		trimmed := strings.TrimRightFunc(line, unicode.IsSpace)
		b.WriteString(trimmed)
		if strings.HasSuffix(line, "\n") {
			b.WriteByte('\n')
		}
	}
	return strings.TrimRightFunc(b.String(), unicode.IsSpace)
}

// IsBlank reports whether s holds nothing that a reader would see: it is empty
// or only blanks, control, zero-width and other ignorable characters.
func IsBlank(s string) bool {
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r):
		case r == '\u2800', r == '\u115F', r == '\u1160', r == '\u3164', r == '\uFFA0':
		default:
			return false
		}
	}
	return true
}

// Hash is the SHA-256 of parts. Each part is preceded by its length, so that
// Hash("ab", "c") and Hash("a", "bc") differ.
func Hash(parts ...string) [32]byte {
	h := sha256.New()
	var size [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		_, _ = h.Write(size[:])
		_, _ = h.Write([]byte(p))
	}
	var sum [32]byte
	h.Sum(sum[:0])
	return sum
}

// Truncate returns the longest beginning of s that has at most maxRunes code
// points and ends where a word does; where the last word would cost more than
// a third of the text, it ends between two characters as a reader sees them.
// Trailing blanks are cut. Nothing is appended.
func Truncate(s string, maxRunes int) string {
	if maxRunes <= 0 {
		return ""
	}
	if len(s) <= maxRunes || utf8.RuneCountInString(s) <= maxRunes {
		return s
	}
	border, blank, runes := 0, 0, 0 // border between characters, the last blank before it
	for it := graphemes.FromString(s); it.Next(); {
		g := it.Value()
		n := utf8.RuneCountInString(g)
		space := isBlankGrapheme(g)
		if space {
			blank = it.Start()
		}
		if runes+n > maxRunes {
			break
		}
		runes += n
		border = it.End()
	}
	if blank*3 >= border*2 && blank <= border {
		border = blank
	}
	return strings.TrimRightFunc(s[:border], unicode.IsSpace)
}

func isBlankGrapheme(g string) bool {
	r, _ := utf8.DecodeRuneInString(g)
	return unicode.IsSpace(r)
}
