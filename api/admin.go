package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/house"
)

type adminServer struct {
	purserv1.UnimplementedAdminServiceServer
	keys     KeyStore
	settings house.Store
	requests RequestStore
	now      func() time.Time
	version  string
}

func (s *adminServer) WhoAmI(ctx context.Context, _ *purserv1.WhoAmIRequest) (*purserv1.WhoAmIResponse, error) {
	p := principal(ctx)
	return &purserv1.WhoAmIResponse{
		WorkspaceId:   string(p.Workspace),
		WorkspaceName: p.WorkspaceName,
		Key:           keyOut(p.Key),
		PurserVersion: s.version,
	}, nil
}

func (s *adminServer) CreateKey(ctx context.Context, r *purserv1.CreateKeyRequest) (*purserv1.CreateKeyResponse, error) {
	expire := timeIn(r.GetExpireTime())
	if !expire.IsZero() && !expire.After(s.now()) {
		return nil, &suggest.FieldError{Field: "expire_time", Message: "lies in the past; name a later time or none"}
	}
	secret := ""
	answer, err := once(ctx, s.requests, purserv1.AdminService_CreateKey_FullMethodName, r, &purserv1.CreateKeyResponse{},
		func(in Stores) (*purserv1.CreateKeyResponse, error) {
			creator := actorIn(r.GetActor())
			key, minted, err := NewKey(principal(ctx).Workspace, r.GetName(), enumIn[Role](r.GetRole(), "KEY_ROLE_"), &creator, expire, s.now())
			if err != nil {
				return nil, err
			}
			if err := in.Keys.CreateKey(ctx, principal(ctx).Workspace, key); err != nil {
				return nil, err
			}
			secret = minted
			// The secret is not in what is stored, so a replay can't tell it.
			return &purserv1.CreateKeyResponse{Key: keyOut(key)}, nil
		})
	if err != nil {
		return nil, err
	}
	answer.Secret = secret
	return answer, nil
}

// NewKey mints a key for a workspace; the store has yet to keep it. creator is
// nil for the first key of a workspace; a zero expire means never.
func NewKey(w suggest.Workspace, name string, role Role, creator *Actor, expire, now time.Time) (key Key, secret string, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Key{}, "", err
	}
	secret, hash, err := MintKey(string(w), id.String())
	if err != nil {
		return Key{}, "", err
	}
	return Key{
		ID: id.String(), Name: name, Role: role, SecretHash: hash, Creator: creator,
		CreateTime: now.UTC(), ExpireTime: expire,
	}, secret, nil
}

func (s *adminServer) ListKeys(ctx context.Context, r *purserv1.ListKeysRequest) (*purserv1.ListKeysResponse, error) {
	page, err := pageOf(ctx, r, 50)
	if err != nil {
		return nil, err
	}
	var after timePlace
	if err := page.after(&after); err != nil {
		return nil, err
	}
	keys, err := s.keys.Keys(ctx, principal(ctx).Workspace, after.Create, string(after.ID), page.size+1)
	if err != nil {
		return nil, err
	}
	keys, next, err := cutPage(page, keys, func(k Key) any { return timePlace{k.CreateTime, placeID(k.ID)} })
	if err != nil {
		return nil, err
	}
	return &purserv1.ListKeysResponse{Keys: mapAll(keys, keyOut), NextPageToken: next}, nil
}

func (s *adminServer) RevokeKey(ctx context.Context, r *purserv1.RevokeKeyRequest) (*purserv1.RevokeKeyResponse, error) {
	return once(ctx, s.requests, purserv1.AdminService_RevokeKey_FullMethodName, r, &purserv1.RevokeKeyResponse{},
		func(in Stores) (*purserv1.RevokeKeyResponse, error) {
			k, err := in.Keys.Revoke(ctx, principal(ctx).Workspace, r.GetKeyId(), s.now().UTC())
			if err != nil {
				return nil, err
			}
			return &purserv1.RevokeKeyResponse{Key: keyOut(k)}, nil
		})
}

func keyOut(k Key) *purserv1.Key {
	out := &purserv1.Key{
		KeyId:       k.ID,
		Name:        k.Name,
		Role:        purserv1.KeyRole(enumOut(purserv1.KeyRole_value, "KEY_ROLE_", k.Role)),
		CreateTime:  timeOut(k.CreateTime),
		ExpireTime:  timeOut(k.ExpireTime),
		RevokeTime:  timeOut(k.RevokeTime),
		LastUseTime: timeOut(k.LastUseTime),
	}
	if k.Creator != nil {
		out.Creator = actorOut(*k.Creator)
	}
	return out
}
