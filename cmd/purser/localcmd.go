package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/local"
	"github.com/purser-desk/purser/cmd/purser/wiring"
)

type localCommand struct {
	Run localRunCommand `cmd:"" help:"Run a command with the embedded runtime's addresses in its environment."`
}

// localRunCommand gives a command, such as the tests, a PostgreSQL and an
// embedding server for as long as it runs.
type localRunCommand struct {
	Command []string `arg:"" passthrough:"" help:"The command and its arguments."`
}

// commandError says how the command that was run ended.
type commandError struct{ code int }

func (e *commandError) Error() string { return fmt.Sprintf("the command ended with %d", e.code) }

func (c *localRunCommand) Run(ctx context.Context, e *console.Env) error {
	words := c.Command
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		return console.Usagef("name a command, such as: purser local run -- go test ./...")
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	instance, err := local.InstanceFor(here)
	if err != nil {
		return err
	}
	runtime, err := wiring.StartLocal(ctx, e, instance+"-tests", true, true)
	if err != nil {
		return err
	}
	err = runtime.WaitEmbedding(ctx)
	if err == nil {
		cmd := exec.CommandContext(ctx, words[0], words[1:]...) //nolint:gosec // what the caller asked for
		cmd.Stdin, cmd.Stdout, cmd.Stderr = e.Stdin, console.Bare(e.Stdout), e.Stderr
		cmd.Env = append(os.Environ(), runtime.Env()...)
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = 10 * time.Second
		err = cmd.Run()
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	stopped := runtime.Stop(stopping)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return errors.Join(&commandError{code: exit.ExitCode()}, stopped)
	}
	return errors.Join(err, stopped)
}
