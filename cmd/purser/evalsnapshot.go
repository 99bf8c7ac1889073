package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
)

type evalSnapshotCommand struct {
	workspaceFlag
	Out  string `required:"" help:"Folder of a suite, into which kb.jsonl is written; or a file that ends in .jsonl. What is there is not overwritten." placeholder:"DIR"`
	JSON bool   `name:"json" help:"Print file, number of articles and hash as JSON."`
}

func (*evalSnapshotCommand) Help() string {
	return "Writes the articles that are published and valid now, with all that search and drafting look at, in an order that does not change: " +
		"the same articles give the same bytes and the same hash, which runs record. Reads only.\n\n" +
		"Example:\n  purser eval snapshot --workspace skerry --out suite/"
}

func (c *evalSnapshotCommand) Run(ctx context.Context, e *env) error {
	file := c.Out
	if !strings.EqualFold(filepath.Ext(file), ".jsonl") {
		file = filepath.Join(c.Out, suite.KnowledgeFile)
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already and is not overwritten; name another place, or remove it first", file)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at %s: %w", file, err)
	}
	l, err := c.open(ctx, e)
	if err != nil {
		return err
	}
	defer l.db.Close()
	s, err := l.articles(ctx, nil)
	if err != nil {
		return err
	}
	if s.articles == 0 {
		return errors.New("the workspace has no published articles that are valid now; import some, or name another workspace")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if err := disk.Write(file, s.content); err != nil {
		return err
	}
	if c.JSON {
		return printValue(e.stdout, map[string]any{"file": file, "articles": s.articles, "knowledge_hash": s.hash})
	}
	fmt.Fprintf(e.stdout, "%s: %s, hash %s\n", plain(file), counted(s.articles, "article", "articles"), s.hash)
	return nil
}
