package openai_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/openai"
)

// unit answers vectors of a length, all of size 1, that point where the first
// letter of each text says.
func unit(dimensions int) func(http.ResponseWriter, asked) {
	return func(w http.ResponseWriter, r asked) {
		n := dimensions
		if r.Dimensions > 0 && n > 3 {
			n = r.Dimensions
		}
		var data []map[string]any
		for i, text := range r.Input {
			v := make([]float32, n)
			v[int(text[0])%n] = 1
			data = append(data, map[string]any{"index": i, "embedding": v})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
	}
}

// unless answers as next does, but where a request is refused.
func unless(refused func(asked) string, code int, next func(http.ResponseWriter, asked)) func(http.ResponseWriter, asked) {
	return func(w http.ResponseWriter, r asked) {
		if why := refused(r); why != "" {
			status(code, nil, why)(w, r)
			return
		}
		next(w, r)
	}
}

func TestRefusalsTeach(t *testing.T) {
	long := func(r asked) string {
		for _, s := range r.Input {
			if utf8.RuneCountInString(s) > 100 {
				return `{"message":"input must have less than 100 tokens"}`
			}
		}
		return ""
	}
	tests := []struct {
		name    string
		answer  func(http.ResponseWriter, asked)
		texts   int
		length  int
		asked   int // the first time
		again   int // the second time
		logged  string
		refused string
	}{
		{"texts at once", unless(func(r asked) string {
			if len(r.Input) > 4 {
				return `{"message":"batch size 10 > maximum allowed batch size 4"}`
			}
			return ""
		}, 413, unit(3)), 10, 20, 4, 3, "texts=4", ""},
		{"texts at once, without a number", unless(func(r asked) string {
			if len(r.Input) > 4 {
				return `too many inputs`
			}
			return ""
		}, 400, unit(3)), 10, 20, 8, 5, "texts=2", ""},
		{"long texts", unless(long, 413, unit(3)), 2, 250, 13, 13, "parts are embedded", ""},
		{"texts without end", unless(func(asked) string { return `{"error":"maximum context length"}` }, 400, unit(3)), 1, 100, 3, 3, "parts are embedded", knowledge.EmbedTooLong},
		{"base64 alone", unless(func(r asked) string {
			if r.Format != "base64" {
				return `{"error":{"message":"encoding_format must be base64"}}`
			}
			return ""
		}, 400, vectors), 2, 20, 2, 1, "encoding_format=base64", ""},
		{"numbers alone", unless(func(r asked) string {
			if r.Format != "float" {
				return `{"error":{"param":"encoding_format"}}`
			}
			return ""
		}, 400, vectors), 2, 20, 2, 1, "encoding_format=float", ""},
		{"dimensions", unless(func(r asked) string {
			if r.Dimensions > 0 {
				return `{"detail":[{"loc":["body","dimensions"]}]}`
			}
			return ""
		}, 422, unit(3)), 2, 20, 2, 1, "part=dimensions", ""},
		{"something else", unless(func(asked) string { return `{"error":"no"}` }, 400, unit(3)), 2, 20, 1, 1, "", knowledge.EmbedRejected},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newProvider(t, test.answer)
			var log bytes.Buffer
			e := embedder(p, func(o *openai.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			texts := make([]string, test.texts)
			for i := range texts {
				texts[i] = strings.TrimSpace(strings.Repeat(string(rune('a'+i))+"bcd ", test.length/5+1))[:test.length]
			}
			before := 0
			for _, expected := range []int{test.asked, test.again} {
				got, err := e.Embed(t.Context(), knowledge.PassageText, texts)
				if test.refused != "" {
					checkFailure(t, err, test.refused)
				} else if err != nil || len(got) != len(texts) {
					t.Fatalf("%d vectors, %v", len(got), err)
				}
				if n := len(p.requests()); n-before != expected {
					t.Errorf("asked %d times, expected %d", n-before, expected)
				}
				before = len(p.requests())
			}
			if !strings.Contains(log.String(), test.logged) {
				t.Errorf("the log does not say %q:\n%s", test.logged, log.String())
			}
		})
	}
}

// The vector of a text in parts is the mean of theirs by their length, each with
// the prefix.
func TestPartsOfALongText(t *testing.T) {
	p := newProvider(t, unless(func(r asked) string {
		for _, s := range r.Input {
			if len(s) > 150 {
				return "maximum context length exceeded"
			}
		}
		return ""
	}, 400, unit(3)))
	e := embedder(p, func(o *openai.Options) { o.PassagePrefix = "" })
	// One word that has no blank near its middle, after a long first half.
	got, err := e.Embed(t.Context(), knowledge.PassageText, []string{strings.Repeat("c", 99) + " " + strings.Repeat("d", 100)})
	if err != nil {
		t.Fatal(err)
	}
	var square float64
	for _, x := range got[0] {
		square += float64(x) * float64(x)
	}
	if math.Abs(square-1) > 1e-5 || got[0]['c'%3] <= 0 || math.Abs(float64(got[0]['d'%3]/got[0]['c'%3])-100./99) > 1e-3 {
		t.Errorf("vector %v", got[0])
	}
	for _, r := range p.requests() {
		for _, s := range r.Input {
			if !utf8.ValidString(s) || strings.TrimSpace(s) != s {
				t.Errorf("sent %q", s)
			}
		}
	}
}

func TestPartsKeepCharactersWhole(t *testing.T) {
	p := newProvider(t, unless(func(r asked) string {
		for _, s := range r.Input {
			if utf8.RuneCountInString(s) > 90 {
				return "maximum context length exceeded"
			}
		}
		return ""
	}, 400, unit(3)))
	if _, err := embedder(p, nil).Embed(t.Context(), knowledge.PassageText, []string{strings.Repeat("行李", 200)}); err != nil {
		t.Fatal(err)
	}
	for _, r := range p.requests() {
		for _, s := range r.Input {
			if !utf8.ValidString(s) {
				t.Errorf("sent broken characters: %q", s)
			}
		}
	}
}

func TestWrongLengths(t *testing.T) {
	t.Run("fewer are asked for", func(t *testing.T) {
		p := newProvider(t, unit(8))
		e := embedder(p, func(o *openai.Options) { o.Dimensions = 5 })
		if err := e.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.requests()[0].Dimensions != 5 {
			t.Errorf("asked for %d", p.requests()[0].Dimensions)
		}
	})
	t.Run("the model does not care", func(t *testing.T) {
		err := embedder(newProvider(t, unit(3)), func(o *openai.Options) { o.Dimensions = 2 }).Check(t.Context())
		checkFailure(t, err, knowledge.EmbedWrongDimensions)
		if !strings.Contains(err.Error(), "set it to 3") {
			t.Errorf("the error does not say what to do: %v", err)
		}
	})
	t.Run("too many to be searched", func(t *testing.T) {
		err := embedder(newProvider(t, unit(8000)), func(o *openai.Options) { o.Dimensions = 0 }).Check(t.Context())
		checkFailure(t, err, knowledge.EmbedWrongDimensions)
		if !strings.Contains(err.Error(), "EMBEDDING_DIMENSIONS") {
			t.Errorf("the error does not say what to do: %v", err)
		}
	})
	t.Run("they change", func(t *testing.T) {
		n := 3
		e := embedder(newProvider(t, func(w http.ResponseWriter, r asked) { unit(n)(w, r) }), func(o *openai.Options) { o.Dimensions = 0 })
		if err := e.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		n = 2
		_, err := e.Embed(t.Context(), knowledge.QuestionText, []string{"a"})
		checkFailure(t, err, knowledge.EmbedWrongDimensions)
		space, err := e.Space(t.Context())
		if err != nil || space.Dimensions != 2 {
			t.Errorf("then %+v, %v", space, err)
		}
		if _, err := e.Embed(t.Context(), knowledge.QuestionText, []string{"a"}); err != nil {
			t.Error(err)
		}
	})
}

func TestEitherEncodingIsRead(t *testing.T) {
	p := newProvider(t, func(w http.ResponseWriter, r asked) {
		r.Format = "base64" // though it was not asked for
		vectors(w, r)
	})
	got, err := embedder(p, nil).Embed(t.Context(), knowledge.PassageText, []string{"abc"})
	if err != nil || !cmp.Equal(got, [][]float32{{3, 1, 0}}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, broken := range []string{`"!"`, `"AAA="`, `"AAAA"`} {
		_, err := embedder(newProvider(t, says(fmt.Sprintf(`{"data":[{"index":0,"embedding":%s}]}`, broken))), nil).Embed(t.Context(), knowledge.PassageText, []string{"abc"})
		checkFailure(t, err, knowledge.EmbedNotJSON)
	}
}

func TestAddressesThatCanNotBe(t *testing.T) {
	for _, base := range []string{"", "embed:8080", "https://x.openai.azure.com/openai"} {
		if _, err := openai.NewEmbedder(openai.Options{BaseURL: base}); err == nil {
			t.Errorf("%q is accepted", base)
		}
	}
}
