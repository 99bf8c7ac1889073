package responses

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/purser-desk/purser/internal/disk"
)

// Cache is a folder of responses by what was asked.
type Cache struct {
	// Dir holds the responses; it is made when needed.
	Dir string
	// Identity names everything about the model that a request does not hold:
	// endpoint, model, temperature, seed, limits.
	Identity string
	// Fresh asks for every response anew and keeps it in place of the old one.
	Fresh bool
}

// Path is where the response to a request is kept.
func (c Cache) Path(request ...any) (string, error) {
	raw, err := json.Marshal(append([]any{c.Identity}, request...))
	if err != nil {
		return "", fmt.Errorf("name the request: %w", err)
	}
	sum := sha256.Sum256(raw)
	name := hex.EncodeToString(sum[:])
	return filepath.Join(c.Dir, name[:2], name+".json"), nil
}

// Load fills in the response that is kept; false when there is none that can be
// read, or it is to be asked for anew.
func (c Cache) Load(path string, response any) bool {
	raw, err := os.ReadFile(filepath.Clean(path))
	return err == nil && !c.Fresh && json.Unmarshal(raw, response) == nil
}

// Store keeps a response.
func (Cache) Store(path string, response any) error { return disk.Keep(path, response) }
