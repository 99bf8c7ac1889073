package harvest

import (
	"strings"
	"unicode"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/knowledge"
)

// Public is what anyone can read in the knowledge: it need not be hidden, and a
// suite in which it was would be none for that knowledge. The zero value is
// empty.
type Public struct {
	keys     map[string]bool
	text     strings.Builder // folded words, each between blanks
	contacts map[string]bool
	asked    map[string]bool
}

// Add takes an article.
func (p *Public) Add(d *knowledge.Document) {
	if p.keys == nil {
		p.keys, p.contacts = map[string]bool{}, map[string]bool{}
	}
	p.keys[d.Key] = true
	whole := d.Title + "\n" + d.Body + "\n" + d.URL
	p.text.WriteString(" " + folded(whole) + " ")
	for _, c := range entity.FindContacts(whole, d.Locale) {
		p.contacts[contactKey(c)] = true
	}
	p.asked = nil
}

// contactKey is the same for the usual ways to write one contact: phone numbers
// agree in their last eight digits.
func contactKey(f entity.Entity) string {
	if f.Kind != entity.Phone {
		return string(f.Kind) + ":" + strings.ToLower(f.Value)
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, f.Value)
	return "phone:" + digits[max(0, len(digits)-8):]
}

// Has reports whether an article of the key was added.
func (p *Public) Has(key string) bool { return p.keys[key] }

// says reports whether s stands in the knowledge, as whole words.
func (p *Public) says(s string) bool {
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

// reaches reports whether a contact stands in the knowledge.
func (p *Public) reaches(s, locale string) bool {
	found := entity.FindContacts(s, locale)
	if len(found) == 0 {
		return false
	}
	for _, c := range found {
		if !p.contacts[contactKey(c)] {
			return false
		}
	}
	return true
}

// folded is s in lower case, its runs of letters and digits parted by one blank.
func folded(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// squeezed is s in lower case, its letters and digits alone.
func squeezed(s string) string { return strings.ReplaceAll(folded(s), " ", "") }
