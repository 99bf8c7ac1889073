package evalcmd

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/eval/sample"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
	suggestpostgres "github.com/purser-desk/purser/suggest/postgres"
)

type sampleCommand struct {
	wiring.WorkspaceFlag
	Out         string `required:"" help:"Folder to write; it must be empty or not there." placeholder:"DIR"`
	From        string `help:"First day, such as 2026-10-01 (UTC). Default: 90 days before the last." placeholder:"DATE"`
	To          string `help:"Last day (UTC). Default: now." placeholder:"DATE"`
	N           int    `name:"n" default:"400" help:"Cases to take, at most."`
	PerStratum  int    `default:"10" help:"Cases to take of each kind of what happened, as far as there are so many."`
	Seed        uint64 `default:"1" help:"Seed of the sample; the same seed takes the same cases."`
	KeyFile     string `type:"existingfile" help:"A file with a secret that ids and pseudonyms are made with. Default: the workspace's id." placeholder:"FILE"`
	NoKnowledge bool   `help:"Leave the articles out; the suite then runs with --workspace."`
	JSON        bool   `name:"json" help:"Print the report as JSON."`
}

func (*sampleCommand) Help() string {
	return "Samples all messages that could have been answered, whatever became of them: drafts that were approved, edited, discarded or ignored, no draft, " +
		"what was left to a person, replies without a suggestion. Weights undo the sampling. Names, addresses, numbers and codes become pseudonyms of the same kind; " +
		"a person must still read the suite before it leaves the house. Reads only.\n\n" +
		"Example:\n  purser eval sample --workspace skerry --from 2026-10-01 --to 2026-10-31 --out october/\n  purser eval check --data october/"
}

func (c *sampleCommand) Run(ctx context.Context, e *console.Env) error {
	begin, end, err := c.window(time.Now())
	if err != nil {
		return err
	}
	if c.N < 1 || c.PerStratum < 1 {
		return console.Usagef("--n and --per-stratum must be at least 1")
	}
	if err := sample.CheckFolder(c.Out); err != nil {
		return err
	}
	l, err := c.Open(ctx, e)
	if err != nil {
		return err
	}
	defer l.DB.Close()
	key, err := c.key(l)
	if err != nil {
		return err
	}
	public := &sample.Public{}
	articles, err := l.Articles(ctx, func(d *knowledge.Document) { public.Add(d) })
	if err != nil {
		return err
	}
	if articles.Articles == 0 && !c.NoKnowledge {
		return fmt.Errorf("the workspace has no published articles, so the suite could not be run; import some, or leave them out with --no-knowledge")
	}
	progress, finish := console.Steps(e, c.N, "cases", c.JSON)
	suite, err := sample.Take(ctx, sample.Options{
		History: suggestpostgres.New(l.DB), Workspace: l.Workspace, Public: public,
		Begin: begin, End: end, N: c.N, PerStratum: c.PerStratum, Seed: c.Seed, Key: key,
		Progress: progress,
	})
	finish()
	if err != nil {
		return err
	}
	suite.Report.Articles = articles.Articles
	if c.NoKnowledge {
		articles.Content, suite.Report.Articles = nil, 0
	}
	if err := suite.Write(c.Out, articles.Content); err != nil {
		return err
	}
	if c.JSON {
		return console.PrintValue(e.Stdout, suite.Report)
	}
	c.show(e, &suite.Report)
	return nil
}

// defaultDays is how far back a sample goes that does not say.
const defaultDays = 90

// window is the time from midnight of the first day to the end of the last.
func (c *sampleCommand) window(now time.Time) (begin, end time.Time, err error) {
	end = now.UTC()
	if c.To != "" {
		last, err := time.Parse(time.DateOnly, c.To)
		if err != nil {
			return begin, end, console.Usagef("--to %q is no day; give one such as 2026-10-31", c.To)
		}
		end = last.AddDate(0, 0, 1)
	}
	begin = end.AddDate(0, 0, -defaultDays)
	if c.From != "" {
		if begin, err = time.Parse(time.DateOnly, c.From); err != nil {
			return begin, end, console.Usagef("--from %q is no day; give one such as 2026-10-01", c.From)
		}
	}
	if !begin.Before(end) {
		return begin, end, console.Usagef("--from lies behind --to; give a time that has passed")
	}
	return begin, end, nil
}

// minKey is how many bytes a secret must have.
const minKey = 16

func (c *sampleCommand) key(l *wiring.ReadOnly) ([]byte, error) {
	if c.KeyFile == "" {
		return []byte(l.Workspace), nil
	}
	key, err := os.ReadFile(c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read --key-file: %w", err)
	}
	if len(key) < minKey {
		return nil, console.Usagef("--key-file %s holds fewer than %d bytes; put a random secret into it", c.KeyFile, minKey)
	}
	return key, nil
}

func (c *sampleCommand) show(e *console.Env, r *sample.Report) {
	var rows [][]string
	for _, s := range r.Strata {
		var expect string
		for _, name := range slices.Sorted(maps.Keys(s.Expect)) {
			expect += fmt.Sprintf("%s %d  ", name, s.Expect[name])
		}
		rows = append(rows, []string{s.Name, strconv.Itoa(s.Population), strconv.Itoa(s.Sampled), fmt.Sprintf("%.2f", s.Weight), expect})
	}
	console.PrintTable(e.Stdout, []string{"What happened", "Messages", "Cases", "Weight", "Expected"}, rows)
	fmt.Fprintf(e.Stdout, "\n%s stand for %s. Replaced by pseudonyms:", say.Count(r.Cases, "case"), say.Count(r.Population, "message"))
	for _, kind := range slices.Sorted(maps.Keys(r.Replaced)) {
		fmt.Fprintf(e.Stdout, " %s %d", kind, r.Replaced[kind])
	}
	fmt.Fprintln(e.Stdout)
	for _, w := range r.Warnings {
		fmt.Fprintf(e.Stderr, "note: %s\n", w)
	}
	fmt.Fprintf(e.Stdout, "Next: %s eval check --data %s\n", console.ProgramName(), console.ShellWord(c.Out))
}
