// Package settings reads what commands can be told, from the environment, a file
// and defaults. It never prints a secret.
package settings

import (
	"cmp"
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

	"github.com/purser-desk/purser/cmd/purser/console"
)

// FillJudge takes what is not set for the judge from the model that drafts. Its
// key goes to no other endpoint than its own.
func (s *Settings) FillJudge() {
	if s.JudgeURL == "" {
		s.JudgeURL, s.JudgeKey = s.ChatURL, cmp.Or(s.JudgeKey, s.ChatKey)
	}
	s.JudgeModel = cmp.Or(s.JudgeModel, s.ChatModel)
}

// Flag names the settings file of a command.
type Flag struct {
	Config string `help:"Settings file, YAML. Default: $PURSER_CONFIG, or none." type:"path" placeholder:"FILE"`
}

// Setting is one line of the table of settings: its name in the file, its
// variable in the environment, its default as text, and what it means.
type Setting struct {
	Name, Variable, Standard, Unit, Help string
	// set reads a value into s; its error says what was expected.
	set func(s *Settings, value string) error
	// secret values are never printed.
	secret bool
}

// Settings are what "serve", "eval" and "migrate" can be told.
type Settings struct {
	DatabaseURL, OwnerURL, ServerRole string
	MaxConnections                    int

	Listen         string
	AllowPlaintext bool
	TLSCert        string
	TLSKey         string
	StopLimit      time.Duration

	EmbeddingURL, EmbeddingKey          string
	QuestionModel, PassageModel         string
	QuestionPrefix, PassagePrefix       string
	EmbeddingDimensions, EmbeddingBatch int
	ChatURL, ChatKey, ChatModel         string
	JudgeURL, JudgeKey, JudgeModel      string
	DraftLimit, ThinkingLimit           time.Duration
	LogLevel, LogFormat                 string
}

func asText(into func(*Settings) *string) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		*into(s) = v
		return nil
	}
}

// Table is the one list of settings; the table in docs/settings.md is printed from
// it by "purser serve --settings".
func Table() []Setting {
	return []Setting{
		{
			Name: "database_url", Variable: "DATABASE_URL", Unit: "URL", secret: true, set: httpless(func(s *Settings) *string { return &s.DatabaseURL }),
			Help: "PostgreSQL with pgvector, as the server's role, which must own nothing",
		},
		{
			Name: "database_owner_url", Variable: "DATABASE_OWNER_URL", Unit: "URL", secret: true, set: httpless(func(s *Settings) *string { return &s.OwnerURL }),
			Help: "the same database as its tables' owner, for \"migrate\", \"workspace\", \"contacts\", \"profile\", and to find a workspace by its name",
		},
		{
			Name: "server_role", Variable: "PURSER_SERVER_ROLE", Standard: "purser_server", Unit: "role", set: asText(func(s *Settings) *string { return &s.ServerRole }),
			Help: "the role that \"migrate\" gives the server's privileges to",
		},
		{
			Name: "max_connections", Variable: "PURSER_MAX_CONNECTIONS", Standard: "0", Unit: "connections", set: number(func(s *Settings) *int { return &s.MaxConnections }, 0, 10000),
			Help: "connections to the database at most; 0 means four for each core",
		},
		{
			Name: "listen", Variable: "PURSER_LISTEN", Standard: "127.0.0.1:7443", Unit: "HOST:PORT", set: hostPort(func(s *Settings) *string { return &s.Listen }),
			Help: "where gRPC is served; port 0 picks a free one",
		},
		{
			Name: "allow_plaintext", Variable: "PURSER_ALLOW_PLAINTEXT", Standard: "false", Unit: "true or false", set: yesNo(func(s *Settings) *bool { return &s.AllowPlaintext }),
			Help: "listen beyond this machine without TLS, such as behind a proxy that brings it",
		},
		{Name: "tls_cert", Variable: "PURSER_TLS_CERT", Unit: "file", set: asText(func(s *Settings) *string { return &s.TLSCert }), Help: "the server's certificate chain, PEM"},
		{Name: "tls_key", Variable: "PURSER_TLS_KEY", Unit: "file", set: asText(func(s *Settings) *string { return &s.TLSKey }), Help: "the certificate's private key, PEM"},
		{
			Name: "stop_limit", Variable: "PURSER_STOP_LIMIT", Standard: "15s", Unit: "duration", set: span(func(s *Settings) *time.Duration { return &s.StopLimit }, time.Second, 10*time.Minute),
			Help: "how long calls may still run when the server is stopped",
		},
		{
			Name: "embedding_base_url", Variable: "EMBEDDING_BASE_URL", Unit: "URL", set: web(func(s *Settings) *string { return &s.EmbeddingURL }),
			Help: "an OpenAI-compatible endpoint for embeddings, with its /v1; without one, search is by words alone",
		},
		{Name: "embedding_api_key", Variable: "EMBEDDING_API_KEY", Unit: "key", secret: true, set: asText(func(s *Settings) *string { return &s.EmbeddingKey }), Help: "its key; empty sends none"},
		{Name: "embedding_question_model", Variable: "EMBEDDING_QUESTION_MODEL", Standard: "e5-query", Unit: "model", set: asText(func(s *Settings) *string { return &s.QuestionModel }), Help: "the model that embeds questions"},
		{Name: "embedding_passage_model", Variable: "EMBEDDING_PASSAGE_MODEL", Standard: "e5-passage", Unit: "model", set: asText(func(s *Settings) *string { return &s.PassageModel }), Help: "the model that embeds passages; for many providers the same"},
		{Name: "embedding_question_prefix", Variable: "EMBEDDING_QUESTION_PREFIX", Unit: "text", set: asText(func(s *Settings) *string { return &s.QuestionPrefix }), Help: "put before each question, such as \"query: \" for E5 models served bare"},
		{Name: "embedding_passage_prefix", Variable: "EMBEDDING_PASSAGE_PREFIX", Unit: "text", set: asText(func(s *Settings) *string { return &s.PassagePrefix }), Help: "put before each passage, such as \"passage: \""},
		{Name: "embedding_dimensions", Variable: "EMBEDDING_DIMENSIONS", Standard: "0", Unit: "numbers", set: number(func(s *Settings) *int { return &s.EmbeddingDimensions }, 0, 4000), Help: "length of a vector to ask for; 0 takes what the model gives"},
		{Name: "embedding_batch", Variable: "EMBEDDING_BATCH", Standard: "4", Unit: "texts", set: number(func(s *Settings) *int { return &s.EmbeddingBatch }, 1, 2048), Help: "texts sent in one call; small for a local model, 64 or more for a hosted one"},
		{Name: "openai_base_url", Variable: "OPENAI_BASE_URL", Standard: "https://api.openai.com/v1", Unit: "URL", set: web(func(s *Settings) *string { return &s.ChatURL }), Help: "an OpenAI-compatible endpoint for chat, with its /v1"},
		{Name: "openai_api_key", Variable: "OPENAI_API_KEY", Unit: "key", secret: true, set: asText(func(s *Settings) *string { return &s.ChatKey }), Help: "its key; empty sends none"},
		{Name: "openai_model", Variable: "OPENAI_MODEL", Unit: "model", set: asText(func(s *Settings) *string { return &s.ChatModel }), Help: "the model that drafts; without one, drafts are put together from the articles' own sentences"},
		{Name: "judge_base_url", Variable: "JUDGE_BASE_URL", Unit: "URL", set: web(func(s *Settings) *string { return &s.JudgeURL }), Help: "an OpenAI-compatible endpoint for the judge of \"eval judge\"; without one, that of openai_base_url"},
		{Name: "judge_api_key", Variable: "JUDGE_API_KEY", Unit: "key", secret: true, set: asText(func(s *Settings) *string { return &s.JudgeKey }), Help: "its key; without one, openai_api_key where judge_base_url is not set either, else none"},
		{Name: "judge_model", Variable: "JUDGE_MODEL", Unit: "model", set: asText(func(s *Settings) *string { return &s.JudgeModel }), Help: "the model that judges, best by a name pinned to a version; without one, openai_model"},
		{Name: "draft_limit", Variable: "PURSER_DRAFT_LIMIT", Standard: "20s", Unit: "duration", set: span(func(s *Settings) *time.Duration { return &s.DraftLimit }, 500*time.Millisecond, 2*time.Minute), Help: "time within which a draft must be whole"},
		{Name: "thinking_limit", Variable: "PURSER_THINKING_LIMIT", Standard: "60s", Unit: "duration", set: span(func(s *Settings) *time.Duration { return &s.ThinkingLimit }, 0, 5*time.Minute), Help: "how much longer a draft may take where the model is seen to think; 0s gives no time for that"},
		{Name: "log_level", Variable: "PURSER_LOG_LEVEL", Standard: "info", Unit: "level", set: oneOf(func(s *Settings) *string { return &s.LogLevel }, "debug", "info", "warn", "error"), Help: "debug, info, warn or error"},
		{Name: "log_format", Variable: "PURSER_LOG_FORMAT", Standard: "text", Unit: "format", set: oneOf(func(s *Settings) *string { return &s.LogFormat }, "text", "json"), Help: "text or json"},
	}
}

// Load reads defaults, then the file, then the environment; a later
// one wins. A wrong value is named with what was expected, and where it stood.
func Load(path string, getenv func(string) string) (*Settings, error) {
	table := Table()
	k := koanf.New(".")
	standards, given := map[string]any{}, map[string]any{}
	for _, t := range table {
		standards[t.Name] = t.Standard
		if v := getenv(t.Variable); v != "" {
			given[t.Name] = v
		}
	}
	if err := k.Load(confmap.Provider(standards, "."), nil); err != nil {
		return nil, err
	}
	path = cmp.Or(path, getenv("PURSER_CONFIG"))
	if path != "" {
		if err := loadFile(k, path, table); err != nil {
			return nil, err
		}
	}
	if err := k.Load(confmap.Provider(given, "."), nil); err != nil {
		return nil, err
	}
	s := &Settings{}
	for _, t := range table {
		value := strings.TrimSpace(k.String(t.Name))
		if t.Name == "embedding_question_prefix" || t.Name == "embedding_passage_prefix" {
			value = k.String(t.Name)
		}
		if value == "" && t.Standard == "" {
			continue
		}
		if err := t.set(s, value); err != nil {
			return nil, console.Usagef("%s: %s", origin(t, given, path), describe(t, value, err))
		}
	}
	return s, nil
}

// LoadOwner is Load for commands that connect as the owner of the tables.
func LoadOwner(path string, getenv func(string) string) (*Settings, error) {
	s, err := Load(path, getenv)
	if err == nil && s.OwnerURL == "" {
		err = console.Usagef("DATABASE_OWNER_URL is not set: name the database as its tables' owner")
	}
	return s, err
}

func loadFile(k *koanf.Koanf, path string, table []Setting) error {
	if _, err := os.Stat(path); err != nil {
		return console.Usagef("the settings file %s can't be read: %v", path, err)
	}
	f := koanf.New(".")
	if err := f.Load(file.Provider(path), yaml.Parser()); err != nil {
		return console.Usagef("the settings file %s is not YAML: %v", path, err)
	}
	known := map[string]bool{}
	for _, t := range table {
		known[t.Name] = true
	}
	for _, name := range f.Keys() {
		if !known[name] {
			return console.Usagef("the settings file %s names %q, which is no setting; \"purser serve --settings\" lists them", path, name)
		}
	}
	return k.Merge(f)
}

func origin(t Setting, given map[string]any, path string) string {
	if _, ok := given[t.Name]; ok {
		return t.Variable
	}
	return t.Name + " in " + path
}

func describe(t Setting, value string, err error) string {
	if t.secret {
		return err.Error()
	}
	return fmt.Sprintf("%q %v", value, err)
}

func number(into func(*Settings) *int, low, high int) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return fmt.Errorf("is not a whole number from %d to %d", low, high)
		}
		*into(s) = n
		return nil
	}
}

func yesNo(into func(*Settings) *bool) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("is neither true nor false")
		}
		*into(s) = b
		return nil
	}
}

func span(into func(*Settings) *time.Duration, low, high time.Duration) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < low || d > high {
			return fmt.Errorf("is not a duration from %s to %s, such as \"20s\"", low, high)
		}
		*into(s) = d
		return nil
	}
}

func oneOf(into func(*Settings) *string, words ...string) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		for _, w := range words {
			if strings.EqualFold(v, w) {
				*into(s) = w
				return nil
			}
		}
		return fmt.Errorf("is none of %s", strings.Join(words, ", "))
	}
}

func hostPort(into func(*Settings) *string) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		_, port, err := net.SplitHostPort(v)
		if n, portErr := strconv.Atoi(port); err != nil || portErr != nil || n < 0 || n > 65535 {
			return fmt.Errorf("is not HOST:PORT, such as 127.0.0.1:7443")
		}
		*into(s) = v
		return nil
	}
}

func web(into func(*Settings) *string) func(*Settings, string) error {
	return func(s *Settings, v string) error {
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
func httpless(into func(*Settings) *string) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		u, err := url.Parse(v)
		if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			return fmt.Errorf("is not a URL that begins with postgres://")
		}
		*into(s) = v
		return nil
	}
}
