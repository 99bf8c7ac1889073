package main

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// setting is one line of the table of settings: its name in the file, its
// variable in the environment, its default as text, and what it means.
type setting struct {
	name, variable, standard, unit, help string
	// set reads a value into s; its error says what was expected.
	set func(s *settings, value string) error
	// secret values are never printed.
	secret bool
}

// settings are what "serve", "eval" and "migrate" can be told.
type settings struct {
	databaseURL, ownerURL, serverRole string
	maxConnections                    int

	listen         string
	allowPlaintext bool
	tlsCert        string
	tlsKey         string
	stopLimit      time.Duration

	embeddingURL, embeddingKey          string
	questionModel, passageModel         string
	questionPrefix, passagePrefix       string
	embeddingDimensions, embeddingBatch int
	chatURL, chatKey, chatModel         string
	judgeURL, judgeKey, judgeModel      string
	draftLimit                          time.Duration
	logLevel, logFormat                 string
}

func asText(into func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		*into(s) = v
		return nil
	}
}

// settingTable is the one list of settings; the README's table is printed from
// it by "purser serve --settings".
func settingTable() []setting {
	return []setting{
		{
			name: "database_url", variable: "DATABASE_URL", unit: "URL", secret: true, set: httpless(func(s *settings) *string { return &s.databaseURL }),
			help: "PostgreSQL with pgvector, as the server's role, which must own nothing",
		},
		{
			name: "database_owner_url", variable: "DATABASE_OWNER_URL", unit: "URL", secret: true, set: httpless(func(s *settings) *string { return &s.ownerURL }),
			help: "the same database as its tables' owner, for \"migrate\", \"workspace\", \"contacts\", \"profile\", and to find a workspace by its name",
		},
		{
			name: "server_role", variable: "PURSER_SERVER_ROLE", standard: "purser_server", unit: "role", set: asText(func(s *settings) *string { return &s.serverRole }),
			help: "the role that \"migrate\" gives the server's privileges to",
		},
		{
			name: "max_connections", variable: "PURSER_MAX_CONNECTIONS", standard: "0", unit: "connections", set: number(func(s *settings) *int { return &s.maxConnections }, 0, 10000),
			help: "connections to the database at most; 0 means four for each core",
		},
		{
			name: "listen", variable: "PURSER_LISTEN", standard: "127.0.0.1:7443", unit: "HOST:PORT", set: hostPort(func(s *settings) *string { return &s.listen }),
			help: "where gRPC is served; port 0 picks a free one",
		},
		{
			name: "allow_plaintext", variable: "PURSER_ALLOW_PLAINTEXT", standard: "false", unit: "true or false", set: yesNo(func(s *settings) *bool { return &s.allowPlaintext }),
			help: "listen beyond this machine without TLS, such as behind a proxy that brings it",
		},
		{name: "tls_cert", variable: "PURSER_TLS_CERT", unit: "file", set: asText(func(s *settings) *string { return &s.tlsCert }), help: "the server's certificate chain, PEM"},
		{name: "tls_key", variable: "PURSER_TLS_KEY", unit: "file", set: asText(func(s *settings) *string { return &s.tlsKey }), help: "the certificate's private key, PEM"},
		{
			name: "stop_limit", variable: "PURSER_STOP_LIMIT", standard: "15s", unit: "duration", set: span(func(s *settings) *time.Duration { return &s.stopLimit }, time.Second, 10*time.Minute),
			help: "how long calls may still run when the server is stopped",
		},
		{
			name: "embedding_base_url", variable: "EMBEDDING_BASE_URL", unit: "URL", set: web(func(s *settings) *string { return &s.embeddingURL }),
			help: "an OpenAI-compatible endpoint for embeddings, with its /v1; without one, search is by words alone",
		},
		{name: "embedding_api_key", variable: "EMBEDDING_API_KEY", unit: "key", secret: true, set: asText(func(s *settings) *string { return &s.embeddingKey }), help: "its key; empty sends none"},
		{name: "embedding_question_model", variable: "EMBEDDING_QUESTION_MODEL", standard: "e5-query", unit: "model", set: asText(func(s *settings) *string { return &s.questionModel }), help: "the model that embeds questions"},
		{name: "embedding_passage_model", variable: "EMBEDDING_PASSAGE_MODEL", standard: "e5-passage", unit: "model", set: asText(func(s *settings) *string { return &s.passageModel }), help: "the model that embeds passages; for many providers the same"},
		{name: "embedding_question_prefix", variable: "EMBEDDING_QUESTION_PREFIX", unit: "text", set: asText(func(s *settings) *string { return &s.questionPrefix }), help: "put before each question, such as \"query: \" for E5 models served bare"},
		{name: "embedding_passage_prefix", variable: "EMBEDDING_PASSAGE_PREFIX", unit: "text", set: asText(func(s *settings) *string { return &s.passagePrefix }), help: "put before each passage, such as \"passage: \""},
		{name: "embedding_dimensions", variable: "EMBEDDING_DIMENSIONS", standard: "0", unit: "numbers", set: number(func(s *settings) *int { return &s.embeddingDimensions }, 0, 4000), help: "length of a vector to ask for; 0 takes what the model gives"},
		{name: "embedding_batch", variable: "EMBEDDING_BATCH", standard: "4", unit: "texts", set: number(func(s *settings) *int { return &s.embeddingBatch }, 1, 2048), help: "texts sent in one call; small for a local model, 64 or more for a hosted one"},
		{name: "openai_base_url", variable: "OPENAI_BASE_URL", standard: "https://api.openai.com/v1", unit: "URL", set: web(func(s *settings) *string { return &s.chatURL }), help: "an OpenAI-compatible endpoint for chat, with its /v1"},
		{name: "openai_api_key", variable: "OPENAI_API_KEY", unit: "key", secret: true, set: asText(func(s *settings) *string { return &s.chatKey }), help: "its key; empty sends none"},
		{name: "openai_model", variable: "OPENAI_MODEL", unit: "model", set: asText(func(s *settings) *string { return &s.chatModel }), help: "the model that drafts; without one, drafts are put together from the articles' own sentences"},
		{name: "judge_base_url", variable: "JUDGE_BASE_URL", unit: "URL", set: web(func(s *settings) *string { return &s.judgeURL }), help: "an OpenAI-compatible endpoint for the judge of \"eval judge\"; without one, that of openai_base_url"},
		{name: "judge_api_key", variable: "JUDGE_API_KEY", unit: "key", secret: true, set: asText(func(s *settings) *string { return &s.judgeKey }), help: "its key; without one, openai_api_key where judge_base_url is not set either, else none"},
		{name: "judge_model", variable: "JUDGE_MODEL", unit: "model", set: asText(func(s *settings) *string { return &s.judgeModel }), help: "the model that judges, best by a name pinned to a version; without one, openai_model"},
		{name: "draft_limit", variable: "PURSER_DRAFT_LIMIT", standard: "20s", unit: "duration", set: span(func(s *settings) *time.Duration { return &s.draftLimit }, 500*time.Millisecond, 2*time.Minute), help: "time within which a draft must be whole"},
		{name: "log_level", variable: "PURSER_LOG_LEVEL", standard: "info", unit: "level", set: oneOf(func(s *settings) *string { return &s.logLevel }, "debug", "info", "warn", "error"), help: "debug, info, warn or error"},
		{name: "log_format", variable: "PURSER_LOG_FORMAT", standard: "text", unit: "format", set: oneOf(func(s *settings) *string { return &s.logFormat }, "text", "json"), help: "text or json"},
	}
}

// loadSettings reads defaults, then the file, then the environment; a later
// one wins. A wrong value is named with what was expected, and where it stood.
func loadSettings(path string, getenv func(string) string) (*settings, error) {
	table := settingTable()
	k := koanf.New(".")
	standards, given := map[string]any{}, map[string]any{}
	for _, t := range table {
		standards[t.name] = t.standard
		if v := getenv(t.variable); v != "" {
			given[t.name] = v
		}
	}
	if err := k.Load(confmap.Provider(standards, "."), nil); err != nil {
		return nil, err
	}
	path = firstOf(path, getenv("PURSER_CONFIG"))
	if path != "" {
		if err := loadFile(k, path, table); err != nil {
			return nil, err
		}
	}
	if err := k.Load(confmap.Provider(given, "."), nil); err != nil {
		return nil, err
	}
	s := &settings{}
	for _, t := range table {
		value := strings.TrimSpace(k.String(t.name))
		if t.name == "embedding_question_prefix" || t.name == "embedding_passage_prefix" {
			value = k.String(t.name)
		}
		if value == "" && t.standard == "" {
			continue
		}
		if err := t.set(s, value); err != nil {
			return nil, usagef("%s: %s", origin(t, given, path), describe(t, value, err))
		}
	}
	return s, nil
}

func loadFile(k *koanf.Koanf, path string, table []setting) error {
	if _, err := os.Stat(path); err != nil {
		return usagef("the settings file %s can't be read: %v", path, err)
	}
	f := koanf.New(".")
	if err := f.Load(file.Provider(path), yaml.Parser()); err != nil {
		return usagef("the settings file %s is not YAML: %v", path, err)
	}
	known := map[string]bool{}
	for _, t := range table {
		known[t.name] = true
	}
	for _, name := range f.Keys() {
		if !known[name] {
			return usagef("the settings file %s names %q, which is no setting; \"purser serve --settings\" lists them", path, name)
		}
	}
	return k.Merge(f)
}

func origin(t setting, given map[string]any, path string) string {
	if _, ok := given[t.name]; ok {
		return t.variable
	}
	return t.name + " in " + path
}

func describe(t setting, value string, err error) string {
	if t.secret {
		return err.Error()
	}
	return fmt.Sprintf("%q %v", value, err)
}

func number(into func(*settings) *int, low, high int) func(*settings, string) error {
	return func(s *settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return fmt.Errorf("is not a whole number from %d to %d", low, high)
		}
		*into(s) = n
		return nil
	}
}

func yesNo(into func(*settings) *bool) func(*settings, string) error {
	return func(s *settings, v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("is neither true nor false")
		}
		*into(s) = b
		return nil
	}
}

func span(into func(*settings) *time.Duration, low, high time.Duration) func(*settings, string) error {
	return func(s *settings, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < low || d > high {
			return fmt.Errorf("is not a duration from %s to %s, such as \"20s\"", low, high)
		}
		*into(s) = d
		return nil
	}
}

func oneOf(into func(*settings) *string, words ...string) func(*settings, string) error {
	return func(s *settings, v string) error {
		for _, w := range words {
			if strings.EqualFold(v, w) {
				*into(s) = w
				return nil
			}
		}
		return fmt.Errorf("is none of %s", strings.Join(words, ", "))
	}
}

func hostPort(into func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		_, port, err := net.SplitHostPort(v)
		if n, portErr := strconv.Atoi(port); err != nil || portErr != nil || n < 0 || n > 65535 {
			return fmt.Errorf("is not HOST:PORT, such as 127.0.0.1:7443")
		}
		*into(s) = v
		return nil
	}
}

func web(into func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("is not a URL that begins with http:// or https://")
		}
		*into(s) = strings.TrimRight(v, "/")
		return nil
	}
}

// httpless reads a database's URL. Its errors never repeat the value, which
// holds a password.
func httpless(into func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		u, err := url.Parse(v)
		if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			return fmt.Errorf("is not a URL that begins with postgres://")
		}
		*into(s) = v
		return nil
	}
}
