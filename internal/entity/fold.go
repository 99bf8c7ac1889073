package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/purser-desk/purser/internal/text"
)

// folded is a text in which every way to write a digit, a dash, a blank, a dot
// or an ASCII letter is one, and what no one sees is gone, so that recognisers
// need to know one form only. It remembers where each byte came from.
type folded struct {
	text string
	orig string
	back []int32 // offset in orig of each byte of text and of its end; nil when text is orig
}

// span translates offsets in the folded text to a span of the original.
func (f *folded) span(start, end int) text.Span {
	if f.back == nil {
		return text.Span{Start: start, End: end}
	}
	return text.Span{Start: int(f.back[start]), End: int(f.back[end])}
}

// hardSpaceAt reports whether the blank at offset i of the folded text was one
// that does not break lines, as typographers put into numbers.
func (f *folded) hardSpaceAt(i int) bool {
	return f.back != nil && f.orig[f.back[i]] >= utf8.RuneSelf
}

func foldText(s string) *folded {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] == '\r' || s[i] == 0 {
			ascii = false
			break
		}
	}
	if ascii {
		return &folded{text: s, orig: s}
	}
	var b strings.Builder
	b.Grow(len(s))
	back := make([]int32, 0, len(s)+1)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		start := b.Len()
		if n, number := hanNumber(s[i:]); n > 0 {
			b.WriteString(number)
			size = n
		} else if r < utf8.RuneSelf && r != '\r' && r != 0 {
			b.WriteByte(s[i])
		} else {
			foldRune(&b, r)
		}
		for range b.Len() - start {
			back = append(back, int32(i))
		}
		i += size
	}
	back = append(back, int32(len(s))) //nolint:gosec // as above
	return &folded{text: b.String(), orig: s, back: back}
}

// hanNumber reads a number in Chinese characters that stands before a counter,
// as in "五千円", and returns its length in s and its digits; 0 when there is
// none. Without a counter such characters are mostly parts of words.
func hanNumber(s string) (n int, digits string) {
	total, current, last := 0, 0, 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r < 0x3007 || total > 1_000_000_000 || n > 40 {
			break
		}
		p, ok := words().han[r]
		if !ok {
			break
		}
		switch {
		case p < 10:
			last = p
		case p < 10_000:
			current, last = current+max(last, 1)*p, 0
		default:
			total, current, last = total+(current+last)*p, 0, 0
		}
		n += size
	}
	if n == 0 || counterPrefix(s[n:]) == "" || strings.HasPrefix(s, "十分") || strings.HasPrefix(s, "一時") && !strings.HasPrefix(s, "一時間") {
		return 0, ""
	}
	return n, itoa(total + current + last)
}

func foldRune(b *strings.Builder, r rune) {
	switch {
	case r == '\r':
		b.WriteByte('\n')
		return
	case r == 0, r == utf8.RuneError:
		b.WriteByte(' ')
		return
	case unicode.Is(unicode.Cf, r) || r >= 0xFE00 && r <= 0xFE0F:
		return
	case r >= 0xFF01 && r <= 0xFF5E:
		b.WriteByte(byte(r - 0xFEE0))
		return
	case unicode.Is(unicode.Zs, r):
		b.WriteByte(' ')
		return
	case r == 0x2028 || r == 0x2029 || r == 0x85:
		b.WriteByte('\n')
		return
	}
	if c, ok := words().punctuation[r]; ok {
		b.WriteByte(c)
		return
	}
	if unicode.Is(unicode.Nd, r) {
		b.WriteByte('0' + text.DigitValue(r))
		return
	}
	if r >= 0x2100 {
		if k := norm.NFKC.String(string(r)); k != string(r) && text.IsASCIIAlnum(k) && !isRaised(r) {
			b.WriteString(k)
			return
		}
	}
	b.WriteRune(r)
}

// isRaised reports superscripts and subscripts: the 2 in "m²" is no entity and
// a footnote's mark not part of the number before it.
func isRaised(r rune) bool { return r >= 0x2070 && r <= 0x209F }
