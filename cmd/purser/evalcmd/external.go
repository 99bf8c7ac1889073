package evalcmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/external"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/langid"
)

type importRunCommand struct {
	Data   string `required:"" help:"Folder of the suite that the other system answered." placeholder:"DIR"`
	File   string `name:"run" required:"" help:"Its answers, one JSON object a line: id, ranked (keys of articles, best first), text (empty for no draft); where known cited, evidence (key, text), claims (text, cited), outcome, reason, confidence, ms, model, prompt_tokens, completion_tokens, error." placeholder:"FILE"`
	Prices string `help:"Table of what models cost by a million tokens, as for \"eval run\"." placeholder:"FILE"`
	System string `required:"" help:"Name of the system." placeholder:"NAME"`
	JSON   string `name:"json" required:"" help:"Write the run to this file; \"-\" prints it." placeholder:"OUT"`
}

func (*importRunCommand) Help() string {
	return "Makes a run of what another system answered to the same tickets, scored like Purser's own, so that both can be compared case by case. " +
		"Every ticket of the suite must be answered. What no line tells, or a line gives as null, is not known, and metrics that need it count no case.\n\n" +
		"Example:\n  purser eval import-run --data suite/ --run theirs.jsonl --system rival-2 --json theirs.json"
}

func (c *importRunCommand) Run(ctx context.Context, e *console.Env) error {
	if strings.TrimSpace(c.System) == "" {
		return console.Usagef("--system is empty; give the name of the system that answered")
	}
	if err := errors.Join(keepInputs([]string{c.File, c.Prices}, c.JSON), keepSuite(c.Data, c.JSON)); err != nil {
		return err
	}
	s, err := suite.Read(c.Data)
	if err != nil {
		return err
	}
	o := eval.ScorerOptions{Detect: langid.NewDetector().Detect}
	if c.Prices != "" {
		prices, err := eval.ReadPrices(c.Prices)
		if err != nil {
			return err
		}
		o.Prices = &prices
	}
	documents, err := readSuiteDocuments(ctx, e, s)
	if err != nil {
		return err
	}
	keys := suite.Keys(documents)
	if err := s.CheckGold(keys); err != nil {
		return err
	}
	report, notes, err := external.Import(s, c.File, c.System, o)
	if err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintf(e.Stderr, "warning: %s\n", console.Plain(n.Error()))
	}
	foreign, err := external.Foreign(&report, keys)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	for _, f := range foreign {
		fmt.Fprintf(e.Stderr, "warning: %s\n", console.Plain(f))
	}
	return printResult(e, &report, c.JSON)
}
