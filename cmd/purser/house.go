package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/purser-desk/purser/cmd/purser/console"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

type houseCommand struct {
	Show houseShowCommand `cmd:"" help:"Print the workspace's settings."`
	Set  houseSetCommand  `cmd:"" help:"Replace the workspace's settings by those in a file."`
}

type houseShowCommand struct {
	clientFlags
	Revision int64 `help:"An earlier revision. Default: the newest." placeholder:"N"`
}

func (*houseShowCommand) Help() string {
	return "The settings say how replies are written: brands with their voice, what a channel allows, what agents may promise, policies. They are printed as JSON, " +
		"ready to be changed and set again.\n\nExample:\n  purser house show > house.json"
}

func (c *houseShowCommand) Run(ctx context.Context, e *console.Env) error {
	c.JSON = true
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (*purserv1.WorkspaceSettings, error) {
		answer, err := cl.admin.Settings(ctx, &purserv1.SettingsRequest{Revision: c.Revision})
		return answer.GetSettings(), err
	}, nil)
}

type houseSetCommand struct {
	clientFlags
	File string `arg:"" help:"The whole settings, JSON or YAML, as \"purser house show\" prints them." type:"existingfile"`
}

func (*houseSetCommand) Help() string {
	return "Every revision is kept. The file's revision is the one that it was made from: where somebody changed the settings since, nothing is replaced. " +
		"A file without one replaces what is there now.\n\nExample:\n  purser house set house.yaml"
}

func (c *houseSetCommand) Run(ctx context.Context, e *console.Env) error {
	b, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	settings, err := readHouse(b)
	if err != nil {
		return console.Usagef("%s: %v", c.File, err)
	}
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (*purserv1.WorkspaceSettings, error) {
		if settings.GetRevision() == 0 {
			now, err := cl.admin.Settings(ctx, &purserv1.SettingsRequest{})
			if err != nil {
				return nil, err
			}
			settings.Revision = now.GetSettings().GetRevision()
		}
		answer, err := cl.admin.Settings(ctx, &purserv1.SettingsRequest{RequestId: newRequestID(), Actor: cl.actor, Update: settings})
		return answer.GetSettings(), err
	}, func(s *purserv1.WorkspaceSettings) {
		fmt.Fprintf(e.Stdout, "The settings have revision %d now.\n", s.GetRevision())
	})
}

// readHouse reads settings in JSON or YAML.
func readHouse(b []byte) (*purserv1.WorkspaceSettings, error) {
	var document map[string]any
	if err := yaml.Unmarshal(b, &document); err != nil { // JSON is YAML
		return nil, fmt.Errorf("is neither JSON nor YAML: %w", err)
	}
	if document == nil {
		return nil, errors.New("is empty; begin with what \"purser house show\" prints")
	}
	plain, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	s := &purserv1.WorkspaceSettings{}
	if err := protojson.Unmarshal(plain, s); err != nil {
		// The library's own words hold a blank that differs from run to run.
		return nil, errors.New(strings.ReplaceAll(err.Error(), "\u00a0", " "))
	}
	s.UpdateTime, s.Updater = nil, nil
	return s, nil
}

// keepHouse gives a workspace that has no settings the given ones.
func keepHouse(ctx context.Context, cl *client, settings *purserv1.WorkspaceSettings) error {
	now, err := cl.admin.Settings(ctx, &purserv1.SettingsRequest{})
	if err != nil || now.GetSettings().GetRevision() > 0 {
		return err
	}
	_, err = cl.admin.Settings(ctx, &purserv1.SettingsRequest{
		RequestId: newRequestID(), Actor: cl.actor, Update: proto.CloneOf(settings),
	})
	return err
}
