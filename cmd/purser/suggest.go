package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/proto/purser/v1"
)

type suggestCommand struct {
	clientFlags
	Ticket   string   `arg:"" help:"Your own id of the ticket, or Purser's."`
	Locale   string   `help:"Language to draft in. Default: the customer's." placeholder:"TAG"`
	Guidance string   `help:"What you want said; the draft follows it as far as it may." placeholder:"TEXT"`
	Accept   []string `help:"With --decide approve: claims that nothing was found for and that you answer for, by their ids, or \"others\" for all but actions and promises." placeholder:"ID"`
	Decide   string   `enum:"ask,no,approve" default:"ask" help:"Ask what to do with the draft, don't (no), or approve it at once. Without a terminal, ask means no."`
}

func (*suggestCommand) Help() string {
	return "Examples:\n  purser suggest T-1\n  purser suggest T-1 --locale de --decide no --json\n\nWith --json every event of the stream is a line."
}

func (c *suggestCommand) Run(ctx context.Context, e *console.Env) error {
	cl, err := c.connect(e)
	if err != nil {
		return err
	}
	defer cl.close()
	ticket, err := cl.ticket(ctx, c.Ticket)
	if err != nil {
		return err
	}
	show := &draftPrinter{w: e.Stdout, json: c.JSON, columns: console.Width(e.Stdout)}
	suggestion, err := streamSuggestion(ctx, cl, ticket.GetTicket().GetTicketId(), c.Locale, c.Guidance, show)
	if err != nil {
		return err
	}
	if suggestion.GetOutcome() != purserv1.Outcome_OUTCOME_DRAFT {
		return nil
	}
	switch {
	case c.Decide == "approve":
		request := &purserv1.DecideSuggestionRequest{
			Decision: &purserv1.DecideSuggestionRequest_Approve{Approve: &purserv1.ApproveDraft{}}, AcceptClaims: acceptClaims(c.Accept),
		}
		return decide(ctx, e, cl, suggestion, request, c.JSON)
	case c.Decide == "ask" && console.IsTerminal(e.Stdin) && console.IsTerminal(e.Stdout) && !c.JSON:
		return askDecision(ctx, e, cl, suggestion)
	}
	return nil
}

// streamSuggestion asks for a draft and shows it as it comes.
func streamSuggestion(ctx context.Context, cl *client, ticketID, locale, guidance string, show *draftPrinter) (*purserv1.Suggestion, error) {
	stream, err := cl.suggestions.SuggestReply(ctx, &purserv1.SuggestReplyRequest{
		RequestId: newRequestID(), Actor: cl.actor, TicketId: ticketID, Locale: locale, Guidance: guidance,
	})
	if err != nil {
		return nil, err
	}
	var last *purserv1.Suggestion
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := show.event(event); err != nil {
			return nil, err
		}
		last = event.GetSuggestion()
	}
	if last == nil {
		return nil, fmt.Errorf("the stream ended before the suggestion was whole; try again")
	}
	return last, nil
}

// askDecision lets the agent approve, edit, discard or leave the draft.
func askDecision(ctx context.Context, e *console.Env, cl *client, s *purserv1.Suggestion) error {
	in := bufio.NewReader(e.Stdin)
	for {
		fmt.Fprint(e.Stdout, "\n[a]pprove, [e]dit, [d]iscard, write your [o]wn, [l]eave undecided? ")
		line, err := in.ReadString('\n')
		if errors.Is(err, io.EOF) {
			fmt.Fprintln(e.Stdout)
			return nil
		}
		if err != nil {
			return err
		}
		req := &purserv1.DecideSuggestionRequest{}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "a", "approve":
			accepted, err := askClaims(e, in, s.GetDraft())
			if err != nil {
				return err
			}
			if accepted == nil {
				continue
			}
			req.AcceptClaims = accepted
			req.Decision = &purserv1.DecideSuggestionRequest_Approve{Approve: &purserv1.ApproveDraft{}}
		case "e", "edit":
			text, err := editText(ctx, e, s.GetDraft().GetText())
			if err != nil {
				return err
			}
			if strings.TrimSpace(text) == strings.TrimSpace(s.GetDraft().GetText()) {
				fmt.Fprintln(e.Stdout, "Nothing was changed.")
				continue
			}
			if req.AcceptClaims, err = askClaims(e, in, keptClaims(s.GetDraft(), text)); err != nil {
				return err
			}
			if req.AcceptClaims == nil {
				continue
			}
			req.Decision = &purserv1.DecideSuggestionRequest_Edit{Edit: &purserv1.EditDraft{FinalText: text}}
		case "d", "discard":
			discard, err := askDiscard(e, in)
			if err != nil {
				return err
			}
			req.Decision = &purserv1.DecideSuggestionRequest_Discard{Discard: discard}
		case "o", "own":
			text, err := editText(ctx, e, "")
			if err != nil {
				return err
			}
			if strings.TrimSpace(text) == "" {
				fmt.Fprintln(e.Stdout, "Nothing was written.")
				continue
			}
			req.Decision = &purserv1.DecideSuggestionRequest_Own{Own: &purserv1.OwnReply{FinalText: text}}
		case "l", "leave", "":
			return nil
		default:
			continue
		}
		return decide(ctx, e, cl, s, req, false)
	}
}

var discardChoices = []struct {
	word   string
	reason purserv1.DiscardReason
}{
	{"wrong", purserv1.DiscardReason_DISCARD_REASON_WRONG},
	{"off topic", purserv1.DiscardReason_DISCARD_REASON_OFF_TOPIC},
	{"outdated", purserv1.DiscardReason_DISCARD_REASON_OUTDATED},
	{"tone", purserv1.DiscardReason_DISCARD_REASON_TONE},
	{"incomplete", purserv1.DiscardReason_DISCARD_REASON_INCOMPLETE},
	{"language", purserv1.DiscardReason_DISCARD_REASON_LANGUAGE},
	{"not needed", purserv1.DiscardReason_DISCARD_REASON_NOT_NEEDED},
	{"other", purserv1.DiscardReason_DISCARD_REASON_OTHER},
}

func askDiscard(e *console.Env, in *bufio.Reader) (*purserv1.DiscardDraft, error) {
	for {
		fmt.Fprint(e.Stdout, "Why? ")
		for i, c := range discardChoices {
			fmt.Fprintf(e.Stdout, "%d %s  ", i+1, c.word)
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		line = strings.ToLower(strings.TrimSpace(line))
		for i, c := range discardChoices {
			if line == fmt.Sprint(i+1) || line == c.word {
				return &purserv1.DiscardDraft{Reason: c.reason}, nil
			}
		}
	}
}

func decide(ctx context.Context, e *console.Env, cl *client, s *purserv1.Suggestion, req *purserv1.DecideSuggestionRequest, asJSON bool) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req.RequestId, req.Actor = newRequestID(), cl.actor
	req.SuggestionId, req.Revision = s.GetSuggestionId(), s.GetRevision()
	answer, err := cl.suggestions.DecideSuggestion(ctx, req)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(e.Stdout, answer)
	}
	d := answer.GetSuggestion().GetDecision()
	fmt.Fprintf(e.Stdout, "\nRecorded: %s by %s.\n", word(d.GetKind(), "DECISION_KIND_"), console.Plain(nameOf(d.GetActor())))
	for _, c := range d.GetChanges() {
		switch c.GetKind() {
		case purserv1.ChangeKind_CHANGE_KIND_REMOVED:
			fmt.Fprintln(e.Stdout, "-", console.Plain(c.GetBefore()))
		case purserv1.ChangeKind_CHANGE_KIND_ADDED:
			fmt.Fprintln(e.Stdout, "+", console.Plain(c.GetAfter()))
		case purserv1.ChangeKind_CHANGE_KIND_CHANGED:
			fmt.Fprintf(e.Stdout, "- %s\n+ %s\n", console.Plain(c.GetBefore()), console.Plain(c.GetAfter()))
		default:
		}
	}
	return nil
}
