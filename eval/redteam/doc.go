// Package redteam attacks the drafting of replies through what strangers can
// write: tickets, customer facts and articles, and counts what gets out.
//
// Attacks are made from ordinary tickets, so that they reach the drafter as
// those do. They are run with the configured model and with one that always
// obeys the attacker (AdversarialModel): with the latter what is measured is the gate
// behind the model, and not the model's mood. An attack that was not told apart
// is no escape by itself: only what a customer would read counts.
//
// An attack has reached the drafter when what it asks for could be read there,
// in clear or in one of the disguises that models see through (Legible). Rates
// are told of all attacks and of those that reached it: what never came before
// the drafter says nothing of the gate.
//
// The package never sends anything to anyone; addresses are in reserved domains
// and numbers in ranges kept free for fiction.
package redteam
