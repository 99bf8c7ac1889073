package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/purser-desk/purser/cmd/purser/console"
)

// editText opens the person's editor on a text and returns what they left in
// it. The file is theirs alone and gone afterwards, for it holds a customer's
// matter.
func editText(ctx context.Context, e *console.Env, text string) (string, error) {
	folder, err := os.MkdirTemp("", "purser-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, "reply.txt")
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
		return "", err
	}
	editor := cmp.Or(e.Getenv("VISUAL"), e.Getenv("EDITOR"), "vi")
	// Through the shell, since EDITOR often holds arguments ("code --wait").
	cmd := exec.CommandContext(ctx, "sh", "-c", editor+` "$1"`, "purser", file) //nolint:gosec // the user's own editor
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.Stdin, console.Bare(e.Stdout), e.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("the editor %q failed (%w); set EDITOR to one that works", editor, err)
	}
	b, err := os.ReadFile(file)
	return string(b), err
}
