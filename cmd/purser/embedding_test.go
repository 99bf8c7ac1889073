package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

const embedderWords = "embedder-babble-4471"

// vectors answers each text of a request as vector says, and leaves out the
// texts behind the first `most`.
func vectors(w http.ResponseWriter, r *http.Request, most int, vector func(text string) string) {
	var req struct {
		Input json.RawMessage `json:"input"`
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(raw, &req) != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	var texts []string
	if json.Unmarshal(req.Input, &texts) != nil {
		texts = []string{string(req.Input)}
	}
	var data []string
	for i, text := range texts[:min(most, len(texts))] {
		data = append(data, fmt.Sprintf(`{"object":"embedding","index":%d,"embedding":%s}`, i, vector(text)))
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"object":"list","data":[%s],"model":"m"}`, strings.Join(data, ",")) // the client may be gone
}

func vectorOf(text string, dimensions int) string {
	b, err := json.Marshal(openaitest.Vector(text, dimensions))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// hang answers nothing until the caller goes, which the server notices once the
// request is read.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// An embedding provider that fails in whatever way costs meaning, not answers:
// articles are imported and found by words, and drafts are made of them.
func TestEmbeddersThatFail(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, openaitest.Error(embedderWords)) // the client may be gone
		}
	}
	var asked atomic.Int64
	for name, handle := range map[string]http.HandlerFunc{
		"refused connection": nil,
		"401":                status(401),
		"404 model":          status(404),
		"429":                status(429, "Retry-After", "1"),
		"429 for long":       status(429, "Retry-After", "3600"),
		"500":                status(500),
		"HTML":               func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>"+embedderWords) },
		"nothing":            func(http.ResponseWriter, *http.Request) {},
		"hangs":              hang,
		"changing dimensions": func(w http.ResponseWriter, r *http.Request) {
			vectors(w, r, 99, func(s string) string { return vectorOf(s, 8+int(asked.Add(1))) })
		},
		"zero vectors": func(w http.ResponseWriter, r *http.Request) {
			vectors(w, r, 99, func(string) string { return "[0,0,0,0]" })
		},
		"NaN": func(w http.ResponseWriter, r *http.Request) {
			vectors(w, r, 99, func(string) string { return "[NaN,1,2,3]" })
		},
		"infinite numbers": func(w http.ResponseWriter, r *http.Request) {
			vectors(w, r, 99, func(string) string { return "[1e999,1,2,3]" })
		},
		"empty vectors":            func(w http.ResponseWriter, r *http.Request) { vectors(w, r, 99, func(string) string { return "[]" }) },
		"fewer vectors than texts": func(w http.ResponseWriter, r *http.Request) { vectors(w, r, 0, nil) },
		"one vector for many texts": func(w http.ResponseWriter, r *http.Request) {
			vectors(w, r, 1, func(string) string { return "[0,0,0,1]" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			embedder := httptest.NewServer(handle)
			t.Cleanup(embedder.Close)
			if handle == nil {
				embedder.Close()
			}
			s := startServer(t, schema, "EMBEDDING_BASE_URL", embedder.URL+"/v1", "EMBEDDING_API_KEY", "embedder-secret")
			admin := s.workspace(t, name)
			admin.says(t, "import", helpCentre(t), "--apply")
			began := time.Now()
			code, stdout, stderr := purser(t, admin.getenv, "", "search", "what about my delayed bag")
			if code != exitDone || !strings.Contains(stdout, "1. Delayed and missing bags") {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
			if took := time.Since(began); took > 6*time.Second {
				t.Errorf("search took %v", took)
			}
			if name != "one vector for many texts" && !strings.Contains(stderr, "Searched by words alone") {
				t.Errorf("it does not say that words alone decided: %s", stderr)
			}
			admin.says(t, "ticket", "create", "T-1", "-m", bagQuestion)
			if text := admin.says(t, "suggest", "T-1"); !strings.Contains(text, "[1] Delayed and missing bags") {
				t.Errorf("shown: %s", text)
			}
			if log := s.log.String(); strings.Contains(log, embedderWords) || strings.Contains(log, "embedder-secret") || strings.Contains(log, "baggage desk") {
				t.Errorf("the log repeats the provider, its key or a text:\n%s", log)
			}
		})
	}
}

// What could not be embedded is embedded as soon as the provider works again.
func TestAnEmbedderThatRecovers(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	var refused atomic.Int64
	broken.Store(true)
	embedder := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			refused.Add(1)
			http.Error(w, embedderWords, http.StatusServiceUnavailable)
			return
		}
		vectors(w, r, 99, func(s string) string { return vectorOf(s, 16) })
	}))
	t.Cleanup(embedder.Close)
	s := startServer(t, pgtest.New(t), "EMBEDDING_BASE_URL", embedder.URL+"/v1")
	admin := s.workspace(t, "one")
	admin.says(t, "import", helpCentre(t), "--apply")
	eventually(t, "the provider is asked", 45*time.Second, func() bool { return refused.Load() > 0 })
	if done, all := admin.embedded(t); done != 0 || all == 0 {
		t.Fatalf("%d of %d embedded by a provider that fails", done, all)
	}
	broken.Store(false)
	eventually(t, "everything is embedded", 45*time.Second, func() bool {
		done, all := admin.embedded(t)
		return done == all
	})
	equal(t, at(admin.read(t, "search", "delayed bag"), "words_only"), nil)
}
