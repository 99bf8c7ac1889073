package main

import (
	"io"

	"github.com/purser-desk/purser/eval"
)

type evalCompareCommand struct {
	A      string  `arg:"" help:"JSON file of the run to compare with."`
	B      string  `arg:"" help:"JSON file of the run to judge."`
	JSON   bool    `help:"Print the whole comparison as JSON, every case that changed included."`
	Top    int     `default:"10" help:"Cases that changed to show, those that got worst first."`
	Effect float64 `default:"0.05" help:"Change of a share, 0 to 1, for which the JSON tells the probability of showing it."`
}

func (*evalCompareCommand) Help() string {
	return "Compares two runs of the same suite case by case. Each metric gets a verdict (better, worse, can't tell) with the interval of its change and " +
		"the smallest change that these cases would have shown. The exit code is 0 whatever the verdicts: \"purser eval gate\" decides.\n\n" +
		"Example:\n  purser eval compare before.json after.json --top 20"
}

func (c *evalCompareCommand) Run(e *env) error {
	if c.Top < 0 {
		return usagef("--top is %d; give a number from 0 on", c.Top)
	}
	if !(c.Effect > 0 && c.Effect <= 1) {
		return usagef("--effect is %v; give a share above 0, at most 1, such as 0.05", c.Effect)
	}
	a, err := eval.ReadReport(c.A)
	if err != nil {
		return err
	}
	b, err := eval.ReadReport(c.B)
	if err != nil {
		return err
	}
	compared, err := eval.Compare(a, b, c.Effect)
	if err != nil {
		return err
	}
	if c.JSON {
		raw, err := compared.JSON()
		if err != nil {
			return err
		}
		_, err = e.stdout.Write(raw)
		return err
	}
	return printPlain(e.stdout, func(w io.Writer) error { return compared.WriteTable(w, c.Top) })
}
