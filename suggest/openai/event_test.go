package openai_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/purser-desk/purser/suggest/openai"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// FuzzOutputIsWhatTheModelWrote sends a text in pieces, whatever it holds.
func FuzzOutputIsWhatTheModelWrote(f *testing.F) {
	for _, s := range []string{
		"Bags| may| weigh| 8| kg", `He| said| "bags"|.`, "one|\n\n|two|\ttabs", `a|b\|c`, `"content":"|x"|,"content":"y"`,
		"zażółć| gęślą| jaźń| 🧳|", "a||b", `},"finish_reason":"stop"|x`, "content| content| Content",
	} {
		f.Add(s)
	}
	server := openaitest.Fixed(openaitest.Script{})
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 2000 || strings.Contains(s, "NO_ANSWER") {
			t.Skip()
		}
		pieces := strings.Split(s, "|")
		server.Set(func(openaitest.Request) openaitest.Script { return openaitest.Script{Pieces: pieces} })
		_, report, err := draft(t.Context(), drafter(t, server, openai.Options{}), task())
		if want := strings.Join(pieces, ""); report.Output != want || err != nil && strings.TrimSpace(want) != "" {
			t.Errorf("got %q, %v, want %q", report.Output, err, want)
		}
	})
}

// An event of another shape among many of one is read for what it is.
func TestEventsOfSeveralShapes(t *testing.T) {
	t.Parallel()
	event := func(s string) string { return "data: " + s + "\n\n" }
	words := func(s string) string {
		return event(`{"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"` + s + `"},"finish_reason":null}]}`)
	}
	stop := event(`{"id":"1","model":"m","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}`) + event("[DONE]")
	for name, c := range map[string]struct{ body, output, finish string }{
		"alike":          {words("One ") + words("two ") + words("three.") + stop, "One two three.", "stop"},
		"escapes":        {words("One ") + words(`\"two\"\n`) + words("three.") + stop, "One \"two\"\nthree.", "stop"},
		"words at last":  {words("One ") + words("two ") + event(`{"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"three."},"finish_reason":"stop"}]}`) + event("[DONE]"), "One two three.", "stop"},
		"another choice": {words("One ") + event(`{"id":"1","model":"m","choices":[]}`) + words("two.") + stop, "One two.", "stop"},
		"two contents":   {words("One ") + event(`{"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"x","content":"two."},"finish_reason":null}]}`) + stop, "One two.", "stop"},
		"an early quote": {words("One ") + words(`two."},"x":{"y":"`) + stop, "One two.", "stop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := openaitest.Fixed(openaitest.Script{Body: c.body})
			t.Cleanup(server.Close)
			_, report, err := draft(t.Context(), drafter(t, server, openai.Options{}), task())
			if err != nil || report.Output != c.output || report.Finish != c.finish || report.Model != "m" {
				t.Errorf("%q %q %q, %v", report.Output, report.Finish, report.Model, err)
			}
		})
	}
}
