package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// logbook keeps what a server writes and tells when it serves.
type logbook struct {
	mu      sync.Mutex
	all     bytes.Buffer
	serving chan string
}

func newLogbook() *logbook { return &logbook{serving: make(chan string, 1)} }

// Write takes whole lines, as the logger hands them over.
func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(b)
	var line struct{ Msg, Address string }
	if json.Unmarshal(b, &line) == nil && line.Msg == "serving" {
		l.serving <- line.Address
	}
	return len(b), nil
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// served is a server that "purser serve" runs.
type served struct {
	schema  *pgtest.Schema
	address string
	log     *logbook
	// stop ends it in order and returns how it ended.
	stop func() error
	// kill ends a process at once; nil for a server inside the test.
	kill func()
}

// serveEnvironment is what a server on a schema is told.
func serveEnvironment(schema *pgtest.Schema, more ...string) []string {
	return append([]string{
		"DATABASE_URL", schema.ServerURL, "PURSER_LISTEN", "127.0.0.1:0", "PURSER_LOG_FORMAT", "json", "PURSER_MAX_CONNECTIONS", "8",
	}, more...)
}

// startServer runs "purser serve" inside the test until it ends.
func startServer(t *testing.T, schema *pgtest.Schema, more ...string) *served {
	t.Helper()
	s := &served{schema: schema, log: newLogbook()}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve"}, strings.NewReader(""), io.Discard, s.log, environment(serveEnvironment(schema, more...)...))
	}()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = s.stop() })
	select {
	case s.address = <-s.log.serving:
	case err := <-ended:
		ended <- err
		t.Fatalf("the server ended: %v\n%s", err, s.log)
	}
	return s
}

// startProcess runs "purser serve" as a process of its own.
func startProcess(t *testing.T, schema *pgtest.Schema, more ...string) *served {
	t.Helper()
	s := &served{schema: schema, log: newLogbook()}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "serve")
	cmd.Env = append(os.Environ(), beProgram+"=1")
	all := serveEnvironment(schema, more...)
	for i := 0; i < len(all); i += 2 {
		cmd.Env = append(cmd.Env, all[i]+"="+all[i+1])
	}
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var how error // set before ended is closed
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(pipe)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			_, _ = s.log.Write(append(lines.Bytes(), '\n')) // a buffer
		}
		how = cmd.Wait()
	}()
	s.stop = func() error {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		<-ended
		return how
	}
	s.kill = func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
	}
	t.Cleanup(s.kill)
	select {
	case s.address = <-s.log.serving:
	case <-ended:
		t.Fatalf("the server ended: %v\n%s", how, s.log)
	case <-time.After(time.Minute):
		t.Fatalf("the server does not serve:\n%s", s.log)
	}
	return s
}

// person is somebody at a terminal, with a key for a server.
type person struct {
	getenv func(string) string
	key    string
}

// workspace makes a workspace and returns whoever holds its admin key.
func (s *served) workspace(t *testing.T, name string) *person {
	t.Helper()
	_, key, err := apipostgres.CreateWorkspace(t.Context(), s.schema.OwnerURL, name, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return s.holder(key)
}

func (s *served) holder(key string, more ...string) *person {
	return &person{key: key, getenv: environment(append([]string{"PURSER_ADDRESS", s.address, "PURSER_KEY", key, "PURSER_ACTOR", "kari"}, more...)...)}
}

// says runs a command that must succeed and returns what it printed.
func (p *person) says(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := purser(t, p.getenv, "", args...)
	if code != exitDone {
		t.Fatalf("purser %q: exit %d\n%s%s", args, code, stdout, stderr)
	}
	return stdout
}

// fails runs a command that must fail with a code and returns what it said.
func (p *person) fails(t *testing.T, want int, args ...string) string {
	t.Helper()
	code, stdout, stderr := purser(t, p.getenv, "", args...)
	if code != want {
		t.Fatalf("purser %q: exit %d, want %d\n%s%s", args, code, want, stdout, stderr)
	}
	if strings.Contains(stderr, "rpc error") || strings.Contains(stderr, "panic") {
		t.Errorf("no plain sentence: %s", stderr)
	}
	return stderr
}

// read reads one JSON value that a command printed.
func (p *person) read(t *testing.T, args ...string) map[string]any {
	t.Helper()
	return jsonOf(t, p.says(t, append(args, "--json")...))
}

func jsonOf(t *testing.T, out string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return v
}

// at walks into JSON by names, and by numbers into lists.
func at(v any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			l, _ := v.([]any)
			if s >= len(l) {
				return nil
			}
			v = l[s]
		}
	}
	return v
}

// model starts a scripted model, which also embeds.
func model(t *testing.T, script openaitest.Script) *openaitest.Server {
	t.Helper()
	m := openaitest.Fixed(script)
	t.Cleanup(m.Close)
	return m
}

func eventually(t *testing.T, what string, limit time.Duration, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited %v in vain: %s", limit, what)
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
