package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/source"
)

type evalInitCommand struct {
	Dir string `arg:"" help:"Folder to write into; it is made when it is not there."`
}

func (*evalInitCommand) Help() string {
	return "Writes articles, tickets, a policy and a description, and never overwrites a file.\n\n" +
		"Example:\n  purser eval init suite/\n  purser eval check --data suite/"
}

func (c *evalInitCommand) Run(e *env) error {
	names, err := suite.Init(c.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		fmt.Fprintln(e.stdout, filepath.Join(c.Dir, name))
	}
	fmt.Fprintf(e.stdout, "Next: %s eval check --data %s\n", programName(), shellWord(c.Dir))
	return nil
}

type evalCheckCommand struct {
	Data string `required:"" help:"Folder of the suite: its tickets and articles. A file of tickets is checked without articles." placeholder:"DIR"`
	JSON bool   `name:"json" help:"Print everything that was found as JSON."`
}

func (*evalCheckCommand) Help() string {
	return "Names cases that are broken or contradict themselves or one another, and gold articles that are not there (errors); cases that repeat " +
		"one another, wholly or nearly, gold replies or questions that stand in an article word for word or nearly, texts in another language than the case " +
		"says, fields that are not read (warnings). Exit code 1 when there is an error.\n\n" +
		"Example:\n  purser eval check --data suite/"
}

func (c *evalCheckCommand) Run(ctx context.Context, e *env) error {
	s, articles, err := c.read(ctx)
	var broken *suite.Error
	if errors.As(err, &broken) {
		found := checked{Errors: broken.Count, Problems: checkedProblems(broken.Problems)}
		return errors.Join(found.print(e, c.JSON, suite.MaxNamed),
			fmt.Errorf("%s in the suite; mend what is listed above", counted(broken.Count, "error", "errors")))
	}
	if err != nil {
		return err
	}
	problems := append(s.Check(articles.Documents), s.CheckLanguages(text.NewDetector())...)
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
			counted(found.Errors, "error", "errors"), counted(found.Warnings, "warning", "warnings")))
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
func (f *checked) print(e *env, asJSON bool, most int) error {
	if asJSON {
		return printValue(e.stdout, f)
	}
	named := f.Problems[:min(most, len(f.Problems))]
	for _, p := range named {
		fmt.Fprintf(e.stdout, "%s: %s\n", p.Severity, plain(p.says))
	}
	if more := f.Errors + f.Warnings - len(named); more > 0 {
		all := ""
		if len(f.Problems) > len(named) {
			all = "; --json names them"
		}
		fmt.Fprintf(e.stdout, "and %d more%s\n", more, all)
	}
	if f.Errors > 0 {
		return nil
	}
	if f.Open > 0 {
		fmt.Fprintf(e.stdout, "%s of %d: nobody has said what is expected, so they count only where that does not matter\n", counted(f.Open, "case", "cases"), f.Cases)
	}
	of := counted(f.Articles, "article", "articles")
	if f.noArticles {
		of = "no articles to check them against"
	}
	fmt.Fprintf(e.stdout, "%s and %s, no errors, %s\n", counted(f.Cases, "case", "cases"), of, counted(f.Warnings, "warning", "warnings"))
	return nil
}

// read reads the suite and its articles; none for a file of tickets.
func (c *evalCheckCommand) read(ctx context.Context) (suite.Suite, source.Result, error) {
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

type evalImportRunCommand struct {
	Data   string `required:"" help:"Folder of the suite that the other system answered." placeholder:"DIR"`
	File   string `name:"run" required:"" help:"Its answers, one JSON object a line: id, ranked (keys of articles, best first), text (empty for silence); where known cited, evidence (key, text), claims (text, cited), outcome, reason, confidence, ms, model, prompt_tokens, completion_tokens, error." placeholder:"FILE"`
	Prices string `help:"Table of what models cost by a million tokens, as for \"eval run\"." placeholder:"FILE"`
	System string `required:"" help:"Name of the system." placeholder:"NAME"`
	JSON   string `name:"json" required:"" help:"Write the run to this file; \"-\" prints it." placeholder:"OUT"`
}

func (*evalImportRunCommand) Help() string {
	return "Makes a run of what another system answered to the same tickets, scored like Purser's own, so that both can be compared case by case. " +
		"Every ticket of the suite must be answered.\n\n" +
		"Example:\n  purser eval import-run --data suite/ --run theirs.jsonl --system rival-2 --json theirs.json"
}

func (c *evalImportRunCommand) Run(ctx context.Context, e *env) error {
	if strings.TrimSpace(c.System) == "" {
		return usagef("--system is empty; give the name of the system that answered")
	}
	if info, err := os.Stat(c.File); err != nil || info.IsDir() {
		return fmt.Errorf("%s: there is no such file; name the file of answers, one JSON object a line", c.File)
	}
	if err := errors.Join(keepInputs([]string{c.File, c.Prices}, c.JSON), keepSuite(c.Data, c.JSON)); err != nil {
		return err
	}
	s, err := suite.Read(c.Data)
	if err != nil {
		return err
	}
	o := eval.Options{Detect: text.NewDetector().Detect}
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
	report, err := eval.ImportRun(s, c.File, c.System, o)
	if err != nil {
		return err
	}
	if err := c.foreign(e, &report, keys); err != nil {
		return err
	}
	return printReport(e, &report, c.JSON)
}

// foreign tells of ranked articles that the suite does not hold: under other
// keys every answer would pass for a miss.
func (c *evalImportRunCommand) foreign(e *env, report *eval.Report, keys map[string]bool) error {
	var unknown []string
	known := false
	for i := range report.Cases {
		for _, key := range report.Cases[i].Ranked {
			if keys[key] {
				known = true
			} else if !slices.Contains(unknown, key) {
				unknown = append(unknown, key)
			}
		}
	}
	switch {
	case len(unknown) == 0:
		return nil
	case !known:
		return fmt.Errorf("%s: no article in ranked is one of the suite's, such as %q; name articles by the keys that the suite's knowledge has", c.File, unknown[0])
	}
	fmt.Fprintf(e.stderr, "warning: %s in ranked, such as %q, that the suite's knowledge does not hold; they count as misses\n",
		counted(len(unknown), "article stands", "articles stand"), plain(unknown[0]))
	return nil
}

type evalBaselineCommand struct {
	Promote evalPromoteCommand `cmd:"" help:"Keep an accepted run as the one that later runs are compared with."`
}

type evalPromoteCommand struct {
	File string `arg:"" name:"run" help:"The run's JSON file."`
	To   string `required:"" help:"File to keep it in; what it held is replaced." placeholder:"FILE"`
}

func (*evalPromoteCommand) Help() string {
	return "Copies the run to the byte. A run that was ended early, or in which a case failed, is refused.\n\n" +
		"Example:\n  purser eval baseline promote new.json --to suite/baseline.json"
}

func (c *evalPromoteCommand) Run(e *env) error {
	run, err := eval.ReadReport(c.File)
	if err != nil {
		return err
	}
	failed := 0
	for i := range run.Cases {
		if run.Cases[i].Error != "" {
			failed++
		}
	}
	switch {
	case run.Part != nil:
		return fmt.Errorf("%s: the run is of a part of the suite (%s); run all of it before it becomes the baseline", c.File, run.Coverage())
	case run.Partial:
		return fmt.Errorf("%s: the run was ended after %d of %s; finish it before it becomes the baseline", c.File, len(run.Cases), counted(run.Suite.Cases, "case", "cases"))
	case failed > 0 || run.Errors > 0:
		return fmt.Errorf("%s: %s failed; a baseline must be without failures, so run again", c.File, counted(max(failed, run.Errors), "case", "cases"))
	}
	if err := c.replaces(); err != nil {
		return err
	}
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read the run again: %w", err)
	}
	if err := disk.Write(c.To, raw); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s is the baseline now: %s, %s\n", plain(c.To), plain(run.Suite.Name), counted(len(run.Cases), "case", "cases"))
	return nil
}

// replaces fails when the file to write to holds what is no run.
func (c *evalPromoteCommand) replaces() error {
	if err := disk.CanWrite(c.To); err != nil {
		return err
	}
	// What is not there, is no file, or is empty is no loss.
	if info, err := os.Stat(c.To); err == nil && (!info.Mode().IsRegular() || info.Size() == 0) {
		return nil
	} else if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := eval.ReadReport(c.To); err != nil {
		return fmt.Errorf("%s is there already and is no run, so it is not replaced; name another file, or remove it first", c.To)
	}
	return nil
}

// printReport shows a run as a table; file is where its JSON goes: "" nowhere,
// "-" to standard output in place of the table. The table is shown also when
// the file can't be written.
func printReport(e *env, report *eval.Report, file string) error {
	if file == "-" {
		raw, err := report.JSON()
		if err == nil {
			_, err = e.stdout.Write(raw)
		}
		return err
	}
	return errors.Join(printPlain(e.stdout, report.WriteTable), writeReport(report, file))
}

func writeReport(report *eval.Report, file string) error {
	if file == "" {
		return nil
	}
	raw, err := report.JSON()
	if err != nil {
		return err
	}
	return disk.Write(file, raw)
}

// printPlain prints what write writes, without what could steer a terminal.
func printPlain(w io.Writer, write func(io.Writer) error) error {
	var b strings.Builder
	if err := write(&b); err != nil {
		return err
	}
	_, err := io.WriteString(w, plain(b.String()))
	return err
}

// keepInputs refuses outputs that would overwrite what was read, or one
// another. Outputs may be "" or "-".
func keepInputs(inputs []string, outputs ...string) error {
	taken := append([]string{}, inputs...)
	for _, out := range outputs {
		if out == "" || out == "-" {
			continue
		}
		for _, t := range taken {
			if t != "" && (filepath.Clean(t) == filepath.Clean(out) || sameFile(t, out)) {
				return usagef("%s would be overwritten; write to another file", out)
			}
		}
		taken = append(taken, out)
	}
	return nil
}

// keepOthers refuses an output in place of a regular file that does not begin as
// what is written does: it is something else, and somebody may need it.
func keepOthers(out, begins string) error {
	if out == "" {
		return nil
	}
	if info, err := os.Stat(out); err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil
	}
	f, err := os.Open(out)
	if err != nil {
		return usagef("%s is there and can't be read; write to another file", out)
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, len(begins))
	if n, _ := io.ReadFull(f, head); !strings.EqualFold(string(head[:n]), begins) {
		return usagef("%s holds something else and would be overwritten; write to another file", out)
	}
	return nil
}

// What the files that evaluation writes for others begin with.
const (
	beginsPage  = "<!doctype html"
	beginsJUnit = "<?xml"
)

// keepSuite refuses an output that would overwrite a suite's tickets or
// articles; the suite is a folder, or a file of tickets.
func keepSuite(dir, out string) error {
	if dir == "" || out == "" || out == "-" {
		return nil
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return keepInputs([]string{dir}, out)
	}
	if !suite.Holds(dir, out) {
		return nil
	}
	return usagef("%s is the suite's own and would be overwritten; write to another file", out)
}
