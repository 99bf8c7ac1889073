package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// suggestionOf makes a draft on a new ticket and returns its id.
func suggestionOf(t *testing.T, p *person, ticket, message string) string {
	t.Helper()
	p.says(t, "ticket", "create", ticket, "-m", message, "--fact", "booking code=XK4Q9Z")
	id := ""
	for line := range strings.Lines(p.says(t, "suggest", ticket, "--json", "--decide", "no")) {
		if found, ok := at(jsonOf(t, line), "suggestion", "suggestion_id").(string); ok {
			id = found
		}
	}
	if !console.IsUUID(id) {
		t.Fatalf("no suggestion was made: %q", id)
	}
	return id
}

func TestSuggestionReplay(t *testing.T) {
	t.Parallel()
	m := model(t, openaitest.Script{Text: bagAnswer})
	schema := pgtest.New(t)
	s := startServer(t, schema, "OPENAI_BASE_URL", m.BaseURL(), "OPENAI_API_KEY", "x", "OPENAI_MODEL", "scripted")
	admin, other := s.workspace(t, "Skerry Air"), s.workspace(t, "Other Air")
	admin.says(t, "import", helpCentre(t), "--source", "help", "--apply")
	id := suggestionOf(t, admin, "T-1", "Hello, this is Zbigniew Wrzesniewski. Where is my delayed bag? Write to zbig@post.example.net or call +49 171 2345678.")
	thanks := suggestionOf(t, admin, "T-2", "Thanks a lot!")
	where := []string{"DATABASE_URL", schema.ServerURL, "DATABASE_OWNER_URL", schema.OwnerURL}
	operator := func(t *testing.T, more []string, args ...string) (int, string, string) {
		t.Helper()
		return purser(t, environment(append(append([]string{}, where...), more...)...), "", append([]string{"suggestion"}, args...)...)
	}
	if other.key == "" {
		t.Fatal("no second workspace")
	}
	asked := len(m.Requests())

	t.Run("show", func(t *testing.T) {
		code, stdout, stderr := operator(t, nil, "show", id, "--workspace", "Skerry Air", "--prompt")
		for _, want := range []string{"GENERATED", "Where is my delayed bag?", "booking code: XK4Q9Z", "[1] Delayed and missing bags", "DRAFT", "trace delayed bags for 21 days", "model: scripted", "[EMAIL_", "Sent to the model"} {
			if code != exitDone || !strings.Contains(stdout, want) {
				t.Errorf("exit %d, no %q: %s%s", code, want, stdout, stderr)
			}
		}
		_, sent, _ := strings.Cut(stdout, "Sent to the model")
		if strings.Contains(sent, "zbig@") || strings.Contains(stderr, "zbig@") {
			t.Errorf("what was sent, or the log, holds an address: %s%s", sent, stderr)
		}
		code, stdout, _ = operator(t, nil, "show", id, "--workspace", "Skerry Air", "--json")
		var shown map[string]any
		if err := json.Unmarshal([]byte(stdout), &shown); code != exitDone || err != nil || at(shown, "record", "output") != bagAnswer {
			t.Errorf("exit %d, %v: %s", code, err, stdout)
		}
	})

	t.Run("from the record", func(t *testing.T) {
		for _, which := range []string{id, thanks} {
			code, stdout, stderr := operator(t, nil, "replay", which, "--workspace", "Skerry Air")
			if code != exitDone || !strings.Contains(stdout, "The same comes out") || strings.Contains(stdout, "does not tell") {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
		}
		code, stdout, _ := operator(t, nil, "replay", id, "--workspace", "Skerry Air", "--json")
		equal(t, code, exitDone)
		equal(t, at(jsonOf(t, stdout), "same"), true)
		equal(t, at(jsonOf(t, stdout), "differences"), nil)
		equal(t, at(jsonOf(t, stdout), "after", "draft", "text"), bagDraft)
	})

	t.Run("a record that says otherwise", func(t *testing.T) {
		changed := suggestionOf(t, admin, "T-3", "Where is my delayed bag now?")
		asked = len(m.Requests())
		if _, err := schema.Owner.Exec(t.Context(), `UPDATE suggestions SET record = jsonb_set(record::jsonb, '{output}', to_jsonb(replace(record ->> 'output', '21 days', '99 days')))::json WHERE suggestion_id = $1`, changed); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := operator(t, nil, "replay", changed, "--workspace", "Skerry Air")
		if code != exitGate || !strings.Contains(stdout, "- We trace delayed bags for 21 days.") || !strings.Contains(stdout, "STATEMENT CONTRADICTED NUMBER") {
			t.Errorf("exit %d: %s%s", code, stdout, stderr)
		}
	})

	t.Run("fresh", func(t *testing.T) {
		help := folder(t, map[string]string{"baggage.md": "---\nkey: baggage.delayed\nlocale: en\ntitle: Delayed and missing bags\n---\nReport a delayed or missing bag at the baggage desk before you leave the airport. We trace delayed bags for 14 days.\n"})
		admin.says(t, "import", help, "--source", "help", "--apply", "--allow-removals")
		now := model(t, openaitest.Script{Text: "Hello,\n\nWe trace delayed bags for 14 days [1].\n\nKind regards"})
		before := rowsOf(t, schema)
		code, stdout, stderr := operator(t, []string{"OPENAI_BASE_URL", now.BaseURL(), "OPENAI_MODEL", "newer"}, "replay", id, "--workspace", "Skerry Air", "--fresh")
		for _, want := range []string{"+ We trace delayed bags for 14 days.", "model: scripted → newer", "baggage.delayed [en] is at revision 2, then 1"} {
			if code != exitDone || !strings.Contains(stdout, want) {
				t.Errorf("exit %d, no %q: %s%s", code, want, stdout, stderr)
			}
		}
		equal(t, rowsOf(t, schema), before)
		equal(t, len(now.Requests()), 1)
		if strings.Contains(stderr, "Zbigniew") {
			t.Errorf("the log names the customer: %s", stderr)
		}
	})
	equal(t, len(m.Requests()), asked)

	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"another workspace": {[]string{"replay", id, "--workspace", "Other Air"}, exitFailed, "there is no suggestion " + id},
		"an unknown id":     {[]string{"show", "01890a5d-ac96-774b-bcce-b302099a8057", "--workspace", "Skerry Air"}, exitFailed, "there is no suggestion"},
		"no id at all":      {[]string{"show", "T-1", "--workspace", "Skerry Air"}, exitFailed, "there is no suggestion T-1"},
		"no workspace":      {[]string{"replay", id}, exitUsage, "--workspace"},
		"a wrong workspace": {[]string{"replay", id, "--workspace", "Nobody"}, exitFailed, "no workspace named"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := operator(t, nil, c.args...)
			if code != c.code || !strings.Contains(stderr, c.says) || stdout != "" {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
		})
	}
}

// rowsOf is all that a schema's tables hold, as a hash for each, so that a write
// is seen; the queue's housekeeping and the time at which a key was used do not
// count.
func rowsOf(t *testing.T, schema *pgtest.Schema) map[string]string {
	t.Helper()
	rows, err := schema.Owner.Query(t.Context(), `
		SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
			AND c.relname NOT LIKE 'river%' AND c.relname <> 'api_keys'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 20 {
		t.Fatal(tables, err)
	}
	out := map[string]string{}
	for _, table := range tables {
		var hash string
		err := schema.Owner.QueryRow(t.Context(), `SELECT md5(coalesce(string_agg(r::text, '' ORDER BY r::text), '')) FROM `+pgx.Identifier{table}.Sanitize()+` r`).Scan(&hash)
		if err != nil {
			t.Fatal(err)
		}
		out[table] = hash
	}
	return out
}

func TestSuggestionNeverFinished(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.knows(skerryArticles()...)
	p.happens(happening{stratum: "unanswered", times: 1, none: true, does: func(l *life) {
		begun := l.begin()
		code, _, stderr := purser(l.t, p.operator, "", "suggestion", "replay", begun.Suggestion.ID, "--workspace", string(p.w))
		if code != exitFailed || !strings.Contains(stderr, "was not finished (RUNNING)") {
			l.t.Errorf("exit %d: %s", code, stderr)
		}
	}})
}
