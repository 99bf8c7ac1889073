package source

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	encunicode "golang.org/x/text/encoding/unicode"

	"github.com/purser-desk/purser/knowledge"
)

// decode makes text of a file's bytes, with line feeds for line ends. It
// reports a problem and false when the bytes are no text that can be told.
func (r *reader) decode(origin string, raw []byte) (string, bool) {
	content, ok := r.decodeBytes(origin, raw)
	if !ok {
		return "", false
	}
	if strings.Contains(content, "\r") {
		content = strings.ReplaceAll(strings.ReplaceAll(content, "\r\n", "\n"), "\r", "\n")
	}
	if strings.TrimFunc(content, func(c rune) bool { return unicode.IsSpace(c) || c == 0 }) == "" {
		r.problem(knowledge.ProblemEmpty, origin, 0, "This file is empty: write something into it or remove it.")
		return "", false
	}
	return content, true
}

const saveAsUTF8 = "open it in the program that it comes from and save it as UTF-8"

func (r *reader) decodeBytes(origin string, raw []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return r.decodeUTF8(origin, raw[3:])
	case bytes.HasPrefix(raw, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(raw, []byte("\x00\x00\xfe\xff")):
		r.problem(knowledge.ProblemEncoding, origin, 0, "This file is in UTF-32, which is not read: %s.", saveAsUTF8)
		return "", false
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return r.decodeUTF16(origin, raw[2:], encunicode.LittleEndian)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return r.decodeUTF16(origin, raw[2:], encunicode.BigEndian)
	}
	if order, ok := evidentUTF16(raw); ok {
		name := "little-endian"
		if order == encunicode.BigEndian {
			name = "big-endian"
		}
		content, ok := r.decodeUTF16(origin, raw, order)
		if ok {
			r.problem(knowledge.ProblemLossyText, origin, 0, "This file was read as UTF-16 (%s), which it does not say it is: look at what was read, or save it as UTF-8.", name)
		}
		return content, ok
	}
	return r.decodeUTF8(origin, raw)
}

func (r *reader) decodeUTF16(origin string, raw []byte, order encunicode.Endianness) (string, bool) {
	content, err := encunicode.UTF16(order, encunicode.IgnoreBOM).NewDecoder().Bytes(raw)
	if i := bytes.IndexRune(content, utf8.RuneError); err != nil || len(raw)%2 != 0 || i >= 0 {
		r.problem(knowledge.ProblemEncoding, origin, 1+bytes.Count(content[:max(i, 0)], []byte("\n")),
			"This file is in UTF-16 but broken, as if it were cut off or joined from two: %s.", saveAsUTF8)
		return "", false
	}
	return r.withoutNUL(origin, string(content))
}

// evidentUTF16 tells UTF-16 without a byte order mark by its NUL bytes: in
// most scripts blanks, line ends and punctuation have one, all on one side.
func evidentUTF16(raw []byte) (encunicode.Endianness, bool) {
	if len(raw) < 2 || len(raw)%2 != 0 {
		return encunicode.LittleEndian, false
	}
	var zeros [2]int
	for i, c := range raw {
		if c == 0 {
			zeros[i%2]++
		}
	}
	order, side := encunicode.LittleEndian, zeros[1]
	if zeros[0] > zeros[1] {
		order, side = encunicode.BigEndian, zeros[0]
	}
	const share = 12 // at least one character in twelve
	if side*share < len(raw)/2 || min(zeros[0], zeros[1]) > 0 {
		return encunicode.LittleEndian, false
	}
	content, err := encunicode.UTF16(order, encunicode.IgnoreBOM).NewDecoder().Bytes(raw)
	if err != nil || controls(content) > 0 || bytes.ContainsRune(content, utf8.RuneError) {
		return encunicode.LittleEndian, false
	}
	return order, true
}

// controls counts control characters that no text file has.
func controls(content []byte) int {
	n := 0
	for _, c := range content {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0 || c == 0x7f {
			n++
		}
	}
	return n
}

func (r *reader) decodeUTF8(origin string, raw []byte) (string, bool) {
	if utf8.Valid(raw) {
		return r.withoutNUL(origin, string(raw))
	}
	valid, bad, firstLine := scanUTF8(raw)
	if valid > bad {
		r.problem(knowledge.ProblemEncoding, origin, firstLine,
			"This line has bytes that are not UTF-8 while the rest of the file is: write its special characters again and save the file as UTF-8.")
		return "", false
	}
	if bytes.IndexByte(raw, 0) >= 0 || controls(raw)*100 > len(raw) || !plausibleWindows1252(raw) {
		r.problem(knowledge.ProblemEncoding, origin, firstLine, "This file is neither in UTF-8 nor in UTF-16, and Western European letters do not fit it: %s.", saveAsUTF8)
		return "", false
	}
	content, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		r.problem(knowledge.ProblemEncoding, origin, firstLine, "This file can't be told to be text: %s.", saveAsUTF8)
		return "", false
	}
	r.problem(knowledge.ProblemLossyText, origin, firstLine,
		"This file is not in UTF-8 and was read as Windows-1252 (Latin-1, Western European): look at the special characters in what was read, or save it as UTF-8.")
	return string(content), true
}

// scanUTF8 counts the characters of several bytes that are well formed and the
// bytes that belong to none, and finds the line of the first of those.
func scanUTF8(raw []byte) (valid, bad, firstLine int) {
	line := 1
	for i := 0; i < len(raw); {
		c, n := utf8.DecodeRune(raw[i:])
		switch {
		case c == utf8.RuneError && n == 1:
			if bad++; firstLine == 0 {
				firstLine = line
			}
		case n > 1:
			valid++
		case c == '\n', c == '\r' && (i+1 == len(raw) || raw[i+1] != '\n'):
			line++
		}
		i += n
	}
	return valid, bad, firstLine
}

// plausibleWindows1252 reports whether the upper half of the bytes reads as
// Western European text: few of the letters are there, none is undefined, no
// capital follows a small letter and no symbol stands between two letters, as
// they do when Polish, Russian or Japanese bytes are read this way.
func plausibleWindows1252(raw []byte) bool {
	letters, high, odd, inRow := 0, 0, 0, 0
	prev := ' '
	for i, c := range raw {
		cur := charmap.Windows1252.DecodeByte(c)
		if c == 0x81 || c == 0x8d || c == 0x8f || c == 0x90 || c == 0x9d {
			return false
		}
		if unicode.IsLetter(cur) {
			letters++
		}
		if c < 0x80 {
			prev, inRow = cur, 0
			continue
		}
		high++
		inRow++
		var next byte = ' '
		if i+1 < len(raw) {
			next = raw[i+1]
		}
		switch {
		case unicode.IsUpper(cur) && unicode.IsLower(prev), inRow >= 3 && unicode.IsLetter(cur):
			odd++
		case !unicode.IsLetter(cur) && c >= 0xa1 && unicode.IsLetter(prev) &&
			(next >= 0xa1 || unicode.IsLetter(rune(next))):
			odd++
		}
		prev = cur
	}
	return odd*20 <= high && high*3 <= letters+3
}

// withoutNUL removes stray NUL bytes and says so; many of them, or other
// control characters, mean that the file is no text.
func (r *reader) withoutNUL(origin, content string) (string, bool) {
	nul := strings.IndexByte(content, 0)
	if nul < 0 && controls([]byte(content[:min(len(content), 4096)]))*20 <= min(len(content), 4096) {
		return content, true
	}
	n := strings.Count(content, "\x00")
	line := 1 + strings.Count(content[:max(nul, 0)], "\n")
	if n*100 > len(content) || controls([]byte(content))*20 > len(content) {
		r.problem(knowledge.ProblemEncoding, origin, line, "This file is no text: %s, or remove it.", saveAsUTF8)
		return "", false
	}
	if n > 0 {
		r.problem(knowledge.ProblemLossyText, origin, line, "NUL characters were removed from this file (%s): look for what is missing, and save it again without them.", times(n, "character"))
	}
	return strings.ReplaceAll(content, "\x00", ""), true
}
