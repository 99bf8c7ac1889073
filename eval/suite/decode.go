package suite

import (
	"bytes"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/purser-desk/purser/knowledge"
)

const saveAsUTF8 = "open it in the program that it comes from and save it as UTF-8"

// Decode makes UTF-8 with line feeds of the bytes of a file of lines: UTF-8, or
// UTF-16 that says so at its beginning. What is wrong with it goes to p, and ok is
// false then.
func Decode(raw []byte, origin string, p *Problems) (content []byte, ok bool) {
	r := ticketReader{origin: origin, problems: p}
	return r.decode(raw)
}

// decode makes UTF-8 with line feeds of a file's bytes. Spreadsheets also write
// UTF-16 and, in Western Europe, Windows-1252; the latter is taken for tables
// alone, and noted, since it can't be told for sure.
func (r *ticketReader) decode(raw []byte) ([]byte, bool) {
	wrong := func(line int, message string) ([]byte, bool) {
		r.problems.Add(knowledge.ProblemEncoding, r.origin, line, "%s", message)
		return nil, false
	}
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(raw, []byte("\x00\x00\xfe\xff")):
		return wrong(0, "is in UTF-32, which is not read; "+saveAsUTF8)
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		content, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(raw)
		if err != nil || len(raw)%2 != 0 || bytes.ContainsRune(content, utf8.RuneError) {
			return wrong(0, "is in UTF-16 but broken, as if it were cut off; "+saveAsUTF8)
		}
		raw = content
	}
	// Line ends first, since what is wrong is told by its line. Files that were put
	// one behind the other have byte order marks inside.
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	raw = bytes.ReplaceAll(bytes.TrimPrefix(raw, []byte("\ufeff")), []byte("\n\ufeff"), []byte("\n"))
	if line := lineOf(raw, bytes.IndexByte(raw, 0)); line > 0 {
		return wrong(line, "holds a NUL byte, so it is no text, or UTF-16 that does not say so; "+saveAsUTF8)
	}
	if !utf8.Valid(raw) {
		several, stray, line := scanUTF8(raw)
		switch {
		case several > stray:
			return wrong(line, "has bytes that are not UTF-8 while the rest of the file is; write this line's special characters again")
		case !r.isTable():
			return wrong(line, "has bytes that are not UTF-8; "+saveAsUTF8)
		}
		content, err := charmap.Windows1252.NewDecoder().Bytes(raw)
		if err != nil || bytes.ContainsRune(content, utf8.RuneError) {
			return wrong(line, "is neither in UTF-8 nor in UTF-16 nor in Windows-1252; "+saveAsUTF8)
		}
		r.note(knowledge.ProblemLossyText, line, "the file is not in UTF-8 and was read as Windows-1252 (Western European); look at the special characters, or save it as UTF-8")
		raw = content
	}
	if line := lineOf(raw, bytes.Index(raw, []byte("\ufffd"))); line > 0 {
		r.note(knowledge.ProblemLossyText, line, "holds the sign \ufffd, which programs put in place of characters that they could not read; write them again")
	}
	return raw, true
}

func (r *ticketReader) isTable() bool {
	ext := strings.ToLower(filepath.Ext(r.origin))
	return ext == ".csv" || ext == ".tsv"
}

// lineOf is the line that a byte stands on; 0 for none.
func lineOf(raw []byte, at int) int {
	if at < 0 {
		return 0
	}
	return 1 + bytes.Count(raw[:at], []byte("\n"))
}

// scanUTF8 counts the characters of several bytes and the bytes that belong to
// none, and finds the line of the first of those.
func scanUTF8(raw []byte) (several, stray, line int) {
	for i := 0; i < len(raw); {
		c, n := utf8.DecodeRune(raw[i:])
		switch {
		case c == utf8.RuneError && n == 1:
			if stray++; line == 0 {
				line = lineOf(raw, i)
			}
		case n > 1:
			several++
		}
		i += n
	}
	return several, stray, line
}
