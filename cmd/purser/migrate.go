package main

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/internal/pg"
)

// settingsFlag names the settings file of a command.
type settingsFlag struct {
	Config string `help:"Settings file, YAML. Default: $PURSER_CONFIG, or none." type:"path" placeholder:"FILE"`
}

type migrateCommand struct {
	settingsFlag
	ServerRole string `help:"Role that the server connects as; it gets the privileges that serving needs. Default: the setting server_role." placeholder:"ROLE"`
	JSON       bool   `name:"json" help:"Print JSON."`
}

func (*migrateCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL, as the role that owns, or will own, the tables.\n\n" +
		"Once, before the first time, a superuser or your provider's admin runs in the database:\n" +
		"  CREATE EXTENSION vector;\n" +
		"  CREATE ROLE purser_server LOGIN PASSWORD '…';\n\n" +
		"Example:\n  DATABASE_OWNER_URL=postgres://purser_owner:…@db/purser purser migrate"
}

func (c *migrateCommand) Run(ctx context.Context, e *env) error {
	s, err := loadSettings(c.Config, e.getenv)
	if err != nil {
		return err
	}
	if s.ownerURL == "" {
		return usagef("DATABASE_OWNER_URL is not set: name the database as its tables' owner")
	}
	steps, err := pg.Migrate(ctx, s.ownerURL, firstOf(c.ServerRole, s.serverRole))
	if err != nil {
		return err
	}
	if c.JSON {
		names := []string{}
		for _, m := range steps {
			names = append(names, m.Name)
		}
		return printValue(e.stdout, map[string]any{"applied": names})
	}
	for _, m := range steps {
		fmt.Fprintln(e.stdout, "applied", m.Name)
	}
	fmt.Fprintln(e.stdout, "The database is at this version.")
	return nil
}

type workspaceCommand struct {
	Create workspaceCreateCommand `cmd:"" help:"Make a workspace and print its first admin key, once."`
}

type workspaceCreateCommand struct {
	settingsFlag
	Name string `arg:"" help:"The workspace's name."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (*workspaceCreateCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL.\n\nExample:\n  DATABASE_OWNER_URL=postgres://purser_owner:…@db/purser purser workspace create \"Skerry Air\""
}

func (c *workspaceCreateCommand) Run(ctx context.Context, e *env) error {
	name := strings.TrimSpace(c.Name)
	if name == "" || utf8.RuneCountInString(name) > 200 {
		return usagef("a workspace's name has 1 to 200 characters")
	}
	s, err := loadSettings(c.Config, e.getenv)
	if err != nil {
		return err
	}
	if s.ownerURL == "" {
		return usagef("DATABASE_OWNER_URL is not set: name the database as its tables' owner")
	}
	id, secret, err := postgres.CreateWorkspace(ctx, s.ownerURL, name, time.Now())
	if err != nil {
		return err
	}
	if c.JSON {
		return printValue(e.stdout, map[string]any{"workspace_id": id, "name": name, "admin_key": secret})
	}
	fmt.Fprintln(e.stdout, secret)
	fmt.Fprintf(e.stderr, "Workspace %q (%s) is there. Above is its first admin key; keep it now, it can't be shown again.\n", name, id)
	return nil
}
