package local

import "syscall"

// childAttr puts the child into a group of its own and has the kernel signal
// it when its supervisor dies, even by kill -9.
func childAttr(death syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death}
}
