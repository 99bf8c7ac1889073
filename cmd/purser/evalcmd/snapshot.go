package evalcmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/say"
)

type snapshotCommand struct {
	wiring.WorkspaceFlag
	Out  string `required:"" help:"Folder of a suite, into which kb.jsonl is written; or a file that ends in .jsonl. What is there is not overwritten." placeholder:"DIR"`
	JSON bool   `name:"json" help:"Print file, number of articles and hash as JSON."`
}

func (*snapshotCommand) Help() string {
	return "Writes the articles that are published and valid now, with all that search and drafting look at, in an order that does not change: " +
		"the same articles give the same bytes and the same hash, which runs record. Reads only.\n\n" +
		"Example:\n  purser eval snapshot --workspace skerry --out suite/"
}

func (c *snapshotCommand) Run(ctx context.Context, e *console.Env) error {
	file := c.Out
	if !strings.EqualFold(filepath.Ext(file), ".jsonl") {
		file = filepath.Join(c.Out, suite.KnowledgeFile)
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already and is not overwritten; name another place, or remove it first", file)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at %s: %w", file, err)
	}
	l, err := c.Open(ctx, e)
	if err != nil {
		return err
	}
	defer l.DB.Close()
	s, err := l.Articles(ctx, nil)
	if err != nil {
		return err
	}
	if s.Articles == 0 {
		return errors.New("the workspace has no published articles that are valid now; import some, or name another workspace")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if err := disk.Write(file, s.Content); err != nil {
		return err
	}
	if c.JSON {
		return console.PrintValue(e.Stdout, map[string]any{"file": file, "articles": s.Articles, "knowledge_hash": s.Hash})
	}
	fmt.Fprintf(e.Stdout, "%s: %s, hash %s\n", console.Plain(file), say.Count(s.Articles, "article"), s.Hash)
	return nil
}
