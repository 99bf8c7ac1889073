package evalcmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/langid"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/source"
)

type initCommand struct {
	Dir string `arg:"" help:"Folder to write into; it is made when it is not there."`
}

func (*initCommand) Help() string {
	return "Writes articles, tickets, a policy and a description, and never overwrites a file.\n\n" +
		"Example:\n  purser eval init suite/\n  purser eval check --data suite/"
}

func (c *initCommand) Run(e *console.Env) error {
	names, err := suite.Init(c.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		fmt.Fprintln(e.Stdout, filepath.Join(c.Dir, name))
	}
	fmt.Fprintf(e.Stdout, "Next: %s eval check --data %s\n", console.ProgramName(), console.ShellWord(c.Dir))
	return nil
}

type checkCommand struct {
	Data string `required:"" help:"Folder of the suite: its tickets and articles. A file of tickets is checked without articles." placeholder:"DIR"`
	JSON bool   `name:"json" help:"Print everything that was found as JSON."`
}

func (*checkCommand) Help() string {
	return "Names cases that are broken or contradict themselves or one another, and gold articles that are not there (errors); cases that repeat " +
		"one another, wholly or nearly, gold replies or questions that stand in an article word for word or nearly, texts in another language than the case " +
		"says, fields that are not read (warnings). Exit code 1 when there is an error.\n\n" +
		"Example:\n  purser eval check --data suite/"
}

func (c *checkCommand) Run(ctx context.Context, e *console.Env) error {
	s, articles, err := c.read(ctx)
	var broken *suite.Error
	if errors.As(err, &broken) {
		found := checked{Errors: broken.Count, Problems: checkedProblems(broken.Problems)}
		return errors.Join(found.print(e, c.JSON, suite.MaxNamed),
			fmt.Errorf("%s in the suite; mend what is listed above", say.Count(broken.Count, "error")))
	}
	if err != nil {
		return err
	}
	problems := append(s.Check(articles.Documents), s.CheckLanguages(langid.NewDetector())...)
	slices.SortStableFunc(problems, func(a, b knowledge.Problem) int { return cmp.Compare(a.Line, b.Line) })
	found := checked{
		Cases: len(s.Cases), Articles: len(articles.Documents), Errors: articles.Errors, Warnings: articles.Warnings,
		Problems: checkedProblems(append(articles.Problems, problems...)), noArticles: articles.Documents == nil,
	}
	for _, p := range problems {
		if p.Severity == knowledge.SeverityError {
			found.Errors++
		} else {
			found.Warnings++
		}
	}
	for i := range s.Cases {
		if s.Cases[i].Expect == suite.ExpectOpen {
			found.Open++
		}
	}
	err = found.print(e, c.JSON, len(found.Problems))
	if found.Errors > 0 {
		err = errors.Join(err, fmt.Errorf("%s and %s in the suite; mend the errors listed above",
			say.Count(found.Errors, "error"), say.Count(found.Warnings, "warning")))
	}
	return err
}

// checked is what a check found. Errors and warnings may be more than the
// problems that are named.
type checked struct {
	Cases      int              `json:"cases"`
	Open       int              `json:"open"`
	Articles   int              `json:"articles"`
	Errors     int              `json:"errors"`
	Warnings   int              `json:"warnings"`
	Problems   []checkedProblem `json:"problems"`
	noArticles bool
}

type checkedProblem struct {
	Severity string `json:"severity"`
	Kind     string `json:"kind"`
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Message  string `json:"message"`
	says     string
}

func checkedProblems(problems []knowledge.Problem) []checkedProblem {
	out := make([]checkedProblem, len(problems))
	for i, p := range problems {
		out[i] = checkedProblem{"warning", string(p.Kind), p.Origin, p.Line, p.Message, p.Error()}
		if p.Severity == knowledge.SeverityError {
			out[i].Severity = "error"
		}
	}
	return out
}

// print prints what was found: everything as JSON, or at most that many problems
// as text, and what was checked when there is no error.
func (f *checked) print(e *console.Env, asJSON bool, most int) error {
	if asJSON {
		return console.PrintValue(e.Stdout, f)
	}
	named := f.Problems[:min(most, len(f.Problems))]
	for _, p := range named {
		fmt.Fprintf(e.Stdout, "%s: %s\n", p.Severity, console.Plain(p.says))
	}
	if more := f.Errors + f.Warnings - len(named); more > 0 {
		all := ""
		if len(f.Problems) > len(named) {
			all = "; --json names them"
		}
		fmt.Fprintf(e.Stdout, "and %d more%s\n", more, all)
	}
	if f.Errors > 0 {
		return nil
	}
	if f.Open > 0 {
		fmt.Fprintf(e.Stdout, "%s of %d: nobody has said what is expected, so they count only where that does not matter\n", say.Count(f.Open, "case"), f.Cases)
	}
	of := say.Count(f.Articles, "article")
	if f.noArticles {
		of = "no articles to check them against"
	}
	fmt.Fprintf(e.Stdout, "%s and %s, no errors, %s\n", say.Count(f.Cases, "case"), of, say.Count(f.Warnings, "warning"))
	return nil
}

// read reads the suite and its articles; none for a file of tickets.
func (c *checkCommand) read(ctx context.Context) (suite.Suite, source.Result, error) {
	if info, err := os.Stat(c.Data); err == nil && !info.IsDir() {
		s, err := suite.ReadTickets(c.Data)
		return s, source.Result{}, err
	}
	s, err := suite.Read(c.Data)
	if err != nil {
		return s, source.Result{}, err
	}
	articles, err := source.Read(ctx, s.Knowledge, source.Options{Locale: "en"})
	if articles.Documents == nil {
		articles.Documents = []knowledge.Document{}
	}
	return s, articles, err
}
