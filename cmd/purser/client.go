package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/proto/purser/v1"
)

// clientFlags reach a server. Every client command has them.
type clientFlags struct {
	Address string `help:"Server's address, HOST:PORT. Default: $PURSER_ADDRESS, or 127.0.0.1:7443." placeholder:"ADDR"`
	KeyFile string `help:"File that holds the API key. Default: the key itself in $PURSER_KEY." type:"path" placeholder:"FILE"`
	CA      string `name:"ca" help:"File of certificates to trust for the server, PEM. Default: $PURSER_CA, or the system's." placeholder:"FILE"`
	Actor   string `help:"Who acts, as your desktop knows them. Default: $PURSER_ACTOR, or your login name." placeholder:"ID"`
	JSON    bool   `name:"json" help:"Print JSON."`
}

const defaultAddress = "127.0.0.1:7443"

// client is a connection with the key in every call.
type client struct {
	conn        *grpc.ClientConn
	tickets     purserv1.TicketServiceClient
	suggestions purserv1.SuggestionServiceClient
	knowledge   purserv1.KnowledgeServiceClient
	admin       purserv1.AdminServiceClient
	actor       *purserv1.Actor
}

func (f *clientFlags) connect(e *console.Env) (*client, error) {
	key, err := f.key(e)
	if err != nil {
		return nil, err
	}
	address := cmp.Or(f.Address, e.Getenv("PURSER_ADDRESS"), defaultAddress)
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, console.Usagef("the address %q is not HOST:PORT", address)
	}
	there := &server{address: address}
	if there.tls, err = f.transport(e, address); err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(there.credentials()),
		grpc.WithChainUnaryInterceptor(there.withKeyUnary(key)),
		grpc.WithChainStreamInterceptor(there.withKeyStream(key)))
	if err != nil {
		return nil, err
	}
	return &client{
		conn:        conn,
		tickets:     purserv1.NewTicketServiceClient(conn),
		suggestions: purserv1.NewSuggestionServiceClient(conn),
		knowledge:   purserv1.NewKnowledgeServiceClient(conn),
		admin:       purserv1.NewAdminServiceClient(conn),
		actor:       &purserv1.Actor{Id: cmp.Or(f.Actor, e.Getenv("PURSER_ACTOR"), loginName())},
	}, nil
}

func (c *client) close() { _ = c.conn.Close() }

func (f *clientFlags) key(e *console.Env) (string, error) {
	if f.KeyFile != "" {
		b, err := os.ReadFile(f.KeyFile)
		if err != nil {
			return "", console.Usagef("the key file can't be read: %v", err)
		}
		return strings.TrimSpace(string(b)), nil
	}
	if key := strings.TrimSpace(e.Getenv("PURSER_KEY")); key != "" {
		return key, nil
	}
	return "", console.Usagef("no API key: set PURSER_KEY, or name a file with --key-file; \"purser workspace create\" and \"purser key create\" print keys")
}

// transport is TLS, except to this machine itself, where a server without a
// certificate listens; nil means without.
func (f *clientFlags) transport(e *console.Env, address string) (*tls.Config, error) {
	ca := cmp.Or(f.CA, e.Getenv("PURSER_CA"))
	if ca == "" && isLoopback(address) {
		return nil, nil //nolint:nilnil // plaintext is a way to connect
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, console.Usagef("the file of certificates can't be read: %v", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, console.Usagef("%s holds no PEM certificate", ca)
		}
	}
	return config, nil
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// server is what a client connects to; tls is nil for one without.
type server struct {
	address string
	tls     *tls.Config
}

func (s *server) credentials() credentials.TransportCredentials {
	if s.tls == nil {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(s.tls.Clone())
}

func (s *server) withKeyUnary(key string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return s.explain(ctx, invoke(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key), method, req, reply, cc, opts...))
	}
}

func (s *server) withKeyStream(key string) grpc.StreamClientInterceptor {
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		stream, err := open(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key), desc, cc, method, opts...)
		return stream, s.explain(ctx, err)
	}
}

// explain turns a transport's failure into what a person can do about it.
func (s *server) explain(ctx context.Context, err error) error {
	st, ok := status.FromError(err)
	if !ok || st.Code() != codes.Unavailable || len(st.Details()) > 0 {
		return err
	}
	if why := s.distrust(ctx); why != nil {
		return fmt.Errorf("the certificate of the server at %s is not trusted (%w); name the file of the authority that issued it with --ca", s.address, why)
	}
	if s.tls == nil {
		return fmt.Errorf("no Purser answers at %s; start one with \"make run\" or \"purser serve\", name another with --address, or name its certificate with --ca if it has one", s.address)
	}
	return fmt.Errorf("no Purser answers with TLS at %s; start one with \"purser serve\" and a certificate, or name another with --address", s.address)
}

// distrust shakes hands once more, since gRPC tells only that it failed; the
// answer is nil unless the certificate is at fault.
func (s *server) distrust(ctx context.Context) error {
	if s.tls == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	conn, err := (&tls.Dialer{Config: s.tls.Clone()}).DialContext(ctx, "tcp", s.address)
	if err == nil {
		_ = conn.Close()
		return nil
	}
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) {
		return refused.Err
	}
	return nil
}

func loginName() string {
	u, err := user.Current()
	if err != nil || u.Username == "" {
		return "purser-cli"
	}
	return u.Username
}

func newRequestID() string { return uuid.NewString() }

// callTimeout bounds calls that answer at once.
const callTimeout = 30 * time.Second

// call asks a server, and prints its answer as JSON where that is asked for, else
// by show.
func call[M proto.Message](ctx context.Context, e *console.Env, f *clientFlags, ask func(context.Context, *client) (M, error), show func(M)) error {
	cl, err := f.connect(e)
	if err != nil {
		return err
	}
	defer cl.close()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answer, err := ask(ctx, cl)
	if err != nil {
		return err
	}
	if f.JSON {
		return printJSON(e.Stdout, answer)
	}
	show(answer)
	return nil
}

// pages are the first items of a listing, limit at most; more says that there are
// others.
func pages[T any](limit int, page func(token string) (items []T, next string, err error)) (all []T, more bool, err error) {
	token := ""
	for len(all) < limit {
		items, next, err := page(token)
		if err != nil {
			return nil, false, err
		}
		all = append(all, items...)
		if token = next; token == "" {
			break
		}
	}
	return all[:min(limit, len(all))], token != "" || len(all) > limit, nil
}
