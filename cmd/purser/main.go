// Command purser drafts replies to customer messages for a human agent to
// approve, edit or discard. It serves gRPC, and is also its own client.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/purser-desk/purser/cmd/purser/local"
)

func main() {
	if handled, code := local.SuperviseIfAsked(os.Args); handled {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(exitCode(os.Stderr, err))
}
