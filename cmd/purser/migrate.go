package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/internal/pg"
)

type migrateCommand struct {
	settings.Flag
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

func (c *migrateCommand) Run(ctx context.Context, e *console.Env) error {
	s, err := settings.LoadOwner(c.Config, e.Getenv)
	if err != nil {
		return err
	}
	steps, err := pg.Migrate(ctx, s.OwnerURL, cmp.Or(c.ServerRole, s.ServerRole))
	if err != nil {
		return err
	}
	if c.JSON {
		names := []string{}
		for _, m := range steps {
			names = append(names, m.Name)
		}
		return console.PrintValue(e.Stdout, map[string]any{"applied": names})
	}
	for _, m := range steps {
		fmt.Fprintln(e.Stdout, "applied", m.Name)
	}
	fmt.Fprintln(e.Stdout, "The database is at this version.")
	return nil
}

type workspaceCommand struct {
	Create workspaceCreateCommand `cmd:"" help:"Make a workspace and print its first admin key, once."`
}

type workspaceCreateCommand struct {
	settings.Flag
	Name string `arg:"" help:"The workspace's name."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (*workspaceCreateCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL.\n\nExample:\n  DATABASE_OWNER_URL=postgres://purser_owner:…@db/purser purser workspace create \"Skerry Air\""
}

func (c *workspaceCreateCommand) Run(ctx context.Context, e *console.Env) error {
	name := strings.TrimSpace(c.Name)
	if name == "" || utf8.RuneCountInString(name) > 200 {
		return console.Usagef("a workspace's name has 1 to 200 characters")
	}
	s, err := settings.LoadOwner(c.Config, e.Getenv)
	if err != nil {
		return err
	}
	id, secret, err := postgres.CreateWorkspace(ctx, s.OwnerURL, name, time.Now())
	if err != nil {
		return err
	}
	if c.JSON {
		return console.PrintValue(e.Stdout, map[string]any{"workspace_id": id, "name": name, "admin_key": secret})
	}
	fmt.Fprintln(e.Stdout, secret)
	fmt.Fprintf(e.Stderr, "Workspace %q (%s) is there. Above is its first admin key; keep it now, it can't be shown again.\n", name, id)
	return nil
}
