package local

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

const (
	superviseArg = "__supervise"
	superviseEnv = "PURSER_SUPERVISOR"

	// The supervisor's own descriptors; the child's start after them.
	fdEvents = 3
	fdLog    = 4
	fdLock   = 5
	fdPassed = 6

	maxLogBytes    = 8 << 20
	logCheckPeriod = 30 * time.Second
)

// A childSpec is what the parent asks a supervisor to run. It travels as one
// line of JSON on the supervisor's standard input, which then stays open for
// as long as the parent wants the child to live.
type childSpec struct {
	Args       []string   `json:"args"`
	Env        []string   `json:"env"`
	Dir        string     `json:"dir"`
	As         *identity  `json:"as,omitempty"`
	Stop       []stopStep `json:"stop"`
	DeathSig   int        `json:"death_sig,omitempty"`
	PassFile   bool       `json:"pass_file,omitempty"`   // hand descriptor 3 to the child
	ReadyLine  bool       `json:"ready_line,omitempty"`  // report the child's first line of output
	RemoveWhen []string   `json:"remove_when,omitempty"` // folders removed after the child has ended
}

// A stopStep is one signal and how long to wait for it to work.
type stopStep struct {
	Signal syscall.Signal `json:"signal"`
	Wait   time.Duration  `json:"wait"`
}

// An event is what a supervisor reports, one line of JSON each.
type event struct {
	Hello bool   `json:"hello,omitempty"`
	PID   int    `json:"pid,omitempty"`
	Line  string `json:"line,omitempty"`
	Exit  *int   `json:"exit,omitempty"` // exit status; -1 when a signal ended the child
	Error string `json:"error,omitempty"`
}

// SuperviseIfAsked turns this process into the keeper of one child when the
// runtime has started it for that: handled is then true, and the caller must
// exit with code at once. main and every TestMain that (in)directly calls
// [Start] must call it before anything else, with os.Args.
//
// A keeper outlives its parent for as long as it takes to stop the child, so
// that nothing is left behind however the parent ends, kill -9 included.
func SuperviseIfAsked(args []string) (handled bool, code int) {
	if len(args) < 2 || args[1] != superviseArg || os.Getenv(superviseEnv) == "" {
		return false, 0
	}
	if err := supervise(); err != nil {
		fmt.Fprintln(os.Stderr, "purser supervisor:", err)
		return true, 1
	}
	return true, 0
}

func supervise() error {
	// The kernel's death signal is tied to the thread that started the child.
	runtime.LockOSThread()
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	// Caught and dropped rather than ignored: an ignored signal would be
	// ignored by the child too.
	dropped := make(chan os.Signal, 1)
	signal.Notify(dropped, syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGQUIT)

	for fd := fdEvents; fd <= fdPassed; fd++ {
		syscall.CloseOnExec(fd) // the child gets what it is handed, nothing more
	}
	events := json.NewEncoder(os.NewFile(fdEvents, "events"))
	logFile := os.NewFile(fdLog, "log")
	in := bufio.NewReader(os.Stdin)
	report(events, event{Hello: true})
	line, err := in.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return nil // the parent has gone already
	}
	if err != nil {
		return fmt.Errorf("read what to run: %w", err)
	}
	var spec childSpec
	if err := json.Unmarshal(line, &spec); err != nil {
		return fmt.Errorf("read what to run: %w", err)
	}
	defer func() {
		for _, dir := range spec.RemoveWhen {
			_ = os.RemoveAll(dir) // swept again by the next start
		}
	}()

	cmd, lifeline, out, err := launch(&spec, logFile)
	if err != nil {
		report(events, event{Error: err.Error()})
		return nil
	}
	defer closeQuietly(lifeline)
	report(events, event{PID: cmd.Process.Pid})
	if out != nil {
		go func() {
			r := bufio.NewReader(out)
			if line, err := r.ReadString('\n'); err == nil {
				report(events, event{Line: line})
			}
			_, _ = io.Copy(io.Discard, r)
		}()
	}

	parentGone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in)
		close(parentGone)
	}()
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the state is read below
		close(exited)
	}()
	trim := time.NewTicker(logCheckPeriod)
	defer trim.Stop()
	for waiting := true; waiting; {
		select {
		case <-exited:
			waiting = false
		case <-parentGone:
			stopChild(cmd, lifeline, spec.Stop, exited)
			waiting = false
		case <-terminate:
			stopChild(cmd, lifeline, spec.Stop, exited)
			waiting = false
		case <-trim.C:
			trimLog(logFile)
		}
	}
	// Whatever the child left in its group goes too.
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	status := cmd.ProcessState.ExitCode()
	report(events, event{Exit: &status})
	return nil
}

// report writes an event; a parent that has gone reads none.
func report(events *json.Encoder, e event) { _ = events.Encode(e) }

// launch starts the child in a process group of its own. Standard input is a
// pipe that closes with the supervisor, standard error (and output, unless its
// first line is wanted) is the log.
func launch(spec *childSpec, logFile *os.File) (cmd *exec.Cmd, lifeline io.WriteCloser, out io.ReadCloser, err error) {
	cmd = &exec.Cmd{
		Path:   spec.Args[0],
		Args:   spec.Args,
		Env:    spec.Env,
		Dir:    spec.Dir,
		Stderr: logFile,
		Stdout: logFile,
	}
	cmd.SysProcAttr = childAttr(syscall.Signal(spec.DeathSig))
	if spec.As != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: spec.As.UID, Gid: spec.As.GID}
	}
	if lifeline, err = cmd.StdinPipe(); err != nil {
		return nil, nil, nil, err
	}
	if spec.ReadyLine {
		cmd.Stdout = nil
		if out, err = cmd.StdoutPipe(); err != nil {
			return nil, nil, nil, err
		}
	}
	if spec.PassFile {
		passed := os.NewFile(fdPassed, "passed")
		defer closeQuietly(passed) // the child's copy is the one that counts
		cmd.ExtraFiles = []*os.File{passed}
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, nil, err
	}
	return cmd, lifeline, out, nil
}

// stopChild works through the steps and ends with SIGKILL to the whole group.
func stopChild(cmd *exec.Cmd, lifeline io.Closer, steps []stopStep, exited <-chan struct{}) {
	closeQuietly(lifeline)
	for _, step := range steps {
		_ = cmd.Process.Signal(step.Signal)
		select {
		case <-exited:
			return
		case <-time.After(step.Wait):
		}
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	<-exited
}

// trimLog empties a log that has grown too large. Writers append, so they go
// on at its new end.
func trimLog(f *os.File) {
	if info, err := f.Stat(); err == nil && info.Size() > maxLogBytes {
		_ = f.Truncate(0)
	}
}
