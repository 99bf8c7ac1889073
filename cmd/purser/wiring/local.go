package wiring

import (
	"context"
	"log/slog"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/local"
)

// LocalServerRole is the server's role in the embedded database.
const LocalServerRole = "purser_server"

// StartLocal starts the embedded runtime, telling its progress to people.
func StartLocal(ctx context.Context, e *console.Env, instance string, embedding, throwaway bool) (*local.Runtime, error) {
	home, err := local.DefaultHome(e.Getenv)
	if err != nil {
		return nil, err
	}
	return local.Start(ctx, local.Options{
		Home: home, Instance: instance, Embedding: embedding, Throwaway: throwaway,
		Python:   e.Getenv("PURSER_PYTHON"),
		Progress: local.TextProgress(e.Stderr, console.IsTerminal(e.Stderr)),
		Logger:   slog.New(slog.NewTextHandler(e.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
}
