package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/profiles"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
	suggestpostgres "github.com/purser-desk/purser/suggest/postgres"
)

type profileCommand struct {
	Set      profileSetCommand      `cmd:"" help:"Put a profile in force, as a new version."`
	Show     profileShowCommand     `cmd:"" help:"Show the profile in force."`
	List     profileListCommand     `cmd:"" help:"List the workspace's versions: who set what, and when."`
	Rollback profileRollbackCommand `cmd:"" help:"Put an earlier version in force again."`
	Clear    profileClearCommand    `cmd:"" help:"Go back to the profile that ships with Purser."`
}

// profileDesk is the open way to one workspace's profiles, with the versions that
// it holds, the one in force first.
type profileDesk struct {
	*suggestpostgres.Profiles
	owned
	held []confidence.Stored
}

func openProfiles(ctx context.Context, e *console.Env, f *operatorFlags) (*profileDesk, error) {
	found, err := f.find(ctx, e)
	if err != nil {
		return nil, err
	}
	p, err := suggestpostgres.OpenProfiles(ctx, found.ownerURL)
	if err != nil {
		return nil, err
	}
	held, err := p.Versions(ctx, found.workspace)
	if err != nil {
		p.Close()
		return nil, err
	}
	return &profileDesk{p, found, held}, nil
}

// inForce is the version that counts; its number is 0 when there is none.
func (d *profileDesk) inForce() confidence.Stored {
	if len(d.held) == 0 {
		return confidence.Stored{}
	}
	return d.held[0]
}

type profileSetCommand struct {
	operatorChange
	File string `arg:"" help:"The profile, as \"purser eval calibrate\" wrote it; \"none\" has the search's own estimate count."`
}

func (*profileSetCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL. Servers see the change within half a minute; they need no restart.\n\n" +
		"Example:\n  purser eval calibrate run.json --out profile.json\n  DATABASE_OWNER_URL=postgres://purser_owner:…@db/purser purser profile set \"Skerry Air\" profile.json"
}

func (c *profileSetCommand) Run(ctx context.Context, e *console.Env) error {
	profile, err := profiles.Read(c.File)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(profile)
	if err != nil {
		return err
	}
	d, err := openProfiles(ctx, e, &c.operatorFlags)
	if err != nil {
		return err
	}
	defer d.Close()
	if profile != nil {
		space, err := d.Space(ctx, d.workspace)
		if err != nil {
			return err
		}
		if space != "" && space != profile.Space {
			fmt.Fprintf(e.Stderr, "warning: the profile was fitted in the embedding space %q, and this workspace is searched in %q: "+
				"it will be passed over until they are the same\n", console.Plain(profile.Space), console.Plain(space))
		}
	}
	if now := d.inForce(); now.Version > 0 && sameJSON(now.JSON, raw) {
		return d.say(e, c.JSON, now.Version, "is in force already")
	}
	version, err := d.Set(ctx, d.workspace, confidence.Stored{JSON: raw, Actor: c.actor(e), Time: time.Now()})
	if err != nil {
		return err
	}
	return d.say(e, c.JSON, version, "is in force")
}

// sameJSON reports whether a is b but for blanks.
func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// say tells which version counts now.
func (d *profileDesk) say(e *console.Env, asJSON bool, version int, what string) error {
	if asJSON {
		return console.PrintValue(e.Stdout, map[string]any{"workspace_id": d.workspace, "workspace": d.name, "version": version})
	}
	if version == 0 {
		fmt.Fprintf(e.Stdout, "The profile of %q %s.\n", console.Plain(d.name), what)
		return nil
	}
	fmt.Fprintf(e.Stdout, "Version %d of the profile of %q %s.\n", version, console.Plain(d.name), what)
	return nil
}

type profileClearCommand struct{ operatorChange }

func (*profileClearCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL. Earlier versions stay and can be brought back with \"purser profile rollback\"."
}

func (c *profileClearCommand) Run(ctx context.Context, e *console.Env) error {
	d, err := openProfiles(ctx, e, &c.operatorFlags)
	if err != nil {
		return err
	}
	defer d.Close()
	if now := d.inForce(); len(now.JSON) == 0 {
		return d.say(e, c.JSON, now.Version, "is the default one already")
	}
	version, err := d.Set(ctx, d.workspace, confidence.Stored{Actor: c.actor(e), Time: time.Now()})
	if err != nil {
		return err
	}
	return d.say(e, c.JSON, version, "is the default one")
}

type profileRollbackCommand struct {
	operatorChange
	Version int `arg:"" help:"The version to bring back, of those that \"purser profile list\" shows."`
}

func (*profileRollbackCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL. What the version held comes into force as a new version; nothing is lost.\n\n" +
		"Example:\n  purser profile rollback \"Skerry Air\" 3"
}

func (c *profileRollbackCommand) Run(ctx context.Context, e *console.Env) error {
	d, err := openProfiles(ctx, e, &c.operatorFlags)
	if err != nil {
		return err
	}
	defer d.Close()
	version, err := d.Restore(ctx, d.workspace, confidence.Stored{Restored: c.Version, Actor: c.actor(e), Time: time.Now()})
	if errors.Is(err, suggestpostgres.ErrVersionNotFound) {
		return fmt.Errorf("the profile of %q never had a version %d; \"purser profile list\" shows those there are", d.name, c.Version)
	}
	if err != nil {
		return err
	}
	return d.say(e, c.JSON, version, fmt.Sprintf("is in force, and holds what version %d held", c.Version))
}

// profileVersion is a version as --json prints it.
type profileVersion struct {
	Version  int            `json:"version"`
	Kind     string         `json:"kind"`
	Name     string         `json:"name,omitempty"`
	Hash     string         `json:"hash,omitempty"`
	Restored int            `json:"restored,omitempty"`
	Actor    *suggest.Actor `json:"actor,omitempty"`
	Time     *time.Time     `json:"time,omitempty"`
	// Problem says why the profile can't be used.
	Problem string              `json:"problem,omitempty"`
	Profile *confidence.Profile `json:"profile,omitempty"`
}

// Kinds of version.
const (
	kindOwn     = "own"
	kindDefault = "default"
	kindNone    = profiles.None
	kindDamaged = "damaged"
)

// describeVersion reads what a version holds.
func describeVersion(p confidence.Stored) (profileVersion, error) {
	v := profileVersion{Version: p.Version, Restored: p.Restored, Kind: kindOwn}
	if p.Version > 0 {
		v.Actor, v.Time = &p.Actor, &p.Time
	}
	switch {
	case len(p.JSON) == 0:
		v.Kind = kindDefault
		standard, err := confidence.Default()
		if err != nil {
			return v, err
		}
		v.Profile = standard
	case sameJSON(p.JSON, []byte("null")):
		v.Kind = kindNone
	default:
		own, err := confidence.Parse(p.JSON)
		if err != nil {
			v.Kind, v.Problem = kindDamaged, err.Error()
			return v, nil //nolint:nilerr // what is wrong is what is shown
		}
		v.Profile = &own
	}
	if v.Profile != nil {
		v.Name, v.Hash = v.Profile.Name, v.Profile.Hash()
	}
	return v, nil
}

type profileShowCommand struct{ operatorFlags }

func (*profileShowCommand) Help() string { return "Connects with DATABASE_OWNER_URL." }

func (c *profileShowCommand) Run(ctx context.Context, e *console.Env) error {
	d, err := openProfiles(ctx, e, &c.operatorFlags)
	if err != nil {
		return err
	}
	defer d.Close()
	v, err := describeVersion(d.inForce())
	if err != nil {
		return err
	}
	if c.JSON {
		return console.PrintValue(e.Stdout, v)
	}
	switch v.Kind {
	case kindDefault:
		fmt.Fprintf(e.Stdout, "The confidence in %q is told by the profile that ships with Purser%s.\n", console.Plain(d.name), since(v))
	case kindNone:
		fmt.Fprintf(e.Stdout, "The confidence in %q is told by the search's own estimate, without a profile%s.\n", console.Plain(d.name), since(v))
		return nil
	case kindDamaged:
		fmt.Fprintf(e.Stdout, "Version %d can't be used, so the profile that ships with Purser counts: %s.\n", v.Version, console.Plain(v.Problem))
		return nil
	default:
		fmt.Fprintf(e.Stdout, "The confidence in %q is told by version %d of its own profile%s.\n", console.Plain(d.name), v.Version, since(v))
	}
	if v.Profile != nil {
		profiles.Print(e.Stdout, v.Profile)
	}
	return nil
}

func since(v profileVersion) string {
	if v.Time == nil {
		return ""
	}
	return fmt.Sprintf(", since %s by %s", v.Time.Format("2006-01-02 15:04 UTC"), console.Plain(cmp.Or(v.Actor.Name, v.Actor.ID)))
}

type profileListCommand struct{ operatorFlags }

func (*profileListCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL. The first line is the version in force."
}

func (c *profileListCommand) Run(ctx context.Context, e *console.Env) error {
	d, err := openProfiles(ctx, e, &c.operatorFlags)
	if err != nil {
		return err
	}
	defer d.Close()
	list := make([]profileVersion, 0, len(d.held))
	for _, p := range d.held {
		v, err := describeVersion(p)
		if err != nil {
			return err
		}
		v.Profile = nil
		if v.Kind == kindDefault {
			v.Name, v.Hash = "", "" // which one ships may have changed since
		}
		list = append(list, v)
	}
	if c.JSON {
		return console.PrintValue(e.Stdout, map[string]any{"workspace_id": d.workspace, "workspace": d.name, "versions": list})
	}
	if len(list) == 0 {
		fmt.Fprintf(e.Stdout, "%q has had no profile of its own: the confidence is told by the one that ships with Purser.\n", console.Plain(d.name))
		return nil
	}
	var rows [][]string
	for _, v := range list {
		what := map[string]string{kindOwn: v.Name, kindDefault: "(the one that ships)", kindNone: "(the search's own estimate)", kindDamaged: "(can't be used)"}[v.Kind]
		restored := ""
		if v.Restored > 0 {
			restored = "of version " + strconv.Itoa(v.Restored)
		}
		rows = append(rows, []string{strconv.Itoa(v.Version), v.Time.Format("2006-01-02 15:04"), console.Plain(cmp.Or(v.Actor.Name, v.Actor.ID)), console.Plain(what), v.Hash[:min(12, len(v.Hash))], restored})
	}
	console.PrintTable(e.Stdout, []string{"Version", "Since (UTC)", "By", "Profile", "Hash", "Brought back"}, rows)
	return nil
}
