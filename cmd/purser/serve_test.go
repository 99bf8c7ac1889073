package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// superuser runs statements as who can do anything.
func superuser(t *testing.T, statements ...string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, os.Getenv(pgtest.Environment))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// with is a database's URL with a change.
func with(t *testing.T, database string, change func(u *url.URL, q url.Values)) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	change(u, q)
	u.RawQuery = pgtest.Encode(q)
	return u.String()
}

// as is a database's URL for another role.
func as(t *testing.T, database, role string) string {
	return with(t, database, func(u *url.URL, q url.Values) {
		if u.Host == "" {
			q.Set("user", role)
			return
		}
		u.User = url.UserPassword(role, "x")
	})
}

// named is a database's URL for another database of the same server.
func named(t *testing.T, database, name string) string {
	return with(t, database, func(u *url.URL, q url.Values) {
		if q.Get("dbname") != "" {
			q.Set("dbname", name)
			return
		}
		u.Path = "/" + name
	})
}

func fresh(prefix string) string { return prefix + strings.ReplaceAll(uuid.NewString(), "-", "") }

// Each database that must not be served from is refused with what to do.
func TestServeRefusesDatabases(t *testing.T) {
	t.Parallel()
	good := pgtest.New(t)
	owned := func(t *testing.T, statement string) string {
		s := pgtest.New(t)
		if _, err := s.Owner.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		return s.ServerURL
	}
	for name, c := range map[string]struct {
		database func(*testing.T) string
		says     []string
	}{
		"a superuser": {func(*testing.T) string { return good.SuperuserURL }, []string{"is a superuser", "wall between tenants", "purser migrate"}},
		"the owner":   {func(*testing.T) string { return good.OwnerURL }, []string{"owns the tables", "wall between tenants"}},
		"BYPASSRLS": {func(t *testing.T) string {
			role := fresh("purser_test_bypass_")
			superuser(t, "CREATE ROLE "+role+" LOGIN BYPASSRLS PASSWORD 'x'")
			t.Cleanup(func() { superuser(t, "DROP ROLE "+role) })
			return as(t, good.ServerURL, role)
		}, []string{"has BYPASSRLS", "wall between tenants"}},
		"a newer schema": {func(t *testing.T) string {
			return owned(t, `INSERT INTO purser_migrations (version_id, is_applied) VALUES (99999, true)`)
		}, []string{"newer than this binary", "run the newer purser"}},
		"an older schema": {func(t *testing.T) string {
			return owned(t, `DELETE FROM purser_migrations WHERE version_id > 1`)
		}, []string{"older than this binary", `run "purser migrate"`}},
		"no tables": {func(t *testing.T) string {
			s := pgtest.NewEmpty(t)
			superuser(t, "GRANT USAGE ON SCHEMA "+s.Name+" TO "+pgtest.ServerRole)
			return s.ServerURL
		}, []string{"holds no tables yet", `run "purser migrate"`}},
		"no extension": {func(t *testing.T) string { return bareDatabase(t, good.ServerURL) }, []string{"vector extension", "CREATE EXTENSION vector"}},
		"no such database": {func(t *testing.T) string {
			return named(t, good.ServerURL, "no_such_database_here")
		}, []string{"does not exist"}},
		"no such role": {func(t *testing.T) string {
			return as(t, good.ServerURL, "no_such_role_here")
		}, []string{"refuses this user or password"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := c.database(t)
			began := time.Now()
			code, stderr := serveInVain(t, "DATABASE_URL", database, "PURSER_LISTEN", "127.0.0.1:0")
			if code != exitFailed {
				t.Errorf("exit %d: %s", code, stderr)
			}
			for _, part := range c.says {
				if !strings.Contains(stderr, part) {
					t.Errorf("%q is not said: %s", part, stderr)
				}
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %v: this was worth no waiting", took)
			}
			if strings.Contains(stderr, database) {
				t.Errorf("the URL, which may hold a password, is repeated: %s", stderr)
			}
		})
	}
}

// serveInVain runs a server that must refuse to serve.
func serveInVain(t *testing.T, settings ...string) (code int, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	log := newLogbook()
	err := run(ctx, []string{"serve"}, strings.NewReader(""), io.Discard, log, environment(settings...))
	if err == nil {
		t.Fatalf("it served:\n%s", log)
	}
	code = exitCode(log, err)
	return code, log.String()
}

// bareDatabase makes a database without the vector extension.
func bareDatabase(t *testing.T, like string) string {
	t.Helper()
	name := fresh("purser_test_bare_")
	superuser(t, "CREATE DATABASE "+name+" TEMPLATE template0")
	t.Cleanup(func() { superuser(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return named(t, like, name)
}

func TestServeWaitsForADatabaseThatIsDown(t *testing.T) {
	t.Parallel()
	log := newLogbook()
	e := &console.Env{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: log, Getenv: noEnvironment}
	s, err := settings.Load("", environment("DATABASE_URL", "postgres://purser_server:geheim@127.0.0.1:1/purser", "PURSER_LISTEN", "127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	err = serveWith(t.Context(), e, s, 1500*time.Millisecond)
	var said strings.Builder
	if code := exitCode(&said, err); code != exitFailed {
		t.Errorf("exit %d", code)
	}
	for _, part := range []string{"the database that DATABASE_URL names did not answer for 1.5s", "start it, or check host, port and firewall"} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("%q is not said: %s", part, said.String())
		}
	}
	if !strings.Contains(log.String(), "the database does not answer yet; trying again") {
		t.Errorf("it did not try again: %s", log)
	}
	if strings.Contains(said.String()+log.String(), "geheim") {
		t.Errorf("a password is told: %s%s", said.String(), log)
	}
}

func TestServeComesUpOnceItsDatabaseDoes(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	p := newProxy(t, schema.ServerURL)
	p.cut()
	time.AfterFunc(1200*time.Millisecond, p.mend)
	s := startServer(t, schema, "DATABASE_URL", p.url)
	s.workspace(t, "one").says(t, "key", "whoami")
	if !strings.Contains(s.log.String(), "trying again") {
		t.Errorf("it did not wait: %s", s.log)
	}
}

func TestServeRefusesSettings(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	cert, key := certificate(t)
	otherCert, _ := certificate(t)
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	nothing := filepath.Join(t.TempDir(), "nothing.pem")
	for name, c := range map[string]struct {
		settings []string
		code     int
		says     string
	}{
		"beyond this machine without TLS": {[]string{"PURSER_LISTEN", "0.0.0.0:0"}, exitUsage, "PURSER_ALLOW_PLAINTEXT=true"},
		"every address without TLS":       {[]string{"PURSER_LISTEN", ":0"}, exitUsage, "PURSER_TLS_CERT"},
		"a certificate without its key":   {[]string{"PURSER_TLS_CERT", cert}, exitUsage, "set both or neither"},
		"a key without its certificate":   {[]string{"PURSER_TLS_KEY", key}, exitUsage, "set both or neither"},
		"another's key":                   {[]string{"PURSER_TLS_CERT", otherCert, "PURSER_TLS_KEY", key}, exitUsage, "expected a PEM certificate chain and its key"},
		"no certificate there":            {[]string{"PURSER_TLS_CERT", nothing, "PURSER_TLS_KEY", key}, exitUsage, "nothing.pem"},
		"a taken port":                    {[]string{"PURSER_LISTEN", taken.Addr().String()}, exitFailed, "choose another address with PURSER_LISTEN"},
		"no such settings file":           {[]string{"PURSER_CONFIG", "/nowhere/purser.yaml"}, exitUsage, "/nowhere/purser.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stderr := serveInVain(t, serveEnvironment(schema, c.settings...)...)
			if code != c.code || !strings.Contains(stderr, c.says) {
				t.Errorf("exit %d: %s", code, stderr)
			}
		})
	}
}

// certificate writes a certificate for this machine that signed itself, and its
// key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: raw}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	s := startServer(t, pgtest.New(t), "PURSER_TLS_CERT", cert, "PURSER_TLS_KEY", key)
	admin := s.workspace(t, "one")
	other, _ := certificate(t)
	s.holder(admin.key, "PURSER_CA", cert).says(t, "key", "whoami")
	s.holder(admin.key).says(t, "key", "whoami", "--ca", cert)
	if said := s.holder(admin.key, "PURSER_CA", other).fails(t, exitFailed, "key", "whoami"); !strings.Contains(said, "is not trusted") {
		t.Errorf("said: %s", said)
	}
	if said := admin.fails(t, exitFailed, "key", "whoami"); !strings.Contains(said, "--ca") {
		t.Errorf("said: %s", said)
	}
	if !strings.Contains(s.log.String(), `"tls":true`) {
		t.Errorf("the log does not say that it serves with TLS: %s", s.log)
	}
}

// stream begins a suggestion and reads until its evidence.
func (p *person) stream(t *testing.T, ticket string) (*client, purserv1.SuggestionService_SuggestReplyClient, *purserv1.SuggestReplyRequest) {
	t.Helper()
	cl, err := (&clientFlags{}).connect(&console.Env{Getenv: p.getenv})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.close)
	found, err := cl.ticket(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	r := &purserv1.SuggestReplyRequest{RequestId: newRequestID(), Actor: cl.actor, TicketId: found.GetTicket().GetTicketId()}
	stream, err := cl.suggestions.SuggestReply(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for {
		event, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if event.GetEvidence() != nil {
			return cl, stream, r
		}
	}
}

// last reads a stream to its end.
func last(stream purserv1.SuggestionService_SuggestReplyClient) (*purserv1.Suggestion, error) {
	var s *purserv1.Suggestion
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		s = event.GetSuggestion()
	}
}

func reasonOf(err error) string {
	st, _ := status.FromError(err)
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// A server that is stopped lets calls finish, and ends in time those that
// don't; what they were at is free for the next server at once.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	schema := pgtest.New(t)
	m := model(t, openaitest.Script{Text: bagAnswer, Before: 500 * time.Millisecond})
	settings := []string{"EMBEDDING_BASE_URL", realEmbedding(t), "OPENAI_BASE_URL", m.BaseURL(), "OPENAI_MODEL", "scripted", "PURSER_STOP_LIMIT", "1s"}
	first := startServer(t, schema, append(settings, "PURSER_STOP_LIMIT", "20s")...)
	admin := first.workspace(t, "one")
	admin.says(t, "import", helpCentre(t), "--apply", "--wait")
	admin.says(t, "ticket", "create", "T-1", "-m", bagQuestion)

	_, quick, _ := admin.stream(t, "T-1")
	stopped := make(chan error, 1)
	go func() { stopped <- first.stop() }()
	suggestion, err := last(quick)
	if err != nil || suggestion.GetDraft().GetText() != bagDraft {
		t.Errorf("a call that had a moment left: %v, %v", suggestion, err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopped with %v", err)
	}

	m.Set(func(openaitest.Request) openaitest.Script { return openaitest.Script{Text: "Please", Hang: true} })
	second := startServer(t, schema, settings...)
	agent := second.holder(admin.key)
	_, slow, request := agent.stream(t, "T-1")
	began := time.Now()
	if err := second.stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	if took := time.Since(began); took < 900*time.Millisecond || took > 15*time.Second {
		t.Errorf("stopped after %v of 1 s", took)
	}
	_, err = last(slow)
	if status.Code(err) != codes.Unavailable || reasonOf(err) != "CLOSING" {
		t.Errorf("the call that hung: %v", err)
	}
	eventually(t, "the model call is over", 5*time.Second, func() bool { return m.Active() == 0 })

	m.Set(func(openaitest.Request) openaitest.Script { return openaitest.Script{Text: bagAnswer} })
	third := startServer(t, schema, settings...)
	cl, err := (&clientFlags{}).connect(&console.Env{Getenv: third.holder(admin.key).getenv})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.close()
	began = time.Now()
	again, err := cl.suggestions.SuggestReply(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if suggestion, err = last(again); err != nil || suggestion.GetDraft().GetText() != bagDraft {
		t.Errorf("the same request at the next server: %v, %v", suggestion, err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the next server waited %v for the lease of one that had stopped in order", took)
	}
}

// No connection to the database is held while a model thinks: more drafts than
// connections can be under way, and others are served meanwhile.
func TestModelCallsHoldNoConnections(t *testing.T) {
	t.Parallel()
	m := model(t, openaitest.Script{Text: bagAnswer, Before: time.Second})
	s := startServer(t, pgtest.New(t), "EMBEDDING_BASE_URL", realEmbedding(t), "OPENAI_BASE_URL", m.BaseURL(), "OPENAI_MODEL", "scripted", "PURSER_MAX_CONNECTIONS", "1")
	admin := s.workspace(t, "one")
	admin.says(t, "import", helpCentre(t), "--apply", "--wait")
	admin.says(t, "ticket", "create", "T-1", "-m", bagQuestion)
	var all []purserv1.SuggestionService_SuggestReplyClient
	for range 12 {
		_, stream, _ := admin.stream(t, "T-1")
		all = append(all, stream)
	}
	admin.says(t, "key", "whoami")
	for _, stream := range all {
		if suggestion, err := last(stream); err != nil || suggestion.GetDraft().GetText() != bagDraft {
			t.Errorf("%v, %v", suggestion, err)
		}
	}
}
