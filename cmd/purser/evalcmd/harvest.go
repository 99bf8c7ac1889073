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
	"github.com/purser-desk/purser/eval/harvest"
	"github.com/purser-desk/purser/internal/pii"
	"github.com/purser-desk/purser/knowledge"
	suggestpostgres "github.com/purser-desk/purser/suggest/postgres"
)

type harvestCommand struct {
	wiring.WorkspaceFlag
	Out         string `required:"" help:"Folder to write; it must be empty or not there." placeholder:"DIR"`
	From        string `help:"First day, such as 2026-10-01 (UTC). Default: 90 days before the last." placeholder:"DATE"`
	To          string `help:"Last day (UTC). Default: now." placeholder:"DATE"`
	N           int    `name:"n" default:"400" help:"Cases to take, at most."`
	PerStratum  int    `default:"10" help:"Cases to take of each kind of what happened, as far as there are so many."`
	Seed        uint64 `default:"1" help:"Seed of the sample; the same seed takes the same cases."`
	KeyFile     string `type:"existingfile" help:"A file with a secret that ids and stand-ins are made with. Default: the workspace's id." placeholder:"FILE"`
	NoKnowledge bool   `help:"Leave the articles out; the suite then runs with --workspace."`
	JSON        bool   `name:"json" help:"Print the report as JSON."`
}

func (*harvestCommand) Help() string {
	return "Samples all messages that could have been answered, whatever became of them: drafts that were approved, edited, discarded or ignored, silence, " +
		"what was left to a person, replies without a suggestion. Weights undo the sampling. Names, addresses, numbers and codes become stand-ins of the same kind; " +
		"a person must still read the suite before it leaves the house. Reads only.\n\n" +
		"Example:\n  purser eval harvest --workspace skerry --from 2026-10-01 --to 2026-10-31 --out harvest/\n  purser eval check --data harvest/"
}

func (c *harvestCommand) Run(ctx context.Context, e *console.Env) error {
	begin, end, err := c.window(time.Now())
	if err != nil {
		return err
	}
	if c.N < 1 || c.PerStratum < 1 {
		return console.Usagef("--n and --per-stratum must be at least 1")
	}
	if err := harvest.CheckFolder(c.Out); err != nil {
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
	public := &harvest.Public{}
	articles, err := l.Articles(ctx, func(d *knowledge.Document) { public.Add(d) })
	if err != nil {
		return err
	}
	if articles.Articles == 0 && !c.NoKnowledge {
		return fmt.Errorf("the workspace has no published articles, so the suite could not be run; import some, or leave them out with --no-knowledge")
	}
	bar := console.Progress(e, c.N, "cases", c.JSON)
	harvested, err := harvest.Harvest(ctx, harvest.Options{
		History: suggestpostgres.New(l.DB), Workspace: l.Workspace, Public: public, Redactor: newTicketRedactor,
		Begin: begin, End: end, N: c.N, PerStratum: c.PerStratum, Seed: c.Seed, Key: key,
		Progress: func(done, total int) {
			bar.ChangeMax(total)
			_ = bar.Set(done)
		},
	})
	_ = bar.Finish()
	if err != nil {
		return err
	}
	harvested.Report.Articles = articles.Articles
	if c.NoKnowledge {
		articles.Content, harvested.Report.Articles = nil, 0
	}
	if err := harvested.Write(c.Out, articles.Content); err != nil {
		return err
	}
	if c.JSON {
		return console.PrintValue(e.Stdout, harvested.Report)
	}
	c.show(e, &harvested.Report)
	return nil
}

// newTicketRedactor makes what hides the personal data of one ticket.
func newTicketRedactor(locale string, known []harvest.Known) harvest.Redactor {
	values := make([]pii.Known, len(known))
	for i, k := range known {
		values[i] = pii.Known{Kind: pii.Kind(k.Kind), Value: k.Value}
	}
	return pii.NewRedactor(locale, values)
}

// defaultDays is how far back a harvest goes that does not say.
const defaultDays = 90

// window is the time from midnight of the first day to the end of the last.
func (c *harvestCommand) window(now time.Time) (begin, end time.Time, err error) {
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

func (c *harvestCommand) key(l *wiring.ReadOnly) ([]byte, error) {
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

func (c *harvestCommand) show(e *console.Env, r *harvest.Report) {
	var rows [][]string
	for _, s := range r.Strata {
		var expect string
		for _, name := range slices.Sorted(maps.Keys(s.Expect)) {
			expect += fmt.Sprintf("%s %d  ", name, s.Expect[name])
		}
		rows = append(rows, []string{s.Name, strconv.Itoa(s.Population), strconv.Itoa(s.Sampled), fmt.Sprintf("%.2f", s.Weight), expect})
	}
	console.PrintTable(e.Stdout, []string{"What happened", "Messages", "Cases", "Weight", "Expected"}, rows)
	fmt.Fprintf(e.Stdout, "\n%s stand for %s. Exchanged for stand-ins:", console.Counted(r.Cases, "case", "cases"), console.Counted(r.Population, "message", "messages"))
	for _, kind := range slices.Sorted(maps.Keys(r.Redacted)) {
		fmt.Fprintf(e.Stdout, " %s %d", kind, r.Redacted[kind])
	}
	fmt.Fprintln(e.Stdout)
	for _, w := range r.Warnings {
		fmt.Fprintf(e.Stderr, "note: %s\n", w)
	}
	fmt.Fprintf(e.Stdout, "Next: %s eval check --data %s\n", console.ProgramName(), console.ShellWord(c.Out))
}
