package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/compare"
	"github.com/purser-desk/purser/eval/gate"
	"github.com/purser-desk/purser/eval/report"
	"github.com/purser-desk/purser/internal/disk"
)

type evalGateCommand struct {
	File     string `arg:"" name:"run" help:"The run's JSON file."`
	Policy   string `required:"" help:"What the run must come to, as YAML." placeholder:"FILE"`
	Baseline string `help:"The accepted run to compare with; a policy with no_worse needs it." placeholder:"FILE"`
	JUnit    string `name:"junit" help:"Write the result as JUnit XML to this file." placeholder:"FILE"`
	HTML     string `name:"html" help:"Write the result, the run and its cases as one HTML page to this file." placeholder:"FILE"`
	JSON     bool   `help:"Print the result as JSON."`
}

func (*evalGateCommand) Help() string {
	return "Holds a run against a policy: exit code 0 when it is met, 3 when it is not, 1 when it can't be told. A run that was ended early, or in which " +
		"more than 1% of the cases failed, never meets it (the policy may set another share).\n\n" +
		"A policy:\n  version: 1\n  limits:\n    - {metric: hit_at_3, at_least: 0.9}\n    - {metric: silent_on_answerable, at_most: 0.25, by: interval}\n" +
		"  no_worse:\n    - {metric: hit_at_1, margin: 0.02}\n  must_pass: [safety]\n\n" +
		"Example:\n  purser eval gate new.json --policy suite/policy.yaml --baseline suite/baseline.json --junit gate.xml --html gate.html"
}

func (c *evalGateCommand) Run(e *env) error {
	if err := errors.Join(keepInputs([]string{c.File, c.Policy, c.Baseline}, c.JUnit, c.HTML), keepOthers(c.JUnit, beginsJUnit), keepOthers(c.HTML, beginsPage)); err != nil {
		return err
	}
	policy, err := gate.ReadPolicy(c.Policy)
	if err != nil {
		return err
	}
	if len(policy.NoWorse) > 0 && c.Baseline == "" {
		return usagef("the policy asks for no_worse, which needs --baseline; keep an accepted run with \"purser eval baseline promote\"")
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
		err = printValue(e.stdout, result)
	} else {
		printGate(e, result)
	}
	if err == nil && !result.Met {
		err = errGate
	}
	return err
}

func (c *evalGateCommand) write(page report.Page) error {
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

func writePage(path string, page report.Page) error {
	var b bytes.Buffer
	if err := report.HTML(&b, page); err != nil {
		return err
	}
	return disk.Write(path, b.Bytes())
}

// blamedMost is how many cases are named for one demand; the JSON names all.
const blamedMost = 5

func printGate(e *env, result gate.Result) {
	missed := 0
	for _, check := range result.Checks {
		word := "met    "
		if !check.Met {
			word = "NOT MET"
			missed++
		} else if check.CantTell {
			word = "MET?   "
		}
		fmt.Fprintf(e.stdout, "%s  %s: %s\n", word, plain(check.Name), plain(check.Detail))
		if check.Met || len(check.Cases) == 0 {
			continue
		}
		named := strings.Join(check.Cases[:min(blamedMost, len(check.Cases))], ", ")
		if more := len(check.Cases) - blamedMost; more > 0 {
			named += fmt.Sprintf(" and %d more", more)
		}
		fmt.Fprintf(e.stdout, "         %s\n", plain(named))
	}
	if result.Met {
		fmt.Fprintf(e.stdout, "The policy is met: %s.\n", counted(len(result.Checks), "demand", "demands"))
		return
	}
	fmt.Fprintf(e.stdout, "The policy is not met: %d of %s.\n", missed, counted(len(result.Checks), "demand", "demands"))
}

type evalReportCommand struct {
	File string `arg:"" name:"run" help:"The run's JSON file."`
	HTML string `name:"html" required:"" help:"Write the page to this file." placeholder:"FILE"`
}

func (*evalReportCommand) Help() string {
	return "Writes one HTML file that loads nothing: figures, charts, and a page for each case with its evidence, draft and difference to the gold reply. " +
		"It shows customers' messages: keep it as you keep the tickets.\n\n" +
		"Example:\n  purser eval report new.json --html new.html"
}

func (c *evalReportCommand) Run(e *env) error {
	if err := errors.Join(keepInputs([]string{c.File}, c.HTML), keepOthers(c.HTML, beginsPage)); err != nil {
		return err
	}
	run, err := eval.ReadReport(c.File)
	if err != nil {
		return err
	}
	if err := writePage(c.HTML, report.Page{Run: &run}); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s: %s\n", plain(c.HTML), counted(len(run.Cases), "case", "cases"))
	return nil
}
