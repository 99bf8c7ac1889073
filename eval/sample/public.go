package sample

import (
	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/knowledge"
)

// Public is what anyone can read in the knowledge: it need not be hidden, and a
// suite in which it was would be none for that knowledge. The zero value is
// empty.
type Public struct {
	keys map[string]bool
	text pii.Public
}

// Add takes an article.
func (p *Public) Add(d *knowledge.Document) {
	if p.keys == nil {
		p.keys = map[string]bool{}
	}
	p.keys[d.Key] = true
	p.text.Add(d.Title+"\n"+d.Body+"\n"+d.URL, d.Locale)
}

// Has reports whether an article of the key was added.
func (p *Public) Has(key string) bool { return p.keys[key] }
