// Package guard looks for what in a draft could do harm, sentence by sentence, before
// anybody sees it: contacts that nobody trusts, secrets asked for, data that must not be
// told, what the model was told. It says nothing of what is true.
//
// It gets what it needs handed in.
package guard
