// Package bench measures what Purser adds to the work that drafting a reply
// costs anyway: a whole server on loopback, with a real PostgreSQL and a model
// that answers at once, against the least statements and model calls that do
// the same job, made bare in the same run. It prints ratios, so that a slow
// machine does not matter.
//
// It holds benchmarks and their tests alone: nothing imports it, it is no part
// of the program, and it never times anything in a test.
package bench
