package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/purser-desk/purser/cmd/purser/settings"
)

func noEnvironment(string) string { return "" }

func environment(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestSettingsComeFromFileAndEnvironment(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "purser.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:1\ndraft_limit: 7s\nmax_connections: 9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := settings.Load(file, environment("PURSER_LISTEN", "127.0.0.1:2", "EMBEDDING_QUESTION_PREFIX", "query: "))
	if err != nil {
		t.Fatal(err)
	}
	if s.Listen != "127.0.0.1:2" || s.DraftLimit != 7*time.Second || s.MaxConnections != 9 || s.ServerRole != "purser_server" || s.QuestionPrefix != "query: " {
		t.Errorf("%+v", s)
	}
}

func TestWrongSettingsAreNamedWithWhatWasExpected(t *testing.T) {
	t.Parallel()
	for variable, c := range map[string]struct{ value, expected string }{
		"PURSER_LISTEN":          {"7443", "HOST:PORT"},
		"PURSER_MAX_CONNECTIONS": {"many", "whole number from 0 to 10000"},
		"PURSER_ALLOW_PLAINTEXT": {"maybe", "neither true nor false"},
		"PURSER_DRAFT_LIMIT":     {"20", "such as \"20s\""},
		"PURSER_STOP_LIMIT":      {"1h", "duration from 1s to 10m0s"},
		"EMBEDDING_BASE_URL":     {"localhost:8080", "begins with http://"},
		"OPENAI_BASE_URL":        {"ftp://x/v1", "begins with http://"},
		"DATABASE_URL":           {"mysql://user:geheim@db/x", "begins with postgres://"},
		"PURSER_LOG_LEVEL":       {"loud", "none of debug, info, warn, error"},
		"EMBEDDING_BATCH":        {"0", "whole number from 1 to 2048"},
	} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			_, err := settings.Load("", environment(variable, c.value))
			if err == nil || !strings.Contains(err.Error(), variable) || !strings.Contains(err.Error(), c.expected) {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "geheim") {
				t.Errorf("the message repeats a password: %v", err)
			}
			if exitCode(&strings.Builder{}, err) != exitUsage {
				t.Error("not wrong usage")
			}
		})
	}
}

func TestSettingsFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, expected string }{
		"an unknown name": {"lisen: 127.0.0.1:1\n", `"lisen"`},
		"no YAML":         {"listen: [\n", "not YAML"},
		"a wrong value":   {"draft_limit: soon\n", "draft_limit in"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "purser.yaml")
			if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := settings.Load(file, noEnvironment); err == nil || !strings.Contains(err.Error(), c.expected) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := settings.Load(filepath.Join(t.TempDir(), "none.yaml"), noEnvironment); err == nil {
		t.Error("a missing file was taken")
	}
}
