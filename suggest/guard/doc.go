// Package guard checks the sentences of a draft, one by one, before anybody sees
// them: what they cite, state, lead to, ask for and give away.
//
// It gets what it needs handed in and changes no sentence.
package guard
