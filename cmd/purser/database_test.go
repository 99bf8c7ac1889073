package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

func TestMigrateAndWorkspaceCreate(t *testing.T) {
	t.Parallel()
	schema := pgtest.NewEmpty(t)
	operator := func(t *testing.T, args ...string) (int, string, string) {
		t.Helper()
		return purser(t, environment("DATABASE_OWNER_URL", schema.OwnerURL, "PURSER_SERVER_ROLE", pgtest.ServerRole), "", args...)
	}
	if code, _, stderr := operator(t, "workspace", "create", "early"); code != exitFailed || !strings.Contains(stderr, `run "purser migrate"`) {
		t.Errorf("a workspace without tables: exit %d: %s", code, stderr)
	}
	code, stdout, stderr := operator(t, "migrate")
	if code != exitDone || !strings.Contains(stdout, "applied 00001_access.sql") || !strings.Contains(stdout, "The database is at this version.") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, _ = operator(t, "migrate", "--json"); code != exitDone || stdout != "{\"applied\":[]}\n" {
		t.Errorf("once more: exit %d: %s", code, stdout)
	}
	code, stdout, stderr = operator(t, "workspace", "create", "Skerry Air")
	if code != exitDone || !strings.HasPrefix(stdout, "purser_") || strings.Count(stdout, "\n") != 1 || !strings.Contains(stderr, "keep it now") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	secret := strings.TrimSpace(stdout)
	if code, stdout, stderr = operator(t, "workspace", "create", "Skerry Air"); code != exitFailed || stdout != "" || !strings.Contains(stderr, "a workspace of this name exists already; choose another name") {
		t.Errorf("the same name: exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, stderr = operator(t, "workspace", "create", "other", "--json"); code != exitDone {
		t.Errorf("exit %d: %s", code, stderr)
	}
	var made map[string]string
	if err := json.Unmarshal([]byte(stdout), &made); err != nil || made["name"] != "other" || made["admin_key"] == "" || !console.IsUUID(made["workspace_id"]) {
		t.Errorf("%v, %v", made, err)
	}
	for name, args := range map[string][]string{"blank": {"workspace", "create", " "}, "long": {"workspace", "create", strings.Repeat("é", 201)}, "none": {"workspace", "create"}} {
		if code, _, stderr := operator(t, args...); code != exitUsage {
			t.Errorf("%s: exit %d: %s", name, code, stderr)
		}
	}
	s := startServer(t, schema)
	if text := s.holder(secret).says(t, "key", "whoami"); !strings.Contains(text, `admin in workspace "Skerry Air"`) {
		t.Errorf("shown: %s", text)
	}
}

func TestMigrateRefusesDatabases(t *testing.T) {
	t.Parallel()
	good := pgtest.New(t)
	newer := pgtest.New(t)
	if _, err := newer.Owner.Exec(t.Context(), `INSERT INTO purser_migrations (version_id, is_applied) VALUES (99999, true)`); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url, role, says string
	}{
		"no extension":   {bareDatabase(t, good.SuperuserURL), pgtest.ServerRole, "CREATE EXTENSION vector"},
		"no such role":   {good.OwnerURL, "no such role", `CREATE ROLE "no such role" LOGIN`},
		"a newer schema": {newer.OwnerURL, pgtest.ServerRole, "newer than this binary"},
		"nobody there":   {"postgres://x:geheim@127.0.0.1:1/purser", pgtest.ServerRole, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := purser(t, environment("DATABASE_OWNER_URL", c.url), "", "migrate", "--server-role", c.role)
			if code != exitFailed || !strings.Contains(stderr, c.says) || strings.Contains(stderr, "geheim") {
				t.Errorf("exit %d: %s", code, stderr)
			}
		})
	}
}

// The database goes while the server serves: every call says so plainly, loses
// nothing, and works again as soon as the database does.
func TestTheDatabaseGoesAndComesBack(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	p := newProxy(t, schema.ServerURL)
	m := model(t, openaitest.Script{Text: bagAnswer, Before: 700 * time.Millisecond})
	s := startServer(t, schema, "DATABASE_URL", p.url, "EMBEDDING_BASE_URL", realEmbedding(t), "OPENAI_BASE_URL", m.BaseURL(), "OPENAI_MODEL", "scripted")
	admin := s.workspace(t, "one")
	admin.says(t, "import", helpCentre(t), "--apply", "--wait")
	admin.says(t, "ticket", "create", "T-1", "-m", bagQuestion)

	cl, stream, request := admin.stream(t, "T-1")
	p.cut()
	_, err := last(stream)
	if status.Code(err) != codes.Unavailable || reasonOf(err) != "DATABASE_UNAVAILABLE" {
		t.Errorf("the stream: %v", err)
	}
	message := &purserv1.AppendMessageRequest{RequestId: newRequestID(), Actor: cl.actor, TicketId: request.GetTicketId(), Author: purserv1.Author_AUTHOR_NOTE, Text: "Called back."}
	for range 3 {
		_, err := cl.tickets.AppendMessage(t.Context(), message)
		if status.Code(err) != codes.Unavailable || reasonOf(err) != "DATABASE_UNAVAILABLE" {
			t.Errorf("a mutation: %v", err)
		}
	}
	for _, args := range [][]string{{"key", "whoami"}, {"search", "bag"}, {"ticket", "show", "T-1"}, {"ticket", "queue"}, {"suggest", "T-1"}} {
		if said := admin.fails(t, exitFailed, args...); !strings.Contains(said, "the database does not answer; nothing was lost, try again in a moment") || !strings.Contains(said, "(DATABASE_UNAVAILABLE)") {
			t.Errorf("%v said: %s", args, said)
		}
	}
	p.mend()
	admin.says(t, "key", "whoami")
	appended, err := cl.tickets.AppendMessage(t.Context(), message)
	if err != nil || !appended.GetCreated() {
		t.Errorf("the same mutation: %v, %v", appended, err)
	}
	again, err := cl.suggestions.SuggestReply(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	suggestion, err := last(again)
	if err != nil || suggestion.GetDraft().GetText() != bagDraft {
		t.Errorf("the same suggestion: %v, %v", suggestion, err)
	}
	shown := admin.read(t, "ticket", "show", "T-1")
	if n := len(at(shown, "messages").([]any)); n != 2 {
		t.Errorf("%d messages: %v", n, shown)
	}
	if strings.Contains(s.log.String(), bagQuestion) || strings.Contains(s.log.String(), "Called back") {
		t.Errorf("the log repeats a customer:\n%s", s.log)
	}
}
