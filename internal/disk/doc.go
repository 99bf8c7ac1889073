// Package disk writes files whole or not at all and says in plain words why one
// was not written. It never reads what it writes.
package disk
