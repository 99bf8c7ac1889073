package evalcmd

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/judge"
	"github.com/purser-desk/purser/eval/responses"
	"github.com/purser-desk/purser/internal/llm"
	"github.com/purser-desk/purser/internal/pace"
	"github.com/purser-desk/purser/internal/say"
	chatopenai "github.com/purser-desk/purser/suggest/openai"
)

type judgeCommand struct {
	Rubric    judgeRubricCommand    `cmd:"" help:"Print the built-in rubric, to use or to write another from."`
	Calibrate judgeCalibrateCommand `cmd:"" help:"Measure how a judge agrees with people's ratings: its verdicts count only after that."`
	Run       judgeRunCommand       `cmd:"" help:"Have the judge judge the drafts of a run."`
}

type judgeRubricCommand struct{}

func (*judgeRubricCommand) Help() string {
	return "What a judge is told makes a reply pass. Another rubric is another judge, and needs a calibration of its own.\n\n" +
		"Example:\n  purser eval judge rubric > rubric.txt"
}

func (*judgeRubricCommand) Run(e *console.Env) error {
	_, err := fmt.Fprintln(e.Stdout, judge.DefaultRubric())
	return err
}

// judgeFlags are what every question to a judge takes.
type judgeFlags struct {
	settings.Flag
	answerFlags
	spendFlags
	Concurrency int `default:"4" help:"Replies judged at once, 1 to 64."`
}

// judgeSetup is a judge that is ready, and what asking it is bounded by.
type judgeSetup struct {
	judge  *judge.Judge
	limits eval.Limits
	prices *eval.Prices
	flags  *judgeFlags
}

// setUp joins a judge from settings and flags.
func (f *judgeFlags) setUp(e *console.Env, s judge.Settings) (*judgeSetup, error) {
	switch {
	case f.Concurrency < 1 || f.Concurrency > 64:
		return nil, console.Usagef("--concurrency is %d; give 1 to 64", f.Concurrency)
	case s.Times < 1:
		return nil, console.Usagef("--times is %d; give an odd number from 1 on", s.Times)
	}
	set, err := settings.Load(f.Config, e.Getenv)
	if err != nil {
		return nil, err
	}
	set.FillJudge()
	if set.JudgeModel == "" {
		return nil, console.Usagef("no judge is set up: set JUDGE_MODEL, and JUDGE_BASE_URL and JUDGE_API_KEY where it is not served with the model that drafts")
	}
	setup := &judgeSetup{flags: f}
	if setup.limits, setup.prices, err = f.read(nil); err != nil {
		return nil, err
	}
	if err := setup.prices.Check(set.JudgeModel); err != nil {
		return nil, err
	}
	model, err := f.ask(e, set, s.Temperature)
	if err != nil {
		return nil, err
	}
	s.Model = set.JudgeModel
	if setup.judge, err = judge.New(model, s); err != nil {
		return nil, console.Usagef("%w", err)
	}
	return setup, nil
}

// ask joins what asks the judge's model, and keeps its answers.
func (f *judgeFlags) ask(e *console.Env, s *settings.Settings, temperature float64) (judge.Model, error) {
	completer, err := chatopenai.NewCompleter(chatopenai.Options{
		BaseURL: s.JudgeURL, Key: s.JudgeKey, Model: s.JudgeModel, Temperature: temperature, MaxTokens: judgeMaxTokens,
		HTTPClient: llm.NewClient(llm.Options{HeaderTimeout: 2 * judgePatience}),
	})
	if err != nil {
		return nil, console.Usagef("%w", err)
	}
	dir, err := answersFolder(e, f.Answers, "judge")
	if err != nil {
		return nil, err
	}
	identity := fmt.Sprintf("%s %s temperature %g at most %d tokens", s.JudgeURL, s.JudgeModel, temperature, judgeMaxTokens)
	model := &judgeModel{completer, pace.New(float64(f.Rate))}
	return judge.NewCached(model, responses.Cache{Dir: dir, Identity: identity, Fresh: f.Fresh}), nil
}

func (s *judgeSetup) options(e *console.Env, total int, what string) (o judge.Options, finish func()) {
	progress, finish := console.Steps(e, total, what, false)
	if !console.IsTerminal(e.Stderr) {
		fmt.Fprintf(e.Stderr, "judging %d %s; answers are kept, so an interrupted judgement goes on where it stopped\n", total, what)
	}
	return judge.Options{Concurrency: s.flags.Concurrency, Limits: s.limits, Prices: s.prices, Progress: progress}, finish
}

// tell says what was asked for, and what it cost.
func (s *judgeSetup) tell(e *console.Env) {
	u := s.judge.Usage()
	cost := ""
	if s.prices != nil {
		cost = fmt.Sprintf(", %.4f %s", s.judge.Cost(s.prices), console.Plain(s.prices.Currency))
	}
	fmt.Fprintf(e.Stderr, "The judge was asked for %s (%d tokens in, %d out%s); %d more were kept from before.\n",
		say.Count(u.Asked, "answer"), u.AskedPromptTokens, u.AskedCompletionTokens, cost, u.Answers-u.Asked)
}

// judgeTemperature lets the runs of a judge differ, as they must to tell
// anything.
const judgeTemperature = .5

// What one answer of a judge may take.
const (
	judgeMaxTokens = 1000
	judgePatience  = 5 * time.Minute
)

// judgeModel asks over HTTP, evenly spaced.
type judgeModel struct {
	completer *chatopenai.Completer
	pace      *pace.Pace
}

// Answer implements judge.Model.
func (m *judgeModel) Answer(ctx context.Context, system, prompt string, seed int) (judge.Answer, error) {
	if !m.pace.Take(ctx) {
		return judge.Answer{}, context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, judgePatience)
	defer cancel()
	c, err := m.completer.Complete(ctx, system, prompt, seed)
	if err != nil {
		return judge.Answer{}, err
	}
	return judge.Answer{
		Text: c.Text, Served: c.Model, Cut: c.Finish == "length", Refused: c.Refused,
		PromptTokens: c.PromptTokens, CompletionTokens: c.CompletionTokens,
	}, nil
}

type judgeCalibrateCommand struct {
	judgeFlags
	Ratings     string  `required:"" help:"Replies that people rated: one JSON object a line with system_reply, accuracy (a list of ratings 1 to 5), and where known question, human_reply, gold_knowledge (a list of texts); or a folder with rated.jsonl." placeholder:"FILE"`
	Rubric      string  `help:"What makes a reply pass, as text. Default: the built-in one." placeholder:"FILE"`
	Times       int     `default:"3" help:"How often the judge is asked about each reply, odd; the majority counts."`
	Temperature float64 `default:"0.5" help:"0 to 2. At 0 many models answer the same each time, and asking again tells nothing."`
	Limit       int     `help:"Judge so many replies, drawn by --seed; 0 is all of them." placeholder:"N"`
	Seed        uint64  `default:"1" help:"The same seed draws the same replies."`
	Out         string  `required:"" help:"File to write the calibration to." placeholder:"FILE"`
}

func (*judgeCalibrateCommand) Help() string {
	return "Has the judge judge replies that people rated, and tells how far it agrees with their majority (a rating of 4 or 5 passes): κ, the share of what people " +
		"pass that it passes, the share of what people fail that it fails, how steady it is, and how often it gave no verdict. People's agreement among " +
		"themselves stands beside it: no judge need do better. The file holds the rubric, ratings and votes, and no customer's text.\n\n" +
		"A judge is trusted when, with its whole interval, κ reaches that of one person with the others (at least 0.21, at most 0.41), and it is better than a " +
		"coin, or than one person where that is less, both on what people pass and on what they fail. JUDGE_BASE_URL, JUDGE_API_KEY and JUDGE_MODEL name it.\n\n" +
		"The file is written either way, and the exit code is 3 when the judge is not trusted. An interrupted calibration goes on where it stopped.\n\n" +
		"Example:\n  purser eval judge calibrate --ratings rated.jsonl --limit 500 --out judge.json"
}

func (c *judgeCalibrateCommand) Run(ctx context.Context, e *console.Env) error {
	if c.Limit < 0 {
		return console.Usagef("--limit is %d; give a number from 0 on", c.Limit)
	}
	path, rated, info, err := judge.OpenRated(c.Ratings)
	if err != nil {
		return err
	}
	if err := keepInputs([]string{path, c.Rubric}, c.Out); err != nil {
		return err
	}
	rubric, err := readRubric(c.Rubric)
	if err != nil {
		return err
	}
	setup, err := c.setUp(e, judge.Settings{Rubric: rubric, Times: c.Times, Temperature: c.Temperature})
	if err != nil {
		return err
	}
	sample := judge.Sample(rated, c.Limit, c.Seed)
	options, finish := setup.options(e, len(sample), "replies")
	verdicts, err := judge.Calibrate(ctx, setup.judge, sample, options)
	finish()
	setup.tell(e)
	if err != nil {
		return err
	}
	info.Used, info.Seed = len(sample), c.Seed
	calibration := judge.NewCalibration(setup.judge, info, verdicts)
	if err := printResult(e, &calibration, c.Out); err != nil {
		return err
	}
	if !calibration.Trusted {
		return console.ErrGate
	}
	return nil
}

// readRubric reads a rubric; "" is the built-in one.
func readRubric(path string) (string, error) {
	if path == "" {
		return judge.DefaultRubric(), nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the rubric can't be read: %w", err)
	}
	if strings.TrimSpace(string(raw)) == "" {
		return "", console.Usagef("the rubric %s is empty; write what makes a reply pass, or start from \"purser eval judge rubric\"", path)
	}
	return string(raw), nil
}

type judgeRunCommand struct {
	judgeFlags
	File        string   `arg:"" name:"run" help:"The run's JSON file."`
	Calibration string   `help:"What \"calibrate\" wrote: rubric, number of runs and temperature are taken from it, and without it the verdicts do not count." placeholder:"FILE"`
	Rubric      string   `help:"Another rubric, as text." placeholder:"FILE"`
	Times       *int     `help:"Another number of runs, odd." placeholder:"N"`
	Temperature *float64 `help:"Another temperature, 0 to 2." placeholder:"T"`
	JSON        string   `name:"json" required:"" help:"Write the run with its verdicts to this file; \"-\" prints it." placeholder:"OUT"`
}

func (*judgeRunCommand) Help() string {
	return "Adds the judge's verdict to each case with a draft, and the metrics judge_pass and judge_pass_corrected: the share that it passes, and what people " +
		"would pass given how it errs. They stand among the metrics, for \"compare\" and \"gate\", only when the calibration is trusted and was made with the " +
		"same model, rubric, number of runs and temperature; otherwise the report shows the verdicts, and says why they do not count.\n\n" +
		"Example:\n  purser eval judge run new.json --calibration judge.json --json judged.json"
}

func (c *judgeRunCommand) Run(ctx context.Context, e *console.Env) error {
	if err := keepInputs([]string{c.File, c.Calibration, c.Rubric}, c.JSON); err != nil {
		return err
	}
	report, err := eval.ReadReport(c.File)
	if err != nil {
		return err
	}
	setup, calibration, err := c.ready(e)
	if err != nil {
		return err
	}
	if err := setup.review(ctx, e, &report, calibration); err != nil {
		return err
	}
	return printResult(e, &report, c.JSON)
}

// ready sets the judge up as its calibration says, but for what the flags say.
func (c *judgeRunCommand) ready(e *console.Env) (*judgeSetup, *judge.Calibration, error) {
	settings := judge.Settings{Rubric: judge.DefaultRubric(), Times: judge.DefaultTimes, Temperature: judgeTemperature}
	var calibration *judge.Calibration
	if c.Calibration != "" {
		read, err := judge.ReadCalibration(c.Calibration)
		if err != nil {
			return nil, nil, err
		}
		calibration = &read
		settings = judge.Settings{Rubric: read.Judge.Rubric, Times: read.Judge.Times, Temperature: read.Judge.Temperature}
	}
	if c.Rubric != "" {
		rubric, err := readRubric(c.Rubric)
		if err != nil {
			return nil, nil, err
		}
		settings.Rubric = rubric
	}
	if c.Times != nil {
		settings.Times = *c.Times
	}
	if c.Temperature != nil {
		settings.Temperature = *c.Temperature
	}
	setup, err := c.setUp(e, settings)
	return setup, calibration, err
}

// review adds verdicts to a run.
func (s *judgeSetup) review(ctx context.Context, e *console.Env, report *eval.Report, calibration *judge.Calibration) error {
	options, finish := s.options(e, report.Drafts(), "drafts")
	err := judge.Review(ctx, s.judge, report, calibration, options)
	finish()
	s.tell(e)
	return err
}
