package evalcmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/say"
)

type baselineCommand struct {
	Promote promoteCommand `cmd:"" help:"Keep an accepted run as the one that later runs are compared with."`
}

type promoteCommand struct {
	File string `arg:"" name:"run" help:"The run's JSON file."`
	To   string `required:"" help:"File to keep it in; what it held is replaced." placeholder:"FILE"`
}

func (*promoteCommand) Help() string {
	return "Copies the run to the byte. A run that was ended early, or in which a case failed, is refused.\n\n" +
		"Example:\n  purser eval baseline promote new.json --to suite/baseline.json"
}

func (c *promoteCommand) Run(e *console.Env) error {
	run, err := eval.ReadReport(c.File)
	if err != nil {
		return err
	}
	if err := run.CheckWhole(); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if err := c.replaces(); err != nil {
		return err
	}
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read the run again: %w", err)
	}
	if err := disk.Write(c.To, raw); err != nil {
		return err
	}
	fmt.Fprintf(e.Stdout, "%s is the baseline now: %s, %s\n", console.Plain(c.To), console.Plain(run.Suite.Name), say.Count(len(run.Cases), "case"))
	return nil
}

// replaces fails when the file to write to holds what is no run.
func (c *promoteCommand) replaces() error {
	if err := disk.CanWrite(c.To); err != nil {
		return err
	}
	// What is not there, is no file, or is empty is no loss.
	if info, err := os.Stat(c.To); err == nil && (!info.Mode().IsRegular() || info.Size() == 0) {
		return nil
	} else if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := eval.ReadReport(c.To); err != nil {
		return fmt.Errorf("%s is there already and is no run, so it is not replaced; name another file, or remove it first", c.To)
	}
	return nil
}
