package judge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/suggest"
)

// Review has the judge judge every draft of a run, and measures the run anew:
// its cases then hold opinions, and where the verdicts count the metrics
// eval.JudgePass and eval.JudgePassCorrected. They count when calibration, which
// may be nil, is trusted and was made with the very same judge. Opinions of an
// earlier review are replaced. It fails as Calibrate does, and then leaves the
// run as it was; drafts that the judge could not be asked about are reported as
// such when they are few.
func Review(ctx context.Context, j *Judge, r *eval.Report, calibration *Calibration, o Options) error {
	var tasks []Task
	var places []int
	for i := range r.Cases {
		if c := &r.Cases[i]; c.Judgeable() {
			tasks, places = append(tasks, taskOf(c)), append(places, i)
		}
	}
	if len(tasks) == 0 && slices.Contains(r.Configuration.Unknown, eval.FieldEvidence) {
		return errors.New("the run does not hold what its drafts draw on, so no judge can tell whether they follow from it; import it again with evidence (key and text of the articles)")
	}
	if len(tasks) == 0 {
		return errors.New("the run holds no draft to judge")
	}
	opinions := make([]eval.Verdict, len(tasks))
	w := &work{judge: j, o: o}
	if err := w.all(ctx, tasks, func(i int, o eval.Verdict) { opinions[i] = o }); err != nil {
		return err
	}
	if w.failed == len(tasks) {
		return fmt.Errorf("no draft could be judged: %w", w.last)
	}
	if 2*w.undecided > len(tasks) {
		return j.nonsense(w.undecided, len(tasks))
	}
	for i := range r.Cases {
		r.Cases[i].Verdict = nil
	}
	for i, place := range places {
		r.Cases[place].Verdict = &opinions[i]
	}
	r.Judge = info(j, calibration)
	r.Measure()
	return nil
}

// taskOf is what a judge is shown of a case: what the drafter had, and what it
// made of it.
func taskOf(c *eval.CaseResult) Task {
	t := Task{Question: c.Asked(), Reply: c.Text, Gold: c.GoldReply, Locale: c.Lang}
	if c.Ticket != nil {
		t.Ticket = suggest.Ticket{Facts: c.Ticket.Facts, Customer: c.Ticket.Customer}
	}
	for i := range c.Evidence {
		e := &c.Evidence[i]
		t.Evidence = append(t.Evidence, strings.TrimSpace(e.Title+"\n"+e.Text))
	}
	return t
}

func info(j *Judge, c *Calibration) *eval.JudgeInfo {
	id, usage := j.Identity(), j.Usage()
	out := &eval.JudgeInfo{
		Hash: id.Hash, Model: id.Model, Served: j.Served(), RubricHash: id.RubricHash, Times: id.Times, Temperature: id.Temperature,
		PromptTokens: usage.PromptTokens, CompletionTokens: usage.CompletionTokens,
	}
	out.WhyNot = whyNot(id, out.Served, c)
	out.Counts = len(out.WhyNot) == 0
	if c != nil && c.Judge.Hash == id.Hash {
		agreement := c.Agreement
		out.Agreement = &agreement
	}
	return out
}

// whyNot says why a judge's verdicts do not count; nothing when they do.
func whyNot(id Identity, served []string, c *Calibration) []string {
	if c == nil {
		return []string{`the judge was not calibrated against people; "purser eval judge calibrate" does`}
	}
	if id.Hash == c.Judge.Hash {
		why := slices.Clone(c.WhyNot)
		for _, name := range served {
			if !slices.Contains(c.Served, name) {
				why = append(why, fmt.Sprintf("the endpoint answered as %q and was calibrated as %q", name, strings.Join(c.Served, ", ")))
			}
		}
		return why
	}
	var why []string
	differs := func(is bool, format string, args ...any) {
		if is {
			why = append(why, fmt.Sprintf(format, args...))
		}
	}
	differs(id.Model != c.Judge.Model, "the model is %s and %s was calibrated", id.Model, c.Judge.Model)
	differs(id.RubricHash != c.Judge.RubricHash, "the rubric is %.12s and %.12s was calibrated", id.RubricHash, c.Judge.RubricHash)
	differs(id.Times != c.Judge.Times, "the model is asked %d× and was calibrated with %d×", id.Times, c.Judge.Times)
	differs(id.Temperature != c.Judge.Temperature, "the temperature is %g and %g was calibrated", id.Temperature, c.Judge.Temperature)
	differs(id.Wording != c.Judge.Wording, "another version of the prompt around the rubric was calibrated")
	return why
}
