package guard

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

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

func (g *Guard) newContactGate(ctx context.Context, t Task) contactGate {
	gate := contactGate{list: sync.OnceValue(func() *knowledge.ContactList {
		if g.contacts == nil {
			return nil
		}
		list, err := g.contacts.TrustedContacts(ctx, t.Workspace)
		if err != nil {
			g.log.LogAttrs(ctx, slog.LevelWarn, "what the workspace trusts can't be read; sentences with contacts are left out",
				slog.String("workspace", string(t.Workspace)), slog.Any("error", err))
			return knowledge.NewContactList(nil)
		}
		return list
	})}
	for _, id := range t.Ticket.Customer.Identities {
		if id.Kind == suggest.IdentityHandle {
			gate.handles = append(gate.handles, entity.Handles("@"+strings.TrimPrefix(id.Value, "@"))...)
		}
	}
	if t.Public {
		return gate
	}
	for _, id := range t.Ticket.Customer.Identities {
		gate.own = append(gate.own, entity.Find(id.Value, t.Locale)...)
	}
	for _, f := range t.Ticket.Facts {
		v := suggest.FactValue(f)
		if entities := entity.Find(v, t.Locale); f.MayMention && len(entities) == 1 && entities[0].Span == (text.Span{End: len(v)}) {
			gate.own = append(gate.own, entities[0])
		}
	}
	return gate
}

// lets reports whether a contact may stand in a sentence. offered is true when the
// evidence states it. A link is never the customer's own: what a form or a message
// brought leads nowhere.
func (g *contactGate) lets(f entity.Entity, offered bool) bool {
	list := g.list()
	switch {
	case list == nil && offered, list != nil && list.Trusts(f):
		return true
	}
	return f.Kind != entity.URL && entity.Supported(f, g.own)
}

// leadsAway names the harm, with its places as far as they are known, when a
// sentence leads where the workspace trusts nobody, openly, in disguise, or
// together with the end of the sentence before it.
func (c *Checker) leadsAway(s string, entities []entity.Entity) (suggest.LeftOutReason, []text.Span) {
	var reason suggest.LeftOutReason
	var places []text.Span
	for _, f := range entities {
		if f.IsContact() && !c.gate.lets(f, c.isOfferedEntity(f)) {
			places = append(places, f.Span)
			if reason = suggest.LeftOutContact; f.Kind == entity.IBAN {
				reason = suggest.LeftOutAccount
			}
		}
	}
	if reason != "" {
		return reason, places
	}
	if entity.HidesContact(s, c.locale) || c.namesStranger(s) {
		return suggest.LeftOutContact, nil
	}
	before := c.gate.before
	c.gate.before = lastBytes(s, borderBytes)
	if parted(before, s, c.locale) {
		return suggest.LeftOutContact, nil
	}
	return "", nil
}

// namesStranger reports whether a sentence gives a handle that the workspace does
// not trust, or the name of a messenger, a service that moves money or a program
// for remote control that neither the evidence nor a fact names.
func (c *Checker) namesStranger(s string) bool {
	for _, name := range entity.Handles(s) {
		if slices.Contains(c.gate.handles, name) {
			continue
		}
		list := c.gate.list()
		if list != nil && !list.TrustsHandle(name) || list == nil && !c.offers(func(o *offered) bool {
			return slices.Contains(entity.Handles(o.whole()), name)
		}) {
			return true
		}
	}
	for _, name := range entity.Services(s) {
		if !c.offers(func(o *offered) bool { return o.names(name) }) &&
			!slices.ContainsFunc(c.told, func(f factText) bool { return slices.Contains(entity.Services(f.value), name) }) {
			return true
		}
	}
	return false
}

// offers reports whether any evidence is such.
func (c *Checker) offers(is func(*offered) bool) bool {
	for i := range c.offered {
		if is(c.ready(i)) {
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
