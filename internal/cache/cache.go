// Package cache keeps in memory what is asked for often and changes rarely, such
// as a workspace's settings. It never writes, and never asks a source that is
// down on every call.
package cache

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// Options of a Cache. Load and Keep are needed.
type Options[K ~string, V any] struct {
	// Load asks the source. last is the value that counted so far, zero before
	// the first.
	Load func(ctx context.Context, key K, last V) (V, error)
	// Keep is how long a value counts before the source is asked again.
	Keep time.Duration
	// Retry is how long a failure counts; 0 means a tenth of Keep.
	Retry time.Duration
	// Wait bounds Load; 0 means two seconds.
	Wait time.Duration
	// Size is how many keys are kept; 0 means 1,000.
	Size int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Cache is safe for concurrent use. It keeps a value beyond its time, since the
// last known one counts where the source fails; so the expiry stands beside the
// value and is not the library's.
type Cache[K ~string, V any] struct {
	o       Options[K, V]
	entries *lru.Cache[K, entry[V]]
	loads   singleflight.Group
}

// entry is what is known of a key.
type entry[V any] struct {
	value V
	known bool
	// err is why nothing is known.
	err error
	// until is when the source is asked again.
	until time.Time
}

// New makes a Cache.
func New[K ~string, V any](o Options[K, V]) *Cache[K, V] {
	if o.Retry == 0 {
		o.Retry = o.Keep / 10
	}
	if o.Wait == 0 {
		o.Wait = 2 * time.Second
	}
	if o.Size <= 0 {
		o.Size = 1000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	entries, _ := lru.New[K, entry[V]](o.Size) // it fails for sizes below 1 alone
	return &Cache[K, V]{o: o, entries: entries}
}

// Get returns the key's value. Callers at the same time wait for one load, each
// for as long as its own context lasts. Where the load fails, the last known
// value counts; it fails when there is none.
func (c *Cache[K, V]) Get(ctx context.Context, key K) (V, error) {
	e, fresh := c.lookUp(key)
	if fresh {
		return e.value, e.err
	}
	loaded := c.loads.DoChan(string(key), func() (any, error) { return c.load(context.WithoutCancel(ctx), key), nil })
	select {
	case r := <-loaded:
		e, _ = r.Val.(entry[V])
	case <-ctx.Done():
		if !e.known {
			e.err = ctx.Err()
		}
	}
	return e.value, e.err
}

func (c *Cache[K, V]) lookUp(key K) (e entry[V], fresh bool) {
	e, there := c.entries.Get(key)
	return e, there && c.o.Now().Before(e.until)
}

func (c *Cache[K, V]) load(ctx context.Context, key K) entry[V] {
	e, fresh := c.lookUp(key)
	if fresh { // another caller's load ended just now
		return e
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.Wait)
	defer cancel()
	value, err := c.o.Load(ctx, key, e.value)
	switch {
	case err == nil:
		e = entry[V]{value: value, known: true, until: c.o.Now().Add(c.o.Keep)}
	case e.known:
		e.until = c.o.Now().Add(c.o.Retry)
	default:
		e = entry[V]{err: err, until: c.o.Now().Add(c.o.Retry)}
	}
	c.entries.Add(key, e)
	return e
}
