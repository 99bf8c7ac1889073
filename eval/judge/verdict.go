package judge

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// MaxNonsense is the share of answers that may be no verdict before a judge is
// not trusted.
const MaxNonsense = .1

// NonsenseError says that too many of a model's answers were no verdict. Its
// text tells the shape of the answers, never what they said.
type NonsenseError struct {
	Model string
	// Of replies All, so many got no verdict.
	Of, All int
	// Shapes counts answers by what they were.
	Shapes map[string]int
}

func (e *NonsenseError) Error() string {
	names := slices.Collect(maps.Keys(e.Shapes))
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(e.Shapes[b], e.Shapes[a]), strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s (%d×)", name, e.Shapes[name])
	}
	said := ""
	if len(names) > 0 {
		said = " with " + strings.Join(names, ", ")
	}
	return fmt.Sprintf(`the judge %s gave no verdict on %d of %d replies: it answered%s where {"reason": "…", "pass": true or false} was asked for; use a model that keeps to JSON, and --fresh to ask it anew`,
		e.Model, e.Of, e.All, said)
}

// parseVerdict reads an answer: a JSON object with a boolean "pass", alone or
// in a code fence, behind thoughts that are marked as such. Anything else is
// nonsense, and its shape is told.
func parseVerdict(a Answer) (pass bool, reason, shape string) {
	text := unwrap(a.Text)
	switch {
	case a.Refused:
		return false, "", "a refusal"
	case text == "":
		return false, "", "nothing"
	case a.Cut:
		return false, "", "an answer cut at its limit"
	case text[0] != '{':
		return false, "", shapeOf(text)
	}
	var v struct {
		Pass   json.RawMessage `json:"pass"`
		Reason json.RawMessage `json:"reason"`
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	if err := d.Decode(&v); err != nil {
		return false, "", "broken JSON"
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return false, "", "a JSON object with text behind it"
	}
	switch string(v.Pass) {
	case "true", "false":
	case "":
		return false, "", `a JSON object without "pass"`
	default:
		return false, "", `a JSON object whose "pass" is neither true nor false`
	}
	// A reason of another type is left out: the vote is what counts.
	if json.Unmarshal(v.Reason, &reason) != nil {
		reason = ""
	}
	return string(v.Pass) == "true", reason, ""
}

// unwrap takes an answer out of its thoughts and its code fence.
func unwrap(answer string) string {
	answer = strings.TrimSpace(answer)
	if rest, thinks := strings.CutPrefix(answer, "<think>"); thinks {
		if _, said, ended := strings.Cut(rest, "</think>"); ended {
			answer = strings.TrimSpace(said)
		}
	}
	if rest, fenced := strings.CutPrefix(answer, "```"); fenced {
		rest = strings.TrimPrefix(rest, "json")
		if body, closed := strings.CutSuffix(strings.TrimSpace(rest), "```"); closed {
			answer = strings.TrimSpace(body)
		}
	}
	return answer
}

func shapeOf(text string) string {
	switch {
	case json.Valid([]byte(text)):
		return "JSON that is no object"
	case strings.HasPrefix(text, "```"):
		return "an open code fence"
	case strings.HasPrefix(text, "<"):
		return "markup"
	case strings.Contains(text, "{"):
		return "text before JSON"
	default:
		return "prose"
	}
}
