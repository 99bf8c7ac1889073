package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	suggestpostgres "github.com/purser-desk/purser/suggest/postgres"
)

type suggestionCommand struct {
	Show   suggestionShowCommand   `cmd:"" help:"Show a suggestion with the record of what made it."`
	Replay suggestionReplayCommand `cmd:"" help:"Make a suggestion again from its own record, and tell what differs."`
}

type suggestionShowCommand struct {
	wiring.WorkspaceFlag
	ID     string `arg:"" help:"The suggestion's id."`
	Prompt bool   `help:"Show what the model was sent and what it answered, too."`
	JSON   bool   `name:"json" help:"Print suggestion and record as JSON."`
}

func (*suggestionShowCommand) Help() string {
	return "For operators: it reads the database, not the server, and prints what customers wrote.\n\n" +
		"Example:\n  purser suggestion show 0199a1b2-… --workspace skerry"
}

func (c *suggestionShowCommand) Run(ctx context.Context, e *console.Env) error {
	p, err := openPast(ctx, e, &c.WorkspaceFlag, c.ID)
	if err != nil {
		return err
	}
	defer p.live.DB.Close()
	if c.JSON {
		return console.PrintValue(e.Stdout, map[string]any{"suggestion": p.suggestion, "record": p.record})
	}
	p.show(e.Stdout, console.Width(e.Stdout), c.Prompt)
	return nil
}

type suggestionReplayCommand struct {
	wiring.WorkspaceFlag
	ID    string `arg:"" help:"The suggestion's id."`
	Fresh bool   `help:"Search today's knowledge and ask today's model, in place of what the record holds."`
	JSON  bool   `name:"json" help:"Print both suggestions and the differences as JSON."`
}

func (*suggestionReplayCommand) Help() string {
	return "Runs the recorded ticket, evidence, settings and model's answer through today's code: no model is asked. Exit code 3 when what the agent would see differs. " +
		"With --fresh, today's knowledge, model and settings make it anew from the recorded ticket; differences are then no failure. Nothing is stored or decided.\n\n" +
		"Examples:\n  purser suggestion replay 0199a1b2-… --workspace skerry\n  purser suggestion replay 0199a1b2-… --workspace skerry --fresh"
}

func (c *suggestionReplayCommand) Run(ctx context.Context, e *console.Env) error {
	p, err := openPast(ctx, e, &c.WorkspaceFlag, c.ID)
	if err != nil {
		return err
	}
	defer p.live.DB.Close()
	logger := wiring.QuietLogger(e, p.live.Settings)
	a, err := wiring.Assemble(p.live.Settings, p.live.DB, logger, wiring.Variant{})
	if err != nil {
		return err
	}
	r := &replayReport{Fresh: c.Fresh, Before: p.suggestion}
	var after suggest.Record
	if c.Fresh {
		after, err = r.again(ctx, a, p)
	} else {
		after, err = r.replay(ctx, a, p)
	}
	if errors.Is(err, suggest.ErrNoRecord) {
		return fmt.Errorf("the suggestion %s has no record, since it was not finished (%s); there is nothing to replay", c.ID, p.suggestion.State)
	}
	if err != nil {
		return err
	}
	r.Differences = suggest.Differences(r.Before, p.record, r.After, after)
	r.Same = !slices.ContainsFunc(r.Differences, func(d suggest.Difference) bool { return d.Result })
	if c.JSON {
		err = console.PrintValue(e.Stdout, r)
	} else {
		r.show(e.Stdout, console.Width(e.Stdout))
	}
	if err == nil && !r.Same && !c.Fresh {
		return console.ErrGate
	}
	return err
}

// pastSuggestion is a suggestion with its record.
type pastSuggestion struct {
	live       *wiring.ReadOnly
	suggestion suggest.Suggestion
	record     suggest.Record
}

func openPast(ctx context.Context, e *console.Env, f *wiring.WorkspaceFlag, id string) (*pastSuggestion, error) {
	l, err := f.Open(ctx, e)
	if err != nil {
		return nil, err
	}
	p := &pastSuggestion{live: l}
	store := suggestpostgres.New(l.DB)
	if p.suggestion, err = store.Suggestion(ctx, l.Workspace, id); err == nil {
		p.record, err = store.Record(ctx, l.Workspace, id)
	}
	if err != nil {
		l.DB.Close()
		if errors.Is(err, suggest.ErrSuggestionNotFound) {
			err = fmt.Errorf("there is no suggestion %s in this workspace; check the id and --workspace", console.Plain(id))
		}
		return nil, err
	}
	return p, nil
}

func (p *pastSuggestion) show(w io.Writer, columns int, prompt bool) {
	s, r := &p.suggestion, &p.record
	fmt.Fprintf(w, "Suggestion %s of ticket %s: %s", s.ID, s.TicketID, s.State)
	if s.SupersededBy != "" {
		fmt.Fprintf(w, " (%s)", s.SupersededBy)
	}
	fmt.Fprintf(w, "\nMade %s for %s\n", s.CreateTime.Format("2006-01-02 15:04:05 MST"), console.Plain(cmp.Or(s.Actor.Name, s.Actor.ID, "nobody")))
	for _, m := range r.Messages {
		mark := ""
		if m.ID == s.MessageID {
			mark = ", answered"
		}
		fmt.Fprintf(w, "\n%s\n%s", rule(fmt.Sprintf("%s, %s%s", strings.ToLower(string(m.Author)), strings.ToLower(string(m.Visibility)), mark), columns), console.Wrap(console.Plain(m.Text), "  ", columns))
	}
	section(w, columns, "Facts", len(r.Facts), func(i int) string {
		f := r.Facts[i]
		return fmt.Sprintf("%s: %s", f.Name, suggest.FactValue(f))
	})
	section(w, columns, "Evidence", len(s.Evidence), func(i int) string {
		v := &s.Evidence[i]
		return fmt.Sprintf("[%d] %s  (%s, %s, revision %d, score %.2f)", v.Number, v.Title, v.Key, v.Locale, v.Revision, v.Score)
	})
	fmt.Fprintf(w, "\n%s\n", rule(outcomeLine(s), columns))
	if s.Draft != nil {
		fmt.Fprint(w, console.Wrap(console.Plain(s.Draft.Text), "  ", columns))
	}
	notices := slices.Concat(s.Warnings, s.Degraded)
	section(w, columns, "Warnings", len(notices), func(i int) string {
		return fmt.Sprintf("%s: %s", notices[i].Code, notices[i].Message)
	})
	if d := s.Decision; d != nil {
		fmt.Fprintf(w, "\n%s\n", rule(strings.TrimSpace(fmt.Sprintf("%s %s by %s", d.Kind, d.DiscardReason, console.Plain(cmp.Or(d.Actor.Name, d.Actor.ID)))), columns))
		fmt.Fprint(w, console.Wrap(console.Plain(strings.TrimSpace(d.FinalText+"\n"+d.Comment)), "  ", columns))
	}
	made := p.made()
	section(w, columns, "Made by", len(made), func(i int) string { return made[i] })
	if prompt {
		fmt.Fprintf(w, "\n%s\n%s\n", rule("Sent to the model", columns), console.Plain(sentToModel(r.Prompt)))
		fmt.Fprintf(w, "\n%s\n%s\n", rule("The model's answer", columns), console.Plain(r.Output))
	}
}

func outcomeLine(s *suggest.Suggestion) string {
	return fmt.Sprintf("%s, confidence %.2f", strings.TrimSpace(fmt.Sprintf("%s %s", s.Outcome, s.Reason)), s.Confidence)
}

// section prints a list under a heading, and nothing when there is none.
func section(w io.Writer, columns int, heading string, n int, line func(i int) string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", rule(heading, columns))
	for i := range n {
		fmt.Fprint(w, console.Wrap(console.Plain(line(i)), "  ", columns))
	}
}

// made is what made the suggestion, line by line.
func (p *pastSuggestion) made() []string {
	v, r := p.suggestion.Provenance, &p.record
	var lines []string
	add := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	add("Purser", v.PurserVersion)
	add("drafter", v.Drafter)
	add("model", v.Model)
	add("prompt", v.PromptVersion+" "+v.PromptHash)
	if v.PromptTokens+v.CompletionTokens > 0 {
		add("tokens", fmt.Sprintf("%d in, %d out", v.PromptTokens, v.CompletionTokens))
	}
	add("embedding space", v.Space)
	add("confidence profile", v.Profile+" "+v.ProfileHash)
	add("finished because", r.Finish)
	add("fault", string(r.Fault))
	for check, n := range r.Blocked {
		add("blocked by "+check, say.Count(n, "sentence"))
	}
	add("searched for", strings.Join(strings.Fields(r.Question), " "))
	add("settings", string(r.Settings))
	slices.Sort(lines)
	return lines
}

// sentToModel is the text of a request's messages, or the request as it is.
func sentToModel(request json.RawMessage) string {
	var chat struct {
		Messages []struct{ Role, Content string }
	}
	if json.Unmarshal(request, &chat) != nil || len(chat.Messages) == 0 {
		return string(request)
	}
	parts := make([]string, 0, len(chat.Messages))
	for _, m := range chat.Messages {
		parts = append(parts, m.Role+":\n"+m.Content)
	}
	return strings.Join(parts, "\n\n")
}

// replayReport sets what was against what is now.
type replayReport struct {
	Fresh bool `json:"fresh"`
	// Same is true when an agent would see the same.
	Same        bool                 `json:"same"`
	Differences []suggest.Difference `json:"differences"`
	// Unsure says what the record lacks.
	Unsure []string `json:"unsure,omitempty"`
	// Revised says what became of the articles that were offered.
	Revised []string           `json:"revised,omitempty"`
	Before  suggest.Suggestion `json:"before"`
	After   suggest.Suggestion `json:"after"`
}

func (r *replayReport) replay(ctx context.Context, a *wiring.App, p *pastSuggestion) (suggest.Record, error) {
	played, err := a.Pipeline.Replay(ctx, p.live.Workspace, p.suggestion, p.record)
	r.Unsure = played.Unsure
	r.take(p, played.Suggestion)
	return played.Record, err
}

// again runs today's pipeline on the recorded ticket.
func (r *replayReport) again(ctx context.Context, a *wiring.App, p *pastSuggestion) (suggest.Record, error) {
	in, err := p.record.Input()
	if err != nil {
		return suggest.Record{}, err
	}
	in.MessageID = p.suggestion.MessageID
	made, record, err := a.Pipeline.Run(ctx, p.live.Workspace, in, nil)
	if err != nil {
		return record, err
	}
	r.take(p, made)
	r.Revised, err = revised(ctx, a.Store, p.live.Workspace, p.suggestion.Evidence)
	return record, err
}

// take keeps what was made, under the ids of what it is compared with.
func (r *replayReport) take(p *pastSuggestion, made suggest.Suggestion) {
	made.ID, made.TicketID, made.MessageID = p.suggestion.ID, p.suggestion.TicketID, p.suggestion.MessageID
	r.After = made
}

// revised says what became of the articles since they were offered.
func revised(ctx context.Context, library knowledge.Library, w suggest.Workspace, evidence []suggest.Evidence) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for i := range evidence {
		e := &evidence[i]
		name := e.Key + " [" + e.Locale + "]"
		if seen[name] {
			continue
		}
		seen[name] = true
		now, err := library.Article(ctx, w, e.Key, e.Locale, 0)
		switch {
		case errors.Is(err, knowledge.ErrArticleNotFound):
			out = append(out, name+" was removed")
		case err != nil:
			return nil, err
		case now.Revision != e.Revision:
			out = append(out, fmt.Sprintf("%s is at revision %d, then %d", name, now.Revision, e.Revision))
		}
	}
	return out, nil
}

func (r *replayReport) show(w io.Writer, columns int) {
	switch {
	case r.Same && r.Fresh:
		fmt.Fprintln(w, "Today the agent would see the same.")
	case r.Same:
		fmt.Fprintln(w, "The same comes out: outcome, text, claims, warnings and confidence.")
	default:
		fmt.Fprintf(w, "Then: %s\nNow:  %s\n", outcomeLine(&r.Before), outcomeLine(&r.After))
	}
	for _, d := range r.Differences {
		if d.What == "text" {
			fmt.Fprintf(w, "\n%s\n", rule("Text", columns))
			for _, c := range suggest.SentenceChanges(d.Before, d.After, replyLocale(r)) {
				showChange(w, c, columns)
			}
		}
	}
	var others []suggest.Difference
	for _, d := range r.Differences {
		if d.What != "text" && d.What != "model's answer" {
			others = append(others, d)
		}
	}
	section(w, columns, "What else differs", len(others), func(i int) string {
		d := others[i]
		return fmt.Sprintf("%s: %s → %s", d.What, cmp.Or(d.Before, "none"), cmp.Or(d.After, "none"))
	})
	section(w, columns, "Articles since then", len(r.Revised), func(i int) string { return r.Revised[i] })
	section(w, columns, "What the record does not tell", len(r.Unsure), func(i int) string { return r.Unsure[i] })
}

func replyLocale(r *replayReport) string {
	if r.After.Draft != nil {
		return r.After.Draft.Locale
	}
	if r.Before.Draft != nil {
		return r.Before.Draft.Locale
	}
	return ""
}

func showChange(w io.Writer, c suggest.SentenceChange, columns int) {
	switch c.Kind {
	case suggest.ChangeKept:
		fmt.Fprint(w, console.Wrap("  "+console.Plain(c.After), "  ", columns))
	case suggest.ChangeAdded:
		fmt.Fprint(w, console.Wrap("+ "+console.Plain(c.After), "  ", columns))
	case suggest.ChangeRemoved:
		fmt.Fprint(w, console.Wrap("- "+console.Plain(c.Before), "  ", columns))
	case suggest.ChangeChanged:
		fmt.Fprint(w, console.Wrap("- "+console.Plain(c.Before), "  ", columns), console.Wrap("+ "+console.Plain(c.After), "  ", columns))
	}
}
