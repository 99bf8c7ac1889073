package request

import (
	"strings"

	"github.com/purser-desk/purser/internal/sentence"
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
	Apart Reference = iota
	Perhaps
	Surely
)

// FollowUp tells whether a message of a customer goes on with the conversation
// before it, and is the text to search for if it does: what it refers to, then the
// message. locale is that of the message.
func FollowUp(before []Turn, message, locale string) (searchText string, r Reference) {
	context := referent(before, locale)
	if context == "" || text.IsBlank(message) {
		return message, Apart
	}
	v := vocabularyOf(locale)
	tokens := tokensOf(message, text.Span{End: len(message)})
	t := v.topic(tokens)
	opens, replies, another := v.begins(tokens)
	switch {
	case another:
		return message, Apart
	case t.content == 0:
		r = Surely
	case t.content <= maxReply && replies, t.content <= maxFollowUp && (opens || t.refers):
		r = Surely
	case t.content <= maxPerhaps:
		r = Perhaps
	default:
		return message, Apart
	}
	return context + "\n" + message, r
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

// begins says how a message begins: by going on, by answering; and whether it says
// anywhere that it begins another matter.
func (v *vocabulary) begins(tokens []token) (opens, replies, another bool) {
	for i := range tokens {
		for _, f := range v.at(tokens, i) {
			opens = opens || i == 0 && f.signs&open != 0
			replies = replies || i == 0 && f.signs&reply != 0
			another = another || f.signs&fresh != 0
		}
	}
	return opens, replies, another
}

// maxReferent bounds what of the conversation is searched for with a message, in
// characters of each turn.
const maxReferent = 400

// referent is what a message can refer to: what the customer wrote before our last
// reply, and what that asks.
func referent(before []Turn, locale string) string {
	i := len(before)
	var asked []string
	for i > 0 && !before[i-1].Customer {
		i--
		asked = append(questionsOf(before[i].Text, locale), asked...)
	}
	var said []string
	for i > 0 && before[i-1].Customer {
		i--
		said = append([]string{text.Truncate(strings.TrimSpace(before[i].Text), maxReferent)}, said...)
	}
	return strings.TrimSpace(strings.Join(append(said, asked...), "\n"))
}

// questionsOf are the sentences that ask.
func questionsOf(s, locale string) []string {
	var out []string
	for _, p := range sentence.Split(text.Truncate(s, 10*maxReferent), locale) {
		if q := p.In(s); endsAsking(q) {
			out = append(out, text.Truncate(q, maxReferent))
		}
	}
	return out
}
