package pipeline

import (
	"slices"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/suggest"
)

// composer puts a draft together from the sentences that passed, and
// publishes it.
type composer struct {
	emit   func(suggest.Event) error
	text   strings.Builder
	claims []suggest.DraftClaim
	// shown is true once a subscriber has seen text of this suggestion.
	shown bool
	// replacing is set when the next text exchanges what was shown.
	replacing *suggest.Notice
	// pendingBreak is the strongest break since the last sentence shown.
	pendingBreak string
}

// add appends a sentence that passed and tells it.
func (c *composer) add(s suggest.DraftSentence, claim suggest.DraftClaim) error {
	brk := strongerBreak(c.pendingBreak, s.Break)
	c.pendingBreak = ""
	if c.text.Len() == 0 {
		brk = strings.TrimLeft(brk, " \n")
	} else if brk == "" {
		brk = " "
	}
	start := c.text.Len()
	c.text.WriteString(brk)
	claim.ID = "c" + strconv.Itoa(len(c.claims)+1)
	claim.Start = c.text.Len()
	c.text.WriteString(claim.Text)
	claim.End = c.text.Len()
	c.claims = append(c.claims, claim)
	added := c.text.String()[start:]
	claims := []suggest.DraftClaim{claim}
	c.shown = true
	if r := c.replacing; r != nil {
		c.replacing = nil
		return c.emit(suggest.Event{Replace: &suggest.TextReplaced{Text: added, Claims: claims, Reason: *r}})
	}
	return c.emit(suggest.Event{Text: &suggest.TextAdded{Text: added, Claims: claims}})
}

// skip remembers the break of a sentence that was left out, so that paragraphs
// stay apart.
func (c *composer) skip(s suggest.DraftSentence) {
	c.pendingBreak = strongerBreak(c.pendingBreak, strings.TrimRight(s.Break, "-0123456789. "))
}

// strongerBreak joins the breaks of two neighbours: line ends of the stronger,
// the item's mark of the second.
func strongerBreak(a, b string) string {
	lines := max(strings.Count(a, "\n"), strings.Count(b, "\n"))
	mark := strings.TrimLeft(b, " \n")
	switch {
	case lines == 0 && mark == "":
		return b
	case lines == 0:
		return "\n" + mark
	}
	return strings.Repeat("\n", min(lines, 2)) + mark
}

// restart forgets the draft, because its drafter is given up.
func (c *composer) restart(why suggest.Notice) {
	if c.shown {
		c.replacing = &why
	}
	c.text.Reset()
	c.claims = nil
	c.pendingBreak = ""
}

// finish publishes that what was shown is no more.
func (c *composer) finish() error {
	r := c.replacing
	if r == nil {
		return nil
	}
	c.replacing = nil
	return c.emit(suggest.Event{Replace: &suggest.TextReplaced{Reason: *r}})
}

// isReply reports whether the draft says or asks anything of the matter. One that is
// whole, as its drafter meant it, may also be more than one courtesy.
func (c *composer) isReply(whole bool) bool {
	return whole && len(c.claims) > 1 || slices.ContainsFunc(c.claims, func(claim suggest.DraftClaim) bool {
		return claim.Kind.Says() || claim.Kind == suggest.ClaimQuestion || claim.Kind == suggest.ClaimGap || claim.Standing.Open()
	})
}

func (c *composer) draft(locale string) *suggest.Draft {
	return &suggest.Draft{Text: c.text.String(), Locale: locale, Claims: c.claims}
}
