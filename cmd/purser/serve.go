package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
)

type serveCommand struct {
	settings.Flag
	Settings bool `help:"Print every setting with its default and unit, and exit."`
	JSON     bool `name:"json" help:"With --settings: print JSON."`
}

func (*serveCommand) Help() string {
	return "Settings come from the environment, then from the settings file, then from defaults. \"purser serve --settings\" lists them.\n\n" +
		"Example:\n  DATABASE_URL=postgres://purser_server:…@db/purser EMBEDDING_BASE_URL=http://embed:8080/v1 \\\n" +
		"  OPENAI_BASE_URL=https://…/v1 OPENAI_API_KEY=… OPENAI_MODEL=… purser serve"
}

func (c *serveCommand) Run(ctx context.Context, e *console.Env) error {
	if c.Settings {
		return printSettings(e, c.JSON)
	}
	s, err := settings.Load(c.Config, e.Getenv)
	if err != nil {
		return err
	}
	return serveWith(ctx, e, s, wiring.DatabasePatience)
}

// serveWith serves until ctx ends; patience is how long it waits for a database
// that is not there yet.
func serveWith(ctx context.Context, e *console.Env, s *settings.Settings, patience time.Duration) error {
	if s.DatabaseURL == "" {
		return console.Usagef("DATABASE_URL is not set: name the database as the server's role, or use \"purser dev\" for one on this machine")
	}
	logger := wiring.NewLogger(e, s)
	db, err := wiring.OpenWhenThere(ctx, logger, s, patience)
	if err != nil {
		return err
	}
	defer db.Close()
	listener, options, err := listen(ctx, s)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	a, err := wiring.Assemble(s, db, logger, wiring.Variant{})
	if err != nil {
		return err
	}
	return a.Serve(ctx, listener, s.StopLimit, func() {
		logger.InfoContext(ctx, "serving", "address", listener.Addr().String(), "tls", len(options) > 0, "drafter", a.DrafterName, "version", wiring.Version())
	}, options...)
}

// listen opens the port. Without a certificate it stays on this machine, unless
// told otherwise by name.
func listen(ctx context.Context, s *settings.Settings) (net.Listener, []grpc.ServerOption, error) {
	var options []grpc.ServerOption
	switch {
	case s.TLSCert != "" && s.TLSKey != "":
		pair, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
		if err != nil {
			return nil, nil, console.Usagef("PURSER_TLS_CERT and PURSER_TLS_KEY: %v; expected a PEM certificate chain and its key", err)
		}
		options = append(options, grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})))
	case s.TLSCert != "" || s.TLSKey != "":
		return nil, nil, console.Usagef("PURSER_TLS_CERT and PURSER_TLS_KEY go together: set both or neither")
	case !isLoopback(s.Listen) && !s.AllowPlaintext:
		return nil, nil, console.Usagef("PURSER_LISTEN: %q can be reached from other machines, and there is no certificate; set PURSER_TLS_CERT and PURSER_TLS_KEY, or PURSER_ALLOW_PLAINTEXT=true behind a proxy that brings TLS", s.Listen)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return nil, nil, fmt.Errorf("can't listen on %s: %w; choose another address with PURSER_LISTEN", s.Listen, err)
	}
	return l, options, nil
}

func printSettings(e *console.Env, asJSON bool) error {
	var rows [][]string
	type line struct {
		Name     string `json:"name"`
		Variable string `json:"variable"`
		Default  string `json:"default"`
		Unit     string `json:"unit"`
		Help     string `json:"help"`
	}
	var lines []line
	for _, t := range settings.Table() {
		lines = append(lines, line{t.Name, t.Variable, t.Standard, t.Unit, t.Help})
		rows = append(rows, []string{t.Variable, t.Name, t.Standard, t.Unit, t.Help})
	}
	if asJSON {
		return console.PrintValue(e.Stdout, lines)
	}
	console.PrintTable(e.Stdout, []string{"Variable", "In the file", "Default", "Unit", "Meaning"}, rows)
	return nil
}

type versionCommand struct{}

func (versionCommand) Run(e *console.Env) error { //nolint:unparam // kong asks for it
	fmt.Fprintln(e.Stdout, "purser", wiring.Version())
	return nil
}
