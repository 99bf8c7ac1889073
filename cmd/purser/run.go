package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/evalcmd"
)

// Exit codes of every command.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitGate   = 3
)

// commands is the grammar of the command line.
type commands struct {
	Serve      serveCommand      `cmd:"" help:"Serve gRPC from a database and providers of your own."`
	Dev        devCommand        `cmd:"" help:"Run everything on this machine, with demo data: what \"make run\" calls."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the database to this version, as its owner."`
	Workspace  workspaceCommand  `cmd:"" help:"Make workspaces."`
	Key        keyCommand        `cmd:"" help:"Create, list and revoke API keys."`
	Import     importCommand     `cmd:"" help:"Plan an import of articles, show what it would change, and apply it."`
	House      houseCommand      `cmd:"" help:"How the house wants its replies: voice, channels, mandates, policies."`
	Contacts   contactsCommand   `cmd:"" help:"Where drafts may lead customers: domains, addresses and numbers."`
	Search     searchCommand     `cmd:"" help:"Search the articles as a draft would."`
	Ticket     ticketCommand     `cmd:"" help:"Create, show and list tickets."`
	Suggest    suggestCommand    `cmd:"" help:"Draft a reply to a ticket, then approve, edit or discard it."`
	Profile    profileCommand    `cmd:"" help:"Choose how the confidence of a workspace's suggestions is told."`
	Suggestion suggestionCommand `cmd:"" help:"Look into a suggestion that was made, and make it again from its record."`
	Model      modelCommand      `cmd:"" help:"Try the endpoints of models."`
	Eval       evalcmd.Command   `cmd:"" help:"Measure retrieval and drafts on tickets with known answers."`
	Local      localCommand      `cmd:"" help:"Use the embedded runtime for other commands." hidden:""`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

// errHelp says that help was shown and nothing is left to do.
var errHelp = errors.New("help was shown")

// run carries out one command. It reads and writes through its arguments alone.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) error {
	out := &console.Output{Writer: stdout}
	e := &console.Env{Stdin: stdin, Stdout: out, Stderr: stderr, Getenv: getenv}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	exited := false
	parser, err := kong.New(&commands{},
		kong.Name("purser"),
		kong.Description("Purser drafts replies to customer messages for a human agent to approve, edit or discard."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Bind(e),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if exited {
		return errHelp
	}
	if err != nil {
		return console.Usagef("%w", err)
	}
	err = parsed.Run()
	if lost := out.Lost(); lost != nil && !errors.Is(err, errors.Unwrap(lost)) {
		return errors.Join(err, lost)
	}
	return err
}

// exitCode prints what went wrong, as one sentence, and says how to exit.
func exitCode(stderr io.Writer, err error) int {
	var usage *console.UsageError
	switch {
	case err == nil, errors.Is(err, errHelp):
		return exitDone
	case errors.Is(err, console.ErrGate):
		return exitGate
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "purser:", err)
		fmt.Fprintln(stderr, "Try \"purser --help\".")
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "purser: interrupted")
		return exitFailed
	}
	fmt.Fprintln(stderr, "purser:", sentence(err))
	return exitFailed
}

// sentence is an error for people; a server's status loses its wrapping and
// keeps its reason.
func sentence(err error) string {
	var answered interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &answered) {
		return err.Error()
	}
	st := answered.GRPCStatus()
	var reason string
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			reason = info.GetReason()
		}
	}
	if reason == "" {
		return strings.TrimSpace(st.Message())
	}
	return fmt.Sprintf("%s (%s)", st.Message(), reason)
}
