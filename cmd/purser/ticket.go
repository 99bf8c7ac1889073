package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/purser-desk/purser/api"
	"github.com/purser-desk/purser/cmd/purser/console"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

type ticketCommand struct {
	Create ticketCreateCommand `cmd:"" help:"Create a ticket, or add a message to it."`
	Show   ticketShowCommand   `cmd:"" help:"Show a ticket with its messages."`
	Queue  ticketQueueCommand  `cmd:"" help:"List open tickets, the most pressing first."`
}

type ticketCreateCommand struct {
	clientFlags
	ExternalID string   `arg:"" name:"id" help:"Your own id of the ticket; the same id again adds to it."`
	Message    string   `short:"m" help:"What the customer wrote. Default: standard input." placeholder:"TEXT"`
	Subject    string   `help:"Subject line." placeholder:"TEXT"`
	Channel    string   `default:"email" enum:"email,chat,social,phone,web_form,messenger,review" help:"Way on which it came: email, chat, social, phone, web_form, messenger or review."`
	Public     bool     `help:"Anyone can read the message."`
	Note       bool     `help:"The message is a note for colleagues, such as the summary of a call."`
	Locale     string   `help:"Language. Default: detected." placeholder:"TAG"`
	Brand      string   `help:"Brand under which the reply is written." placeholder:"NAME"`
	Fact       []string `sep:"none" help:"What you know of the matter, as NAME=VALUE; it may be told to the customer." placeholder:"NAME=VALUE"`
	Email      string   `help:"The customer's e-mail address." placeholder:"ADDRESS"`
	Customer   string   `help:"The customer's name." placeholder:"NAME"`
}

func (*ticketCreateCommand) Help() string {
	return "Examples:\n  purser ticket create T-1 --message \"My bag did not arrive. What now?\"\n  purser ticket create T-2 --channel chat --fact booking_code=K7QX2M < message.txt"
}

func (c *ticketCreateCommand) Run(ctx context.Context, e *console.Env) error {
	message, err := c.message(e.Stdin)
	if err != nil {
		return err
	}
	facts, err := parseFacts(c.Fact)
	if err != nil {
		return err
	}
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (*purserv1.UpsertTicketResponse, error) {
		return c.create(ctx, cl, message, facts)
	}, func(*purserv1.UpsertTicketResponse) {
		fmt.Fprintf(e.Stdout, "Ticket %s holds the message.\nDraft a reply: %s suggest %s\n", console.Plain(c.ExternalID), console.ProgramName(), console.ShellWord(c.ExternalID))
	})
}

func (c *ticketCreateCommand) create(ctx context.Context, cl *client, message string, facts []*purserv1.CustomerFact) (*purserv1.UpsertTicketResponse, error) {
	upsert := &purserv1.UpsertTicketRequest{
		RequestId: newRequestID(), Actor: cl.actor, ExternalId: c.ExternalID, Subject: c.Subject, Locale: c.Locale, Brand: c.Brand, Facts: facts,
		Channel: purserv1.Channel(purserv1.Channel_value["CHANNEL_"+strings.ToUpper(c.Channel)]),
	}
	if c.Email != "" || c.Customer != "" {
		upsert.Customer = &purserv1.Customer{DisplayName: c.Customer}
		if c.Email != "" {
			upsert.Customer.Identities = []*purserv1.CustomerIdentity{{Kind: purserv1.IdentityKind_IDENTITY_KIND_EMAIL, Value: c.Email}}
		}
	}
	ticket, err := cl.tickets.UpsertTicket(ctx, upsert)
	if err != nil {
		return nil, err
	}
	appended := &purserv1.AppendMessageRequest{
		RequestId: newRequestID(), Actor: cl.actor, TicketId: ticket.GetTicket().GetTicketId(), Text: message,
		Author: purserv1.Author_AUTHOR_CUSTOMER, Locale: c.Locale,
	}
	if c.Note {
		appended.Author = purserv1.Author_AUTHOR_NOTE
	}
	if c.Public {
		appended.Visibility = purserv1.Visibility_VISIBILITY_PUBLIC
	}
	_, err = cl.tickets.AppendMessage(ctx, appended)
	return ticket, err
}

func (c *ticketCreateCommand) message(stdin io.Reader) (string, error) {
	if c.Message != "" {
		return c.Message, nil
	}
	b, err := io.ReadAll(io.LimitReader(stdin, api.MaxMessageBytes))
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(string(b)) == "" {
		return "", console.Usagef("no message: give --message, or pipe it in")
	}
	return string(b), nil
}

func parseFacts(in []string) ([]*purserv1.CustomerFact, error) {
	var out []*purserv1.CustomerFact
	for _, f := range in {
		name, value, ok := strings.Cut(f, "=")
		if !ok || name == "" || value == "" {
			return nil, console.Usagef("--fact %q is not NAME=VALUE", f)
		}
		out = append(out, &purserv1.CustomerFact{Name: name, Value: &purserv1.CustomerFact_Text{Text: value}, Source: "purser ticket", MayMention: true})
	}
	return out, nil
}

type ticketShowCommand struct {
	clientFlags
	ID string `arg:"" help:"Your own id of the ticket, or Purser's."`
}

func (c *ticketShowCommand) Run(ctx context.Context, e *console.Env) error {
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (*purserv1.GetTicketResponse, error) {
		return cl.ticket(ctx, c.ID)
	}, func(answer *purserv1.GetTicketResponse) { showTicket(e, answer) })
}

func showTicket(e *console.Env, answer *purserv1.GetTicketResponse) {
	t := answer.GetTicket()
	fmt.Fprintf(e.Stdout, "%s  %s, %s", console.Plain(t.GetExternalId()), word(t.GetStatus(), "TICKET_STATUS_"), word(t.GetChannel(), "CHANNEL_"))
	if t.GetSubject() != "" {
		fmt.Fprintf(e.Stdout, "  %q", console.Plain(t.GetSubject()))
	}
	if t.GetClaim() != nil {
		fmt.Fprintf(e.Stdout, "  (%s is on it)", console.Plain(nameOf(t.GetClaim().GetActor())))
	}
	fmt.Fprintln(e.Stdout)
	for _, m := range answer.GetMessages() {
		fmt.Fprintf(e.Stdout, "\n%d. %s, %s\n", m.GetSequence(), word(m.GetAuthor(), "AUTHOR_"), m.GetSentTime().AsTime().Local().Format("2006-01-02 15:04"))
		fmt.Fprint(e.Stdout, console.Wrap(console.Plain(m.GetText()), "   ", console.Width(e.Stdout)))
	}
	for _, k := range answer.GetContacts() {
		fmt.Fprintf(e.Stdout, "\nAlso: %s  %s, %s  %s", console.Plain(k.GetExternalId()), word(k.GetStatus(), "TICKET_STATUS_"), word(k.GetChannel(), "CHANNEL_"), console.Plain(k.GetSubject()))
	}
	if len(answer.GetContacts()) > 0 {
		fmt.Fprintln(e.Stdout)
	}
}

// ticket finds a ticket by Purser's id or the desktop's.
func (c *client) ticket(ctx context.Context, id string) (*purserv1.GetTicketResponse, error) {
	req := &purserv1.GetTicketRequest{Id: &purserv1.GetTicketRequest_ExternalId{ExternalId: id}}
	if console.IsUUID(id) {
		req.Id = &purserv1.GetTicketRequest_TicketId{TicketId: id}
	}
	return c.tickets.GetTicket(ctx, req)
}

type ticketQueueCommand struct {
	clientFlags
	Limit int `default:"20" help:"Tickets shown at most."`
}

func (c *ticketQueueCommand) Run(ctx context.Context, e *console.Env) error {
	more := false
	return call(ctx, e, &c.clientFlags, func(ctx context.Context, cl *client) (_ *purserv1.ListQueueResponse, err error) {
		all := &purserv1.ListQueueResponse{}
		all.Items, more, err = pages(c.Limit, func(token string) ([]*purserv1.QueueItem, string, error) {
			page, err := cl.tickets.ListQueue(ctx, &purserv1.ListQueueRequest{PageSize: int32(min(c.Limit, api.MaxQueuePage)), PageToken: token}) //nolint:gosec // bounded
			return page.GetItems(), page.GetNextPageToken(), err
		})
		return all, err
	}, func(all *purserv1.ListQueueResponse) {
		var rows [][]string
		for _, i := range all.GetItems() {
			t := i.GetTicket()
			due := "-"
			if t.GetDueTime() != nil {
				due = t.GetDueTime().AsTime().Local().Format("01-02 15:04")
			}
			claim := ""
			if t.GetClaim() != nil {
				claim = console.Plain(nameOf(t.GetClaim().GetActor()))
			}
			rows = append(rows, []string{
				console.Plain(t.GetExternalId()), word(t.GetStatus(), "TICKET_STATUS_"), word(t.GetChannel(), "CHANNEL_"), due, claim,
				excerpt(strings.ReplaceAll(console.Plain(i.GetPreview()), "\n", " "), 60),
			})
		}
		console.PrintTable(e.Stdout, []string{"Ticket", "Status", "Channel", "Due", "Claimed by", "Message"}, rows)
		if more {
			fmt.Fprintf(e.Stderr, "These are the first %d; --limit shows more.\n", c.Limit)
		}
	})
}
