package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/purser-desk/purser/internal/disk"
)

// InUseError says that another process runs the instance.
type InUseError struct {
	Instance string    `json:"-"`
	PID      int       `json:"pid"`
	Since    time.Time `json:"since"`
	Note     string    `json:"note"` // what the owner published with SetNote, e.g. where it serves
}

// Error names the process and, when it has published one, its note.
func (e *InUseError) Error() string {
	msg := fmt.Sprintf("the local runtime %q is in use by another process", e.Instance)
	if e.PID > 0 {
		msg = fmt.Sprintf("the local runtime %q is in use by process %d", e.Instance, e.PID)
	}
	if e.Note != "" {
		msg += " (" + e.Note + ")"
	}
	return msg
}

var errLocked = errors.New("locked")

// tryLock takes an exclusive lock that the kernel gives up when the last
// process holding the descriptor is gone. It returns errLocked when taken.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return f, nil
	}
	closeQuietly(f)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// waitLock takes the lock as soon as it is free. busy is called once if it
// has to wait.
func waitLock(ctx context.Context, path string, busy func()) (*os.File, error) {
	for first := true; ; first = false {
		f, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return f, err
		}
		if first {
			busy()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// An instanceLock is the ownership of a data folder. owner is held by this
// process alone and says whether anyone runs the instance; data is shared with
// the supervisors and stays taken until the last child is gone.
type instanceLock struct {
	dir   string
	state InUseError
	owner *os.File
	data  *os.File
}

func lockInstance(ctx context.Context, dir, instance string, busy func()) (*instanceLock, error) {
	owner, err := tryLock(filepath.Join(dir, "owner.lock"))
	if errors.Is(err, errLocked) {
		return nil, readState(dir, instance)
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("the data in %s belong to another user; set PURSER_HOME to a folder of your own: %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("take the folder %s: %w", dir, err)
	}
	l := &instanceLock{dir: dir, owner: owner}
	l.state = InUseError{Instance: instance, PID: os.Getpid(), Since: time.Now().UTC().Truncate(time.Second)}
	if err := l.write(); err != nil {
		closeQuietly(owner)
		return nil, err
	}
	l.data, err = waitLock(ctx, filepath.Join(dir, "data.lock"), busy)
	if err != nil {
		closeQuietly(owner)
		return nil, fmt.Errorf("wait for the previous run in %s to end: %w", dir, err)
	}
	return l, nil
}

// readState reads who holds the instance. A state that can't be read, e.g.
// because it is just being written, is not worth an error of its own.
func readState(dir, instance string) *InUseError {
	e := &InUseError{}
	if raw, err := os.ReadFile(filepath.Join(dir, "state.json")); err == nil {
		_ = json.Unmarshal(raw, e)
	}
	e.Instance = instance
	return e
}

func (l *instanceLock) setNote(note string) error {
	l.state.Note = note
	return l.write()
}

func (l *instanceLock) write() error {
	return disk.Keep(filepath.Join(l.dir, "state.json"), l.state)
}

// release gives the folder up. Closing is what frees the locks.
func (l *instanceLock) release() {
	_ = os.Remove(filepath.Join(l.dir, "state.json"))
	closeQuietly(l.data)
	closeQuietly(l.owner)
}
