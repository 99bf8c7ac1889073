package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/purser-desk/purser/cmd/purser/local"
	"github.com/purser-desk/purser/internal/pg"
)

// The roles of the embedded database.
const localServerRole = "purser_server"

type devCommand struct {
	settingsFlag
	NoDemo bool `help:"Serve without loading and showing the demo."`
}

func (*devCommand) Help() string {
	return "Fetches PostgreSQL with pgvector and an embedding server once, starts both, loads a demo airline's help centre and tickets, " +
		"serves gRPC on this machine and shows a ticket being answered. Data are kept for the next time.\n\n" +
		"PURSER_HOME names the folder for runtime and data. OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL bring a model that drafts."
}

func (c *devCommand) Run(ctx context.Context, e *env) error {
	start := time.Now()
	s, err := loadSettings(c.Config, e.getenv)
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
	runtime, err := startLocal(ctx, e, instance, s.embeddingURL == "", false)
	var inUse *local.InUseError
	if errors.As(err, &inUse) {
		fmt.Fprintf(e.stdout, "Purser runs already for this folder: %s. Stop that one first, or use it.\n", firstOf(inUse.Note, fmt.Sprintf("process %d, still starting", inUse.PID)))
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

// startLocal starts the embedded runtime, telling its progress to people.
func startLocal(ctx context.Context, e *env, instance string, embedding, throwaway bool) (*local.Runtime, error) {
	home, err := local.DefaultHome(e.getenv)
	if err != nil {
		return nil, err
	}
	return local.Start(ctx, local.Options{
		Home: home, Instance: instance, Embedding: embedding, Throwaway: throwaway,
		Python:   e.getenv("PURSER_PYTHON"),
		Progress: local.TextProgress(e.stderr, isTerminal(e.stderr)),
		Logger:   slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
}

func (c *devCommand) serve(ctx context.Context, e *env, s *settings, runtime *local.Runtime, start time.Time) error {
	database := runtime.Database()
	if _, err := pg.Migrate(ctx, database.Owner, localServerRole); err != nil {
		return err
	}
	s.databaseURL, s.ownerURL = database.Server, database.Owner
	if s.embeddingURL == "" {
		s.embeddingURL = runtime.EmbeddingURL()
	}
	logger, closeLog, err := devLogger(runtime.Dir(), s)
	if err != nil {
		return err
	}
	defer closeLog()
	db, err := openWhenThere(ctx, logger, s, databasePatience)
	if err != nil {
		return err
	}
	defer db.Close()
	listener, err := devListener(ctx, s)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	a, err := assemble(s, db, logger, variant{})
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
	err = a.serve(ctx, listener, s.stopLimit, func() {
		go func() {
			defer close(shown)
			show := &showcase{env: e, address: address, ownerURL: s.ownerURL, serverURL: s.databaseURL, embeddingURL: s.embeddingURL, dir: runtime.Dir(), start: start, drafter: a.drafterName, demo: !c.NoDemo}
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
	fmt.Fprintln(e.stdout, "\nStopped. Data are kept for the next time.")
	return err
}

// devListener takes the usual port, or any free one when that is taken.
func devListener(ctx context.Context, s *settings) (net.Listener, error) {
	if !isLoopback(s.listen) {
		return nil, usagef("PURSER_LISTEN: %q is not on this machine alone, as everything that \"dev\" starts must be; use \"purser serve\"", s.listen)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.listen)
	if err == nil {
		return l, nil
	}
	host, _, _ := net.SplitHostPort(s.listen)
	return (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
}

// devLogger writes the server's log to a file, so that it does not run through
// what is shown.
func devLogger(dir string, s *settings) (*slog.Logger, func(), error) {
	f, err := os.OpenFile(filepath.Join(dir, "purser.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, err
	}
	return newLogger(&env{stderr: f}, s), func() { _ = f.Close() }, nil
}
