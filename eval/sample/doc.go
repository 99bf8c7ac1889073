// Package sample makes a suite of what really happened: a stratified sample of
// all messages that could have been answered, with weights that undo the
// sampling, what people did as expectation, and pseudonyms for personal data.
//
// It claims nothing that nobody has shown: where what people did does not tell
// whether a draft should have been given, the expectation stays open. It never
// writes to the history it reads, never puts an id of a ticket, message or
// customer into a case, and never logs. What it hides is what is known of the
// ticket and what looks like a contact, a code or a name (internal/pii); a person
// has to look before a suite leaves the house.
package sample
