package knowledge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/internal/text"
)

// ContactKind says what a contact is.
type ContactKind string

// The kinds of contact.
const (
	// ContactDomain is a registered domain with all hosts and addresses in it.
	ContactDomain ContactKind = "DOMAIN"
	// ContactLink is one address and what lies below it, at a host where anyone
	// can put pages: the domain alone says nothing there.
	ContactLink  ContactKind = "LINK"
	ContactEmail ContactKind = "EMAIL"
	ContactPhone ContactKind = "PHONE"
	ContactIBAN  ContactKind = "IBAN"
)

// Contact is somewhere that a customer can be led to, in normal form.
type Contact struct {
	Kind  ContactKind
	Value string
}

// sharedHosts are domains where anyone can put pages, forms or mailboxes.
func sharedHosts() []string {
	return []string{
		"app.link", "bit.ly", "cutt.ly", "discord.com", "discord.gg", "dropbox.com", "facebook.com", "fb.com", "fb.me", "forms.gle", "github.com",
		"gitlab.com", "gmail.com", "gmx.at", "gmx.de", "gmx.net", "goo.gl", "google.com", "googlemail.com", "hotmail.com", "icloud.com", "instagram.com",
		"is.gd", "jotform.com", "linkedin.com", "linktr.ee", "live.com", "lnkd.in", "m.me", "medium.com", "messenger.com", "notion.site", "notion.so",
		"office.com", "onet.pl", "outlook.com", "ow.ly", "paypal.com", "paypal.me", "pinterest.com", "proton.me", "protonmail.com", "rebrand.ly",
		"reddit.com", "sharepoint.com", "surveymonkey.com", "t.co", "t.me", "telegram.me", "tiktok.com", "tinyurl.com", "twitter.com", "typeform.com",
		"vk.com", "wa.me", "web.de", "whatsapp.com", "wp.pl", "x.com", "yahoo.com", "youtu.be", "youtube.com",
	}
}

// contactOf is the contact by which an entity is known; ok is false for entities
// that lead nowhere.
func contactOf(f entity.Entity) (c Contact, ok bool) {
	switch {
	case f.Kind == entity.Email:
		return Contact{ContactEmail, f.Value}, true
	case f.Kind == entity.Phone:
		return Contact{ContactPhone, f.Value}, true
	case f.Kind == entity.IBAN:
		return Contact{ContactIBAN, f.Value}, true
	case !f.IsPlace():
		return Contact{}, false
	case f.Domain() == "" || slices.Contains(sharedHosts(), f.Domain()):
		return Contact{ContactLink, withoutQuery(f.Value)}, true
	}
	return Contact{ContactDomain, f.Domain()}, true
}

func withoutQuery(link string) string {
	if i := strings.IndexAny(link, "?#"); i >= 0 {
		link = link[:i]
	}
	return strings.TrimRight(link, "/")
}

// DocumentContacts are what a document names or leads to, sorted and without
// repeats.
func DocumentContacts(d Document) []Contact {
	return documentContacts(d, func(entity.Entity) bool { return true })
}

func documentContacts(d Document, take func(entity.Entity) bool) []Contact {
	var out []Contact
	add := func(e entity.Entity) {
		if c, ok := contactOf(e); ok && take(e) {
			out = append(out, c)
		}
	}
	for _, part := range []string{d.Title, d.Body} {
		p := newProse(part, d.Locale)
		for _, e := range entity.Find(part, d.Locale) {
			if p.isContact(e) {
				add(e)
			}
		}
	}
	for _, e := range entity.Find(d.URL, d.Locale) {
		add(e)
	}
	return sortContacts(out)
}

func sortContacts(list []Contact) []Contact {
	slices.SortFunc(list, func(a, b Contact) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value)) })
	return slices.Compact(list)
}

// ParseContact reads a contact as a person writes it: a domain ("skerry.example"),
// an address at one ("skerry.example/help"), an e-mail address, a phone number
// with its country's code, or an IBAN.
func ParseContact(s string) (Contact, error) {
	s = strings.TrimSpace(text.Clean(s))
	found := entity.Find(s, "")
	if len(found) != 1 || found[0].Start != 0 || found[0].End != len(s) {
		return Contact{}, fmt.Errorf("%q is no domain, web address, e-mail address, phone number or IBAN; give one such as skerry.example, help@skerry.example or \"+44 1632 960000\"", s)
	}
	f := found[0]
	c, ok := contactOf(f)
	switch {
	case !ok:
		return Contact{}, fmt.Errorf("%q leads nowhere; give a domain, web address, e-mail address, phone number or IBAN", s)
	case f.Domain() == "" && c.Kind == ContactLink && withoutQuery(f.Value) == f.Host():
		return Contact{}, fmt.Errorf("under %q anyone can register, so it says nothing; give the whole domain", s)
	case f.Kind == entity.URL && withoutQuery(f.Value) == f.Host():
		return Contact{ContactDomain, f.Host()}, nil
	case f.Kind == entity.URL:
		return Contact{ContactLink, withoutQuery(f.Value)}, nil
	case c.Kind == ContactPhone && !strings.HasPrefix(c.Value, "+") && !strings.HasPrefix(c.Value, "~"):
		return Contact{}, fmt.Errorf("%q is no phone number; give it with its country's code, such as \"+44 1632 960000\"", s)
	}
	return c, nil
}

// ContactList is what a workspace trusts. It can't be changed, and is safe for
// concurrent use.
type ContactList struct {
	known  map[Contact]bool
	links  []string
	phones []entity.Entity
}

// NewContactList makes one.
func NewContactList(contacts []Contact) *ContactList {
	l := &ContactList{known: make(map[Contact]bool, len(contacts))}
	for _, c := range contacts {
		l.known[c] = true
		if c.Kind == ContactLink {
			l.links = append(l.links, c.Value)
		}
		if c.Kind == ContactPhone {
			l.phones = append(l.phones, entity.Entity{Kind: entity.Phone, Value: c.Value, Values: []string{c.Value}})
		}
	}
	return l
}

// Trusts reports whether an entity that leads somewhere leads to what is listed:
// a link or e-mail address in a domain, an address or what is below it, an
// e-mail address, an IBAN or a phone number, with or without its country's code.
func (l *ContactList) Trusts(f entity.Entity) bool {
	switch f.Kind {
	case entity.Email:
		return l.known[Contact{ContactEmail, f.Value}] || l.trustsHost(f.Host())
	case entity.URL:
		return f.IsPlace() && (l.trustsHost(f.Host()) || slices.ContainsFunc(l.links, func(link string) bool { return leadsBelow(f.Value, link) }))
	case entity.Phone:
		return entity.Supported(f, l.phones)
	case entity.IBAN:
		return l.known[Contact{ContactIBAN, f.Value}]
	case entity.Number, entity.Amount, entity.Percent, entity.Date, entity.Time, entity.Duration, entity.Card, entity.Code:
	}
	return false
}

// TrustsHandle reports whether a name of a social network or messenger, without
// its at sign, is that of a listed link, such as skerry of facebook.com/skerry.
func (l *ContactList) TrustsHandle(name string) bool {
	return slices.ContainsFunc(l.links, func(link string) bool {
		i := strings.LastIndexByte(link, '/')
		return i >= 0 && strings.EqualFold(strings.TrimPrefix(link[i+1:], "@"), name)
	})
}

// trustsHost looks for the host and for each domain above it.
func (l *ContactList) trustsHost(host string) bool {
	for host != "" {
		if l.known[Contact{ContactDomain, host}] {
			return true
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return false
}

// leadsBelow reports whether an address is link or lies below it. The front page
// of a shared host has nothing of its own below it.
func leadsBelow(address, link string) bool {
	if withoutQuery(address) == link {
		return true
	}
	return strings.Contains(link, "/") && strings.HasPrefix(address, link+"/")
}

// Unlisted are those of a document's contacts that the list does not trust,
// sorted and without repeats.
func (l *ContactList) Unlisted(d Document) []Contact {
	return documentContacts(d, func(e entity.Entity) bool { return !l.Trusts(e) })
}
