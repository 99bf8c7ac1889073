package pii

import (
	"strings"

	"github.com/purser-desk/purser/internal/entity"
)

// Public is what anyone can read: it need not be hidden. The zero value and nil
// are empty.
type Public struct {
	text     strings.Builder // folded words, each between blanks
	contacts map[string]bool
	asked    map[string]bool
}

// Add takes a text in a locale.
func (p *Public) Add(s, locale string) {
	if p.contacts == nil {
		p.contacts = map[string]bool{}
	}
	p.text.WriteString(" " + folded(s) + " ")
	for _, c := range entity.FindContacts(s, locale) {
		p.contacts[contactKey(kindOfContact(c.Kind), strings.ToLower(c.Value))] = true
	}
	p.asked = nil
}

// Says reports whether s stands there, as whole words.
func (p *Public) Says(s string) bool {
	if p == nil {
		return false
	}
	words := folded(s)
	if words == "" {
		return false
	}
	if found, ok := p.asked[words]; ok {
		return found
	}
	if p.asked == nil {
		p.asked = map[string]bool{}
	}
	found := strings.Contains(p.text.String(), " "+words+" ")
	p.asked[words] = found
	return found
}

// Reaches reports whether a contact stands there, however it is written.
func (p *Public) Reaches(s, locale string) bool {
	found := entity.FindContacts(s, locale)
	if p == nil || len(found) == 0 {
		return false
	}
	for _, c := range found {
		if !p.contacts[contactKey(kindOfContact(c.Kind), strings.ToLower(c.Value))] {
			return false
		}
	}
	return true
}
