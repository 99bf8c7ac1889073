package confidence

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/purser-desk/purser/internal/cache"
	"github.com/purser-desk/purser/suggest"
)

// Stored is one version of a workspace's confidence profile.
type Stored struct {
	// Version counts from 1; the highest is in force.
	Version int
	// JSON is the profile as ParseProfile reads it; nil when this version gave
	// the workspace back to the default profile, "null" when from it on the
	// search's own estimate counts.
	JSON []byte
	// Restored is the version that this one brought back; 0 for none.
	Restored int
	Actor    suggest.Actor
	Time     time.Time
}

// ErrNoProfile says that a workspace never had a profile of its own.
var ErrNoProfile = errors.New("the workspace has no confidence profile of its own")

// Store keeps profiles.
type Store interface {
	// Profile returns the version in force. It fails with ErrNoProfile.
	Profile(ctx context.Context, w suggest.Workspace) (Stored, error)
}

// profileKept is how long a profile counts before the store is asked again.
const profileKept = 20 * time.Second

// Cache implements Profiles over a store. A change is seen within 20
// seconds; in between nothing is asked. When the store does not answer, what was
// known goes on to count. It is safe for concurrent use.
type Cache struct {
	store    Store
	fallback *Profile
	log      *slog.Logger
	profiles *cache.Cache[suggest.Workspace, knownProfile]
}

// knownProfile is a version that counts; 0 is the fallback's.
type knownProfile struct {
	version int
	profile *Profile
}

// NewCache makes one. fallback counts where a workspace has no profile of
// its own, or one that can't be used; nil means the search's own estimate. now
// is time.Now when nil.
func NewCache(store Store, fallback *Profile, now func() time.Time, log *slog.Logger) *Cache {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Cache{store: store, fallback: fallback, log: log}
	c.profiles = cache.New(cache.Options[suggest.Workspace, knownProfile]{Load: c.load, Keep: profileKept, Now: now})
	return c
}

// Profile implements Profiles.
func (c *Cache) Profile(ctx context.Context, w suggest.Workspace) *Profile {
	known, err := c.profiles.Get(ctx, w)
	if err != nil {
		return c.fallback
	}
	return known.profile
}

func (c *Cache) load(ctx context.Context, w suggest.Workspace, last knownProfile) (knownProfile, error) {
	stored, err := c.store.Profile(ctx, w)
	switch {
	case errors.Is(err, ErrNoProfile):
		return knownProfile{profile: c.fallback}, nil
	case err != nil:
		c.log.LogAttrs(ctx, slog.LevelWarn, "the workspace's confidence profile can't be read; the last known one counts",
			slog.String("workspace", string(w)), slog.Any("error", err))
		return last, err
	case stored.Version == last.version:
		return last, nil
	}
	return knownProfile{stored.Version, c.parse(ctx, w, stored)}, nil
}

// parse reads a stored profile. It is called once for each version, so that one
// that can't be used is told of once.
func (c *Cache) parse(ctx context.Context, w suggest.Workspace, stored Stored) *Profile {
	switch {
	case len(stored.JSON) == 0:
		return c.fallback
	case bytes.Equal(bytes.TrimSpace(stored.JSON), []byte("null")):
		return nil
	}
	p, err := Parse(stored.JSON)
	if err != nil {
		c.log.LogAttrs(ctx, slog.LevelWarn, "the workspace's confidence profile can't be used; the default one counts",
			slog.String("workspace", string(w)), slog.Int("profile_version", stored.Version), slog.Any("error", err))
		return c.fallback
	}
	return &p
}
