package wiring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/internal/pg"
)

const (
	// DatabasePatience is how long a server waits for a database that is not
	// there yet, as when both are started together.
	DatabasePatience = time.Minute
	databasePause    = time.Second
)

// OpenWhenThere opens the database as the server's role, waiting with patience
// for one that does not answer yet. A database that answers but is not set up is an
// error at once.
func OpenWhenThere(ctx context.Context, logger *slog.Logger, s *settings.Settings, patience time.Duration) (*pg.DB, error) {
	deadline := time.Now().Add(patience)
	for {
		db, err := pg.Open(ctx, s.DatabaseURL, pg.Options{MaxConns: s.MaxConnections})
		if err == nil {
			if err = db.CheckServer(ctx); err == nil {
				return db, nil
			}
			db.Close()
		}
		var gone interface{ Unavailable() bool }
		if !errors.As(err, &gone) || ctx.Err() != nil {
			return nil, err
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the database that DATABASE_URL names did not answer for %s; start it, or check host, port and firewall: %w", patience, err)
		}
		logger.WarnContext(ctx, "the database does not answer yet; trying again", "in", databasePause)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(databasePause):
		}
	}
}
