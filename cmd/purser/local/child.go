package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const helloTimeout = 30 * time.Second

var errNoSupervisor = errors.New("this program does not call local.SuperviseIfAsked first thing in main, so it cannot start the local runtime")

// A child is the parent's hold on one supervised process.
type child struct {
	name     string
	logPath  string
	logFrom  int64          // where this child's part of the log begins
	lifeline io.WriteCloser // closing it stops the child
	ready    chan string    // the child's first line, when asked for
	done     chan struct{}  // closed when child and supervisor are gone
	status   int            // valid after done
	err      error          // valid after done: why it could not be started
}

// A launchOrder is what startChild needs beside the spec.
type launchOrder struct {
	name    string
	spec    childSpec
	logPath string
	lock    *os.File // held by the supervisor as well, for as long as it lives
	pass    *os.File // handed to the child as its descriptor 3
}

// startChild runs a child under a supervisor and returns once the supervisor
// has answered. The child then lives until stop, its own end, or this process's.
func startChild(ctx context.Context, o launchOrder) (*child, error) {
	if os.Getenv(superviseEnv) != "" {
		return nil, errNoSupervisor
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's own file: %w", err)
	}
	logFile, logFrom, err := openLog(o.logPath)
	if err != nil {
		return nil, err
	}
	defer closeQuietly(logFile)
	eventsR, eventsW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", o.name, err)
	}

	// Not tied to ctx: the supervisor must live on to stop the child in order.
	cmd := &exec.Cmd{
		Path:        exe,
		Args:        []string{"purser", superviseArg, o.name, o.logPath},
		Env:         append(os.Environ(), superviseEnv+"=1"),
		Dir:         "/",
		Stderr:      logFile,
		ExtraFiles:  []*os.File{eventsW, logFile, o.lock},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if o.pass != nil {
		cmd.ExtraFiles = append(cmd.ExtraFiles, o.pass)
		o.spec.PassFile = true
	}
	lifeline, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	closeQuietly(eventsW) // the end of the supervisor must be the end of events
	if err != nil {
		closeQuietly(eventsR)
		return nil, fmt.Errorf("start %s: %w", o.name, err)
	}
	c := &child{
		name: o.name, logPath: o.logPath, logFrom: logFrom, lifeline: lifeline,
		ready: make(chan string, 1), done: make(chan struct{}), status: -1,
	}
	hello := make(chan struct{})
	go c.follow(cmd, eventsR, hello)
	select {
	case <-hello:
	case <-c.done:
		return nil, fmt.Errorf("start %s: its supervisor ended at once; see %s", o.name, o.logPath)
	case <-time.After(helloTimeout):
		_ = cmd.Process.Kill()
		<-c.done
		return nil, errNoSupervisor
	case <-ctx.Done():
		_ = cmd.Process.Kill()
		<-c.done
		return nil, ctx.Err()
	}
	if err := json.NewEncoder(lifeline).Encode(o.spec); err != nil {
		closeQuietly(lifeline)
		<-c.done
		return nil, fmt.Errorf("start %s: %w", o.name, err)
	}
	return c, nil
}

// follow reads the supervisor's events until it is gone.
func (c *child) follow(cmd *exec.Cmd, events io.ReadCloser, hello chan<- struct{}) {
	defer close(c.done)
	defer closeQuietly(events)
	scan := bufio.NewScanner(events)
	for scan.Scan() {
		var e event
		if json.Unmarshal(scan.Bytes(), &e) != nil {
			continue
		}
		switch {
		case e.Hello:
			close(hello)
		case e.Line != "":
			c.ready <- strings.TrimSpace(e.Line)
		case e.Error != "":
			c.err = errors.New(e.Error)
		case e.Exit != nil:
			c.status = *e.Exit
		}
	}
	_ = cmd.Wait() // the events have said how the child ended
}

// stop asks the supervisor to stop the child and waits for both to be gone.
// The supervisor's own bounds hold when ctx ends first.
func (c *child) stop(ctx context.Context) error {
	closeQuietly(c.lifeline)
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s is still stopping: %w", c.name, ctx.Err())
	}
}

// failure says how the child ended, with the last lines of its log. It must
// not be called before done is closed.
func (c *child) failure() error {
	if c.err != nil {
		return fmt.Errorf("%s cannot be started: %w", c.name, c.err)
	}
	how := fmt.Sprintf("ended with status %d", c.status)
	if c.status < 0 {
		how = "was ended by a signal"
	}
	return &ChildError{Name: c.name, How: how, Log: c.logPath, Tail: tail(c.logPath, c.logFrom, 15)}
}

// run starts a child and waits for it to end by itself. An end of ctx stops it.
func run(ctx context.Context, o launchOrder) error {
	c, err := startChild(ctx, o)
	if err != nil {
		return err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		_ = c.stop(context.WithoutCancel(ctx))
		return ctx.Err()
	}
	if c.err != nil || c.status != 0 {
		return c.failure()
	}
	return nil
}

// A ChildError tells that a process of the runtime ended when it should not.
type ChildError struct {
	Name string // what it was, e.g. "PostgreSQL"
	How  string // how it ended
	Log  string // path of its log
	Tail string // the last lines of the log
}

// Error names the process, how it ended, and ends with the tail of its log.
func (e *ChildError) Error() string {
	msg := fmt.Sprintf("%s %s (log: %s)", e.Name, e.How, e.Log)
	if e.Tail != "" {
		msg += "\n  " + strings.ReplaceAll(e.Tail, "\n", "\n  ")
	}
	return msg
}

// openLog opens a log for appending and tells where its new part begins; one
// that has grown large is put aside first, in the place of the one before.
func openLog(path string) (*os.File, int64, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLogBytes/2 {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, 0, fmt.Errorf("put the old log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open the log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		closeQuietly(f)
		return nil, 0, fmt.Errorf("open the log: %w", err)
	}
	return f, info.Size(), nil
}

// tail returns the last n lines of a file after an offset, or nothing when it
// can't be read.
func tail(path string, from int64, n int) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer closeQuietly(f)
	const window = 16 << 10
	if info, err := f.Stat(); err == nil {
		from = max(from, info.Size()-window)
	}
	raw, err := io.ReadAll(io.NewSectionReader(f, from, window))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// closeQuietly closes what was only read, or what nobody can be told about.
func closeQuietly(c io.Closer) { _ = c.Close() }
