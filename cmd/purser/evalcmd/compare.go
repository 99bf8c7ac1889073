package evalcmd

import (
	"errors"
	"io"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
)

type compareCommand struct {
	A      string   `arg:"" help:"JSON file of the run to compare with."`
	B      string   `arg:"" help:"JSON file of the run to look at."`
	JSON   bool     `help:"Print the whole comparison as JSON; every case that changed, unless --top is given."`
	Top    *int     `help:"Cases that changed to show, worst first. Default 10." placeholder:"N"`
	Diff   bool     `help:"Show the cases one by one: what was asked and expected, rankings, outcomes, and the texts' difference."`
	Metric []string `sep:"none" help:"Show this metric only, and the cases in which it changed; may be repeated." placeholder:"NAME"`
	Tag    string   `help:"Compare the cases with this tag only." placeholder:"TAG" xor:"slice"`
	Slice  string   `help:"Compare one group of cases only, such as lang/de, channel/CHAT, tag/bags or reason/LEGAL." placeholder:"KIND/NAME" xor:"slice"`
	Case   []string `sep:"none" help:"Show this case; may be repeated. Implies --diff." placeholder:"ID"`
	Effect float64  `default:"0.05" help:"Change, 0 to 1, for which the JSON tells the probability of showing it."`
}

func (*compareCommand) Help() string {
	return "Compares two runs of the same suite case by case. Each metric gets a verdict (better, worse, can't tell) with the interval of its change and " +
		"the smallest change that these cases would have shown. Shares are tested by McNemar's test (mid-p), means by a bootstrap over cases; verdicts on slices " +
		"are corrected for the number of slices. Cases that failed in either run stand in no figure, and are named. " +
		"The exit code is 0 whatever the verdicts: \"purser eval gate\" decides.\n\n" +
		"Example:\n  purser eval compare before.json after.json --top 20\n  purser eval compare before.json after.json --metric hit_at_1 --tag bags --diff\n" +
		"  purser eval compare before.json after.json --case T-0417"
}

// shownMost is how many cases are shown when nothing is said.
const shownMost = 10

func (c *compareCommand) Run(e *console.Env) error {
	if c.Top != nil && *c.Top < 0 {
		return console.Usagef("--top is %d; give a number from 0 on", *c.Top)
	}
	if !(c.Effect > 0 && c.Effect <= 1) {
		return console.Usagef("--effect is %v; give a share above 0, at most 1, such as 0.05", c.Effect)
	}
	a, err := eval.ReadReport(c.A)
	if err != nil {
		return err
	}
	b, err := eval.ReadReport(c.B)
	if err != nil {
		return err
	}
	compared, err := compare.Runs(a, b, c.Effect)
	if err != nil {
		return err
	}
	if c.Tag != "" {
		c.Slice = "tag/" + c.Tag
	}
	if compared, err = compared.On(compare.Focus{Metrics: c.Metric, Slice: c.Slice, Cases: c.Case}); err != nil {
		return console.Usagef("%v", err)
	}
	if err := c.print(e, compared); err != nil {
		return err
	}
	if compared.Pairs == 0 {
		return errors.New("nothing was compared, for every case failed in one run or the other; go on with that run (\"eval run --resume\")")
	}
	return nil
}

func (c *compareCommand) print(e *console.Env, compared compare.Comparison) error {
	if c.JSON {
		return c.printJSON(e, compared)
	}
	most := shownMost
	if c.Top != nil {
		most = *c.Top
	}
	return printPlain(e.Stdout, func(w io.Writer) error {
		if err := compared.WriteTable(w, most, console.Columns(e.Stdout)); err != nil || !c.Diff && len(c.Case) == 0 {
			return err
		}
		return compared.WriteDetails(w, max(most, len(c.Case)))
	})
}

func (c *compareCommand) printJSON(e *console.Env, compared compare.Comparison) error {
	if c.Top != nil {
		compared.Changed = compared.Changed[:min(*c.Top, len(compared.Changed))]
	}
	return writeResult(e, &compared, "-")
}
