package entity

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
)

// phoneRegions are the countries whose national phone numbers are tried for a
// locale: its own region, then where its language is mostly spoken.
func phoneRegions(locale string) []string {
	spoken := table("phone-regions")[cmp.Or(text.BaseLanguage(locale), "und")]
	if i := strings.LastIndexAny(locale, "-_"); i > 0 && len(locale)-i == 3 {
		return append([]string{strings.ToUpper(locale[i+1:])}, spoken...)
	}
	return spoken
}

// isAnnounced reports whether one of the last words before a number says that
// it is a phone number.
func isAnnounced(before string) bool {
	if len(before) > 48 {
		before = strings.ToValidUTF8(before[len(before)-48:], "")
	}
	if i := strings.LastIndexAny(before, "\n;!?"); i >= 0 {
		before = before[i+1:]
	}
	last := strings.FieldsFunc(strings.ToLower(before), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(last[max(0, len(last)-4):], words().phones.has)
}

// isOtherEntity reports whether a run of digits is a date, a span of times or
// years, a decimal, an amount or a machine's address rather than a phone number.
// announced tells that the text calls it a phone number.
func isOtherEntity(s string, g digitGroups, announced bool) bool {
	if g.plus {
		return false
	}
	p := g.spans
	sep := func(i int) string { return s[p[i].End:p[i+1].Start] }
	if len(p) >= 3 && sep(0) == sep(1) && len(sep(0)) == 1 && isDateTriple(p[0].In(s), p[1].In(s), p[2].In(s), sep(0)[0]) &&
		(len(p) == 3 || sep(2) != sep(1)) {
		return true
	}
	if len(p) == 2 {
		a, b := p[0].In(s), p[1].In(s)
		if sep(0) == "." || sep(0) == "/" && a[0] != '0' || isYear(a) && isYear(b) {
			return true
		}
	}
	if len(p) == 4 && sep(0) == "." && sep(2) == "." && strings.Contains(sep(1), "-") {
		return true // 10.30-12.45
	}
	if len(p) == 4 && sep(0) == "." && isIPv4(s[g.start:g.end]) {
		return true
	}
	if !announced && isClockRange(s, g) {
		return true
	}
	if isThousands(s, g) && !announced && (sep(0) == "." || len(p[0].In(s)) < 3 && p[0].In(s)[0] != '0' && len(p) < 4) {
		return true
	}
	return hasCurrency(s, g.start, g.end)
}

// isClockRange reports "0900-1730": two times of day written without a mark.
func isClockRange(s string, g digitGroups) bool {
	if len(g.spans) != 2 || g.spans[0].Len() != 4 || g.spans[1].Len() != 4 {
		return false
	}
	for _, p := range g.spans {
		if n := atoiShort(p.In(s)); n > 2400 || n%100 > 59 || n%5 != 0 {
			return false
		}
	}
	return true
}

func isIPv4(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

func isYear(d string) bool { return len(d) == 4 && (d[:2] == "19" || d[:2] == "20") }

// isDateTriple reports whether a, b, c can be a date written with sep.
func isDateTriple(a, b, c string, sep byte) bool {
	if sep != '.' && sep != '/' && sep != '-' {
		return false
	}
	inRange := func(d string, top int) bool {
		return len(d) <= 2 && atoiShort(d) >= 1 && atoiShort(d) <= top
	}
	if isYear(a) {
		return inRange(b, 12) && inRange(c, 31)
	}
	if len(c) != 2 && !isYear(c) {
		return false
	}
	return inRange(a, 31) && inRange(b, 12) || inRange(a, 12) && inRange(b, 31)
}

// atoiShort reads up to nine digits; -1 for more or none.
func atoiShort(d string) int {
	if d == "" || len(d) > 9 {
		return -1
	}
	n := 0
	for i := 0; i < len(d); i++ {
		n = n*10 + int(d[i]-'0')
	}
	return n
}

// isThousands reports whether the groups are those of one long number:
// "1 250 000".
func isThousands(s string, g digitGroups) bool {
	if len(g.spans) < 2 || g.spans[0].Len() > 3 {
		return false
	}
	first := s[g.spans[0].End:g.spans[1].Start]
	for i := 1; i < len(g.spans); i++ {
		if g.spans[i].Len() != 3 || s[g.spans[i-1].End:g.spans[i].Start] != first {
			return false
		}
	}
	return first == " " || first == "."
}

// isGroupedLikePhone reports whether digits are parted as people part those of
// phone numbers: two to seven groups, seven digits or more, none too long.
func isGroupedLikePhone(g digitGroups) bool {
	if len(g.spans) < 2 || len(g.spans) > 7 || g.digits < 7 {
		return false
	}
	for i, p := range g.spans {
		if p.Len() > 8 || p.Len() == 1 && i > 0 {
			return false
		}
		if i > 0 && p.Start-g.spans[i-1].End > 2 {
			return false
		}
	}
	return true
}

// hasCurrency reports whether a currency stands directly before or after
// s[start:end].
func hasCurrency(s string, start, end int) bool {
	before := strings.TrimRight(s[:start], " ")
	if endsInCurrency(before) {
		return true
	}
	if w := lastWord(before); w != "" && len(s[:start])-len(before) < 3 {
		if _, ok := currencyOf(strings.ToLower(w), w); ok {
			return true
		}
	}
	after := strings.TrimLeft(s[end:], " ")
	if len(s[end:])-len(after) > 2 || after == "" {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(after); unicode.Is(unicode.Sc, r) || r == '%' {
		return true
	}
	w := after[:text.WordEnd(after, 0)]
	_, ok := currencyOf(strings.ToLower(w), w)
	return ok
}

func endsInCurrency(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.Is(unicode.Sc, r)
}

func endsInLetter(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

func lastWord(s string) string { return s[len(strings.TrimRightFunc(s, unicode.IsLetter)):] }

// extensionEnd is where an extension such as "x123" or "ext. 5" after a phone
// number ends; i when there is none.
func extensionEnd(s string, i int) int {
	j := skipSpaces(s, i)
	rest := strings.ToLower(s[j:min(j+12, len(s))])
	for _, mark := range words().extension {
		if !strings.HasPrefix(rest, mark) {
			continue
		}
		k := skipSpaces(s, j+len(mark))
		from := k
		for k < len(s) && text.IsDigit(s[k]) && k-from < 6 {
			k++
		}
		if k > from && (k == len(s) || !text.IsAlnum(s[k])) {
			return k
		}
	}
	return i
}

// skipSpaces skips up to two blanks at i.
func skipSpaces(s string, i int) int {
	for n := 0; n < 2 && i < len(s) && s[i] == ' '; n++ {
		i++
	}
	return i
}
