// Package gate says whether a run may go live: it reads policies and holds runs
// against them, by themselves and beside a baseline.
//
// What can't be told is never met, unless the policy says so. The package never
// runs a case and never changes a baseline.
package gate
