package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/purser-desk/purser/internal/pg"
)

type serveCommand struct {
	settingsFlag
	Settings bool `help:"Print every setting with its default and unit, and exit."`
	JSON     bool `name:"json" help:"With --settings: print JSON."`
}

func (*serveCommand) Help() string {
	return "Settings come from the environment, then from the settings file, then from defaults. \"purser serve --settings\" lists them.\n\n" +
		"Example:\n  DATABASE_URL=postgres://purser_server:…@db/purser EMBEDDING_BASE_URL=http://embed:8080/v1 \\\n" +
		"  OPENAI_BASE_URL=https://…/v1 OPENAI_API_KEY=… OPENAI_MODEL=… purser serve"
}

func (c *serveCommand) Run(ctx context.Context, e *env) error {
	if c.Settings {
		return printSettings(e, c.JSON)
	}
	s, err := loadSettings(c.Config, e.getenv)
	if err != nil {
		return err
	}
	return serveWith(ctx, e, s, databasePatience)
}

// serveWith serves until ctx ends; patience is how long it waits for a database
// that is not there yet.
func serveWith(ctx context.Context, e *env, s *settings, patience time.Duration) error {
	if s.databaseURL == "" {
		return usagef("DATABASE_URL is not set: name the database as the server's role, or use \"purser dev\" for one on this machine")
	}
	logger := newLogger(e, s)
	db, err := openWhenThere(ctx, logger, s, patience)
	if err != nil {
		return err
	}
	defer db.Close()
	listener, options, err := listen(ctx, s)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	a, err := assemble(s, db, logger, variant{})
	if err != nil {
		return err
	}
	return a.serve(ctx, listener, s.stopLimit, func() {
		logger.InfoContext(ctx, "serving", "address", listener.Addr().String(), "tls", len(options) > 0, "drafter", a.drafterName, "version", version())
	}, options...)
}

func newLogger(e *env, s *settings) *slog.Logger {
	var level slog.Level
	// The setting was checked against the same words.
	_ = level.UnmarshalText([]byte(s.logLevel))
	o := &slog.HandlerOptions{Level: level}
	if s.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(e.stderr, o))
	}
	return slog.New(slog.NewTextHandler(e.stderr, o))
}

const (
	// databasePatience is how long a server waits for a database that is not
	// there yet, as when both are started together.
	databasePatience = time.Minute
	databasePause    = time.Second
)

// openWhenThere opens the database as the server's role, waiting with patience
// for one that does not answer yet. A database that answers but is not set up is an
// error at once.
func openWhenThere(ctx context.Context, logger *slog.Logger, s *settings, patience time.Duration) (*pg.DB, error) {
	deadline := time.Now().Add(patience)
	for {
		db, err := pg.Open(ctx, s.databaseURL, pg.Options{MaxConns: s.maxConnections})
		if err == nil {
			if err = db.CheckServer(ctx); err == nil {
				return db, nil
			}
			db.Close()
		}
		var gone interface{ Unavailable() bool }
		if !errors.As(err, &gone) || ctx.Err() != nil {
			return nil, err
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the database that DATABASE_URL names did not answer for %s; start it, or check host, port and firewall: %w", patience, err)
		}
		logger.WarnContext(ctx, "the database does not answer yet; trying again", "in", databasePause)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(databasePause):
		}
	}
}

// listen opens the port. Without a certificate it stays on this machine, unless
// told otherwise by name.
func listen(ctx context.Context, s *settings) (net.Listener, []grpc.ServerOption, error) {
	var options []grpc.ServerOption
	switch {
	case s.tlsCert != "" && s.tlsKey != "":
		pair, err := tls.LoadX509KeyPair(s.tlsCert, s.tlsKey)
		if err != nil {
			return nil, nil, usagef("PURSER_TLS_CERT and PURSER_TLS_KEY: %v; expected a PEM certificate chain and its key", err)
		}
		options = append(options, grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})))
	case s.tlsCert != "" || s.tlsKey != "":
		return nil, nil, usagef("PURSER_TLS_CERT and PURSER_TLS_KEY go together: set both or neither")
	case !isLoopback(s.listen) && !s.allowPlaintext:
		return nil, nil, usagef("PURSER_LISTEN: %q can be reached from other machines, and there is no certificate; set PURSER_TLS_CERT and PURSER_TLS_KEY, or PURSER_ALLOW_PLAINTEXT=true behind a proxy that brings TLS", s.listen)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return nil, nil, fmt.Errorf("can't listen on %s: %w; choose another address with PURSER_LISTEN", s.listen, err)
	}
	return l, options, nil
}

// serve serves until ctx ends, then lets calls finish for at most limit. ready
// is called once calls are taken.
func (a *app) serve(ctx context.Context, l net.Listener, limit time.Duration, ready func(), options ...grpc.ServerOption) error {
	server, healthy, err := a.newServer(options...)
	if err != nil {
		return err
	}
	if err := a.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	healthy.SetServingStatus("", healthv1.HealthCheckResponse_SERVING)
	ready()
	select {
	case err := <-failed:
		return errors.Join(err, a.stopJobs(ctx, limit))
	case <-ctx.Done():
	}
	stopped := a.stopServer(context.WithoutCancel(ctx), server, healthy, limit)
	return errors.Join(stopped, <-failed, a.stopJobs(ctx, limit))
}

// closeLimit bounds what is left to do once calls were told to end.
const closeLimit = 3 * time.Second

// stopServer takes no new calls, waits for those that run, and ends them when
// the limit has passed: GracefulStop alone would wait for ever. Suggestions that
// are ended are given up in the database, so that another server makes them
// without waiting.
func (a *app) stopServer(ctx context.Context, server *grpc.Server, healthy *health.Server, limit time.Duration) error {
	healthy.Shutdown()
	done := make(chan struct{})
	go func() {
		server.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
	closing, cancel := context.WithTimeout(ctx, closeLimit)
	defer cancel()
	err := a.service.Close(closing)
	select {
	case <-done:
	case <-closing.Done():
		server.Stop()
		<-done
	}
	return err
}

func (a *app) stopJobs(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	return a.jobs.Stop(ctx)
}

func printSettings(e *env, asJSON bool) error {
	var rows [][]string
	type line struct {
		Name     string `json:"name"`
		Variable string `json:"variable"`
		Default  string `json:"default"`
		Unit     string `json:"unit"`
		Help     string `json:"help"`
	}
	var lines []line
	for _, t := range settingTable() {
		lines = append(lines, line{t.name, t.variable, t.standard, t.unit, t.help})
		rows = append(rows, []string{t.variable, t.name, t.standard, t.unit, t.help})
	}
	if asJSON {
		return printValue(e.stdout, lines)
	}
	printTable(e.stdout, []string{"Variable", "In the file", "Default", "Unit", "Meaning"}, rows)
	return nil
}

type versionCommand struct{}

func (versionCommand) Run(e *env) error { //nolint:unparam // kong asks for it
	fmt.Fprintln(e.stdout, "purser", version())
	return nil
}
