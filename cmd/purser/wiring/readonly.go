package wiring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	"github.com/purser-desk/purser/suggest"
)

// WorkspaceFlag names a workspace that is only read.
type WorkspaceFlag struct {
	settings.Flag
	Workspace string `required:"" help:"The workspace's id, or its name: a name is looked up with DATABASE_OWNER_URL." placeholder:"NAME_OR_ID"`
}

// ReadOnly is a workspace of a database that people work with. The database itself
// refuses to write through it.
type ReadOnly struct {
	Settings  *settings.Settings
	DB        *pg.DB
	Workspace suggest.Workspace
}

// historyTimeout bounds a statement over a long history.
const historyTimeout = 5 * time.Minute

// Open connects as the server's role, under row level security, to read alone.
func (f *WorkspaceFlag) Open(ctx context.Context, e *console.Env) (*ReadOnly, error) {
	s, err := settings.Load(f.Config, e.Getenv)
	if err != nil {
		return nil, err
	}
	return OpenReadOnly(ctx, s, f.Workspace)
}

// OpenReadOnly opens a workspace by its id or name, to read alone.
func OpenReadOnly(ctx context.Context, s *settings.Settings, workspace string) (*ReadOnly, error) {
	if s.DatabaseURL == "" {
		return nil, console.Usagef("DATABASE_URL is not set: name the database that holds the workspace, as the server's role")
	}
	db, err := pg.Open(ctx, s.DatabaseURL, pg.Options{MaxConns: s.MaxConnections, StatementTimeout: historyTimeout, ReadOnly: true})
	if err != nil {
		return nil, unreachable(err)
	}
	l := &ReadOnly{Settings: s, DB: db}
	if err = db.CheckServer(ctx); err == nil {
		l.Workspace, err = l.find(ctx, workspace)
	}
	if err != nil {
		db.Close()
		return nil, unreachable(err)
	}
	return l, nil
}

func unreachable(err error) error {
	var gone interface{ Unavailable() bool }
	if errors.As(err, &gone) {
		return fmt.Errorf("the database that DATABASE_URL names can't be reached; start it, or check host, port and firewall: %w", err)
	}
	return err
}

func (l *ReadOnly) find(ctx context.Context, name string) (suggest.Workspace, error) {
	w := suggest.Workspace(name)
	if console.IsUUID(name) {
		_, err := apipostgres.WorkspaceName(ctx, l.DB, w)
		if errors.Is(err, apipostgres.ErrNoWorkspace) {
			err = fmt.Errorf("there is no workspace with the id %s in this database; check the id, and DATABASE_URL", name)
		}
		return w, err
	}
	if l.Settings.OwnerURL == "" {
		return "", console.Usagef("DATABASE_OWNER_URL is not set: it is needed to look up a workspace by its name; give its id instead, or set it")
	}
	w, _, err := apipostgres.FindWorkspace(ctx, l.Settings.OwnerURL, name)
	if errors.Is(err, apipostgres.ErrNoWorkspace) {
		err = fmt.Errorf("there is no workspace named %q in this database; check the name, and DATABASE_OWNER_URL", console.Plain(name))
	}
	return w, err
}

// Snapshot is what a workspace's published articles are in a suite.
type Snapshot struct {
	Content  []byte
	Articles int
	Hash     string
}

// Articles reads the published articles; also, when given, is told each.
func (l *ReadOnly) Articles(ctx context.Context, also func(*knowledge.Document)) (Snapshot, error) {
	var s Snapshot
	var b bytes.Buffer
	writer := suite.NewKnowledgeWriter(&b)
	err := knowledgepostgres.New(l.DB, nil).Published(ctx, l.Workspace, time.Now(), func(d *knowledge.Document) error {
		s.Articles++
		if also != nil {
			also(d)
		}
		return writer.Write(d)
	})
	if err = errors.Join(err, writer.Flush()); err != nil {
		return s, err
	}
	s.Content = b.Bytes()
	s.Hash, err = suite.KnowledgeHash(bytes.NewReader(s.Content), int64(len(s.Content)))
	return s, err
}
