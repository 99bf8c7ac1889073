package api_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

func id(t *testing.T) string {
	t.Helper()
	return uuid.NewString()
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	admin := s.workspace(t, "one")
	other := s.workspace(t, "two")
	expiring, err := s.as(t, admin).admin.CreateKey(t.Context(), &purserv1.CreateKeyRequest{
		RequestId: id(t), Actor: kari, Name: "short", Role: purserv1.KeyRole_KEY_ROLE_AGENT, ExpireTime: timestamppb.New(s.clock.now().Add(time.Hour)),
	})
	if err != nil {
		t.Fatal(err)
	}
	revoked, err := s.as(t, admin).admin.CreateKey(t.Context(), &purserv1.CreateKeyRequest{RequestId: id(t), Actor: kari, Name: "gone", Role: purserv1.KeyRole_KEY_ROLE_AGENT})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.as(t, admin).admin.RevokeKey(t.Context(), &purserv1.RevokeKeyRequest{RequestId: id(t), Actor: kari, KeyId: revoked.GetKey().GetKeyId()}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.as(t, expiring.GetSecret()).admin.WhoAmI(t.Context(), &purserv1.WhoAmIRequest{}); err != nil {
		t.Fatalf("before it expires: %v", err)
	}
	s.clock.advance(2 * time.Hour)
	for name, c := range map[string]struct{ key, reason string }{
		"none":           {"", "KEY_MISSING"},
		"not a key":      {"hello", "KEY_MALFORMED"},
		"cut":            {admin[:len(admin)-3], "KEY_MALFORMED"},
		"one letter off": {flip(admin), "KEY_MALFORMED"},
		"expired":        {expiring.GetSecret(), "KEY_EXPIRED"},
		"revoked":        {revoked.GetSecret(), "KEY_REVOKED"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.as(t, c.key).admin.WhoAmI(t.Context(), &purserv1.WhoAmIRequest{})
			st := wantReason(t, err, codes.Unauthenticated, c.reason)
			if c.key != "" && strings.Contains(st.Message(), c.key) {
				t.Error("the message repeats the key")
			}
		})
	}
	for _, key := range []string{admin, other} {
		if _, err := s.as(t, key).admin.WhoAmI(t.Context(), &purserv1.WhoAmIRequest{}); err != nil {
			t.Errorf("a good key: %v", err)
		}
	}
}

// flip changes one letter in the middle of a key.
func flip(key string) string {
	b := []byte(key)
	i := len(b) / 2
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

func TestHealthNeedsNoKeyAndReflectionDoes(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	admin := s.workspace(t, "one")
	h, err := healthv1.NewHealthClient(s.as(t, "").conn).Check(t.Context(), &healthv1.HealthCheckRequest{})
	if err != nil || h.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", h, err)
	}
	list := func(key string) error {
		stream, err := reflectionv1.NewServerReflectionClient(s.as(t, key).conn).ServerReflectionInfo(t.Context())
		if err != nil {
			return err
		}
		_ = stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}})
		_, err = stream.Recv()
		return err
	}
	wantReason(t, list(""), codes.Unauthenticated, "KEY_MISSING")
	if err := list(admin); err != nil {
		t.Errorf("reflection with a key: %v", err)
	}
}

// Every method of the contract is open to some role and, without a key, to
// nobody.
func TestEveryMethodIsGuarded(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	nobody := s.as(t, "").conn
	qa := s.as(t, s.keyOf(t, s.workspace(t, "one"), purserv1.KeyRole_KEY_ROLE_QA)).conn
	for _, file := range []protoreflect.FileDescriptor{
		purserv1.File_purser_v1_ticket_proto, purserv1.File_purser_v1_suggestion_proto,
		purserv1.File_purser_v1_knowledge_proto, purserv1.File_purser_v1_admin_proto,
	} {
		services := file.Services()
		for i := range services.Len() {
			methods := services.Get(i).Methods()
			for j := range methods.Len() {
				m := methods.Get(j)
				if m.IsStreamingClient() || m.IsStreamingServer() {
					continue
				}
				name := "/" + string(services.Get(i).FullName()) + "/" + string(m.Name())
				err := nobody.Invoke(t.Context(), name, &purserv1.WhoAmIRequest{}, &purserv1.WhoAmIResponse{})
				wantReason(t, err, codes.Unauthenticated, "KEY_MISSING")
				if hasPrefix(string(m.Name()), "Get", "List", "Search", "WhoAmI", "Settings") && string(m.Name()) != "ListKeys" && string(m.Name()) != "ListPlanChanges" {
					continue
				}
				err = qa.Invoke(t.Context(), name, &purserv1.WhoAmIRequest{}, &purserv1.WhoAmIResponse{})
				wantReason(t, err, codes.PermissionDenied, "ROLE_NOT_ALLOWED")
			}
		}
	}
}

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func TestKeyAdministration(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	admin := s.as(t, s.workspace(t, "one"))
	me, err := admin.admin.WhoAmI(t.Context(), &purserv1.WhoAmIRequest{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, me.GetWorkspaceName(), "one")

	create := &purserv1.CreateKeyRequest{RequestId: id(t), Actor: kari, Name: "desktop", Role: purserv1.KeyRole_KEY_ROLE_AGENT}
	first, err := admin.admin.CreateKey(t.Context(), create)
	if err != nil {
		t.Fatal(err)
	}
	again, err := admin.admin.CreateKey(t.Context(), create)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, again.GetKey().GetKeyId(), first.GetKey().GetKeyId())
	equal(t, again.GetSecret(), "")
	create.Name = "another"
	_, err = admin.admin.CreateKey(t.Context(), create)
	wantReason(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")

	_, err = admin.admin.CreateKey(t.Context(), &purserv1.CreateKeyRequest{RequestId: id(t), Actor: kari, Name: "late", Role: purserv1.KeyRole_KEY_ROLE_AGENT, ExpireTime: timestamppb.New(s.clock.now().Add(-time.Hour))})
	wantReason(t, err, codes.InvalidArgument, "INVALID_FIELD")
	_, err = admin.admin.RevokeKey(t.Context(), &purserv1.RevokeKeyRequest{RequestId: id(t), Actor: kari, KeyId: me.GetKey().GetKeyId()})
	wantReason(t, err, codes.FailedPrecondition, "LAST_ADMIN_KEY")
	_, err = admin.admin.RevokeKey(t.Context(), &purserv1.RevokeKeyRequest{RequestId: id(t), Actor: kari, KeyId: uuid.NewString()})
	wantReason(t, err, codes.NotFound, "KEY_NOT_FOUND")

	var names []string
	for token := ""; ; {
		page, err := admin.admin.ListKeys(t.Context(), &purserv1.ListKeysRequest{PageSize: 1, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range page.GetKeys() {
			names = append(names, k.GetName())
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	equal(t, names, []string{"desktop", "first admin key"})
	_, err = admin.admin.ListKeys(t.Context(), &purserv1.ListKeysRequest{PageToken: "nonsense"})
	wantReason(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID")
}

// Two admins who revoke each other at the same time must not both succeed.
func TestTwoAdminsCannotLockTheWorkspace(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	first := s.workspace(t, "one")
	second := s.keyOf(t, first, purserv1.KeyRole_KEY_ROLE_ADMIN)
	keyID := func(key string) string {
		me, err := s.as(t, key).admin.WhoAmI(t.Context(), &purserv1.WhoAmIRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return me.GetKey().GetKeyId()
	}
	a, b := keyID(first), keyID(second)
	var wg sync.WaitGroup
	for _, c := range []struct{ key, victim string }{{first, b}, {second, a}} {
		cl := s.as(t, c.key)
		wg.Go(func() {
			_, _ = cl.admin.RevokeKey(t.Context(), &purserv1.RevokeKeyRequest{RequestId: uuid.NewString(), Actor: kari, KeyId: c.victim})
		})
	}
	wg.Wait()
	working := 0
	for _, key := range []string{first, second} {
		if _, err := s.as(t, key).admin.WhoAmI(t.Context(), &purserv1.WhoAmIRequest{}); err == nil {
			working++
		}
	}
	if working == 0 {
		t.Error("no admin key works any more")
	}
}

// Whoever looks a reason up finds it.
func TestEveryReasonIsDocumented(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("status.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	reasons := regexp.MustCompile(`codes\.\w+, "([A-Z_]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(reasons) < 30 {
		t.Fatalf("found only %d reasons", len(reasons))
	}
	for _, r := range reasons {
		if !strings.Contains(string(page), "| `"+r[1]+"` |") {
			t.Errorf("%s is not in the table of errors", r[1])
		}
	}
}
