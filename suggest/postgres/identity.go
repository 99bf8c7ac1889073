package postgres

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/purser-desk/purser/suggest"
)

// identities are addresses in the form that a statement unnests.
type identities struct{ kinds, folded, values []string }

func (i identities) count() int { return len(i.kinds) }

// foldAll folds identities, without repeats and without those that hold
// nothing.
func foldAll(in []suggest.Identity) identities {
	var out identities
	seen := map[[2]string]bool{}
	for _, identity := range in {
		folded := fold(identity)
		key := [2]string{string(identity.Kind), folded}
		if folded == "" || seen[key] {
			continue
		}
		seen[key] = true
		out.kinds = append(out.kinds, string(identity.Kind))
		out.folded = append(out.folded, folded)
		out.values = append(out.values, storable(strings.TrimSpace(identity.Value)))
	}
	return out
}

// fold is an address as it is compared: without case, blanks and invisible
// characters; a phone number's digits with a plus sign when it is
// international; a handle without the "@" in front of it. Characters that only
// look alike stay apart, since joining two people shows one the other's
// contacts.
func fold(i suggest.Identity) string {
	s := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return lower(r)
	}, norm.NFC.String(storable(i.Value)))
	switch i.Kind {
	case suggest.IdentityPhone:
		return foldPhone(norm.NFKC.String(s))
	case suggest.IdentityHandle:
		network, handle, ok := strings.Cut(s, ":")
		if !ok {
			return strings.TrimPrefix(s, "@")
		}
		return network + ":" + strings.TrimPrefix(handle, "@")
	case suggest.IdentityEmail, suggest.IdentityCustomerNumber:
	}
	return s
}

// lower is the small letter of which r is the capital, else r: Go's mapping
// also makes an "i" of the Turkish dotted capital, and knows no way back to the
// capital of "ß".
func lower(r rune) rune {
	if r == 'ẞ' {
		return 'ß'
	}
	if l := unicode.ToLower(r); unicode.ToUpper(l) == r {
		return l
	}
	return r
}

// foldPhone keeps digits. "+44 (0)20 7946 0000" and "0044 20 7946 0000" are
// the same number.
func foldPhone(s string) string {
	international := strings.HasPrefix(s, "+")
	if international {
		s = strings.ReplaceAll(s, "(0)", "")
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
	switch {
	case digits == "":
		return s
	case international:
		return "+" + digits
	case strings.HasPrefix(digits, "00"):
		return "+" + digits[2:]
	}
	return digits
}
