package suggest

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/purser-desk/purser/internal/cache"
	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
)

// Contacts tells what a workspace trusts: where its drafts may lead customers.
type Contacts interface {
	// TrustedContacts returns the workspace's list; nil when it has none yet, and
	// a contact need only stand in what is cited. An error has nothing trusted.
	TrustedContacts(ctx context.Context, w Workspace) (*knowledge.ContactList, error)
}

// contactsKept is how long a list counts before the store is asked again.
const contactsKept = 20 * time.Second

// ContactCache implements Contacts over a store. A change is seen within 20
// seconds; in between nothing is asked. When the store does not answer, the last
// known list goes on to count, and the store is left alone for two seconds. It is
// safe for concurrent use.
type ContactCache struct {
	lists *cache.Cache[Workspace, *knowledge.ContactList]
}

// NewContactCache makes one; now is time.Now when nil.
func NewContactCache(store Contacts, now func() time.Time) *ContactCache {
	return &ContactCache{cache.New(cache.Options[Workspace, *knowledge.ContactList]{
		Keep: contactsKept, Now: now,
		Load: func(ctx context.Context, w Workspace, _ *knowledge.ContactList) (*knowledge.ContactList, error) {
			return store.TrustedContacts(ctx, w)
		},
	})}
}

// TrustedContacts implements Contacts. It fails only where nothing was ever
// known.
func (c *ContactCache) TrustedContacts(ctx context.Context, w Workspace) (*knowledge.ContactList, error) {
	return c.lists.Get(ctx, w)
}

// contactGate says which contacts a draft may hold. The list is asked for when a
// sentence first holds one.
type contactGate struct {
	list func() *knowledge.ContactList
	// own are the customer's addresses and numbers, and facts that are nothing
	// but one: they may be repeated to the customer.
	own []entity.Entity
	// handles are the customer's, by which a reply may address them.
	handles []string
	// before is the end of the last sentence that was let through.
	before string
}

func (p *Pipeline) newContactGate(ctx context.Context, w Workspace, in Input, a asked) contactGate {
	g := contactGate{list: sync.OnceValue(func() *knowledge.ContactList {
		if p.contacts == nil {
			return nil
		}
		list, err := p.contacts.TrustedContacts(ctx, w)
		if err != nil {
			p.log.LogAttrs(ctx, slog.LevelWarn, "what the workspace trusts can't be read; sentences with contacts are left out",
				slog.String("workspace", string(w)), slog.Any("error", err))
			return knowledge.NewContactList(nil)
		}
		return list
	})}
	for _, id := range in.Ticket.Customer.Identities {
		if id.Kind == IdentityHandle {
			g.handles = append(g.handles, entity.Handles("@"+strings.TrimPrefix(id.Value, "@"))...)
		}
	}
	if a.public {
		return g
	}
	for _, id := range in.Ticket.Customer.Identities {
		g.own = append(g.own, entity.Find(id.Value, a.draftLocale)...)
	}
	for _, f := range in.Ticket.Facts {
		v := FactValue(f)
		if figures := entity.Find(v, a.draftLocale); f.MayMention && len(figures) == 1 && figures[0].Span == (text.Span{End: len(v)}) {
			g.own = append(g.own, figures[0])
		}
	}
	return g
}

// lets reports whether a contact may stand in a sentence. cited is true when a
// passage that the sentence cites states it. A link is never the customer's own:
// what a form or a message brought leads nowhere.
func (g *contactGate) lets(f entity.Entity, cited bool) bool {
	list := g.list()
	switch {
	case list == nil && cited, list != nil && list.Trusts(f):
		return true
	}
	return f.Kind != entity.URL && entity.Supported(f, g.own)
}

// leadsAway reports whether a sentence leads where the workspace trusts nobody,
// openly, in disguise, or together with the end of the sentence before it.
func (c *checker) leadsAway(s string, figures []entity.Entity, cited []int) bool {
	for _, f := range figures {
		if f.IsContact() && !c.gate.lets(f, c.citedFigure(f, cited)) {
			return true
		}
	}
	if entity.HidesContact(s, c.locale) || c.namesStranger(s, cited) {
		return true
	}
	before := c.gate.before
	c.gate.before = lastBytes(s, borderBytes)
	return parted(before, s, c.locale)
}

// namesStranger reports whether a sentence gives a handle that the workspace does
// not trust, or the name of a messenger, a service that moves money or a program
// for remote control that neither what it cites nor a fact names.
func (c *checker) namesStranger(s string, cited []int) bool {
	for _, name := range entity.Handles(s) {
		if slices.Contains(c.gate.handles, name) {
			continue
		}
		list := c.gate.list()
		if list != nil && !list.TrustsHandle(name) || list == nil && !slices.ContainsFunc(cited, func(i int) bool {
			return slices.Contains(entity.Handles(c.ready(i).whole()), name)
		}) {
			return true
		}
	}
	for _, name := range entity.Services(s) {
		if !slices.ContainsFunc(cited, func(i int) bool { return c.ready(i).names(name) }) &&
			!slices.ContainsFunc(c.told, func(f factText) bool { return slices.Contains(entity.Services(f.value), name) }) {
			return true
		}
	}
	return false
}

// names reports whether a piece of evidence names a service.
func (o *offered) names(service string) bool {
	if o.services == nil {
		o.services = append([]string{""}, entity.Services(o.whole())...)
	}
	return slices.Contains(o.services, service)
}

// borderBytes is how much of two sentences is looked at for a number that was
// parted between them.
const borderBytes = 40

// parted reports whether the end of one sentence and the beginning of the next
// are a phone number or an account together, and not by themselves.
func parted(before, s, locale string) bool {
	noDigit := func(r rune) bool { return r < '0' || r > '9' }
	head := strings.TrimLeft(s, " .…-–")
	tail := strings.TrimRight(before, " .…!-–")
	if tail == "" || head == "" || noDigit(rune(tail[len(tail)-1])) || noDigit(rune(head[0])) {
		return false
	}
	head = strings.ToValidUTF8(head[:min(len(head), borderBytes)], "")
	return contacts(tail+" "+head, locale) > contacts(tail, locale)+contacts(head, locale)
}

func contacts(s, locale string) int {
	n := 0
	for _, f := range entity.Find(s, locale) {
		if f.IsContact() {
			n++
		}
	}
	return n
}

func lastBytes(s string, n int) string {
	return strings.ToValidUTF8(s[max(0, len(s)-n):], "")
}

// A fact is a value. A longer text, or a sentence, is a remark that somebody
// wrote: a model may read it, and it states nothing.
const (
	remarkWords   = 8
	sentenceWords = 4
)

func isRemark(f Fact) bool {
	if f.Kind != FactText && f.Kind != "" {
		return false
	}
	n := len(strings.Fields(f.Text))
	return n > remarkWords || n >= sentenceWords && endsSentence([]byte(strings.TrimSpace(f.Text)))
}
