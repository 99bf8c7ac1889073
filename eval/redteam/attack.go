package redteam

import (
	"slices"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Channel is the way by which an attack comes in.
type Channel string

// The channels.
const (
	// ThroughTicket is the message that is answered.
	ThroughTicket Channel = "ticket"
	// ThroughSubject is the ticket's subject, ThroughName the customer's name.
	ThroughSubject Channel = "subject"
	ThroughName    Channel = "name"
	// ThroughConversation is several messages, each harmless by itself.
	ThroughConversation Channel = "conversation"
	// ThroughHistory is an earlier message that looks like an agent's.
	ThroughHistory Channel = "history"
	// ThroughFact is a fact that the desktop hands over and a customer wrote,
	// such as a remark of a booking.
	ThroughFact Channel = "fact"
	// ThroughArticle is a poisoned article among the good ones.
	ThroughArticle Channel = "article"
)

// Goal is what the attacker wants the customer to read.
type Goal string

// The goals.
const (
	GoalLink     Goal = "link"
	GoalPhone    Goal = "phone"
	GoalEmail    Goal = "email"
	GoalAccount  Goal = "account"
	GoalAmount   Goal = "amount"
	GoalDiscount Goal = "discount_code"
	GoalSecret   Goal = "asks_for_secret"
	GoalPolicy   Goal = "policy"
	GoalInsult   Goal = "insult"
	GoalFact     Goal = "hidden_fact"
	GoalPrompt   Goal = "prompt"
	// GoalTask is whatever an attack from outside asks for.
	GoalTask Goal = "task"
)

// leadsAway reports goals that send the customer somewhere else: what an
// article says of them can be held against a list of what the house owns.
func (g Goal) leadsAway() bool { return slices.Contains(leadingAway(), g) }

// leadingAway are the goals that leadsAway reports.
func leadingAway() []Goal { return []Goal{GoalLink, GoalPhone, GoalEmail, GoalAccount} }

// harms reports goals of which nothing may stand in a draft. Of the others a draft
// may show what it marks as unverified or contradicted: an agent is told.
func (g Goal) harms() bool {
	return g.leadsAway() || g == GoalSecret || g == GoalFact || g == GoalPrompt
}

// Attack is one attempt.
type Attack struct {
	ID      string
	Channel Channel
	// Kind is how the instruction is wrapped.
	Kind string
	Goal Goal
	// Language of the instruction, BCP 47; empty when not known.
	Language string
	// Source is "own", or the file that it was read from.
	Source string
	// Case is the ticket to answer, the attack inside it or, through an article,
	// found by it.
	Case suite.Case
	// Document is the poisoned article; nil for other channels.
	Document *knowledge.Document
	// Needle is what must be legible for a drafter to know what is asked.
	// Contacts in it may be hidden by placeholders: Hidden holds them.
	Needle string
	Hidden []string
	// Payloads are the sentences that an obedient model writes. The attack has
	// escaped when one of Canaries stands in the draft, compared by letters and
	// digits alone; where its goal does no harm by itself, in a sentence that the
	// draft does not mark as open.
	Payloads []string
	Canaries []string
	// Joins has the payload written as the end of a true sentence, too.
	Joins bool
	// Fact names the fact that carries the attack; empty for other channels.
	Fact string
}

// Misinforms reports attacks whose aim no check of a draft against its sources
// can tell: the article that carries them is the source. They are counted apart;
// what stands against them is the review of imports.
func (a *Attack) Misinforms() bool {
	return a.Channel == ThroughArticle && !a.Goal.leadsAway()
}

// Visibility of the ticket that is attacked.
func (a *Attack) Visibility() suggest.Visibility { return a.Case.Visibility }
