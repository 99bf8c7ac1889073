package request_test

import (
	"os"
	"strings"
	"testing"
)

// setCase is a message, or a conversation, with what is expected of its search.
type setCase struct {
	id, batch, lang, kind string
	// body is what stands before the expectations, want those.
	body string
	want []expected
}

// expected is words of a request and the articles that answer it.
type expected struct {
	says string
	keys []string
}

// readSet reads a file of testdata.
func readSet(t testing.TB, name string) []setCase {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []setCase
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "=== "):
			f := append(strings.Fields(line[4:]), "")
			out = append(out, setCase{id: f[0], batch: f[1], lang: f[2], kind: f[3]})
		case len(out) == 0:
		case strings.HasPrefix(line, "--- "):
			says, keys, ok := strings.Cut(line[4:], " :: ")
			if !ok {
				says, keys = "", line[4:]
			}
			c := &out[len(out)-1]
			c.want = append(c.want, expected{says, strings.Fields(keys)})
		default:
			out[len(out)-1].body += line + "\n"
		}
	}
	for i := range out {
		out[i].body = strings.TrimSpace(out[i].body)
	}
	return out
}
