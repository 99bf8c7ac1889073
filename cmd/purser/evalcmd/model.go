package evalcmd

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/local"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/responses"
	"github.com/purser-desk/purser/internal/say"
	chatopenai "github.com/purser-desk/purser/suggest/openai"
	"github.com/purser-desk/purser/suggest/pipeline"
)

// answerFlags say which of a model's answers are taken from what was kept.
type answerFlags struct {
	Answers string `help:"Folder in which a model's answers are kept by request, so that asking again costs nothing; default: \"answers\" in PURSER_HOME, a judge's \"judge\"." placeholder:"DIR"`
	Fresh   bool   `help:"Ask the model for every answer anew, and keep the new ones."`
}

// modelFlags say how an evaluation asks the configured model.
type modelFlags struct {
	answerFlags
	Seed *int `help:"Sent to the model with every request; another seed is another request." placeholder:"N"`
}

// spendFlags bound what an evaluation asks of a model.
type spendFlags struct {
	Prices       string   `help:"Table of what models cost by a million tokens, YAML or JSON: currency, models: {NAME: {prompt, completion}}." placeholder:"FILE"`
	BudgetTokens *int     `help:"End when the model has taken so many tokens; what it answered is kept." placeholder:"N"`
	BudgetMoney  *float64 `help:"End when the model has cost so much, in the currency of --prices." placeholder:"X"`
	Rate         rate     `help:"Ask the model at most so often, evenly spaced, such as 30/min." placeholder:"N/min"`
}

// read is what the flags say; prices are those that were known before where no
// table is named, and may be nil.
func (f *spendFlags) read(prices *eval.Prices) (eval.Limits, *eval.Prices, error) {
	l := eval.Limits{PerMinute: float64(f.Rate)}
	var err1, err2, err error
	l.Tokens, err1 = positive("--budget-tokens", f.BudgetTokens)
	l.Money, err2 = positive("--budget-money", f.BudgetMoney)
	if err = cmp.Or(err1, err2); err == nil && f.Prices != "" {
		prices = &eval.Prices{}
		*prices, err = eval.ReadPrices(f.Prices)
	}
	if err == nil && l.Money > 0 && prices == nil {
		err = console.Usagef("--budget-money needs --prices, a table of what models cost")
	}
	return l, prices, err
}

// positive is a flag whose absence means no bound, and is 0; 0 itself can't be
// given, since it would not be told from that.
func positive[N int | float64](flag string, n *N) (N, error) {
	switch {
	case n == nil:
		return 0, nil
	case *n <= 0, math.IsNaN(float64(*n)), math.IsInf(float64(*n), 0):
		return 0, console.Usagef("%s is %v; give a number above 0, or leave it out for no bound", flag, *n)
	}
	return *n, nil
}

// cachedModel is the model of an evaluation, with its kept answers.
type cachedModel struct {
	asked     *eval.Asked
	responses *responses.Drafter
}

// newCachedModel is nil when no model is configured. It fails for one that is not
// in a table of prices.
func newCachedModel(e *console.Env, s *settings.Settings, f modelFlags, prices *eval.Prices) (*cachedModel, error) {
	if s.ChatModel == "" {
		return nil, nil //nolint:nilnil // no model is a way to run
	}
	o := wiring.ChatOptions(s, wiring.QuietLogger(e, s))
	if err := prices.Check(o.Model); err != nil {
		return nil, err
	}
	o.Seed = f.Seed
	behind, err := chatopenai.New(o)
	if err != nil {
		return nil, err
	}
	dir, err := answersFolder(e, f.Answers, "answers")
	if err != nil {
		return nil, err
	}
	asked := &eval.Asked{Model: o.Model, MaxTokens: o.MaxTokens, Temperature: o.Temperature, Seed: o.Seed}
	if asked.Answers, err = answersIdentity(o.BaseURL, *asked); err != nil {
		return nil, err
	}
	return &cachedModel{asked, responses.New(behind, responses.Cache{Dir: dir, Identity: asked.Answers, Fresh: f.Fresh})}, nil
}

// answersIdentity tells models apart that answer under one name at two places,
// without naming the place.
func answersIdentity(endpoint string, asked eval.Asked) (string, error) {
	raw, err := json.Marshal([]any{endpoint, asked})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16]), nil
}

// answersFolder is where answers are kept. They hold what a model was sent, so
// others may not read them.
func answersFolder(e *console.Env, dir, name string) (string, error) {
	if dir != "" {
		return filepath.Abs(dir)
	}
	home, err := local.DefaultHome(e.Getenv)
	if err != nil {
		return "", err
	}
	// The embedded runtime's own user must be able to enter the home itself.
	_ = os.MkdirAll(home, 0o755) //nolint:gosec // a home that can't be made is told when an answer can't be kept
	return filepath.Join(home, name), nil
}

// drafter takes the place of the configured one.
func (m *cachedModel) drafter(pipeline.Drafter) pipeline.Drafter { return m.responses }

// cached reports by the ticket whether its draft was kept; nil without a model.
func (m *cachedModel) cached() func(id string) bool {
	if m == nil {
		return nil
	}
	return m.responses.Cached
}

// tell says what of the answers was asked for.
func (m *cachedModel) tell(e *console.Env) {
	if m == nil {
		return
	}
	kept, asked := m.responses.Counts()
	if kept+asked > 0 {
		fmt.Fprintf(e.Stderr, "The model was asked for %s; %d more were kept from before.\n", say.Count(int(asked), "answer"), kept)
	}
	if err := m.responses.Lost(); err != nil {
		fmt.Fprintf(e.Stderr, "warning: answers could not be kept, so running again asks again: %s\n", console.Plain(err.Error()))
	}
}

// rate is how many requests a minute, 0 for as many as can be.
type rate float64

// UnmarshalText reads "30/min", "2/s", "500/h" or "30", which is by the minute.
func (r *rate) UnmarshalText(raw []byte) error {
	number, unit, _ := strings.Cut(string(raw), "/")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	times := 0.
	for name, by := range map[string]float64{"minute": 1, "second": 60, "hour": 1. / 60} {
		if unit = strings.TrimSpace(unit); strings.HasPrefix(name, unit) && (unit != "" || name == "minute") {
			times = by
		}
	}
	if err != nil || times == 0 || !(n > 0) || n > 1e6 {
		return fmt.Errorf("%q is no rate; give one above 0, such as 30/min or 2/s", raw)
	}
	*r = rate(n * times)
	return nil
}
