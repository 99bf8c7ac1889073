//go:build unix && !linux

package local

import "syscall"

// childAttr puts the child into a group of its own. This system has no signal
// for the death of a parent; the pipe on standard input stands in for it.
func childAttr(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
