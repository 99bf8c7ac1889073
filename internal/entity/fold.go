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
		if d := hanDigit(r); d >= 0 {
			last = d
		} else if p := hanPower(r); p == 10_000 {
			total, current, last = total+(current+last)*p, 0, 0
		} else if p > 0 {
			current, last = current+max(last, 1)*p, 0
		} else {
			break
		}
		n += size
	}
	if n == 0 || counterPrefix(s[n:]) == "" || strings.HasPrefix(s, "十分") || strings.HasPrefix(s, "一時") && !strings.HasPrefix(s, "一時間") {
		return 0, ""
	}
	return n, itoa(total + current + last)
}

func hanDigit(r rune) int {
	switch r {
	case '〇', '零':
		return 0
	case '两', '兩':
		return 2
	}
	for d, h := range []rune("〇一二三四五六七八九") {
		if r == h {
			return d
		}
	}
	return -1
}

func hanPower(r rune) int {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	case '千':
		return 1000
	case '万', '萬':
		return 10_000
	}
	return 0
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
	if c, ok := foldedPunctuation(r); ok {
		b.WriteByte(c)
		return
	}
	if unicode.Is(unicode.Nd, r) {
		b.WriteByte('0' + digitValue(r))
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

func foldedPunctuation(r rune) (byte, bool) {
	switch r {
	case '‐', '‑', '‒', '–', '—', '―', '−', '﹘', '﹣', '－':
		return '-', true
	case '’', '‘', 'ʼ', '′', '‛', '\u066C':
		return '\'', true
	case '。', '．', '｡', '\u066B', '․', '﹒':
		return '.', true
	case '\u060C', '、', '﹐':
		return ',', true
	case '\u066A', '﹪':
		return '%', true
	case '⁄', '∕':
		return '/', true
	case '：', '﹕', '∶', '꞉':
		return ':', true
	case '×', '✕', '✖', '⨯':
		return 'x', true
	case '＠', '﹫':
		return '@', true
	}
	return 0, false
}

// isRaised reports superscripts and subscripts: the 2 in "m²" is no entity and
// a footnote's mark not part of the number before it.
func isRaised(r rune) bool { return r >= 0x2070 && r <= 0x209F }

// digitValue is the value of a decimal digit of any script. Each script's
// digits stand in a row from zero.
func digitValue(r rune) byte {
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
