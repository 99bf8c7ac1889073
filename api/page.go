package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
)

var errPageToken = errors.New("this page_token is not one of this list; send the next_page_token of the page before, with the same filters, or none")

// The most items of a page that a client may ask for, as in the contract.
const (
	MaxKeysPage    = 200
	MaxQueuePage   = 200
	MaxChangesPage = 1000
)

type listRequest interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// page is what a request asks of a list.
type page struct {
	// size is the most items of it.
	size  int
	token string
	// list tells this list of this workspace, with its filters, from all others.
	list [8]byte
}

// pageOf reads what is asked for; standard is the size when none is named.
func pageOf(ctx context.Context, r listRequest, standard int) (page, error) {
	p := page{size: pageSize(r.GetPageSize(), standard), token: r.GetPageToken()}
	filters := proto.Clone(r).ProtoReflect()
	fields := filters.Descriptor().Fields()
	filters.Clear(fields.ByName("page_size"))
	filters.Clear(fields.ByName("page_token"))
	hash, err := payloadHash(filters.Interface())
	if err != nil {
		return p, err
	}
	sum := sha256.Sum256(append([]byte(string(principal(ctx).Workspace)+" "+string(filters.Descriptor().FullName())+" "), hash...))
	copy(p.list[:], sum[:])
	return p, nil
}

// after reads the place behind which the page begins; place stays as it is for
// the first page.
func (p page) after(place any) error {
	if p.token == "" {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(p.token)
	if err != nil || len(b) < len(p.list) || [8]byte(b) != p.list || json.Unmarshal(b[len(p.list):], place) != nil {
		return errPageToken
	}
	return nil
}

// timePlace is a place in a list by time.
type timePlace struct {
	Create time.Time `json:"create"`
	ID     placeID   `json:"id"`
}

type placeID string

// UnmarshalText refuses what is no id, since anybody can make up a token.
func (id *placeID) UnmarshalText(b []byte) error {
	_, err := uuid.ParseBytes(b)
	*id = placeID(b)
	return err
}

// cutPage drops what was read beyond the page, and makes the token for the rest:
// the list and the place that the page ends on. It is opaque to callers but
// holds nothing that they do not know.
func cutPage[T any](p page, items []T, place func(T) any) (cut []T, token string, err error) {
	if len(items) <= p.size {
		return items, "", nil
	}
	items = items[:p.size]
	b, err := json.Marshal(place(items[p.size-1]))
	if err != nil {
		return nil, "", err
	}
	return items, base64.RawURLEncoding.EncodeToString(append(p.list[:], b...)), nil
}

// pageSize applies a list's default to what was asked for.
func pageSize(asked int32, standard int) int {
	if asked <= 0 {
		return standard
	}
	return int(asked)
}
