package api

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
)

// Actor is the person behind a call.
type Actor = suggest.Actor

// Principal is who calls: a key of a workspace.
type Principal struct {
	Workspace     suggest.Workspace
	WorkspaceName string
	Key           Key
}

// Reasons for which a key is refused.
var (
	ErrKeyMissing  = errors.New("no key was sent; send \"authorization: Bearer purser_…\" with every call")
	ErrKeyUnknown  = errors.New("this key is not known here; ask your admin for a new one")
	ErrKeyExpired  = errors.New("this key has expired; ask your admin for a new one")
	ErrKeyRevoked  = errors.New("this key was revoked; ask your admin for a new one")
	ErrKeyNotFound = errors.New("there is no such key")
	// ErrLastAdminKey keeps a workspace from locking itself out.
	ErrLastAdminKey = errors.New("this is the last admin key that works; create another one first")
)

// RoleError says that a key's role may not call a method.
type RoleError struct {
	Role   Role
	Method string
}

func (e *RoleError) Error() string {
	return "the role " + strings.ToLower(string(e.Role)) + " may not call " + e.Method + "; use a key with another role"
}

// KeyStore keeps keys. Each method sees one workspace alone.
type KeyStore interface {
	// Key returns a key and the workspace's name in one round trip; it fails
	// with ErrKeyNotFound.
	Key(ctx context.Context, w suggest.Workspace, id string) (Key, string, error)
	// Touch notes that a key is in use.
	Touch(ctx context.Context, w suggest.Workspace, id string, now time.Time) error
	// CreateKey stores a new key.
	CreateKey(ctx context.Context, w suggest.Workspace, k Key) error
	// Keys lists keys, newest first, behind the given one; afterID empty begins.
	Keys(ctx context.Context, w suggest.Workspace, after time.Time, afterID string, limit int) ([]Key, error)
	// Revoke ends a key; it fails with ErrKeyNotFound and ErrLastAdminKey.
	Revoke(ctx context.Context, w suggest.Workspace, id string, now time.Time) (Key, error)
}

type principalKey struct{}

// principal returns who calls; the interceptor has put it there.
func principal(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}

var (
	forAgents   = []Role{RoleAgent, RoleSupervisor, RoleAdmin}
	forEditors  = []Role{RoleEditor, RoleAdmin}
	forReaders  = []Role{RoleAgent, RoleSupervisor, RoleQA, RoleAdmin}
	everyone    = []Role{RoleAgent, RoleEditor, RoleQA, RoleSupervisor, RoleAdmin}
	forKeys     = []Role{RoleAdmin}
	forKeyLists = []Role{RoleSupervisor, RoleAdmin}
)

// allowedRoles says who may call what. A method that is missing here is refused
// to everyone; a test asks for every method of the contract.
func allowedRoles(method string) []Role {
	switch method {
	case purserv1.SuggestionService_SuggestReply_FullMethodName,
		purserv1.SuggestionService_DecideSuggestion_FullMethodName,
		purserv1.SuggestionService_ReportDelivery_FullMethodName,
		purserv1.TicketService_UpsertTicket_FullMethodName,
		purserv1.TicketService_AppendMessage_FullMethodName,
		purserv1.TicketService_ClaimTicket_FullMethodName,
		purserv1.TicketService_ReleaseTicket_FullMethodName:
		return forAgents
	case purserv1.SuggestionService_GetSuggestion_FullMethodName,
		purserv1.SuggestionService_ListSuggestions_FullMethodName,
		purserv1.TicketService_GetTicket_FullMethodName,
		purserv1.TicketService_ListQueue_FullMethodName:
		return forReaders
	case purserv1.KnowledgeService_Search_FullMethodName,
		purserv1.KnowledgeService_GetArticle_FullMethodName,
		purserv1.KnowledgeService_ListArticles_FullMethodName,
		purserv1.KnowledgeService_GetIndexStatus_FullMethodName,
		purserv1.AdminService_WhoAmI_FullMethodName,
		// Who may change them is asked where they are.
		purserv1.AdminService_Settings_FullMethodName:
		return everyone
	case purserv1.KnowledgeService_PlanImport_FullMethodName,
		purserv1.KnowledgeService_ListPlanChanges_FullMethodName,
		purserv1.KnowledgeService_ApplyImport_FullMethodName:
		return forEditors
	case purserv1.AdminService_CreateKey_FullMethodName,
		purserv1.AdminService_RevokeKey_FullMethodName:
		return forKeys
	case purserv1.AdminService_ListKeys_FullMethodName:
		return forKeyLists
	}
	if strings.HasPrefix(method, "/grpc.reflection.") {
		return everyone
	}
	return nil
}

const servicePrefix = "/purser.v1."

// keyCheckEvery is how often the key of an open stream is looked at again.
const keyCheckEvery = 2 * time.Second

// authenticator checks keys before anything else of a call is looked at.
type authenticator struct {
	keys KeyStore
	now  func() time.Time
}

// needsKey is true for all but health.
func needsKey(method string) bool {
	return !strings.HasPrefix(method, "/grpc.health.v1.Health/")
}

func (a *authenticator) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	ctx, err := a.enter(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return handle(ctx, req)
}

func (a *authenticator) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx, err := a.enter(ss.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	if !needsKey(info.FullMethod) {
		return handle(srv, ss)
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	go a.watch(ctx, end)
	err = handle(srv, &streamIn{ServerStream: ss, ctx: ctx})
	if ended := context.Cause(ctx); err != nil && ended != nil && ss.Context().Err() == nil {
		return ended
	}
	return err
}

// watch ends a stream whose key was revoked or has expired meanwhile. What can't
// be asked now is asked again.
func (a *authenticator) watch(ctx context.Context, end context.CancelCauseFunc) {
	p := principal(ctx)
	tick := time.NewTicker(keyCheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		key, _, err := a.keys.Key(ctx, p.Workspace, p.Key.ID)
		if err == nil {
			err = key.check(a.now())
		}
		if errors.Is(err, ErrKeyRevoked) || errors.Is(err, ErrKeyExpired) || errors.Is(err, ErrKeyNotFound) {
			end(err)
			return
		}
	}
}

func (a *authenticator) enter(ctx context.Context, method string) (context.Context, error) {
	if !needsKey(method) {
		return ctx, nil
	}
	p, err := a.authenticate(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range allowedRoles(method) {
		if r == p.Key.Role {
			return context.WithValue(ctx, principalKey{}, p), nil
		}
	}
	return nil, &RoleError{Role: p.Key.Role, Method: strings.TrimPrefix(method, servicePrefix)}
}

func (a *authenticator) authenticate(ctx context.Context) (Principal, error) {
	headers := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(headers) == 0 {
		return Principal{}, ErrKeyMissing
	}
	scheme, rest, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	if !strings.EqualFold(scheme, "bearer") || rest == "" {
		return Principal{}, ErrKeyMissing
	}
	presented, err := parseKey(rest)
	if err != nil {
		return Principal{}, err
	}
	w := suggest.Workspace(presented.workspace)
	key, name, err := a.keys.Key(ctx, w, presented.id)
	if errors.Is(err, ErrKeyNotFound) {
		return Principal{}, ErrKeyUnknown
	}
	if err != nil {
		return Principal{}, err
	}
	// Whoever does not hold the secret learns nothing of the key's state.
	if subtle.ConstantTimeCompare(key.SecretHash, presented.secretHash[:]) != 1 {
		return Principal{}, ErrKeyUnknown
	}
	now := a.now()
	if err := key.check(now); err != nil {
		return Principal{}, err
	}
	if now.Sub(key.LastUseTime) > time.Hour {
		if err := a.keys.Touch(ctx, w, key.ID, now); err != nil {
			return Principal{}, err
		}
	}
	return Principal{Workspace: w, WorkspaceName: name, Key: key}, nil
}

// streamIn carries the caller in a stream's context, with which waiting for the
// other side ends.
type streamIn struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // grpc.ServerStream is asked for it
}

// RecvMsg implements grpc.ServerStream.
func (s *streamIn) RecvMsg(m any) error {
	return s.wait(func() error { return s.ServerStream.RecvMsg(m) })
}

// SendMsg implements grpc.ServerStream.
func (s *streamIn) SendMsg(m any) error {
	return s.wait(func() error { return s.ServerStream.SendMsg(m) })
}

// wait leaves do behind when the stream's context ends; it returns as soon as the
// stream does.
func (s *streamIn) wait(do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}

func (s *streamIn) Context() context.Context { return s.ctx }
