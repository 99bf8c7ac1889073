package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/local"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/internal/pg"
)

type devCommand struct {
	settings.Flag
	NoDemo bool `help:"Serve without loading and showing the demo."`
}

func (*devCommand) Help() string {
	return "Fetches PostgreSQL with pgvector and an embedding server once, starts both, loads a demo airline's help centre and tickets, " +
		"serves gRPC on this machine and shows a ticket being answered. Data are kept for the next time.\n\n" +
		"PURSER_HOME names the folder for runtime and data. OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL bring a model that drafts."
}

func (c *devCommand) Run(ctx context.Context, e *console.Env) error {
	start := time.Now()
	s, err := settings.Load(c.Config, e.Getenv)
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	instance, err := local.InstanceFor(here)
	if err != nil {
		return err
	}
	runtime, err := wiring.StartLocal(ctx, e, instance, s.EmbeddingURL == "", false)
	var inUse *local.InUseError
	if errors.As(err, &inUse) {
		fmt.Fprintf(e.Stdout, "Purser runs already for this folder: %s. Stop that one first, or use it.\n", cmp.Or(inUse.Note, fmt.Sprintf("process %d, still starting", inUse.PID)))
		return nil
	}
	if err != nil {
		return err
	}
	err = c.serve(ctx, e, s, runtime, start)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return errors.Join(err, runtime.Stop(stopping))
}

func (c *devCommand) serve(ctx context.Context, e *console.Env, s *settings.Settings, runtime *local.Runtime, start time.Time) error {
	database := runtime.Database()
	if _, err := pg.Migrate(ctx, database.Owner, wiring.LocalServerRole); err != nil {
		return err
	}
	s.DatabaseURL, s.OwnerURL = database.Server, database.Owner
	if s.EmbeddingURL == "" {
		s.EmbeddingURL = runtime.EmbeddingURL()
	}
	logger, closeLog, err := devLogger(runtime.Dir(), s)
	if err != nil {
		return err
	}
	defer closeLog()
	db, err := wiring.OpenWhenThere(ctx, logger, s, wiring.DatabasePatience)
	if err != nil {
		return err
	}
	defer db.Close()
	listener, err := devListener(ctx, s)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	a, err := wiring.Assemble(s, db, logger, wiring.Variant{})
	if err != nil {
		return err
	}
	address := listener.Addr().String()
	if err := runtime.SetNote("gRPC on " + address); err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	go func() {
		select {
		case <-runtime.Done():
			fail(runtime.Err())
		case <-ctx.Done():
		}
	}()
	shown := make(chan struct{})
	err = a.Serve(ctx, listener, s.StopLimit, func() {
		go func() {
			defer close(shown)
			show := &showcase{env: e, address: address, ownerURL: s.OwnerURL, serverURL: s.DatabaseURL, embeddingURL: s.EmbeddingURL, dir: runtime.Dir(), start: start, drafter: a.DrafterName, demo: !c.NoDemo}
			if err := show.run(ctx); err != nil {
				fail(err)
			}
		}()
	})
	fail(nil)
	<-shown
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return errors.Join(cause, err)
	}
	fmt.Fprintln(e.Stdout, "\nStopped. Data are kept for the next time.")
	return err
}

// devListener takes the usual port, or any free one when that is taken.
func devListener(ctx context.Context, s *settings.Settings) (net.Listener, error) {
	if !isLoopback(s.Listen) {
		return nil, console.Usagef("PURSER_LISTEN: %q is not on this machine alone, as everything that \"dev\" starts must be; use \"purser serve\"", s.Listen)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if err == nil {
		return l, nil
	}
	host, _, _ := net.SplitHostPort(s.Listen)
	return (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
}

// devLogger writes the server's log to a file, so that it does not run through
// what is shown.
func devLogger(dir string, s *settings.Settings) (*slog.Logger, func(), error) {
	f, err := os.OpenFile(filepath.Join(dir, "purser.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, err
	}
	return wiring.NewLogger(&console.Env{Stderr: f}, s), func() { _ = f.Close() }, nil
}
