package evalcmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/eval/convert"
)

type convertCommand struct {
	Set      string   `arg:"" help:"Name of the set." placeholder:"SET"`
	Files    []string `arg:"" help:"The set's files or folders, as they are published." placeholder:"FILE"`
	Out      string   `required:"" help:"Folder to write into; it is made when it is not there." placeholder:"DIR"`
	OnlyGold bool     `help:"Leave out articles that no ticket names."`
	Every    int      `default:"1" help:"Keep the first of every N tickets." placeholder:"N"`
}

func (*convertCommand) Help() string {
	var b strings.Builder
	b.WriteString("Makes a suite of a public data set, from the files that its authors published. Sets, and the files of each:\n\n")
	for _, s := range convert.Sets() {
		fmt.Fprintf(&b, "  %-13s %s\n", s.Name, s.About)
	}
	b.WriteString("\nExample:\n  purser eval convert techqa training_dev_technotes.json training_Q_A.json --only-gold --out techqa/\n" +
		"  purser eval run --data techqa/")
	return b.String()
}

func (c *convertCommand) Run(e *console.Env) error {
	if c.Every < 1 {
		return console.Usagef("--every is %d; give 1 for all tickets, 2 for every second one", c.Every)
	}
	sets := convert.Sets()
	i := slices.IndexFunc(sets, func(s convert.Set) bool { return s.Name == c.Set })
	if i < 0 {
		var names []string
		for _, s := range sets {
			names = append(names, s.Name)
		}
		return console.Usagef("there is no set %q; there are %s", c.Set, strings.Join(names, ", "))
	}
	converted, err := sets[i].Convert(c.Files)
	if err != nil {
		return err
	}
	if c.OnlyGold {
		converted.OnlyGold()
	}
	converted.Every(c.Every)
	written, err := converted.Write(c.Out)
	if err != nil {
		return err
	}
	for _, path := range written {
		fmt.Fprintln(e.Stdout, path)
	}
	return nil
}
