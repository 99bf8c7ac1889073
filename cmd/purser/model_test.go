package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// testModel runs "model test" and returns what it prints and how it exits.
func testModel(t *testing.T, args []string, env ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, problems bytes.Buffer
	err := run(t.Context(), append([]string{"model", "test"}, args...), strings.NewReader(""), &out, &problems, environment(env...))
	code = exitCode(&problems, err)
	return out.String(), problems.String(), code
}

const shortAnswer = "Yes, it may travel under the seat. [1]"

func TestModelTest(t *testing.T) {
	t.Parallel()
	refusing := func(name, message string) func(openaitest.Request) openaitest.Script {
		return func(r openaitest.Request) openaitest.Script {
			if bytes.Contains(r.Raw, []byte(`"`+name+`"`)) {
				return openaitest.Script{Status: 400, Body: openaitest.Error(message)}
			}
			return openaitest.Script{Text: shortAnswer}
		}
	}
	always := func(s openaitest.Script) func(openaitest.Request) openaitest.Script {
		return func(openaitest.Request) openaitest.Script { return s }
	}
	tests := []struct {
		name   string
		answer func(openaitest.Request) openaitest.Script
		code   int
		says   []string
	}{
		{"good", always(openaitest.Script{Text: shortAnswer}), exitDone, []string{"It works.", "streams, in ", "not seen to think", "It counts tokens", "reads a prompt of 24000 bytes"}},
		{"refuses a part", refusing("temperature", "temperature is fixed"), exitDone, []string{"is not sent: temperature.", "It works."}},
		{"thinks", always(openaitest.Script{Text: shortAnswer, Thoughts: []string{"Hm."}}), exitDone, []string{"It thinks, for ", "never shown"}},
		{
			"whole at once, without numbers", always(openaitest.Script{ContentType: "application/json", Body: `{"choices":[{"message":{"content":"Yes."},"finish_reason":"stop"}]}`}), exitDone,
			[]string{"in one piece", "does not count tokens", "did not put the number"},
		},
		{"reads little", func(r openaitest.Request) openaitest.Script {
			if len(r.Raw) > 9000 {
				return openaitest.Script{Status: 400, Body: openaitest.Error("maximum context length is 2048 tokens")}
			}
			return openaitest.Script{Text: shortAnswer}
		}, exitDone, []string{"It works.", "too long for it", "less evidence"}},
		{"refuses the key", always(openaitest.Script{Status: 401, Body: openaitest.Error("no")}), exitFailed, []string{"It does not work", "OPENAI_API_KEY", "UNAUTHORIZED"}},
		{"knows no such model", always(openaitest.Script{Status: 404, Body: openaitest.Error("no")}), exitFailed, []string{"OPENAI_MODEL"}},
		{"thinks and says nothing", always(openaitest.Script{Thoughts: []string{"Hm."}, Finish: "length"}), exitFailed, []string{"only thoughts came"}},
		{"is a web page", always(openaitest.Script{ContentType: "text/html", Body: "<p>"}), exitFailed, []string{"no chat API"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := openaitest.New(test.answer)
			defer server.Close()
			out, problems, code := testModel(t, nil, "OPENAI_BASE_URL", server.BaseURL(), "OPENAI_MODEL", "m", "OPENAI_API_KEY", "secret-key")
			if code != test.code {
				t.Errorf("exits with %d: %s", code, problems)
			}
			for _, s := range test.says {
				if !strings.Contains(out, s) {
					t.Errorf("does not say %q:\n%s", s, out)
				}
			}
			if strings.Contains(out+problems, "secret-key") {
				t.Error("it prints the key")
			}
		})
	}
}

func TestModelTestOfEmbeddings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		env    []string
		code   int
		says   []string
	}{
		{"good", nil, nil, exitDone, []string{"A vector has 384 numbers", "4 texts at once", "longest passages whole"}},
		{"asked for fewer", nil, []string{"EMBEDDING_DIMENSIONS", "64"}, exitDone, []string{"A vector has 64 numbers"}},
		{"never gives so many", func(w http.ResponseWriter, r *http.Request) {
			vectors(w, r, 99, func(text string) string { return vectorOf(text, 16) })
		}, []string{"EMBEDDING_DIMENSIONS", "64"}, exitFailed, []string{"set it to 16", "WRONG_DIMENSIONS"}},
		{"fails", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, nil, exitFailed, []string{"refuses the key"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var url string
			if test.answer == nil {
				server := openaitest.Fixed(openaitest.Script{})
				defer server.Close()
				url = server.BaseURL()
			} else {
				server := httptest.NewServer(test.answer)
				defer server.Close()
				url = server.URL + "/v1"
			}
			out, problems, code := testModel(t, nil, append([]string{"EMBEDDING_BASE_URL", url}, test.env...)...)
			if code != test.code {
				t.Errorf("exits with %d: %s", code, problems)
			}
			for _, s := range test.says {
				if !strings.Contains(out, s) {
					t.Errorf("does not say %q:\n%s", s, out)
				}
			}
		})
	}
}

func TestModelTestForPrograms(t *testing.T) {
	t.Parallel()
	server := openaitest.Fixed(openaitest.Script{Text: shortAnswer})
	defer server.Close()
	out, _, code := testModel(t, []string{"--json", "--short"}, "OPENAI_BASE_URL", server.BaseURL(), "OPENAI_MODEL", "m", "EMBEDDING_BASE_URL", server.BaseURL())
	var report struct {
		Chat       struct{ Works, Cites, Streams bool }
		Embeddings struct {
			Works      bool
			Dimensions int
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitDone || !report.Chat.Works || !report.Chat.Cites || !report.Chat.Streams || !report.Embeddings.Works || report.Embeddings.Dimensions != 384 {
		t.Errorf("exits with %d: %v\n%s", code, err, out)
	}
	if len(server.Requests()) != 1 {
		t.Errorf("--short asked %d times", len(server.Requests()))
	}
	for name, env := range map[string][]string{
		"nothing is set up":            nil,
		"an address of Azure, in part": {"OPENAI_BASE_URL", "https://x.openai.azure.com/openai/deployments/d", "OPENAI_MODEL", "m"},
		"no address":                   {"OPENAI_BASE_URL", "nowhere", "OPENAI_MODEL", "m"},
	} {
		if _, problems, code := testModel(t, nil, env...); code != exitUsage || !strings.Contains(problems, "OPENAI_BASE_URL") {
			t.Errorf("%s: exits with %d: %s", name, code, problems)
		}
	}
}
