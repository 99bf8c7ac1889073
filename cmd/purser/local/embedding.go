package local

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

//go:embed embed.py
var embedScript []byte

const embedReadyBound = 60 * time.Second

// An embedding is the embedding server of one instance. Its address is known
// and taken from the beginning; requests that come before it is ready wait.
type embedding struct {
	listener *net.TCPListener
	url      string
	ready    chan struct{} // closed when it serves or has failed
	err      error         // valid after ready
	proc     *child        // valid after ready, nil if it never started
}

func listenEmbedding(ctx context.Context) (*embedding, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("take a port for the embedding server: %w", err)
	}
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return nil, errors.Join(errors.New("take a port for the embedding server: not TCP"), l.Close())
	}
	return &embedding{
		listener: tcp,
		url:      "http://" + tcp.Addr().String() + "/v1",
		ready:    make(chan struct{}),
	}, nil
}

// An embeddingOrder is what it takes to start one.
type embeddingOrder struct {
	install *installer
	wheel   wheel
	dir     string // the instance's folder
	logPath string
	as      *identity
	lock    *os.File
}

// start runs until the server is ready or has failed.
func (e *embedding) start(ctx context.Context, o embeddingOrder) {
	defer close(e.ready)
	e.err = e.launch(ctx, o)
	// From here on the server alone holds the port: when it ends, requests are
	// refused at once.
	closeQuietly(e.listener)
}

func (e *embedding) launch(ctx context.Context, o embeddingOrder) error {
	folder, err := o.install.ensure(ctx, o.wheel)
	if err != nil {
		return err
	}
	py, err := findPython(ctx, o.install.python, false)
	if err != nil {
		return err
	}
	script := filepath.Join(o.dir, "embed.py")
	if err := os.WriteFile(script, embedScript, 0o600); err != nil {
		return fmt.Errorf("write the embedding server: %w", err)
	}
	port, err := e.listener.File()
	if err != nil {
		return fmt.Errorf("hand the port to the embedding server: %w", err)
	}
	defer closeQuietly(port)
	uid, gid := "-1", "-1"
	if o.as != nil {
		// It starts as root, whose Python may be in a closed home, and gives
		// root up before it serves.
		uid, gid = strconv.FormatUint(uint64(o.as.UID), 10), strconv.FormatUint(uint64(o.as.GID), 10)
	}
	e.proc, err = startChild(ctx, launchOrder{
		name: "the embedding server", logPath: o.logPath, lock: o.lock, pass: port,
		spec: childSpec{
			// Isolated: neither the user's packages nor settings of Python.
			Args: []string{py.path, "-I", "-S", "-B", script, folder, "3", uid, gid},
			Env:  childEnv(), Dir: "/", ReadyLine: true,
			DeathSig: int(sigKill),
			Stop:     []stopStep{{sigTerm, 2 * time.Second}},
		},
	})
	if err != nil {
		return err
	}
	select {
	case <-e.proc.ready:
		return nil
	case <-e.proc.done:
		return e.proc.failure()
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(embedReadyBound):
		err = fmt.Errorf("the embedding server is not ready after %s (log: %s)", embedReadyBound, o.logPath)
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopBound)
	defer cancel()
	return errors.Join(err, e.proc.stop(bounded))
}
