package api_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// A stream that is open when its key ends does not outlive it.
func TestStreamsEndWithTheirKey(t *testing.T) {
	t.Parallel()
	half := "Please report the missing bag at the baggage desk before you leave the airport [1]. We trace"
	d := newDesk(t, openaitest.Script{Text: half, Hang: true})
	r := asks(t, d.ticket(t, "T-1", bagQuestion))
	newKey := func(role purserv1.KeyRole) *purserv1.CreateKeyResponse {
		k, err := d.caller.admin.CreateKey(t.Context(), &purserv1.CreateKeyRequest{
			RequestId: id(t), Actor: kari, Name: "k", Role: role, ExpireTime: timestamppb.New(d.s.clock.now().Add(time.Hour)),
		})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	// The bound is for a stream that never ends, not for a slow machine.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	suggests := func(k *purserv1.CreateKeyResponse) func() error {
		r.RequestId = id(t)
		stream, err := d.s.as(t, k.GetSecret()).suggestions.SuggestReply(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		(&opened{stream: stream}).until(t, "text")
		return func() error {
			for {
				if _, err := stream.Recv(); err != nil {
					return err
				}
			}
		}
	}
	plans := func(k *purserv1.CreateKeyResponse) func() error {
		stream, err := d.s.as(t, k.GetSecret()).knowledge.PlanImport(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Send(&purserv1.PlanImportRequest{Part: &purserv1.PlanImportRequest_Header{Header: header(t, "kb")}}); err != nil {
			t.Fatal(err)
		}
		return func() error { return stream.RecvMsg(&purserv1.PlanImportResponse{}) }
	}
	var agents, editors []*purserv1.CreateKeyResponse
	for range 2 {
		agents = append(agents, newKey(purserv1.KeyRole_KEY_ROLE_AGENT))
		editors = append(editors, newKey(purserv1.KeyRole_KEY_ROLE_EDITOR))
	}
	revoked := []func() error{suggests(agents[0]), plans(editors[0])}
	expired := []func() error{suggests(agents[1]), plans(editors[1])}
	for _, k := range []*purserv1.CreateKeyResponse{agents[0], editors[0]} {
		if _, err := d.caller.admin.RevokeKey(t.Context(), &purserv1.RevokeKeyRequest{RequestId: id(t), Actor: kari, KeyId: k.GetKey().GetKeyId()}); err != nil {
			t.Fatal(err)
		}
	}
	for _, ended := range revoked {
		wantReason(t, ended(), codes.Unauthenticated, "KEY_REVOKED")
	}
	d.s.clock.advance(2 * time.Hour)
	for _, ended := range expired {
		wantReason(t, ended(), codes.Unauthenticated, "KEY_EXPIRED")
	}
	eventually(t, "the model calls end", func() bool { return d.model.Gone() == 2 && d.model.Active() == 0 })
}
