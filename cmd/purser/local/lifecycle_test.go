package local_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/purser-desk/purser/cmd/purser/local"
)

// parentEnv makes the test binary start a runtime with the options in it,
// say so, and live until it is killed.
const parentEnv = "PURSER_TEST_BE_PARENT"

func beParent() int {
	var o local.Options
	if err := json.Unmarshal([]byte(os.Getenv(parentEnv)), &o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	r, err := local.Start(context.Background(), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if o.Embedding {
		if err := r.WaitEmbedding(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	_, _ = os.Stdout.WriteString(r.Database().Superuser + "\n")
	<-r.Done()
	if err := r.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 0
}

type parent struct {
	cmd *osexec.Cmd
	out *bufio.Reader
	url string
}

// startParent runs a runtime in another process, which no test can stop in
// order: it can only be ended.
func startParent(t *testing.T, o local.Options) *parent {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"Home": o.Home, "Instance": o.Instance, "Throwaway": o.Throwaway, "Embedding": o.Embedding})
	if err != nil {
		t.Fatal(err)
	}
	p := &parent{cmd: osexec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), parentEnv+"="+string(raw))
	p.cmd.Stderr = t.Output()
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(pipe)
	line, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the parent ended: %v", errors.Join(err, p.cmd.Wait()))
	}
	p.url = strings.TrimSpace(line)
	return p
}

// processesOf lists the processes that run from, or in, a folder.
func processesOf(t *testing.T, dir string) map[int]string {
	t.Helper()
	found := map[int]string{}
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) == 0 {
		out, err := osexec.CommandContext(t.Context(), "ps", "-axwwo", "pid=,command=").Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			id, command, _ := strings.Cut(strings.TrimSpace(line), " ")
			if pid, err := strconv.Atoi(id); err == nil && strings.Contains(command, dir) {
				found[pid] = command
			}
		}
		return found
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(filepath.Base(e))
		if err != nil || pid == os.Getpid() {
			continue
		}
		raw, _ := os.ReadFile(filepath.Join(e, "cmdline"))
		cwd, _ := os.Readlink(filepath.Join(e, "cwd"))
		if strings.Contains(string(raw), dir) || strings.HasPrefix(cwd, dir) {
			found[pid] = strings.ReplaceAll(string(raw), "\x00", " ")
		}
	}
	return found
}

func waitGone(t *testing.T, dir string) {
	t.Helper()
	const bound = 20 * time.Second
	began := time.Now()
	for time.Since(began) < bound {
		if len(processesOf(t, dir)) == 0 {
			t.Logf("all gone after %v", time.Since(began).Round(time.Millisecond))
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("left behind after %v: %v", bound, processesOf(t, dir))
}

func TestNothingOutlivesTheParent(t *testing.T) {
	home := freshHome(t, "home")
	o := local.Options{Home: home, Instance: "orphan", Embedding: true}
	for name, tc := range map[string]struct {
		signal syscall.Signal
		group  bool // to its whole process group, as a terminal does
		atOnce bool // start again without waiting for the old children
	}{
		"kill -9":                     {syscall.SIGKILL, false, false},
		"kill -9 and started at once": {syscall.SIGKILL, false, true},
		"terminated":                  {syscall.SIGTERM, false, false},
		"Ctrl-C":                      {syscall.SIGINT, true, false},
		"terminal closed":             {syscall.SIGHUP, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			if signal.Ignored(tc.signal) {
				t.Skip("the signal is ignored here, as under nohup, and so it is by what is started")
			}
			p := startParent(t, o)
			exec(t, p.url, "drop table if exists t; create table t as select 7 as v")
			if len(processesOf(t, home)) < 4 {
				t.Fatalf("too few processes to be true: %v", processesOf(t, home))
			}
			pid := p.cmd.Process.Pid
			if tc.group {
				pid = -pid
			}
			if err := syscall.Kill(pid, tc.signal); err != nil {
				t.Fatal(err)
			}
			_ = p.cmd.Wait() // ended by a signal, as meant
			if !tc.atOnce {
				waitGone(t, home)
			}
			r := start(t, o)
			if got := query[int](t, r.Database().Superuser, "select v from t"); got != 7 {
				t.Errorf("v is %d", got)
			}
			stop(t, r)
			waitGone(t, home)
		})
	}
}

func TestThrowawayOfAKilledParentIsRemoved(t *testing.T) {
	home := freshHome(t, "home")
	p := startParent(t, local.Options{Home: home, Instance: "t", Throwaway: true, Embedding: true})
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // killed, as meant
	waitGone(t, home)
	left, err := os.ReadDir(filepath.Join(home, "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKilledSupervisors(t *testing.T) {
	home := freshHome(t, "home")
	o := local.Options{Home: home, Instance: "hard", Embedding: true}
	p := startParent(t, o)
	exec(t, p.url, "create table t as select 7 as v")
	// Parent and supervisors at once: nobody is left to stop the children.
	var pids []int
	for pid := range processesOf(t, home) {
		if up := parentOf(t, pid); parentOf(t, up) == p.cmd.Process.Pid {
			pids = append(pids, up)
		}
	}
	if len(pids) < 2 {
		t.Skip("supervisors can't be found on this system")
	}
	for _, pid := range append(pids, p.cmd.Process.Pid) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // one pid may be there twice
	}
	_ = p.cmd.Wait() // killed, as meant
	r := start(t, o)
	if got := query[int](t, r.Database().Superuser, "select v from t"); got != 7 {
		t.Errorf("v is %d", got)
	}
	stop(t, r)
	waitGone(t, home)
}

func parentOf(t *testing.T, pid int) int {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	f := strings.Fields(rest)
	if len(f) < 2 {
		return 0
	}
	up, err := strconv.Atoi(f[1])
	if err != nil {
		return 0
	}
	return up
}

func TestStalePidFileOfAnotherProcess(t *testing.T) {
	home := freshHome(t, "home")
	o := local.Options{Home: home, Instance: "stale"}
	r := start(t, o)
	dir := r.Dir()
	stop(t, r)
	// After a reboot the pid in the files may be that of anything: of this test.
	stale := fmt.Sprintf("%d\n%s/pg\n1700000000\n5432\n%s/s\n\n", os.Getpid(), dir, dir)
	for _, path := range []string{"pg/postmaster.pid", "s/.s.PGSQL.5432.lock"} {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(stale), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "s/.s.PGSQL.5432"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	r = start(t, o)
	if got := query[int](t, r.Database().Server, "select 1"); got != 1 {
		t.Error("no answer")
	}
}

func TestDatabaseThatEndsByItselfIsReported(t *testing.T) {
	r := start(t, local.Options{Home: freshHome(t, "home"), Throwaway: true})
	raw, err := os.ReadFile(filepath.Join(r.Dir(), "pg", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-r.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("Done is not closed")
	}
	var ended *local.ChildError
	if !errors.As(r.Err(), &ended) || ended.Name != "PostgreSQL" {
		t.Errorf("error is %v", r.Err())
	}
}

func TestStartFailureShowsTheLog(t *testing.T) {
	home := freshHome(t, "home")
	o := local.Options{Home: home, Instance: "broken"}
	r := start(t, o)
	stop(t, r)
	if err := os.Remove(filepath.Join(r.Dir(), "pg", "global", "pg_control")); err != nil {
		t.Fatal(err)
	}
	_, err := local.Start(t.Context(), o)
	var ended *local.ChildError
	if !errors.As(err, &ended) || !strings.Contains(err.Error(), "pg_control") {
		t.Errorf("error is %v", err)
	}
	waitGone(t, home)
}

func TestStartThatIsCancelled(t *testing.T) {
	home := freshHome(t, "home")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	// The first step that is told is in the middle of starting.
	_, err := local.Start(ctx, local.Options{Home: home, Instance: "hasty", Embedding: true, Progress: func(local.Step) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	waitGone(t, home)
	start(t, local.Options{Home: home, Instance: "hasty"})
}
