package api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash/crc32"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Role is what a key may do.
type Role string

// The roles.
const (
	RoleAgent      Role = "AGENT"
	RoleEditor     Role = "EDITOR"
	RoleQA         Role = "QA"
	RoleSupervisor Role = "SUPERVISOR"
	RoleAdmin      Role = "ADMIN"
)

// Key is an API key without its secret.
type Key struct {
	ID   string
	Name string
	Role Role
	// SecretHash is the SHA-256 of the secret part. The secret has 256 random
	// bits, so a slow hash would add nothing.
	SecretHash []byte
	// Creator is nil for the first key of a workspace.
	Creator    *Actor
	CreateTime time.Time
	// ExpireTime, RevokeTime and LastUseTime are zero when there is none.
	ExpireTime, RevokeTime, LastUseTime time.Time
}

// check fails with ErrKeyRevoked or ErrKeyExpired for a key that has ended.
func (k Key) check(now time.Time) error {
	switch {
	case !k.RevokeTime.IsZero():
		return ErrKeyRevoked
	case !k.ExpireTime.IsZero() && !now.Before(k.ExpireTime):
		return ErrKeyExpired
	}
	return nil
}

// ErrKeyMalformed says that a text can't be a key: it was cut or mistyped.
var ErrKeyMalformed = errors.New("this is not a whole Purser key; copy it again, from \"purser_\" to its end")

const (
	keyPrefix  = "purser_"
	secretSize = 32
)

// The workspace and the key's id stand inside the key, because a workspace must
// be set before any of its rows can be read. The checksum tells a mistyped key
// from a wrong one without asking the database.
var keyEncoding = base64.RawURLEncoding

// MintKey makes the text of a key from fresh random bits, and the hash to
// store.
func MintKey(workspace, keyID string) (secret string, hash []byte, err error) {
	w, err := uuid.Parse(workspace)
	if err != nil {
		return "", nil, err
	}
	k, err := uuid.Parse(keyID)
	if err != nil {
		return "", nil, err
	}
	body := make([]byte, 0, 32+secretSize+4)
	body = append(body, w[:]...)
	body = append(body, k[:]...)
	random := make([]byte, secretSize)
	if _, err := rand.Read(random); err != nil {
		return "", nil, err
	}
	body = append(body, random...)
	sum := crc32.ChecksumIEEE(body)
	body = append(body, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)) //nolint:gosec // the bytes of a checksum
	digest := sha256.Sum256(random)
	return keyPrefix + keyEncoding.EncodeToString(body), digest[:], nil
}

type presentedKey struct {
	workspace, id string
	secretHash    [sha256.Size]byte
}

func parseKey(s string) (presentedKey, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), keyPrefix)
	if !ok {
		return presentedKey{}, ErrKeyMalformed
	}
	body, err := keyEncoding.DecodeString(rest)
	if err != nil || len(body) != 32+secretSize+4 {
		return presentedKey{}, ErrKeyMalformed
	}
	end := len(body) - 4
	sum := crc32.ChecksumIEEE(body[:end])
	if string(body[end:]) != string([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}) { //nolint:gosec // the bytes of a checksum
		return presentedKey{}, ErrKeyMalformed
	}
	return presentedKey{
		workspace:  uuid.UUID(body[:16]).String(),
		id:         uuid.UUID(body[16:32]).String(),
		secretHash: sha256.Sum256(body[32:end]),
	}, nil
}
