package entity

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/purser-desk/purser/internal/text"
)

// FindContacts finds what identifies or reaches a person in s: e-mail addresses,
// phone numbers, IBANs (whose check digits are right) and payment card numbers
// (whose check digit is right). It is generous about what may be a phone
// number, since it serves hiding them; Find is strict. The result is in
// order and does not overlap. locale helps to read national phone numbers and
// may be "".
func FindContacts(s, locale string) []Entity {
	f := foldText(s)
	found := append(appendEmails(nil, f), accounts(f)...)
	return inOrder(append(found, phones(f, locale, true)...))
}

// inOrder sorts entities by place and drops those that overlap one found
// before: earlier wins, then longer.
func inOrder(found []Entity) []Entity {
	slices.SortStableFunc(found, func(a, b Entity) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	out := found[:0]
	end := -1
	for _, g := range found {
		if g.Start >= end && g.End > g.Start {
			out = append(out, g)
			end = g.End
		}
	}
	return out
}

// accounts finds IBANs and payment card numbers.
func accounts(f *folded) []Entity {
	s := f.text
	var out []Entity
	for i := 0; i < len(s); {
		if !text.IsAlnum(s[i]) || i > 0 && text.IsAlnum(s[i-1]) {
			i++
			continue
		}
		if end, v := ibanAt(s, i); end > 0 {
			out = append(out, f.entity(IBAN, i, end, v))
			i = end
			continue
		}
		if end, v := cardAt(s, i); end > 0 {
			out = append(out, f.entity(Card, i, end, v))
			i = end
			continue
		}
		i++
	}
	return out
}

// ibanAt reads an IBAN at s[i:], in groups or not, and returns where it ends
// and its normal form; 0 when there is none. Its check is ISO 7064 mod 97-10.
func ibanAt(s string, i int) (end int, value string) {
	if i+14 > len(s) || text.IsDigit(s[i]) || text.IsDigit(s[i+1]) || !text.IsAlnum(s[i+1]) {
		return 0, ""
	}
	if j := skipBlanks(s, i+2, 1); !text.IsDigit(s[j]) || !text.IsAlnum(s[j+1]) && s[j+1] != ' ' {
		return 0, ""
	}
	want := number(codeOf("iban", strings.ToUpper(s[i:i+2])))
	if want == 0 {
		return 0, ""
	}
	var b strings.Builder
	for ; i < len(s) && b.Len() < want; i++ {
		if c := s[i]; c == ' ' || c == '-' || c == '.' {
			if b.Len() == 0 || i+1 >= len(s) || !text.IsAlnum(s[i+1]) {
				return 0, ""
			}
			continue
		}
		if !text.IsAlnum(s[i]) {
			return 0, ""
		}
		b.WriteString(strings.ToUpper(s[i : i+1]))
		if b.Len() == 4 && (!text.IsDigit(b.String()[2]) || !text.IsDigit(b.String()[3])) {
			return 0, ""
		}
	}
	if b.Len() != want || i < len(s) && text.IsAlnum(s[i]) || IBANRest(b.String()) != 1 {
		return 0, ""
	}
	return i, b.String()
}

// IBANRest is what ISO 7064 leaves of an IBAN in capitals and digits, modulo 97: 1
// of a right one, and of one with the check digits 00 what those lack of 98.
func IBANRest(v string) int {
	rest := 0
	for _, c := range []byte(v[4:] + v[:4]) {
		if text.IsDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest
}

// cardAt reads a payment card number at s[i:]: 13 to 19 digits in groups
// parted by single blanks or dashes, right by Luhn's formula.
func cardAt(s string, i int) (end int, value string) {
	if s[i] < '2' || s[i] > '6' || i > 0 && s[i-1] == '+' {
		return 0, ""
	}
	var digits [19]byte
	n := 0
	for ; i < len(s); i++ {
		c := s[i]
		if (c == ' ' || c == '-') && i+1 < len(s) && text.IsDigit(s[i+1]) && n > 0 && text.IsDigit(s[i-1]) {
			continue
		}
		if !text.IsDigit(c) {
			break
		}
		if n == len(digits) {
			return 0, ""
		}
		digits[n] = c
		n++
	}
	if n < 13 || i < len(s) && text.IsAlnum(s[i]) || !checksLuhn(digits[:n]) {
		return 0, ""
	}
	return i, string(digits[:n])
}

func checksLuhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0 && sum > 0
}

// digitGroups is a run of digits and what may stand between those of a phone
// number.
type digitGroups struct {
	start, end int
	spans      []text.Span // of the groups of digits
	digits     int
	plus       bool
}

// upTo is the run's beginning: its first n groups.
func (g *digitGroups) upTo(n int) digitGroups {
	out := digitGroups{start: g.start, end: g.spans[n-1].End, spans: g.spans[:n], plus: g.plus}
	for _, p := range out.spans {
		out.digits += p.Len()
	}
	return out
}

const maxPhoneGroups = 10

// phones finds phone numbers. generous takes every run of digits that is
// grouped like one; otherwise it must be possible where it says it is, or be
// announced by a word such as "call".
func phones(f *folded, locale string, generous bool) []Entity {
	s := f.text
	reader := &phoneReader{s: s, regions: phoneRegions(locale), generous: generous, local: locale != "", parses: maxPhoneParses}
	var out []Entity
	for i := 0; i < len(s); {
		if !text.IsDigit(s[i]) && s[i] != '+' && s[i] != '(' {
			i++
			continue
		}
		g := digitGroupsAt(s, i)
		if len(g.spans) == 0 {
			i++
			continue
		}
		next := g.end
		if !phoneMayFollow(s, i) {
			i = g.spans[0].End
			continue
		}
		for n := len(g.spans); n > 0 && n > len(g.spans)-4; n-- {
			part := g.upTo(n)
			if n < len(g.spans) && s[part.end] != ' ' {
				continue // a number does not end inside what has no blank
			}
			values := reader.values(part)
			if len(values) == 0 {
				continue
			}
			end := extensionEnd(s, part.end)
			out = append(out, f.entity(Phone, part.start, end, values...))
			next = end
			break
		}
		i = next
	}
	return out
}

// phoneMayFollow reports whether a phone number can begin at i, going by what
// stands before.
func phoneMayFollow(s string, i int) bool {
	if i == 0 {
		return true
	}
	c := s[i-1]
	if text.IsAlnum(c) || c >= 0x80 || c == '#' || c == '_' || c == '@' || c == '$' || c == '=' {
		return c >= 0x80 && !endsInLetter(s[:i]) && !endsInCurrency(s[:i])
	}
	if c == '.' || c == ',' || c == ':' || c == '/' || c == '-' {
		return i < 2 || !text.IsAlnum(s[i-2]) || c == ':' && !text.IsDigit(s[i-2]) || c == '.' && !text.IsDigit(s[i-2])
	}
	return true
}

func digitGroupsAt(s string, i int) digitGroups {
	g := digitGroups{start: i}
	gap := 0
	for i < len(s) {
		c := s[i]
		switch {
		case text.IsDigit(c):
			j := i + digitsAt(s, i)
			g.spans = append(g.spans, text.Span{Start: i, End: j})
			g.digits += j - i
			g.end, i, gap = j, j, 0
			if len(g.spans) == maxPhoneGroups || g.digits > 24 {
				return g
			}
			continue
		case c == '+' && len(g.spans) == 0:
			g.plus = true
		case c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')':
			if c == '(' && gap > 0 && s[i-1] == '(' {
				return g
			}
		default:
			return g
		}
		if gap++; gap > 3 {
			return g
		}
		i++
	}
	return g
}

// maxPhoneParses bounds how often a text's runs of digits are looked up in the
// numbering plans, which is slow. Messages need a few; a megabyte of digits is
// judged by its shape from then on.
const maxPhoneParses = 4000

// phoneReader reads the phone numbers of one text.
type phoneReader struct {
	s        string
	regions  []string
	generous bool
	local    bool // the regions come from a locale
	parses   int
}

// values are the readings of a run of digits as a phone number; none when it is
// not one.
func (r *phoneReader) values(g digitGroups) []string {
	s := r.s
	if g.digits < 6 || g.digits > 15 {
		return nil
	}
	announced := isAnnounced(s[:g.start])
	if isOtherEntity(s, g, announced) {
		return nil
	}
	raw := digitsOf(s, g)
	if g.plus || strings.HasPrefix(raw, "00") && g.digits >= 10 {
		return r.international(raw, g)
	}
	var values []string
	for _, region := range r.regions {
		if r.parses--; r.parses < 0 {
			break
		}
		n, err := phonenumbers.Parse(raw, region)
		if err == nil && (phonenumbers.IsValidNumberForRegion(n, region) || announced && phonenumbers.IsPossibleNumber(n)) {
			values = append(values, phonenumbers.Format(n, phonenumbers.E164))
		}
	}
	shaped := len(g.spans) > 1 || raw[0] == '0'
	switch {
	case announced, len(values) > 0 && shaped:
	case raw[0] == '0' && g.digits >= 8 && isGroupedLikePhone(g):
	case r.generous && isGroupedLikePhone(g):
	case r.generous && len(values) > 0 && (g.digits >= 9 || g.digits == 8 && r.local):
	default:
		return nil
	}
	return append(values, "~"+strings.TrimLeft(raw, "0"))
}

// international reads a number with its country's code.
func (r *phoneReader) international(raw string, g digitGroups) []string {
	digits := raw
	if !g.plus {
		digits = raw[2:]
	}
	// "+44 (0)20 …" repeats the trunk zero that is not dialled from abroad.
	if r.parses--; r.parses >= 0 {
		n, err := phonenumbers.Parse("+"+digits, "")
		if err == nil && (phonenumbers.IsPossibleNumber(n) || phonenumbers.IsValidNumber(n)) {
			return []string{phonenumbers.Format(n, phonenumbers.E164)}
		}
	}
	if (g.plus || r.generous) && len(digits) >= 7 {
		return []string{"+" + digits}
	}
	return nil
}

// digitsOf joins the digits of a run, without a trunk zero in brackets after a
// country code.
func digitsOf(s string, g digitGroups) string {
	var b strings.Builder
	for i, p := range g.spans {
		if i > 0 && g.plus && p.Len() == 1 && s[p.Start] == '0' && s[p.Start-1] == '(' {
			continue
		}
		b.WriteString(p.In(s))
	}
	return b.String()
}
