package suggest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// StoredProfile is one version of a workspace's confidence profile.
type StoredProfile struct {
	// Version counts from 1; the highest is in force.
	Version int
	// JSON is the profile as ParseProfile reads it; nil when this version gave
	// the workspace back to the default profile, "null" when from it on the
	// search's own estimate counts.
	JSON []byte
	// Restored is the version that this one brought back; 0 for none.
	Restored int
	Actor    Actor
	Time     time.Time
}

// ErrNoProfile says that a workspace never had a profile of its own.
var ErrNoProfile = errors.New("the workspace has no confidence profile of its own")

// ProfileStore keeps profiles.
type ProfileStore interface {
	// Profile returns the version in force. It fails with ErrNoProfile.
	Profile(ctx context.Context, w Workspace) (StoredProfile, error)
}

const (
	// profileKept is how long a profile counts before the store is asked again.
	profileKept = 20 * time.Second
	// profileWait bounds that asking: a suggestion is worth more than its newest
	// profile.
	profileWait = 2 * time.Second
)

// ProfileCache implements Profiles over a store. A change is seen within 20
// seconds; in between nothing is asked. It is safe for concurrent use.
type ProfileCache struct {
	store    ProfileStore
	fallback *Profile
	now      func() time.Time
	log      *slog.Logger

	mu sync.Mutex
	by map[Workspace]*cachedProfile
}

// cachedProfile is what is known of one workspace. Its lock is held while the
// store is asked.
type cachedProfile struct {
	mu      sync.Mutex
	known   *Profile
	version int
	asked   time.Time // zero before the first answer
}

// NewProfileCache makes one. fallback counts where a workspace has no profile of
// its own, or one that can't be used; nil means the search's own estimate. now
// is time.Now when nil.
func NewProfileCache(store ProfileStore, fallback *Profile, now func() time.Time, log *slog.Logger) *ProfileCache {
	if now == nil {
		now = time.Now
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &ProfileCache{store: store, fallback: fallback, now: now, log: log, by: map[Workspace]*cachedProfile{}}
}

// Profile implements Profiles.
func (c *ProfileCache) Profile(ctx context.Context, w Workspace) *Profile {
	c.mu.Lock()
	e := c.by[w]
	if e == nil {
		e = &cachedProfile{known: c.fallback}
		c.by[w] = e
	}
	c.mu.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := c.now(); e.asked.IsZero() || now.Sub(e.asked) >= profileKept {
		c.ask(ctx, w, e)
	}
	return e.known
}

// ask brings what is known up to date. When the store does not answer, what was
// known goes on to count.
func (c *ProfileCache) ask(ctx context.Context, w Workspace, e *cachedProfile) {
	asking, cancel := context.WithTimeout(ctx, profileWait)
	defer cancel()
	stored, err := c.store.Profile(asking, w)
	switch {
	case errors.Is(err, ErrNoProfile):
		e.known, e.version = c.fallback, 0
	case ctx.Err() != nil:
		return // the caller went; the next one asks
	case err != nil:
		c.log.LogAttrs(ctx, slog.LevelWarn, "the workspace's confidence profile can't be read; the last known one counts",
			slog.String("workspace", string(w)), slog.Any("error", err))
	case stored.Version != e.version || e.asked.IsZero():
		e.known, e.version = c.parse(ctx, w, stored), stored.Version
	}
	e.asked = c.now()
}

// parse reads a stored profile. It is called once for each version, so that one
// that can't be used is told of once.
func (c *ProfileCache) parse(ctx context.Context, w Workspace, stored StoredProfile) *Profile {
	switch {
	case len(stored.JSON) == 0:
		return c.fallback
	case bytes.Equal(bytes.TrimSpace(stored.JSON), []byte("null")):
		return nil
	}
	p, err := ParseProfile(stored.JSON)
	if err != nil {
		c.log.LogAttrs(ctx, slog.LevelWarn, "the workspace's confidence profile can't be used; the default one counts",
			slog.String("workspace", string(w)), slog.Int("profile_version", stored.Version), slog.Any("error", err))
		return c.fallback
	}
	return &p
}

var _ Profiles = (*ProfileCache)(nil)
