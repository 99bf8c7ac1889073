package entity

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/internal/text"
)

// numeral is a number written in digits, with all its plausible readings in
// normal form: no grouping, a point before decimals, no superfluous zeros.
type numeral struct {
	end      int // offset after it
	readings []string
	grouped  bool // written with separators
}

// maxNumberGroups bounds the separated groups of one number.
const maxNumberGroups = 8

// numeralAt reads the number in digits that begins at s[i]. The language
// decides which reading of "1.250" comes first and whether ordinary blanks
// group digits.
func numeralAt(f *folded, i int, lang string) numeral {
	s := f.text
	var groups []text.Span
	var seps []byte
	for len(groups) < maxNumberGroups {
		j := i + digitsAt(s, i)
		groups = append(groups, text.Span{Start: i, End: j})
		if j+1 >= len(s) || !text.IsDigit(s[j+1]) || !isNumberSeparator(f, j, groups[len(groups)-1], lang) {
			break
		}
		if s[j] == ' ' && digitsAt(s, j+1) != 3 {
			break
		}
		seps = append(seps, s[j])
		i = j + 1
	}
	for n := len(groups); n > 1; n-- {
		if r := groupedReadings(s, groups[:n], seps[:n-1], lang); len(r) > 0 {
			return numeral{groups[n-1].End, r, true}
		}
	}
	return numeral{groups[0].End, []string{plainNumber(groups[0].In(s), "")}, false}
}

func isNumberSeparator(f *folded, j int, group text.Span, lang string) bool {
	switch f.text[j] {
	case '.', ',', '\'':
		return true
	case ' ':
		return group.Len() <= 3 && (f.hardSpaceAt(j) || isHabit("blank-groups", lang))
	}
	return false
}

func digitsAt(s string, i int) int {
	n := 0
	for i+n < len(s) && text.IsDigit(s[i+n]) {
		n++
	}
	return n
}

// groupedReadings gives the readings of groups parted by seps; none when they
// are no single number.
func groupedReadings(s string, groups []text.Span, seps []byte, lang string) []string {
	last := seps[len(seps)-1]
	whole := allThousands(s, groups)
	uniform := strings.Count(string(seps), string(last)) == len(seps)
	join := func(g []text.Span) string {
		var b strings.Builder
		for _, p := range g {
			b.WriteString(p.In(s))
		}
		return b.String()
	}
	head, tail := groups[:len(groups)-1], groups[len(groups)-1].In(s)
	if uniform {
		switch {
		case last == ' ' || last == '\'' || len(seps) > 1:
			if whole {
				return []string{plainNumber(join(groups), "")}
			}
			return nil
		case !whole || groups[0].In(s) == "0":
			return []string{plainNumber(join(head), tail)}
		}
		thousands, decimal := plainNumber(join(groups), ""), plainNumber(join(head), tail)
		if pointGroups := isHabit("point-groups", lang); (last == '.') == pointGroups {
			return []string{thousands, decimal}
		}
		return []string{decimal, thousands}
	}
	// Mixed separators: the last one, standing once, parts the decimals.
	if last != '.' && last != ',' || strings.IndexByte(string(seps[:len(seps)-1]), last) >= 0 {
		return nil
	}
	inner := seps[:len(seps)-1]
	if strings.Count(string(inner), string(inner[0])) != len(inner) || !allThousands(s, head) && !indianGroups(s, head, inner[0]) {
		return nil
	}
	return []string{plainNumber(join(head), tail)}
}

func allThousands(s string, groups []text.Span) bool {
	if groups[0].Len() > 3 || groups[0].Len() == 0 || s[groups[0].Start] == '0' && groups[0].Len() > 1 {
		return false
	}
	for _, p := range groups[1:] {
		if p.Len() != 3 {
			return false
		}
	}
	return true
}

// indianGroups reports "1,25,000": groups of two before a last one of three.
func indianGroups(s string, groups []text.Span, sep byte) bool {
	if sep != ',' || len(groups) < 2 || groups[0].Len() > 2 || s[groups[0].Start] == '0' {
		return false
	}
	for i, p := range groups[1:] {
		if want := 2; i == len(groups)-2 && p.Len() != 3 || i < len(groups)-2 && p.Len() != want {
			return false
		}
	}
	return true
}

// plainNumber is the normal form of a whole part and decimals. Leading zeros of
// long numbers stay: they are codes.
func plainNumber(whole, decimals string) string {
	decimals = strings.TrimRight(decimals, "0")
	if len(whole) < 5 || decimals != "" {
		whole = strings.TrimLeft(whole, "0")
	}
	if whole == "" {
		whole = "0"
	}
	if decimals == "" {
		return whole
	}
	return whole + "." + decimals
}

// times multiplies a number in normal form by n, exactly. Numbers too long to
// mean a quantity stay as they are.
func times(number string, n int) string {
	if n == 1 || len(number) > 18 {
		return number
	}
	if whole := atoiShort(number); text.AllDigits(number) && whole >= 0 {
		return itoa(whole * n)
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return number
	}
	return ratNumber(r.Mul(r, big.NewRat(int64(n), 1)))
}

// plus adds two numbers in normal form.
func plus(a, b string) string {
	x, ok := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok || !ok2 || len(a) > 18 || len(b) > 18 {
		return a
	}
	return ratNumber(x.Add(x, y))
}

// ratNumber is the normal form of r, rounded to six decimals where it has no
// end.
func ratNumber(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	whole, decimals, _ := strings.Cut(r.FloatString(6), ".")
	return plainNumber(whole, decimals)
}

// powerOfTen is 10 to the n, for n from 0 to 9.
func powerOfTen(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// quotient is a/b in normal form; "" when b is zero.
func quotient(a, b string) string {
	x, y := atoiShort(a), atoiShort(b)
	if x < 0 || y <= 0 {
		return ""
	}
	return ratNumber(big.NewRat(int64(x), int64(y)))
}

func itoa(n int) string { return strconv.Itoa(n) }
