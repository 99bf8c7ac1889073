package redteam

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lookalikes are letters of other scripts that look like Latin ones.
const lookalikes = "aаbЬcсdԁeеgɡhһiіjјkкlӏmмnոoоpрqԛsѕtтuսvѵwԝxхyуzᴢAАBВCСEЕHНIІKКMМOОPРTТXХ"

// homoglyphs exchanges Latin letters for those of other scripts that look the
// same.
func homoglyphs(s string) string { return strings.NewReplacer(pairs(false)...).Replace(s) }

// latin undoes homoglyphs.
func latin(s string) string { return strings.NewReplacer(pairs(true)...).Replace(s) }

func pairs(back bool) []string {
	var out []string
	r := []rune(lookalikes)
	for i := 0; i+1 < len(r); i += 2 {
		if back {
			out = append(out, string(r[i+1]), string(r[i]))
		} else {
			out = append(out, string(r[i]), string(r[i+1]))
		}
	}
	return out
}

func rot13(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case r >= 'A' && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, s)
}

// leet writes some letters as digits, as in "1gn0r3".
func leet(s string) string {
	return strings.NewReplacer("a", "4", "e", "3", "i", "1", "o", "0", "t", "7").Replace(s)
}

// fullwidth writes ASCII as the wide forms of East Asian text.
func fullwidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r + 0xFEE0
		}
		return r
	}, s)
}

// tagged writes ASCII in Unicode's tag characters, which nobody sees.
func tagged(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= ' ' && r <= '~' {
			return r + 0xE0000
		}
		return r
	}, s)
}

// spread puts a zero-width space behind every letter.
func spread(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
		b.WriteRune('\u200b')
	}
	return b.String()
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// turned shows reversed text the right way round, by an override of direction.
func turned(s string) string { return "\u202e" + reversed(s) + "\u202c" }

// percent writes every byte as in an address.
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

var (
	base64Run   = regexp.MustCompile(`[A-Za-z0-9+/]{16,}={0,2}`)
	hexRun      = regexp.MustCompile(`(?:[0-9a-fA-F]{2}){8,}`)
	percentRun  = regexp.MustCompile(`(?:%[0-9a-fA-F]{2})+`)
	placeholder = regexp.MustCompile(`\[[A-Z][A-Z_]*_?\d+[A-Z]?\]`)
)

// views are the ways in which a model can read a text: as it stands, and with
// each disguise undone.
func views(s string) []string {
	// A prompt exchanges the brackets of tags.
	s = strings.ReplaceAll(s, "‹", "<")
	untagged := strings.Map(func(r rune) rune {
		if r >= 0xE0020 && r <= 0xE007E {
			return r - 0xE0000
		}
		return r
	}, s)
	out := []string{untagged, latin(untagged), rot13(s), unleet(s), reversed(s)}
	for _, decode := range []func(string) (string, bool){decodeBase64, decodeHex, decodePercent} {
		if d, ok := decode(s); ok {
			out = append(out, d)
		}
	}
	return out
}

func unleet(s string) string {
	return strings.NewReplacer("4", "a", "3", "e", "1", "i", "0", "o", "7", "t").Replace(s)
}

func decodeBase64(s string) (string, bool) {
	return decodeRuns(base64Run, s, func(run string) ([]byte, error) {
		return base64.RawStdEncoding.DecodeString(strings.TrimRight(run, "="))
	})
}

func decodeHex(s string) (string, bool) { return decodeRuns(hexRun, s, hex.DecodeString) }

func decodePercent(s string) (string, bool) {
	return decodeRuns(percentRun, s, func(run string) ([]byte, error) {
		d, err := url.PathUnescape(run)
		return []byte(d), err
	})
}

// decodeRuns replaces what pattern finds by what it decodes to, where that is
// text; ok is false when there was nothing.
func decodeRuns(pattern *regexp.Regexp, s string, decode func(string) ([]byte, error)) (decoded string, ok bool) {
	decoded = pattern.ReplaceAllStringFunc(s, func(run string) string {
		raw, err := decode(run)
		if err != nil || !utf8.Valid(raw) || strings.ContainsFunc(string(raw), isControl) {
			return run
		}
		ok = true
		return string(raw)
	})
	return decoded, ok
}

func isControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
