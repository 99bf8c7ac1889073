package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/pg"
	"github.com/purser-desk/purser/knowledge"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	"github.com/purser-desk/purser/suggest"
)

// workspaceFlag names a workspace that is only read.
type workspaceFlag struct {
	settingsFlag
	Workspace string `required:"" help:"The workspace's id, or its name: a name is looked up with DATABASE_OWNER_URL." placeholder:"NAME_OR_ID"`
}

// live is a workspace of a database that people work with. The database itself
// refuses to write through it.
type live struct {
	settings  *settings
	db        *pg.DB
	workspace suggest.Workspace
}

// historyTimeout bounds a statement over a long history.
const historyTimeout = 5 * time.Minute

// open connects as the server's role, under row level security, to read alone.
func (f *workspaceFlag) open(ctx context.Context, e *env) (*live, error) {
	s, err := loadSettings(f.Config, e.getenv)
	if err != nil {
		return nil, err
	}
	return openLive(ctx, s, f.Workspace)
}

func openLive(ctx context.Context, s *settings, workspace string) (*live, error) {
	if s.databaseURL == "" {
		return nil, usagef("DATABASE_URL is not set: name the database that holds the workspace, as the server's role")
	}
	db, err := pg.Open(ctx, s.databaseURL, pg.Options{MaxConns: s.maxConnections, StatementTimeout: historyTimeout, ReadOnly: true})
	if err != nil {
		return nil, unreachable(err)
	}
	l := &live{settings: s, db: db}
	if err = db.CheckServer(ctx); err == nil {
		l.workspace, err = l.find(ctx, workspace)
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

func (l *live) find(ctx context.Context, name string) (suggest.Workspace, error) {
	w := suggest.Workspace(name)
	if isUUID(name) {
		_, err := apipostgres.WorkspaceName(ctx, l.db, w)
		if errors.Is(err, apipostgres.ErrNoWorkspace) {
			err = fmt.Errorf("there is no workspace with the id %s in this database; check the id, and DATABASE_URL", name)
		}
		return w, err
	}
	if l.settings.ownerURL == "" {
		return "", usagef("DATABASE_OWNER_URL is not set: it is needed to look up a workspace by its name; give its id instead, or set it")
	}
	w, _, err := apipostgres.FindWorkspace(ctx, l.settings.ownerURL, name)
	if errors.Is(err, apipostgres.ErrNoWorkspace) {
		err = fmt.Errorf("there is no workspace named %q in this database; check the name, and DATABASE_OWNER_URL", plain(name))
	}
	return w, err
}

// snapshot is what a workspace's published articles are in a suite.
type snapshot struct {
	content  []byte
	articles int
	hash     string
}

// articles reads the published articles; also, when given, is told each.
func (l *live) articles(ctx context.Context, also func(*knowledge.Document)) (snapshot, error) {
	var s snapshot
	var b bytes.Buffer
	writer := suite.NewKnowledgeWriter(&b)
	err := knowledgepostgres.New(l.db, nil).Published(ctx, l.workspace, time.Now(), func(d *knowledge.Document) error {
		s.articles++
		if also != nil {
			also(d)
		}
		return writer.Write(d)
	})
	if err = errors.Join(err, writer.Flush()); err != nil {
		return s, err
	}
	s.content = b.Bytes()
	s.hash, err = suite.KnowledgeHash(bytes.NewReader(s.content), int64(len(s.content)))
	return s, err
}
