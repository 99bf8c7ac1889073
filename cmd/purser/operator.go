package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/suggest"
)

// operatorFlags name a workspace as the operator does, with the owner's database.
type operatorFlags struct {
	settings.Flag
	Workspace string `arg:"" help:"The workspace's name or id."`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// operatorChange is operatorFlags for what is put down to somebody.
type operatorChange struct {
	operatorFlags
	Actor string `help:"Who changes it, for the record. Default: $PURSER_ACTOR, or your login name." placeholder:"ID"`
}

func (f *operatorChange) actor(e *console.Env) suggest.Actor {
	return suggest.Actor{ID: cmp.Or(f.Actor, e.Getenv("PURSER_ACTOR"), loginName())}
}

// owned is a workspace as the tables' owner reaches it.
type owned struct {
	ownerURL  string
	workspace suggest.Workspace
	name      string
}

func (f *operatorFlags) find(ctx context.Context, e *console.Env) (owned, error) {
	s, err := settings.LoadOwner(f.Config, e.Getenv)
	if err != nil {
		return owned{}, err
	}
	w, name, err := apipostgres.FindWorkspace(ctx, s.OwnerURL, f.Workspace)
	if errors.Is(err, apipostgres.ErrNoWorkspace) {
		err = fmt.Errorf("there is no workspace %q; give its name or its id, which \"purser key whoami\" tells", f.Workspace)
	}
	return owned{s.OwnerURL, w, name}, err
}
