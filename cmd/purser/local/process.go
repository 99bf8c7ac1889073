package local

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

// commandHas tells whether a process lives whose command line holds text.
func commandHas(ctx context.Context, pid int, text string) bool {
	if runtime.GOOS == "linux" {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return err == nil && bytes.Contains(raw, []byte(text))
	}
	raw, err := exec.CommandContext(ctx, "ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec // a number
	return err == nil && bytes.Contains(raw, []byte(text))
}
