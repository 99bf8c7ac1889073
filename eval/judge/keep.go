package judge

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"

	"github.com/purser-desk/purser/internal/disk"
)

// Keeper answers from a folder what was asked before, and asks the model behind
// it the rest: a judgement that was interrupted goes on where it stopped, and
// one that is repeated costs nothing. It is safe for concurrent use when the
// model behind is.
type Keeper struct {
	behind Model
	o      KeeperOptions
}

// KeeperOptions say where answers are kept.
type KeeperOptions struct {
	// Dir is made when needed; it is as private as what is judged.
	Dir string
	// Identity names everything about the model that a question does not hold:
	// endpoint, model, temperature, limits.
	Identity string
	// Fresh asks for everything anew, and keeps the new answers.
	Fresh bool
}

// NewKeeper makes a Keeper.
func NewKeeper(behind Model, o KeeperOptions) *Keeper { return &Keeper{behind, o} }

// Answer implements Model. An answer that can't be kept or read is asked for
// again.
func (k *Keeper) Answer(ctx context.Context, system, prompt string, seed int) (Answer, error) {
	name := hash(k.o.Identity, system, prompt, strconv.Itoa(seed))
	path := filepath.Join(k.o.Dir, name[:2], name+".json")
	if raw, err := os.ReadFile(path); err == nil && !k.o.Fresh {
		var a Answer
		if json.Unmarshal(raw, &a) == nil {
			a.Kept = true
			return a, nil
		}
	}
	a, err := k.behind.Answer(ctx, system, prompt, seed)
	if err != nil {
		return a, err
	}
	// What can't be kept is only asked for again.
	_ = disk.Keep(path, a)
	return a, nil
}
