package confidence

import (
	"bytes"
	_ "embed" // for the default profile
	"fmt"
)

//go:embed profiles/default.json
var standardProfile []byte

// Default is the profile that ships with Purser, for workspaces without
// one of their own; CONTRIBUTING.md says how it is fitted. Nil when none ships.
func Default() (*Profile, error) {
	if bytes.Equal(bytes.TrimSpace(standardProfile), []byte("null")) {
		return nil, nil //nolint:nilnil // none ships
	}
	p, err := Parse(standardProfile)
	if err != nil {
		return nil, fmt.Errorf("the profile that ships: %w", err)
	}
	return &p, nil
}
