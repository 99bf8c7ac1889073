package guard

import (
	"context"
	"time"

	"github.com/purser-desk/purser/internal/cache"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Contacts tells what a workspace trusts: where its drafts may lead customers.
type Contacts interface {
	// TrustedContacts returns the workspace's list; nil when it has none yet, and
	// a contact need only stand in what is cited. An error has nothing trusted.
	TrustedContacts(ctx context.Context, w suggest.Workspace) (*knowledge.ContactList, error)
}

// contactsKept is how long a list counts before the store is asked again.
const contactsKept = 20 * time.Second

// ContactCache implements Contacts over a store. A change is seen within 20
// seconds; in between nothing is asked. When the store does not answer, the last
// known list goes on to count, and the store is left alone for two seconds. It is
// safe for concurrent use.
type ContactCache struct {
	lists *cache.Cache[suggest.Workspace, *knowledge.ContactList]
}

// NewContactCache makes one; now is time.Now when nil.
func NewContactCache(store Contacts, now func() time.Time) *ContactCache {
	return &ContactCache{cache.New(cache.Options[suggest.Workspace, *knowledge.ContactList]{
		Keep: contactsKept, Now: now,
		Load: func(ctx context.Context, w suggest.Workspace, _ *knowledge.ContactList) (*knowledge.ContactList, error) {
			return store.TrustedContacts(ctx, w)
		},
	})}
}

// TrustedContacts implements Contacts. It fails only where nothing was ever
// known.
func (c *ContactCache) TrustedContacts(ctx context.Context, w suggest.Workspace) (*knowledge.ContactList, error) {
	return c.lists.Get(ctx, w)
}
