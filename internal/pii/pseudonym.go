package pii

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/entity"
)

// Pseudonyms replaces, in the texts of one ticket, what is personal by something
// of the same kind: an address for an address, a code of the same shape for a
// code. The same value has the same pseudonym wherever it stands in the ticket,
// and nobody can tell the value from it without the key. It restores nothing, and
// is not safe for concurrent use.
type Pseudonyms struct {
	finder *Finder
	told   *Told
	births *births
	key    []byte
	known  map[string]bool // by squeezed value
	// real are the words of the ticket's names, which no pseudonym may be.
	real  map[string]bool
	words map[string]string // pseudonym of a name's word
	used  map[string]bool
	// hidden are the squeezed values that were replaced.
	hidden map[string]bool
	counts map[string]int
}

// Pseudonymise makes the pseudonyms of what was found, with a secret and the
// ticket's id.
func (f *Found) Pseudonymise(key []byte, ticket string) *Pseudonyms {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte("pseudonyms\x00" + ticket)) // a hash never fails
	k := &Pseudonyms{
		told: f.told, births: f.births, key: mac.Sum(nil), known: map[string]bool{}, real: map[string]bool{},
		words: map[string]string{}, used: map[string]bool{}, hidden: map[string]bool{}, counts: map[string]int{},
	}
	for _, n := range f.names {
		for w := range strings.FieldsSeq(folded(n)) {
			k.real[w] = true
		}
	}
	var list []Known
	for _, v := range f.All() {
		v.Value = strings.Trim(strings.TrimSpace(v.Value), ".,;:!?")
		s := squeezed(v.Value)
		if s == "" || k.known[s] || v.Kind == KindName && isSmallWord(v.Value) {
			continue
		}
		k.known[s] = true
		list = append(list, v)
	}
	k.finder = NewFinder(f.told.Locale, list)
	return k
}

// isSmallWord reports whether a name is two small letters, which stand everywhere.
func isSmallWord(name string) bool {
	first := firstRune(name)
	return countAlnum(name) == minName && !unicode.IsUpper(first) && unicode.ToUpper(first) != first
}

// Hide is s with pseudonyms for what is personal.
func (k *Pseudonyms) Hide(s string) string {
	var b strings.Builder
	last := 0
	for _, p := range k.finder.find(s) {
		value := p.In(s)
		if !k.hides(p.kind, value) {
			continue
		}
		b.WriteString(s[last:p.Start])
		b.WriteString(k.replace(p.kind, value))
		last = p.End
	}
	return b.String() + s[last:]
}

// hides reports whether a value that was found is personal: a placeholder that
// somebody wrote is not, nor is a contact that anyone can read.
func (k *Pseudonyms) hides(kind Kind, value string) bool {
	return k.known[squeezed(value)] || kind != kindText && !k.told.Public.Reaches(value, k.told.Locale)
}

// Whole is the pseudonym for a value that is hidden wherever it stands alone, also
// where it is too short to be looked for in texts; empty for an empty one.
func (k *Pseudonyms) Whole(kind Kind, value string) string {
	if strings.TrimSpace(value) == "" {
		return ""
	}
	return k.replace(kind, value)
}

// Knows reports whether value is one of those that are hidden.
func (k *Pseudonyms) Knows(value string) bool { return k.known[squeezed(value)] }

// Counts is how many values were replaced, by kind.
func (k *Pseudonyms) Counts() map[string]int { return k.counts }

// Leaks reports whether something that was replaced still stands in the texts.
func (k *Pseudonyms) Leaks(texts []string) bool {
	return slices.ContainsFunc(texts, func(s string) bool {
		return slices.ContainsFunc(k.finder.find(s), func(p piece) bool {
			value := squeezed(p.In(s))
			return len(value) >= 4 && k.hidden[value]
		})
	})
}

func (k *Pseudonyms) replace(kind Kind, value string) string {
	k.counts[string(kind)]++
	k.hidden[squeezed(value)] = true
	if kind == KindBirth {
		if day, ok := k.births.pseudonym(value, func(day string) *rand.Rand { return k.chance(KindBirth, day) }); ok {
			return day
		}
	}
	if kind == KindFact {
		return k.fact(value)
	}
	return k.of(kind, value)
}

// fact is the pseudonym for a text that the desk knows: other letters and digits,
// but what is plain stays, and days of birth have their own.
func (k *Pseudonyms) fact(value string) string {
	random := k.chance(KindFact, squeezed(value))
	spans := plain(value, k.told.Locale)
	for range 10 {
		var b strings.Builder
		last, changed := 0, false
		other := func(s string) {
			instead := alike(s, random)
			changed = changed || instead != s
			b.WriteString(instead)
		}
		for _, p := range spans {
			other(value[last:p.Start])
			last = p.End
			kept := p.In(value)
			if day, ok := k.births.pseudonym(kept, func(day string) *rand.Rand { return k.chance(KindBirth, day) }); ok {
				kept = day
			}
			b.WriteString(kept)
		}
		if other(value[last:]); changed {
			return b.String()
		}
	}
	return ""
}

// chance is a source of chance that belongs to a value.
func (k *Pseudonyms) chance(kind Kind, value string) *rand.Rand {
	mac := hmac.New(sha256.New, k.key)
	_, _ = mac.Write([]byte(string(kind) + "\x00" + value)) // a hash never fails
	sum := mac.Sum(nil)
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:]))) //nolint:gosec // seeded by a keyed hash
}

// of is the pseudonym for a value as it is written.
func (k *Pseudonyms) of(kind Kind, value string) string {
	same := squeezed(value)
	if kind == KindPhone {
		same = same[max(0, len(same)-8):] // with or without a country's code
	}
	random := k.chance(kind, same)
	given := func() string {
		names := givenNames()
		return names[random.IntN(len(names))]
	}
	switch kind {
	case KindName:
		return k.name(value)
	case KindEmail:
		return fmt.Sprintf("%s.%d@example.com", given(), 10+random.IntN(90))
	case KindPhone:
		return phone(value, random)
	case KindCreditCard:
		return fill(value, "4111111111111111111", unicode.IsDigit)
	case KindIBAN:
		return iban(value, random)
	case KindHandle:
		at := ""
		if strings.HasPrefix(value, "@") {
			at = "@"
		}
		return fmt.Sprintf("%s%s_%d", at, given(), 1000+random.IntN(9000))
	case KindLink:
		return fmt.Sprintf("https://example.com/%d", 1000+random.IntN(9000))
	default:
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
func (k *Pseudonyms) name(value string) string {
	parts := strings.Fields(value)
	for i, w := range parts {
		key := folded(w)
		if key == "" || isParticle(w) {
			continue
		}
		if k.words[key] == "" {
			list := givenNames()
			if i > 0 && i == len(parts)-1 {
				list = surnames()
			}
			k.words[key] = k.pick(list, key)
		}
		parts[i] = cased(k.words[key], w)
	}
	return strings.Join(parts, " ")
}

// pick takes a name that is neither real nor used.
func (k *Pseudonyms) pick(list []string, key string) string {
	at := k.chance(KindName, key).IntN(len(list))
	for i := range list {
		if n := list[(at+i)%len(list)]; !k.real[n] && !k.used[n] {
			k.used[n] = true
			return capital(n)
		}
	}
	return capital(list[at]) + "sen"
}

// phone keeps the shape and the first three digits, which tell no person, and
// fills up with what is kept free for fiction in many plans.
func phone(value string, random *rand.Rand) string {
	kept, digits := 0, countFunc(value, unicode.IsDigit)
	rest := fmt.Sprintf("%s%02d", strings.Repeat("5550", 5)[:max(digits-5, 0)], random.IntN(100))
	return fill(value, rest, func(r rune) bool {
		if unicode.IsDigit(r) {
			kept++
		}
		return unicode.IsDigit(r) && kept > min(3, max(digits-2, 0))
	})
}

// fill puts what with is made of in place of those characters of value.
func fill(value, with string, is func(rune) bool) string {
	i := -1
	return strings.Map(func(r rune) rune {
		if !is(r) {
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
	body := fmt.Sprintf("%0*d", len(plain)-4, random.IntN(1000))
	whole := fmt.Sprintf("%s%02d%s", plain[:2], 98-entity.IBANRest(plain[:2]+"00"+body), body)
	return fill(value, whole, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
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

// givenNames and surnames are the same in every language, so that they tell none;
// the lists stand with the English ones.
func givenNames() []string { return words("en", "pseudonym-given-names") }

func surnames() []string { return words("en", "pseudonym-surnames") }
