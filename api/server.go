package api

import (
	"context"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/purser-desk/purser/knowledge"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/house"
)

// Bounds on what a client sends, also one without a key.
const (
	// MaxMessageBytes of one message.
	MaxMessageBytes = 4 << 20
	// maxHeaderBytes of one call's headers: a key, and what proxies add.
	maxHeaderBytes = 16 << 10
	// maxStreams of one connection at a time; more wait in the client.
	maxStreams = 1000
)

// Parts are what the servers stand on. All must be set.
type Parts struct {
	Tickets   *suggest.Tickets
	Suggester Suggester
	Library   knowledge.Library
	Searcher  Asker
	Importer  Importer
	Settings  house.Store
	Keys      KeyStore
	Requests  RequestStore
	Logger    *slog.Logger
	Now       func() time.Time
	// Version is Purser's own.
	Version string
}

// NewServer makes a gRPC server with every service of the contract, health and
// reflection. Health says NOT_SERVING until the caller sets it.
func NewServer(p Parts, options ...grpc.ServerOption) (*grpc.Server, *health.Server, error) {
	validator, err := protovalidate.New(protovalidate.WithMessages(requestMessages()...))
	if err != nil {
		return nil, nil, err
	}
	auth := &authenticator{keys: p.Keys, now: p.Now}
	outer := &boundary{logger: p.Logger}
	check := &checker{validator: validator}
	options = append([]grpc.ServerOption{
		grpc.MaxRecvMsgSize(MaxMessageBytes),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(outer.unary, auth.unary, check.unary),
		grpc.ChainStreamInterceptor(outer.stream, auth.stream, check.stream),
	}, options...)
	s := grpc.NewServer(options...)
	purserv1.RegisterTicketServiceServer(s, &ticketServer{tickets: p.Tickets, requests: p.Requests})
	purserv1.RegisterSuggestionServiceServer(s, &suggestionServer{suggester: p.Suggester, requests: p.Requests})
	purserv1.RegisterKnowledgeServiceServer(s, &knowledgeServer{library: p.Library, searcher: p.Searcher, importer: p.Importer, requests: p.Requests})
	purserv1.RegisterAdminServiceServer(s, &adminServer{keys: p.Keys, settings: p.Settings, requests: p.Requests, now: p.Now, version: p.Version})
	h := health.NewServer()
	h.SetServingStatus("", healthv1.HealthCheckResponse_NOT_SERVING)
	healthv1.RegisterHealthServer(s, h)
	reflection.Register(s)
	return s, h, nil
}

// requestMessages are compiled at start, so that no call pays for it.
func requestMessages() []proto.Message {
	return []proto.Message{
		&purserv1.UpsertTicketRequest{}, &purserv1.AppendMessageRequest{}, &purserv1.GetTicketRequest{},
		&purserv1.ListQueueRequest{}, &purserv1.ClaimTicketRequest{}, &purserv1.ReleaseTicketRequest{},
		&purserv1.SuggestReplyRequest{}, &purserv1.GetSuggestionRequest{}, &purserv1.ListSuggestionsRequest{},
		&purserv1.DecideSuggestionRequest{}, &purserv1.ReportDeliveryRequest{}, &purserv1.SearchRequest{},
		&purserv1.GetArticleRequest{}, &purserv1.ListArticlesRequest{}, &purserv1.PlanImportRequest{},
		&purserv1.ListPlanChangesRequest{}, &purserv1.ApplyImportRequest{}, &purserv1.GetIndexStatusRequest{},
		&purserv1.WhoAmIRequest{}, &purserv1.CreateKeyRequest{}, &purserv1.ListKeysRequest{}, &purserv1.RevokeKeyRequest{},
		&purserv1.SettingsRequest{},
	}
}

// boundary is the outermost interceptor: it turns panics into errors, errors
// into statuses, and logs what an operator has to know, never what was said.
type boundary struct {
	logger *slog.Logger
}

func (b *boundary) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
	start := time.Now()
	defer func() {
		err = b.finish(ctx, info.FullMethod, start, err, recover())
	}()
	return handle(ctx, req)
}

func (b *boundary) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	start := time.Now()
	defer func() {
		err = b.finish(ss.Context(), info.FullMethod, start, err, recover())
	}()
	return handle(srv, ss)
}

func (b *boundary) finish(ctx context.Context, method string, start time.Time, err error, panicked any) error {
	method = strings.TrimPrefix(method, servicePrefix)
	took := time.Since(start)
	if panicked != nil {
		b.logger.ErrorContext(ctx, "a call panicked", "method", method, "took", took, "stack", string(debug.Stack()))
		return newStatus(codes.Internal, "INTERNAL", "something went wrong in the server; its log tells more", nil).Err()
	}
	if err == nil {
		b.logger.DebugContext(ctx, "call", "method", method, "took", took)
		return nil
	}
	st, known := toStatus(ctx, err)
	if known {
		b.logger.DebugContext(ctx, "call refused", "method", method, "took", took, "code", st.Code().String())
	} else {
		b.logger.ErrorContext(ctx, "call failed", "method", method, "took", took, "code", st.Code().String(), "error", err.Error())
	}
	return st.Err()
}

// checker refuses messages that break the contract's rules, once NUL is taken
// out of them.
type checker struct {
	validator protovalidate.Validator
}

func (c *checker) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if err := c.check(req); err != nil {
		return nil, err
	}
	return handle(ctx, req)
}

func (c *checker) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	return handle(srv, &checkedStream{ServerStream: ss, checker: c})
}

func (c *checker) check(m any) error {
	message, ok := m.(proto.Message)
	if !ok {
		return status.Error(codes.Internal, "not a message")
	}
	dropNUL(message.ProtoReflect())
	return c.validator.Validate(message)
}

// dropNUL takes NUL out of every text of a message: the database can't hold it,
// and nobody means it.
func dropNUL(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				dropNUL(v.List().Get(i).Message())
			}
		case f.IsList() && f.Kind() == protoreflect.StringKind:
			for i := range v.List().Len() {
				if s := v.List().Get(i).String(); strings.Contains(s, "\x00") {
					v.List().Set(i, protoreflect.ValueOfString(withoutNUL(s)))
				}
			}
		case f.IsList(), f.IsMap():
		case f.Message() != nil:
			dropNUL(v.Message())
		case f.Kind() == protoreflect.StringKind:
			if strings.Contains(v.String(), "\x00") {
				m.Set(f, protoreflect.ValueOfString(withoutNUL(v.String())))
			}
		}
		return true
	})
}

type checkedStream struct {
	grpc.ServerStream
	checker *checker
}

func (s *checkedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return s.checker.check(m)
}
