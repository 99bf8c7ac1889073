package request

import (
	"strings"

	"github.com/purser-desk/purser/internal/text"
)

// Turn is a message of a conversation, as it was read: what its author says and
// nothing of history and signatures.
type Turn struct {
	// Customer is true for the customer's, false for ours.
	Customer bool
	Text     string
}

// Reference says whether a message can be understood without what was said before.
type Reference int

// Words alone rarely tell for sure: where they leave it open, search decides.
const (
	// Apart: the message can be understood by itself.
	Apart Reference = iota
	// Another: the message says that it begins another matter.
	Another
	// Perhaps: whichever is found better counts.
	Perhaps
	// Surely: nothing can be found for it alone.
	Surely
)

// FollowUp tells whether a message of a customer goes on with the conversation
// before it, and is the text to search for if it does: what it refers to, then the
// message. locale is that of the message.
func FollowUp(before []Turn, message, locale string) (searchText string, r Reference) {
	context := referent(before)
	if context == "" || text.IsBlank(message) {
		return message, Apart
	}
	c := cutter{message, vocabularyOf(locale), locale}
	tokens := tokensOf(message, text.Span{End: len(message)})
	opens, replies, another := c.opening(tokens)
	if another {
		return message, Another
	}
	asking, told := c.asking(tokens)
	t := c.voc.topic(asking)
	t.refers = t.refers && !told
	switch {
	case t.content == 0,
		t.content <= maxReply && replies,
		t.content <= maxFollowUp && (opens || t.refers):
		return context + "\n" + message, Surely
	case t.content <= maxPerhaps:
		return context + "\n" + message, Perhaps
	}
	return message, Apart
}

// How many words of its own a message has at most that goes on with what was said:
// one that answers a question, one with a sign of referring to something, and one
// without any. Fitted with "go test -run Figures -v ./suggest/request" on batches a
// and b of testdata/conversations.txt.
const (
	maxReply    = 3
	maxFollowUp = 3
	maxPerhaps  = 5
)

// asking are the tokens of what is asked or wished, or all where nothing is: what is
// told beside it may speak of the old matter. told says that something is told before
// it, which it may refer to.
func (c *cutter) asking(tokens []token) (asking []token, told bool) {
	for _, u := range c.units() {
		if !u.request {
			told = told || len(asking) == 0 && u.content > 0
			continue
		}
		for _, t := range tokens {
			if t.Start >= u.Start && t.End <= u.End {
				asking = append(asking, t)
			}
		}
	}
	if len(asking) == 0 {
		return tokens, false
	}
	return asking, told
}

// opening says how a message begins: by going on, by answering; and whether it
// begins another matter, by name or with a sentence that adds something.
func (c *cutter) opening(tokens []token) (opens, replies, another bool) {
	for i := range tokens {
		begins := i == 0 || strings.ContainsAny(c.s[tokens[i-1].End:tokens[i].Start], ".!?\n")
		for _, f := range c.voc.at(tokens, i) {
			opens = opens || i == 0 && f.signs&open != 0
			replies = replies || i == 0 && f.signs&reply != 0
			another = another || f.signs&fresh != 0 || begins && f.signs&join != 0 && f.signs&(filler|open) == 0
		}
	}
	return opens, replies, another
}

// maxReferent bounds what of the conversation is searched for with a message, in
// characters of each turn.
const maxReferent = 400

// referent is what a message can refer to: what the customer wrote before our last
// reply, and that reply. With it the right article is among the first three for 32
// of 32 follow-ups of batches a and b, with only what it asks for 31, without it
// for 16.
func referent(before []Turn) string {
	i := len(before)
	for i > 0 && !before[i-1].Customer {
		i--
	}
	for i > 0 && before[i-1].Customer {
		i--
	}
	var said []string
	customer := false
	for _, t := range before[i:] {
		customer = customer || t.Customer
		said = append(said, text.Truncate(strings.TrimSpace(t.Text), maxReferent))
	}
	if !customer {
		return ""
	}
	return strings.TrimSpace(strings.Join(said, "\n"))
}
