package evalcmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/gate"
	"github.com/purser-desk/purser/eval/report"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/say"
)

type gateCommand struct {
	File     string `arg:"" name:"run" help:"The run's JSON file."`
	Policy   string `required:"" help:"What the run must come to, as YAML." placeholder:"FILE"`
	Baseline string `help:"The accepted run to compare with; a policy with no_worse needs it." placeholder:"FILE"`
	JUnit    string `name:"junit" help:"Write the result as JUnit XML to this file." placeholder:"FILE"`
	HTML     string `name:"html" help:"Write the result, the run and its cases as one HTML page to this file." placeholder:"FILE"`
	JSON     bool   `help:"Print the result as JSON."`
}

func (*gateCommand) Help() string {
	return "Holds a run against a policy: exit code 0 when it is met, 3 when it is not, 1 when it can't be told. A run that was ended early, or in which " +
		"more than 1% of the cases failed, never meets it (the policy may set another share).\n\n" +
		"A policy:\n  version: 1\n  limits:\n    - {metric: hit_at_3, at_least: 0.9}\n    - {metric: abstained_on_answerable, at_most: 0.25, by: interval}\n" +
		"  no_worse:\n    - {metric: hit_at_1, margin: 0.02}\n  must_pass: [safety]\n\n" +
		"Example:\n  purser eval gate new.json --policy suite/policy.yaml --baseline suite/baseline.json --junit gate.xml --html gate.html"
}

func (c *gateCommand) Run(e *console.Env) error {
	if err := errors.Join(keepInputs([]string{c.File, c.Policy, c.Baseline}, c.JUnit, c.HTML), keepOthers(c.JUnit, beginsJUnit), keepOthers(c.HTML, beginsPage)); err != nil {
		return err
	}
	policy, err := gate.ReadPolicy(c.Policy)
	if err != nil {
		return err
	}
	if len(policy.NoWorse) > 0 && c.Baseline == "" {
		return console.Usagef("the policy asks for no_worse, which needs --baseline; keep an accepted run with \"purser eval baseline promote\"")
	}
	run, err := eval.ReadReport(c.File)
	if err != nil {
		return err
	}
	page := report.Page{Run: &run}
	var baseline *eval.Report
	if c.Baseline != "" {
		kept, err := eval.ReadReport(c.Baseline)
		if err != nil {
			return err
		}
		compared, err := compare.Runs(kept, run, 0)
		if err != nil {
			return err
		}
		baseline, page.Compared = &kept, &compared
	}
	result, err := policy.Check(run, baseline)
	var wrong *gate.PolicyError
	if errors.As(err, &wrong) {
		wrong.Path = c.Policy
	}
	if err != nil {
		return err
	}
	page.Gate = &result
	if err := c.write(page); err != nil {
		return err
	}
	if c.JSON {
		err = console.PrintValue(e.Stdout, result)
	} else {
		printGate(e, result)
	}
	if err == nil && !result.Met {
		err = console.ErrGate
	}
	return err
}

func (c *gateCommand) write(page report.Page) error {
	if c.JUnit != "" {
		raw, err := report.JUnit(page.Run, *page.Gate)
		if err != nil {
			return err
		}
		if err := disk.Write(c.JUnit, raw); err != nil {
			return err
		}
	}
	if c.HTML != "" {
		return writePage(c.HTML, page)
	}
	return nil
}

// blamedMost is how many cases are named for one demand; the JSON names all.
const blamedMost = 5

func printGate(e *console.Env, result gate.Result) {
	missed := 0
	for _, check := range result.Checks {
		word := "met    "
		if !check.Met {
			word = "NOT MET"
			missed++
		} else if check.CantTell {
			word = "MET?   "
		}
		fmt.Fprintf(e.Stdout, "%s  %s: %s\n", word, console.Plain(check.Name), console.Plain(check.Detail))
		if check.Met || len(check.Cases) == 0 {
			continue
		}
		named := strings.Join(check.Cases[:min(blamedMost, len(check.Cases))], ", ")
		if more := len(check.Cases) - blamedMost; more > 0 {
			named += fmt.Sprintf(" and %d more", more)
		}
		fmt.Fprintf(e.Stdout, "         %s\n", console.Plain(named))
	}
	if result.Met {
		fmt.Fprintf(e.Stdout, "The policy is met: %s.\n", say.Count(len(result.Checks), "demand"))
		return
	}
	fmt.Fprintf(e.Stdout, "The policy is not met: %d of %s.\n", missed, say.Count(len(result.Checks), "demand"))
}
