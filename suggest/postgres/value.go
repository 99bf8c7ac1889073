package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/purser-desk/purser/suggest"
)

// parseID reads an id from outside. What is no UUID names nothing, so callers
// answer "not found".
func parseID(s string) (uuid.UUID, bool) {
	id, err := uuid.Parse(s)
	return id, err == nil && len(s) == 36
}

// newIDs reads ids that the caller made; a bad one is the caller's mistake.
func newID(what, s string) (uuid.UUID, error) {
	id, ok := parseID(s)
	if !ok {
		return id, fmt.Errorf("%s %q is not a UUID", what, s)
	}
	return id, nil
}

// storable drops what a text column can't hold: NUL and invalid UTF-8.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func storables[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = storable(string(s))
	}
	return out
}

// at is t as the database keeps it: UTC, whole microseconds; nil for none.
func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = moment(t)
	return &t
}

func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// from is the reverse of at.
func from(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// orInfinity is at for a column, or a bound, in which none is later than all.
func orInfinity(t time.Time) pgtype.Timestamptz {
	if t.IsZero() {
		return pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}
	}
	return pgtype.Timestamptz{Time: moment(t), Valid: true}
}

// encode writes v as JSON that PostgreSQL can hold.
func encode(v any) ([]byte, error) {
	b, err := marshal(v)
	return storableJSON(b), err
}

// marshal writes v as JSON.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func decode(b []byte, v any) error {
	if len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decode %T: %w", v, err)
	}
	return nil
}

func encodeActor(a suggest.Actor) ([]byte, error) { return encode(a) }

func decodeActor(b []byte) (suggest.Actor, error) {
	var a suggest.Actor
	return a, decode(b, &a)
}

// storableJSON drops escaped NULs and puts U+FFFD for escaped halves of
// surrogate pairs: valid JSON that PostgreSQL refuses.
func storableJSON(b []byte) []byte {
	if !bytes.Contains(b, []byte(`\u`)) {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if b[i] != '\\' || i+1 >= len(b) {
			out = append(out, b[i])
			i++
			continue
		}
		if b[i+1] != 'u' || i+6 > len(b) {
			out = append(out, b[i], b[i+1])
			i += 2
			continue
		}
		kept, read := storableEscape(b[i:])
		out = append(out, kept...)
		i += read
	}
	return out
}

// storableEscape reads the escape at the start of b, \u and four hexadecimal
// digits, with its second half if it has one.
func storableEscape(b []byte) (kept string, read int) {
	switch unit := hex4(b[2:6]); {
	case unit == 0:
		return "", 6
	case unit < 0xD800 || unit > 0xDFFF:
		return string(b[:6]), 6
	case unit < 0xDC00 && len(b) >= 12 && b[6] == '\\' && b[7] == 'u':
		if low := hex4(b[8:12]); low >= 0xDC00 && low <= 0xDFFF {
			return string(b[:12]), 12
		}
	}
	return `\ufffd`, 6
}

// hex4 reads four hexadecimal digits, which b is known to hold.
func hex4(b []byte) int {
	n := 0
	for _, c := range b {
		n <<= 4
		switch {
		case c >= '0' && c <= '9':
			n |= int(c - '0')
		default:
			n |= int(c|0x20-'a') + 10
		}
	}
	return n
}
