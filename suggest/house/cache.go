package house

import (
	"context"
	"log/slog"
	"time"

	"github.com/purser-desk/purser/internal/cache"
	"github.com/purser-desk/purser/suggest"
)

// settingsKept is how long settings count before the store is asked again.
const settingsKept = 5 * time.Second

// Cache keeps the newest settings of workspaces. A change is seen within five
// seconds; in between nothing is asked. When the store does not answer, what was
// known goes on to count. It is safe for concurrent use.
type Cache struct {
	store    Store
	settings *cache.Cache[suggest.Workspace, *Settings]
}

// NewCache makes one; now is time.Now when nil.
func NewCache(store Store, now func() time.Time, log *slog.Logger) *Cache {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	load := func(ctx context.Context, w suggest.Workspace, last *Settings) (*Settings, error) {
		s, err := store.Settings(ctx, w, 0)
		if err != nil {
			log.LogAttrs(ctx, slog.LevelWarn, "the workspace's settings can't be read; the last known ones count",
				slog.String("workspace", string(w)), slog.Any("error", err))
			return last, err
		}
		return &s, nil
	}
	return &Cache{store, cache.New(cache.Options[suggest.Workspace, *Settings]{Load: load, Keep: settingsKept, Now: now})}
}

// House returns the newest settings known, never nil. What it returns is not
// changed by anyone.
func (c *Cache) House(ctx context.Context, w suggest.Workspace) *Settings {
	s, err := c.settings.Get(ctx, w)
	if err != nil || s == nil {
		return &Settings{}
	}
	return s
}

// HouseAt returns the settings that were in force at a revision. It fails with
// ErrNoRevision.
func (c *Cache) HouseAt(ctx context.Context, w suggest.Workspace, revision int64) (*Settings, error) {
	if revision == 0 { // there were none
		return &Settings{}, nil
	}
	s, err := c.store.Settings(ctx, w, revision)
	return &s, err
}
