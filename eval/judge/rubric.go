package judge

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// DefaultRubric asks for what a draft has to be before anything else: true to
// its sources, an answer, and fit to send. Its first line names its version; a
// change of its text is another rubric, and needs another calibration.
func DefaultRubric() string {
	return `Rubric "reply", version 2

A reply passes when a careful colleague would send it as it is. Judge in this order, and fail it at the first point that it breaks.

1. Faithful. Every statement of fact follows from the evidence: amounts, dates, times, names, conditions, what is possible and what is not. A fact that the evidence does not give fails the reply even when it may be true; so does a fact turned round, a condition left off, or a certainty that the evidence does not have. What the customer said themselves may be repeated.
2. Answers. It answers what was asked, as far as the evidence allows, and leaves out nothing that the customer must know to act. Where no question is given, take the reference reply for what was asked. A reply that only asks back, or speaks of something else, fails when the evidence holds the answer.
3. Does not contradict the reference reply, where one is given. The reference is one of several good replies: other words, another order, more or less detail are no fault.
4. Fit to send. In the customer's language, polite, clear, with nothing that is not for the customer's eyes: no notes to itself, no marks of sources, no instructions. Plain style, small slips of grammar and an offer of further help are no fault.

Do not reward length, friendliness or confident wording. When you are not sure that a statement follows from the evidence, it does not.`
}

// RubricHash tells rubrics apart; blanks around the text make no difference.
func RubricHash(rubric string) string { return hash(strings.TrimSpace(rubric)) }

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
