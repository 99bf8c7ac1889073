package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// manyArticles writes n articles into a folder.
func manyArticles(t *testing.T, n int) string {
	t.Helper()
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("%03d.md", i)] = fmt.Sprintf("---\nkey: a%03d\nlocale: en\ntitle: Matter %d\n---\nAll that is to be said on matter %d stands here.\n", i, i, i)
	}
	return folder(t, files)
}

// slowly passes requests on to an embedding server, each after a while.
func slowly(t *testing.T, to string, each time.Duration) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(each):
		case <-r.Context().Done():
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), r.Method, to+strings.TrimPrefix(r.URL.Path, "/v1"), r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			return // the caller went
		}
		defer func() { _ = answer.Body.Close() }()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body) // the caller may be gone
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

func (p *person) embedded(t *testing.T) (done, all int32) {
	t.Helper()
	cl, err := (&clientFlags{}).connect(&console.Env{Getenv: p.getenv})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.close()
	st, err := cl.knowledge.GetIndexStatus(t.Context(), &purserv1.GetIndexStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return st.GetEmbedded(), st.GetPassages()
}

// A server process is killed while it embeds and drafts. The next one goes on
// with both, within seconds.
func TestAServerProcessIsKilledAtWork(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	m := model(t, openaitest.Script{Text: bagAnswer, Hang: true})
	settings := []string{
		"EMBEDDING_BASE_URL", slowly(t, m.BaseURL(), 150*time.Millisecond), "EMBEDDING_BATCH", "1",
		"OPENAI_BASE_URL", m.BaseURL(), "OPENAI_MODEL", "scripted",
	}
	first := startProcess(t, schema, settings...)
	admin := first.workspace(t, "one")
	admin.says(t, "import", manyArticles(t, 40), "--apply", "--source", "kb")
	admin.says(t, "ticket", "create", "T-1", "-m", "What is to be said on matter 7?")
	eventually(t, "some passages are embedded", 20*time.Second, func() bool {
		done, _ := admin.embedded(t)
		return done >= 3
	})
	_, _, request := admin.stream(t, "T-1")
	before, all := admin.embedded(t)
	first.kill()
	if before >= all {
		t.Fatalf("%d of %d were embedded before the server was killed", before, all)
	}

	m.Set(func(openaitest.Request) openaitest.Script { return openaitest.Script{Text: bagAnswer} })
	second := startProcess(t, schema, settings...)
	next := second.holder(admin.key)
	began := time.Now()
	eventually(t, "embedding goes on", 5*time.Second, func() bool {
		done, _ := next.embedded(t)
		return done > before
	})
	cl, err := (&clientFlags{}).connect(&console.Env{Getenv: next.getenv})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.close()
	again, err := cl.suggestions.SuggestReply(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	suggestion, err := last(again)
	if err != nil || suggestion.GetState() != purserv1.SuggestionState_SUGGESTION_STATE_GENERATED {
		t.Errorf("the same suggestion: %v, %v", suggestion, err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it was taken over after %v", took)
	}
	eventually(t, "everything is embedded, what the killed one was at included", 75*time.Second, func() bool {
		done, all := next.embedded(t)
		return done == all
	})
	if err := second.stop(); err != nil {
		t.Errorf("stopped by a signal: %v\n%s", err, second.log)
	}
}

// A server process is killed in the middle of applying an import: nothing of it
// is there, and the plan can be applied by the next one.
func TestAServerProcessIsKilledWhileItImports(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	first := startProcess(t, schema)
	admin := first.workspace(t, "one")
	holder, err := schema.Owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := holder.Exec(t.Context(), `LOCK TABLE passage_lexemes IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	if err := holder.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	dir := manyArticles(t, 30)
	said := make(chan string, 1)
	go func() {
		var out, errs strings.Builder
		err := run(t.Context(), []string{"import", dir, "--apply", "--source", "kb"}, strings.NewReader(""), &out, &errs, admin.getenv)
		code := exitCode(&errs, err)
		said <- fmt.Sprint(code, " ", errs.String())
	}()
	waiting := func() int {
		var n int
		super, err := pgx.Connect(t.Context(), schema.SuperuserURL)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = super.Close(context.WithoutCancel(t.Context())) }()
		if err := super.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`, pid).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	eventually(t, "the import is in the middle", 20*time.Second, func() bool { return waiting() > 0 })
	first.kill()
	if text := <-said; !strings.HasPrefix(text, "1 purser: no Purser answers at ") {
		t.Errorf("the editor is told: %s", text)
	}
	if err := holder.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := startProcess(t, schema)
	next := second.holder(admin.key)
	equal(t, len(next.articles(t)), 0)
	next.says(t, "import", dir, "--apply", "--source", "kb")
	equal(t, len(next.articles(t)), 30)
}
