package evalcmd

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/report"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/say"
)

func writePage(path string, page report.Page) error {
	var b bytes.Buffer
	if err := report.HTML(&b, page); err != nil {
		return err
	}
	return disk.Write(path, b.Bytes())
}

type reportCommand struct {
	File string `arg:"" name:"run" help:"The run's JSON file."`
	HTML string `name:"html" required:"" help:"Write the page to this file." placeholder:"FILE"`
}

func (*reportCommand) Help() string {
	return "Writes one HTML file that loads nothing: figures, charts, and a page for each case with its evidence, draft and difference to the gold reply. " +
		"It shows customers' messages: keep it as you keep the tickets.\n\n" +
		"Example:\n  purser eval report new.json --html new.html"
}

func (c *reportCommand) Run(e *console.Env) error {
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
	fmt.Fprintf(e.Stdout, "%s: %s\n", console.Plain(c.HTML), say.Count(len(run.Cases), "case"))
	return nil
}
