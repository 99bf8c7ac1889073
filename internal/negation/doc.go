// Package negation tells whether a sentence denies or affirms what another one
// says, in the languages whose words for it are known.
package negation
