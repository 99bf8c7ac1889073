// Package support tells whether what a sentence of a draft claims is so, by the
// evidence that was offered, the facts and the customer's own words: supported,
// derived, the customer's own, unverified or contradicted, with the place and the
// reason.
//
// A claim is read as figures, each bound to what it is about (row, column, rate,
// limit, before or after), and as statements that affirm or deny; each is looked
// for in the sentences and rows of the evidence. Arithmetic is done again. What a
// sentence means beyond that is judged by weights that suggest/support/fit fits.
// Whether a sentence needs support at all is told elsewhere.
//
// It never stores or logs what it reads, and calls nothing but the embedder that
// it is given.
package support
