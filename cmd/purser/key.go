package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/purser-desk/purser/api"
	"github.com/purser-desk/purser/cmd/purser/console"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

type keyCommand struct {
	Create keyCreateCommand `cmd:"" help:"Create a key and print it, once."`
	List   keyListCommand   `cmd:"" help:"List the workspace's keys."`
	Revoke keyRevokeCommand `cmd:"" help:"End a key at once."`
	Whoami keyWhoamiCommand `cmd:"" help:"Tell which workspace and role the key stands for."`
}

type keyCreateCommand struct {
	clientFlags
	Name    string        `arg:"" help:"What the key is for, such as \"desktop in Bergen\"."`
	Role    string        `required:"" enum:"agent,editor,qa,supervisor,admin" help:"What it may do: agent, editor, qa, supervisor or admin."`
	Expires time.Duration `help:"How long it works, such as 720h. Default: for good." placeholder:"TIME"`
}

func (*keyCreateCommand) Help() string {
	return "Examples:\n  purser key create \"desktop in Bergen\" --role agent\n  purser key create \"night import\" --role editor --expires 720h"
}

func (c *keyCreateCommand) Run(ctx context.Context, e *console.Env) error {
	if c.Expires < 0 {
		return console.Usagef("--expires %s lies in the past; give a time from now on, such as 720h", c.Expires)
	}
	req := &purserv1.CreateKeyRequest{
		RequestId: newRequestID(), Name: c.Name, Role: purserv1.KeyRole(purserv1.KeyRole_value["KEY_ROLE_"+strings.ToUpper(c.Role)]),
	}
	if c.Expires > 0 {
		req.ExpireTime = timestamppb.New(time.Now().Add(c.Expires))
	}
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (*purserv1.CreateKeyResponse, error) {
		req.Actor = cl.actor
		return cl.admin.CreateKey(ctx, req)
	}, func(answer *purserv1.CreateKeyResponse) {
		fmt.Fprintln(e.Stdout, answer.GetSecret())
		fmt.Fprintln(e.Stderr, "Keep it now: it is stored only hashed and can't be shown again.")
	})
}

type keyListCommand struct {
	clientFlags
}

func (c *keyListCommand) Run(ctx context.Context, e *console.Env) error {
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (*purserv1.ListKeysResponse, error) {
		keys, _, err := pages(math.MaxInt, func(token string) ([]*purserv1.Key, string, error) {
			page, err := cl.admin.ListKeys(ctx, &purserv1.ListKeysRequest{PageSize: api.MaxKeysPage, PageToken: token})
			return page.GetKeys(), page.GetNextPageToken(), err
		})
		return &purserv1.ListKeysResponse{Keys: keys}, err
	}, func(all *purserv1.ListKeysResponse) {
		var rows [][]string
		for _, k := range all.GetKeys() {
			rows = append(rows, []string{k.GetKeyId(), roleWord(k.GetRole()), keyState(k), day(k.GetCreateTime()), day(k.GetLastUseTime()), console.Plain(k.GetName())})
		}
		console.PrintTable(e.Stdout, []string{"ID", "Role", "State", "Created", "Last used", "Name"}, rows)
	})
}

func keyState(k *purserv1.Key) string {
	switch {
	case k.GetRevokeTime() != nil:
		return "revoked"
	case k.GetExpireTime() != nil && time.Now().After(k.GetExpireTime().AsTime()):
		return "expired"
	case k.GetExpireTime() != nil:
		return "until " + day(k.GetExpireTime())
	}
	return "works"
}

type keyRevokeCommand struct {
	clientFlags
	ID string `arg:"" help:"The key's id, as \"purser key list\" prints it."`
}

func (c *keyRevokeCommand) Run(ctx context.Context, e *console.Env) error {
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (*purserv1.RevokeKeyResponse, error) {
		return cl.admin.RevokeKey(ctx, &purserv1.RevokeKeyRequest{RequestId: newRequestID(), Actor: cl.actor, KeyId: c.ID})
	}, func(answer *purserv1.RevokeKeyResponse) {
		fmt.Fprintf(e.Stdout, "Revoked %q.\n", console.Plain(answer.GetKey().GetName()))
	})
}

type keyWhoamiCommand struct {
	clientFlags
}

func (c *keyWhoamiCommand) Run(ctx context.Context, e *console.Env) error {
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (*purserv1.WhoAmIResponse, error) {
		return cl.admin.WhoAmI(ctx, &purserv1.WhoAmIRequest{})
	}, func(answer *purserv1.WhoAmIResponse) {
		fmt.Fprintf(e.Stdout, "%s in workspace %q, with the key %q (%s); server %s\n", roleWord(answer.GetKey().GetRole()),
			console.Plain(answer.GetWorkspaceName()), console.Plain(answer.GetKey().GetName()), keyState(answer.GetKey()), answer.GetPurserVersion())
	})
}

func roleWord(r purserv1.KeyRole) string { return word(r, "KEY_ROLE_") }

func day(t *timestamppb.Timestamp) string {
	if t == nil {
		return "-"
	}
	return t.AsTime().Local().Format("2006-01-02")
}
