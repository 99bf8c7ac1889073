package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/purser-desk/purser/cmd/purser/local"
)

// beProgram makes the test binary be the program itself.
const beProgram = "PURSER_TEST_BE_PROGRAM"

func TestMain(m *testing.M) {
	if handled, code := local.SuperviseIfAsked(os.Args); handled {
		os.Exit(code)
	}
	if os.Getenv(beProgram) != "" {
		main() // a process of the real program, which tests can kill
	}
	os.Exit(m.Run())
}

// purser runs one command line and returns its exit code and what it printed.
func purser(t *testing.T, getenv func(string) string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	err := run(t.Context(), args, strings.NewReader(stdin), &out, &errs, getenv)
	code = exitCode(&errs, err)
	return code, out.String(), errs.String()
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args     []string
		expected string
	}{
		"an unknown command":   {[]string{"fly"}, "fly"},
		"an unknown flag":      {[]string{"search", "--loud", "x"}, "--loud"},
		"a missing argument":   {[]string{"search"}, "query"},
		"a wrong role":         {[]string{"key", "create", "x", "--role", "king"}, "king"},
		"no key":               {[]string{"search", "x"}, "PURSER_KEY"},
		"no owner":             {[]string{"migrate"}, "DATABASE_OWNER_URL"},
		"no database":          {[]string{"serve"}, "DATABASE_URL"},
		"a key file not there": {[]string{"search", "x", "--key-file", "/nowhere/key"}, "key file"},
		"a fact without value": {[]string{"ticket", "create", "T-1", "-m", "hello", "--fact", "booking"}, "NAME=VALUE"},
		"no message":           {[]string{"ticket", "create", "T-1"}, "--message"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := purser(t, noEnvironment, "", c.args...)
			if code != exitUsage || !strings.Contains(stderr, c.expected) {
				t.Errorf("exit %d: %s", code, stderr)
			}
		})
	}
}

func TestHelpSucceedsAndShowsExamples(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"--help"}, {"import", "--help"}, {"suggest", "--help"}, {"serve", "--help"}, {"key", "create", "--help"}} {
		code, stdout, stderr := purser(t, noEnvironment, "", args...)
		if code != exitDone || !strings.Contains(stdout, "Usage:") {
			t.Errorf("%v: exit %d: %s%s", args, code, stdout, stderr)
		}
		if len(args) == 2 && !strings.Contains(stdout, "Example") {
			t.Errorf("%v shows no example", args)
		}
	}
}

func TestNoServerIsSaidPlainly(t *testing.T) {
	t.Parallel()
	code, _, stderr := purser(t, environment("PURSER_KEY", "purser_x", "PURSER_ADDRESS", "127.0.0.1:1"), "", "search", "hello")
	if code != exitFailed || !strings.Contains(stderr, "no Purser answers at 127.0.0.1:1") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func TestServerErrorsLoseTheirWrapping(t *testing.T) {
	t.Parallel()
	st, err := status.New(codes.NotFound, "there is no such ticket").WithDetails(&errdetails.ErrorInfo{Reason: "TICKET_NOT_FOUND"})
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"bare": st.Err(), "wrapped": fmt.Errorf("show it: %w", st.Err())} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			code := exitCode(&stderr, err)
			if want := "purser: there is no such ticket (TICKET_NOT_FOUND)\n"; code != exitFailed || stderr.String() != want {
				t.Errorf("exit %d with %q, want 1 with %q", code, stderr.String(), want)
			}
		})
	}
}

func TestFactsKeepTheirCommas(t *testing.T) {
	t.Parallel()
	facts, err := parseFacts([]string{"remark=two bags, one pram"})
	if err != nil {
		t.Fatal(err)
	}
	var c commands
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"ticket", "create", "T-1", "--fact", "remark=two bags, one pram"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"remark=" + facts[0].GetText()}, c.Ticket.Create.Fact); diff != "" {
		t.Error(diff)
	}
}
