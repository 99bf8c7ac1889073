package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

const (
	bagText = "Report a missing bag at the baggage desk before you leave the airport. We trace delayed bags for 21 days. " +
		"After that you may claim up to 1,300 EUR."
	bagQuestion = "My bag did not arrive in Bergen. What should I do now?"
	bagAnswer   = "Hello,\n\nPlease report the missing bag at the baggage desk before you leave the airport [1]. We trace delayed bags for 21 days [1].\n\nKind regards"
	bagDraft    = "Hello,\n\nPlease report the missing bag at the baggage desk before you leave the airport. We trace delayed bags for 21 days.\n\nKind regards"
)

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "help")
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// realEmbedding is the embedding server that "make test" starts.
func realEmbedding(t *testing.T) string {
	t.Helper()
	url := os.Getenv("PURSER_TEST_EMBEDDING_URL")
	if url == "" {
		t.Fatal("PURSER_TEST_EMBEDDING_URL is not set: run \"make test\", or set it to an OpenAI-compatible endpoint with the models e5-query and e5-passage")
	}
	return url
}

func helpCentre(t *testing.T) string {
	t.Helper()
	return folder(t, map[string]string{
		"baggage.md": "---\nkey: baggage.delayed\nlocale: en\ntitle: Delayed and missing bags\nlabels: [baggage]\nurl: https://skerry.example/bags\n---\n" + bagText + "\n",
		"pets.md":    "---\nkey: pets.cabin\nlocale: en\ntitle: Dogs in the cabin\n---\nA small dog may travel in the cabin when the dog and its carrier weigh at most 8 kg together.\n",
	})
}

// The whole path on the command line of the real program: database, embedding,
// model, server and client.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	m := model(t, openaitest.Script{Text: bagAnswer})
	s := startServer(t, pgtest.New(t), "EMBEDDING_BASE_URL", realEmbedding(t), "OPENAI_BASE_URL", m.BaseURL(), "OPENAI_API_KEY", "provider-secret", "OPENAI_MODEL", "scripted",
		"PURSER_LOG_LEVEL", "debug")
	admin := s.workspace(t, "Skerry Air")
	imported := admin.read(t, "import", helpCentre(t), "--source", "help", "--apply", "--wait")
	equal(t, at(imported, "applied"), true)
	equal(t, at(imported, "plan", "added"), 2.0)
	equal(t, at(imported, "changes", 0, "key"), "baggage.delayed")

	t.Run("keys", func(t *testing.T) {
		t.Parallel()
		testKeys(t, s, admin)
	})
	t.Run("search", func(t *testing.T) {
		t.Parallel()
		found := admin.read(t, "search", "where is my delayed bag")
		equal(t, at(found, "hits", 0, "article_key"), "baggage.delayed")
		equal(t, at(found, "words_only"), nil)
		if text := admin.says(t, "search", "where is my delayed bag", "--limit", "1"); !strings.Contains(text, "1. Delayed and missing bags  [baggage.delayed, en, revision 1]") {
			t.Errorf("shown: %s", text)
		}
		if text := admin.says(t, "search", "where is my delayed bag", "--in", "de"); text != "Nothing found.\n" {
			t.Errorf("shown: %s", text)
		}
		if said := admin.fails(t, exitFailed, "search", "bag", "--locale", "klingonish-?"); !strings.Contains(said, "(INVALID_FIELD)") {
			t.Errorf("said: %s", said)
		}
		if said := admin.fails(t, exitFailed, "search", " "); !strings.Contains(said, "(INVALID_FIELD)") {
			t.Errorf("said: %s", said)
		}
	})
	t.Run("tickets and suggestions", func(t *testing.T) {
		t.Parallel()
		testSuggest(t, admin)
	})
	t.Run("a queue of two", func(t *testing.T) {
		t.Parallel()
		other := s.workspace(t, "Skerry Ferries")
		other.says(t, "ticket", "create", "T-1", "-m", bagQuestion)
		other.says(t, "ticket", "create", "T-2", "-m", "Another one")
		for limit, more := range map[string]bool{"1": true, "2": false, "3": false} {
			_, _, stderr := purser(t, other.getenv, "", "ticket", "queue", "--limit", limit)
			equal(t, strings.Contains(stderr, "--limit shows more"), more)
		}
	})
	t.Run("asking an agent", func(t *testing.T) {
		t.Parallel()
		testAskDecision(t, admin)
	})
	t.Cleanup(func() {
		log := s.log.String()
		for _, private := range []string{"did not arrive", "kari@example.org", "K7QX2M", "provider-secret", admin.key, "quite something else"} {
			if strings.Contains(log, private) {
				t.Errorf("the log holds %q:\n%s", private, log)
			}
		}
	})
}

func testKeys(t *testing.T, s *served, admin *person) {
	t.Helper()
	created := admin.read(t, "key", "create", "desktop in Bergen", "--role", "agent", "--expires", "720h")
	secret, _ := at(created, "secret").(string)
	id, _ := at(created, "key", "key_id").(string)
	if !strings.HasPrefix(secret, "purser_") || id == "" {
		t.Fatalf("created %v", created)
	}
	agent := s.holder(secret)
	equal(t, at(agent.read(t, "key", "whoami"), "key", "role"), "KEY_ROLE_AGENT")
	if text := agent.says(t, "key", "whoami"); !strings.Contains(text, `agent in workspace "Skerry Air", with the key "desktop in Bergen" (until `) {
		t.Errorf("shown: %s", text)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	(&person{getenv: environment("PURSER_ADDRESS", s.address)}).says(t, "key", "whoami", "--key-file", file)

	for name, c := range map[string]struct {
		who    *person
		args   []string
		reason string
	}{
		"another role's work": {agent, []string{"key", "create", "x", "--role", "admin"}, "ROLE_NOT_ALLOWED"},
		"listing keys":        {agent, []string{"key", "list"}, "ROLE_NOT_ALLOWED"},
		"a malformed key":     {s.holder("purser_nonsense"), []string{"key", "whoami"}, "KEY_MALFORMED"},
		"an unknown key":      {admin, []string{"key", "revoke", "0190d4a8-0000-7000-8000-000000000000"}, "KEY_NOT_FOUND"},
		"what is no key's id": {admin, []string{"key", "revoke", "x"}, "INVALID_FIELD"},
	} {
		if said := c.who.fails(t, exitFailed, c.args...); !strings.Contains(said, "("+c.reason+")") {
			t.Errorf("%s: said %s", name, said)
		}
	}
	if said := admin.fails(t, exitUsage, "key", "create", "x", "--role", "agent", "--expires=-1h"); !strings.Contains(said, "in the past") {
		t.Errorf("said: %s", said)
	}
	if text := admin.says(t, "key", "revoke", id); text != "Revoked \"desktop in Bergen\".\n" {
		t.Errorf("shown: %s", text)
	}
	if said := agent.fails(t, exitFailed, "key", "whoami"); !strings.Contains(said, "this key was revoked") || !strings.Contains(said, "(KEY_REVOKED)") {
		t.Errorf("said: %s", said)
	}
	list := admin.says(t, "key", "list")
	if !strings.Contains(list, "revoked") || !strings.Contains(list, "first admin key") || strings.Contains(list, secret) {
		t.Errorf("shown: %s", list)
	}
	equal(t, at(admin.read(t, "key", "list"), "keys", 0, "key_id"), id)
	var firstID any
	for _, k := range at(admin.read(t, "key", "list"), "keys").([]any) {
		if at(k, "role") == "KEY_ROLE_ADMIN" {
			firstID = at(k, "key_id")
		}
	}
	if said := admin.fails(t, exitFailed, "key", "revoke", firstID.(string)); !strings.Contains(said, "(LAST_ADMIN_KEY)") {
		t.Errorf("said: %s", said)
	}
}

func testSuggest(t *testing.T, admin *person) {
	t.Helper()
	ticket := admin.read(t, "ticket", "create", "T-1", "-m", bagQuestion, "--email", "kari@example.org", "--fact", "booking_code=K7QX2M")
	equal(t, at(ticket, "ticket", "external_id"), "T-1")
	equal(t, at(ticket, "created"), true)
	if text := admin.says(t, "ticket", "show", "T-1"); !strings.Contains(text, bagQuestion) {
		t.Errorf("shown: %s", text)
	}
	if text := admin.says(t, "ticket", "queue"); !strings.Contains(text, "T-1") {
		t.Errorf("shown: %s", text)
	}
	equal(t, at(admin.read(t, "ticket", "show", "T-1"), "messages", 0, "text"), bagQuestion)

	var kinds []string
	var last map[string]any
	for line := range strings.Lines(admin.says(t, "suggest", "T-1", "--json", "--decide", "approve")) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		for kind := range event {
			if len(kinds) == 0 || kinds[len(kinds)-1] != kind {
				kinds = append(kinds, kind)
			}
		}
		last = event
	}
	equal(t, kinds, []string{"started", "evidence", "text", "suggestion"})
	equal(t, at(last, "suggestion", "decision", "kind"), "DECISION_KIND_APPROVE")
	equal(t, at(last, "suggestion", "draft", "text"), bagDraft)

	text := admin.says(t, "suggest", "T-1")
	for _, part := range []string{"── The customer wrote", bagQuestion, "── Found", "[1] Delayed and missing bags", "── Draft", "We trace delayed bags for 21 days. [1]", "drafted by openai scripted"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not shown:\n%s", part, text)
		}
	}
	if text := admin.says(t, "suggest", "T-1", "--decide", "approve"); !strings.Contains(text, "Recorded: approve by kari.") {
		t.Errorf("shown: %s", text)
	}
	// Nothing is decided where nothing is drafted.
	admin.says(t, "ticket", "create", "T-2", "-m", "Thank you so much!")
	if text := admin.says(t, "suggest", "T-2", "--decide", "approve"); !strings.Contains(text, "No draft: the message asks nothing.") {
		t.Errorf("shown: %s", text)
	}
	for name, c := range map[string]struct {
		args   []string
		reason string
	}{
		"an unknown ticket": {[]string{"suggest", "nothing"}, "TICKET_NOT_FOUND"},
		"an unknown uuid":   {[]string{"ticket", "show", "0190d4a8-0000-7000-8000-000000000000"}, "TICKET_NOT_FOUND"},
		"an unknown locale": {[]string{"suggest", "T-1", "--locale", "klingonish-?"}, "INVALID_FIELD"},
		"a blank message":   {[]string{"ticket", "create", "T-3", "-m", "\u200b"}, "BLANK_TEXT"},
	} {
		if said := admin.fails(t, exitFailed, c.args...); !strings.Contains(said, "("+c.reason+")") {
			t.Errorf("%s: said %s", name, said)
		}
	}
}

// testAskDecision plays an agent who answers the questions of "purser suggest".
func testAskDecision(t *testing.T, admin *person) {
	t.Helper()
	editor := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\necho 'We found your bag. It is quite something else.' > \"$1\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		editor, typed string
		kind          purserv1.DecisionKind
		shown         string
	}{
		"approve":         {"", "a\n", purserv1.DecisionKind_DECISION_KIND_APPROVE, "Recorded: approve"},
		"edit":            {editor, "e\n", purserv1.DecisionKind_DECISION_KIND_EDIT, "+ We found your bag."},
		"discard":         {"", "d\nnonsense\n4\n", purserv1.DecisionKind_DECISION_KIND_DISCARD, "Recorded: discard"},
		"own":             {editor, "own\n", purserv1.DecisionKind_DECISION_KIND_OWN, "Recorded: own"},
		"leave":           {"", "l\n", 0, "[l]eave"},
		"the end":         {"", "", 0, "[l]eave"},
		"an unchanged":    {"true", "e\nl\n", 0, "Nothing was changed."},
		"nothing written": {"true", "o\nl\n", 0, "Nothing was written."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who := &person{getenv: func(variable string) string {
				if variable == "EDITOR" {
					return c.editor
				}
				return admin.getenv(variable)
			}}
			id := "ask " + name
			who.says(t, "ticket", "create", id, "-m", bagQuestion)
			var out strings.Builder
			e := &console.Env{Stdin: strings.NewReader(c.typed), Stdout: &out, Stderr: &out, Getenv: who.getenv}
			cl, err := (&clientFlags{}).connect(e)
			if err != nil {
				t.Fatal(err)
			}
			defer cl.close()
			ticket, err := cl.ticket(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			suggestion, err := streamSuggestion(t.Context(), cl, ticket.GetTicket().GetTicketId(), "", "", &draftPrinter{w: &out, columns: 100})
			if err != nil {
				t.Fatal(err)
			}
			if err := askDecision(t.Context(), e, cl, suggestion); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), c.shown) {
				t.Errorf("shown: %s", out.String())
			}
			now, err := cl.suggestions.GetSuggestion(t.Context(), &purserv1.GetSuggestionRequest{SuggestionId: suggestion.GetSuggestionId()})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, now.GetSuggestion().GetDecision().GetKind(), c.kind)
		})
	}
	t.Run("an editor that fails", func(t *testing.T) {
		_, err := editText(context.WithoutCancel(t.Context()), &console.Env{Getenv: environment("EDITOR", "false")}, "x")
		if err == nil || !strings.Contains(err.Error(), "set EDITOR") {
			t.Errorf("got %v", err)
		}
	})
}
