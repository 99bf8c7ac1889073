package evalcmd

import (
	"context"
	"fmt"

	"github.com/purser-desk/purser/cmd/purser/profiles"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// confidenceFlags choose how a run tells the confidence, and what it is tried on.
type confidenceFlags struct {
	Profile    string `help:"Confidence profile to run with, as \"purser eval calibrate\" wrote it; \"none\" for the search's own estimate. Default: as served, the workspace's or the one that ships." placeholder:"FILE"`
	AblateGold bool   `help:"Run every case that has gold articles a second time with them hidden from the search: a ticket that must get no draft."`
}

// fixedProfile is the same for every workspace.
type fixedProfile struct{ profile *confidence.Profile }

// Profile implements pipeline.Profiles.
func (f fixedProfile) Profile(context.Context, suggest.Workspace) *confidence.Profile {
	return f.profile
}

// profiles are nil when the run is to have those that the server has.
func (c *confidenceFlags) profiles() (pipeline.Profiles, error) {
	if c.Profile == "" {
		return nil, nil //nolint:nilnil // none is chosen
	}
	p, err := profiles.Read(c.Profile)
	if err != nil {
		return nil, err
	}
	return fixedProfile{p}, nil
}

// prepare adds the counterparts to the suite.
func (c *confidenceFlags) prepare(s *suite.Suite) error {
	if c.AblateGold && s.AblateGold() == 0 {
		return fmt.Errorf("no case of the suite expects an answer and names gold articles, so there are none to take away; add gold_ids, or run without --ablate-gold")
	}
	return nil
}
