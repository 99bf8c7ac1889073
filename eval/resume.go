package eval

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/purser-desk/purser/eval/suite"
	"github.com/purser-desk/purser/suggest"
)

// ResumeError says why a run can't go on as this one.
type ResumeError struct{ Differences []string }

func (e *ResumeError) Error() string {
	return "the run to resume can't go on: " + strings.Join(e.Differences, "; ") + ". Begin anew, without --resume"
}

// Usage is what models were asked for.
type Usage struct {
	// Asked is how many cases a model drafted for.
	Asked            int `json:"asked"`
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	// Cost of all of it, in Currency; both are left out without prices.
	Cost     float64 `json:"cost,omitempty"`
	Currency string  `json:"currency,omitempty"`
}

func (u *Usage) add(c *CaseResult) {
	u.Cost += c.Scores[CostPer1000Tickets] / 1000
	if c.PromptTokens+c.CompletionTokens == 0 {
		return
	}
	u.Asked++
	u.PromptTokens += c.PromptTokens
	u.CompletionTokens += c.CompletionTokens
}

// account notes what a case was made by and used, and ends the run when it may
// not go on. The caller holds the lock.
func (r *runner) account(s suggest.Suggestion, record suggest.Record, c *CaseResult, cached bool) {
	if r.Resume != nil && r.config.Settings != nil && record.Settings != nil && !sameJSON(r.config.Settings, record.Settings) {
		r.refuse(&ResumeError{[]string{"it was made with other settings"}})
		return
	}
	if r.Resume != nil && r.config.Settings != nil && strings.Join(r.config.Profiles, "") != profileOf(record) {
		r.refuse(&ResumeError{[]string{"it was made with another confidence profile"}})
		return
	}
	r.config.add(s, record)
	if !cached {
		r.spend(c)
	}
}

// sameJSON compares without regard to blanks: a run in a file is indented.
func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return false
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}

// refuse ends the run with an error of its own.
func (r *runner) refuse(err error) {
	if r.refused == nil {
		r.refused = err
	}
	r.stop(r.refused)
}

// spend counts what a case used.
func (r *runner) spend(c *CaseResult) {
	if err := r.budget.spend(c.Model, c.PromptTokens, c.CompletionTokens); err != nil {
		r.stop(err)
	}
}

// resume takes over what an earlier run did well.
func (r *runner) resume() error {
	if r.Resume == nil {
		return nil
	}
	if differences := r.resumeDiffers(); len(differences) > 0 {
		return &ResumeError{differences}
	}
	earlier := r.Resume.ByID()
	for i := range r.cases {
		before, ok := earlier[r.cases[i].ID]
		if !ok || before.Error != "" {
			continue
		}
		r.results[i], r.done[i] = *before, true
		r.count++
		r.spend(before)
	}
	if r.count > 0 {
		r.config = r.Resume.Configuration
		r.config.Asked, r.config.Prices = r.Asked, r.Prices
	}
	return nil
}

// resumeDiffers tells why the run to resume can't go on as this one.
func (r *runner) resumeDiffers() []string {
	var out []string
	differs := func(is bool, what string) {
		if is {
			out = append(out, what)
		}
	}
	before := r.Resume
	differs(before.Suite.Hash != r.Suite.Hash, "the tickets have changed")
	differs(before.Suite.KnowledgeHash != r.Suite.KnowledgeHash, "the knowledge has changed")
	part := suite.Part{}
	if before.Part != nil {
		part = *before.Part
	}
	differs(!part.Equal(r.Part), "it ran another part of the suite")
	differs(!before.Configuration.Asked.equals(r.Asked), "the model was asked otherwise ("+before.Configuration.Asked.String()+"; now "+r.Asked.String()+")")
	differs(!reflect.DeepEqual(before.Configuration.Prices, r.Prices), "the prices are others")
	return out
}
