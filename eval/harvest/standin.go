package harvest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
)

// Kinds of personal data, as Known and the report name them.
const (
	KindName   = "NAME"
	KindEmail  = "EMAIL"
	KindPhone  = "PHONE"
	KindIBAN   = "IBAN"
	KindCard   = "CREDIT_CARD"
	KindHandle = "HANDLE"
	KindCode   = "CODE"
	KindFact   = "FACT"
	KindDate   = "DATE"
	KindLink   = "LINK"
	KindStreet = "STREET"
	kindText   = "TEXT"
)

// standIns makes, for one ticket, something of the same kind for a value that
// must not leave: an address for an address, a code of the same shape for a
// code. The same value has the same stand-in wherever it stands in the ticket,
// and nobody can tell the value from it without the key.
type standIns struct {
	key []byte
	// real are the words of the ticket's names, which no stand-in may be.
	real  map[string]bool
	words map[string]string // stand-in of a name's word
	used  map[string]bool
}

func newStandIns(key []byte, ticket string, names []string) *standIns {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte("stand-ins\x00" + ticket)) // a hash never fails
	s := &standIns{key: mac.Sum(nil), real: map[string]bool{}, words: map[string]string{}, used: map[string]bool{}}
	for _, n := range names {
		for _, w := range strings.Fields(folded(n)) {
			s.real[w] = true
		}
	}
	return s
}

// chance is a source of chance that belongs to a value.
func (s *standIns) chance(kind, value string) *rand.Rand {
	mac := hmac.New(sha256.New, s.key)
	_, _ = mac.Write([]byte(kind + "\x00" + value)) // a hash never fails
	sum := mac.Sum(nil)
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:]))) //nolint:gosec // seeded by a keyed hash
}

// of is the stand-in for a value as it is written.
func (s *standIns) of(kind, value string) string {
	same := squeezed(value)
	if kind == KindPhone {
		same = same[max(0, len(same)-8):] // with or without a country's code
	}
	random := s.chance(kind, same)
	switch kind {
	case KindName:
		return s.name(value)
	case KindEmail:
		return fmt.Sprintf("%s.%d@example.com", strings.ToLower(givenNames()[random.IntN(len(givenNames()))]), 10+random.IntN(90))
	case KindPhone:
		return phone(value, random)
	case KindCard:
		return fill(value, "4111111111111111111")
	case KindIBAN:
		return iban(value, random)
	case KindHandle:
		at := ""
		if strings.HasPrefix(value, "@") {
			at = "@"
		}
		return fmt.Sprintf("%s%s_%d", at, strings.ToLower(givenNames()[random.IntN(len(givenNames()))]), 1000+random.IntN(9000))
	case KindLink:
		return fmt.Sprintf("https://example.com/%d", 1000+random.IntN(9000))
	}
	for range 10 {
		if other := alike(value, random); other != value {
			return other
		}
	}
	return ""
}

// name exchanges each word of a name, in the same letter case: the first words
// by given names, the last by a surname.
func (s *standIns) name(value string) string {
	words := strings.Fields(value)
	for i, w := range words {
		key := folded(w)
		if key == "" || isParticle(w) {
			continue
		}
		if s.words[key] == "" {
			list := givenNames()
			if i > 0 && i == len(words)-1 {
				list = surnames()
			}
			s.words[key] = s.pick(list, key)
		}
		words[i] = cased(s.words[key], w)
	}
	return strings.Join(words, " ")
}

// pick takes a name that is neither real nor used.
func (s *standIns) pick(list []string, key string) string {
	at := s.chance(KindName, key).IntN(len(list))
	for i := range list {
		n := list[(at+i)%len(list)]
		if lower := strings.ToLower(n); !s.real[lower] && !s.used[lower] {
			s.used[lower] = true
			return n
		}
	}
	return list[at] + "sen"
}

func cased(s, like string) string {
	switch {
	case like == strings.ToUpper(like) && len(like) > 1:
		return strings.ToUpper(s)
	case like == strings.ToLower(like):
		return strings.ToLower(s)
	}
	return s
}

// phone keeps the shape and the first three digits, which tell no person, and
// fills up with what is kept free for fiction in many plans.
func phone(value string, random *rand.Rand) string {
	digits := 0
	for _, r := range value {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	rest := fmt.Sprintf("%s%02d", strings.Repeat("5550", 5)[:max(digits-5, 0)], random.IntN(100))
	keep := min(3, max(digits-2, 0))
	seen := 0
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return r
		}
		seen++
		if seen <= keep {
			return r
		}
		return rune(rest[(seen-keep-1)%len(rest)])
	}, value)
}

// fill puts the digits of with in place of those of value.
func fill(value, with string) string {
	i := -1
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return r
		}
		i++
		return rune(with[i%len(with)])
	}, value)
}

// iban keeps country, length and grouping; its check digits are right (ISO 7064
// mod 97-10), so that it is recognised for what it is.
func iban(value string, random *rand.Rand) string {
	plain := strings.ToUpper(squeezed(value))
	if len(plain) < 8 {
		return alike(value, random)
	}
	body := []byte(fmt.Sprintf("%0*d", len(plain)-4, random.IntN(1000)))
	rest := 0
	for _, c := range append(append([]byte{}, body...), plain[0], plain[1], '0', '0') {
		if c >= '0' && c <= '9' {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	whole := fmt.Sprintf("%s%02d%s", plain[:2], 98-rest, body)
	i := -1
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return r
		}
		i++
		return rune(whole[i%len(whole)])
	}, value)
}

// alike has other letters and digits in the same places and case: consonants
// for consonants, so that words can be read.
func alike(value string, random *rand.Rand) string {
	const vowels, consonants = "aeiou", "bdfgklmnprstvz"
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return rune("0123456789"[random.IntN(10)])
		case !unicode.IsLetter(r) && !unicode.IsMark(r):
			return r
		}
		from := consonants
		if strings.ContainsRune("aeiouyæøåäöüéèáàíóú", unicode.ToLower(r)) {
			from = vowels
		}
		c := rune(from[random.IntN(len(from))])
		if unicode.IsUpper(r) {
			c = unicode.ToUpper(c)
		}
		return c
	}, value)
}

func givenNames() []string {
	return []string{
		"Robin", "Alex", "Kim", "Sam", "Charlie", "Jamie", "Morgan", "Taylor", "Jordan", "Casey", "Riley", "Quinn", "Noa", "Andrea", "Luca",
		"Mika", "Sascha", "Toni", "Jona", "Marlo", "Eli", "Juno", "Nikola", "Renee", "Dominique", "Claude", "Ariel", "Yael", "Ilya", "Sanne",
	}
}

func surnames() []string {
	return []string{
		"Lindqvist", "Marlowe", "Okafor", "Brandt", "Ferrante", "Nowicki", "Delacroix", "Hagen", "Silveira", "Vermeer", "Ostrova", "Keller",
		"Almgren", "Castell", "Duarte", "Eklund", "Fontaine", "Grabowski", "Hollis", "Ivarsen", "Janssens", "Kovac", "Lorenz", "Moretti",
		"Nyberg", "Ortega", "Petrov", "Quist", "Rossini", "Sandberg",
	}
}
