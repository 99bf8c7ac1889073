package api

import (
	"context"
	"crypto/sha256"

	"google.golang.org/protobuf/proto"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/house"
)

// RequestKey names one attempt to do one thing: the same key, method and id
// again mean the same attempt.
type RequestKey struct {
	KeyID, Method, RequestID string
	// PayloadHash tells another payload under the same id.
	PayloadHash []byte
}

// RequestStore keeps the answers to mutations for seven days.
type RequestStore interface {
	// Once runs do in a transaction and stores the answer in it. The same key
	// again returns that answer and does not run do; a second call at the same
	// time waits for the first. It fails with suggest.ErrRequestReused for
	// another payload. do writes to the stores that it is handed.
	Once(ctx context.Context, w suggest.Workspace, k RequestKey, do func(in Stores) ([]byte, error)) ([]byte, error)
}

// Stores are what mutations write to, all of them in the transaction that keeps
// the answer.
type Stores struct {
	Tickets   suggest.TicketStore
	Decisions suggest.DecisionStore
	Plans     knowledge.PlanStore
	Index     knowledge.Index
	Keys      KeyStore
	Settings  house.Store
}

type mutation interface {
	proto.Message
	GetRequestId() string
}

// once carries a mutation out exactly once. do returns the answer to store.
func once[R proto.Message](ctx context.Context, store RequestStore, method string, req mutation, answer R, do func(in Stores) (R, error)) (R, error) {
	hash, err := payloadHash(req)
	if err != nil {
		return answer, err
	}
	return onceHashed(ctx, store, RequestKey{Method: method, RequestID: req.GetRequestId(), PayloadHash: hash}, answer, do)
}

func onceHashed[R proto.Message](ctx context.Context, store RequestStore, key RequestKey, answer R, do func(in Stores) (R, error)) (R, error) {
	p := principal(ctx)
	key.KeyID = p.Key.ID
	stored, err := store.Once(ctx, p.Workspace, key, func(in Stores) ([]byte, error) {
		r, err := do(in)
		if err != nil {
			return nil, err
		}
		return proto.Marshal(r)
	})
	if err != nil {
		return answer, err
	}
	return answer, proto.Unmarshal(stored, answer)
}

func payloadHash(m proto.Message) ([]byte, error) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}
