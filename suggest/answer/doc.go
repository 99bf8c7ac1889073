// Package answer reads what a model writes, piece by piece, into whole sentences
// with the evidence that they cite.
//
// It judges nothing that it reads.
package answer
