package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/knowledge"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
)

type contactsCommand struct {
	List   contactsListCommand   `cmd:"" help:"List the domains, addresses and numbers that drafts may lead customers to."`
	Allow  contactsAllowCommand  `cmd:"" help:"Let drafts lead to a domain, web address, e-mail address, phone number or IBAN."`
	Remove contactsRemoveCommand `cmd:"" help:"Take one off the list."`
	Learn  contactsLearnCommand  `cmd:"" help:"Show what articles lead to that is not on the list, by number of articles."`
}

// contactsDesk is the open way to what one workspace trusts.
type contactsDesk struct {
	*knowledgepostgres.Contacts
	owned
}

func openContacts(ctx context.Context, e *console.Env, f *operatorFlags) (*contactsDesk, error) {
	found, err := f.find(ctx, e)
	if err != nil {
		return nil, err
	}
	contacts, err := knowledgepostgres.OpenContacts(ctx, found.ownerURL)
	if err != nil {
		return nil, err
	}
	return &contactsDesk{contacts, found}, nil
}

// noList says what a workspace without a list waits for, where err says that it
// has none.
func (d *contactsDesk) noList(err error) error {
	if errors.Is(err, knowledgepostgres.ErrNoContacts) {
		return fmt.Errorf("%s has no list yet: it is made soon after the first import, of what its articles name", console.Plain(d.name))
	}
	return err
}

type contactsListCommand struct {
	operatorFlags
}

func (*contactsListCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL. The first import of a workspace makes the list of what its articles name; later imports add nothing to it.\n\n" +
		"Example:\n  purser contacts list \"Skerry Air\""
}

func (c *contactsListCommand) Run(ctx context.Context, e *console.Env) error {
	d, err := openContacts(ctx, e, &c.operatorFlags)
	if err != nil {
		return err
	}
	defer d.Close()
	list, err := d.List(ctx, d.workspace)
	if err != nil {
		return d.noList(err)
	}
	if c.JSON {
		return console.PrintValue(e.Stdout, list)
	}
	var rows [][]string
	for _, l := range list {
		rows = append(rows, []string{kindWord(l.Kind), console.Plain(l.Value), cmp.Or(console.Plain(l.AddedBy), "first import"), l.Time.Format(time.DateOnly)})
	}
	console.PrintTable(e.Stdout, []string{"Kind", "Contact", "Added by", "Since"}, rows)
	return nil
}

func kindWord(k knowledge.ContactKind) string {
	if k == knowledge.ContactIBAN {
		return "IBAN"
	}
	return strings.ToLower(string(k))
}

type contactsAllowCommand struct {
	operatorChange
	Contact []string `arg:"" help:"Such as skerry.example, help@skerry.example, \"+44 1632 960000\"."`
}

func (*contactsAllowCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL. A domain stands for every host and mailbox in it. Servers see the change within half a minute.\n\n" +
		"Example:\n  purser contacts allow \"Skerry Air\" partner.example \"+44 1632 960000\""
}

func (c *contactsAllowCommand) Run(ctx context.Context, e *console.Env) error {
	return eachContact(ctx, e, &c.operatorFlags, c.Contact, func(d *contactsDesk, contact knowledge.Contact) (string, error) {
		added, err := d.Allow(ctx, d.workspace, contact, c.actor(e).ID, time.Now().UTC())
		if err == nil && !added {
			return "was allowed before", nil
		}
		return "allowed", d.noList(err)
	})
}

// eachContact reads contacts, does something with each and tells what became of it.
func eachContact(ctx context.Context, e *console.Env, f *operatorFlags, texts []string, do func(*contactsDesk, knowledge.Contact) (string, error)) error {
	contacts := make([]knowledge.Contact, len(texts))
	for i, s := range texts {
		var err error
		if contacts[i], err = knowledge.ParseContact(s); err != nil {
			return console.Usagef("%w", err)
		}
	}
	d, err := openContacts(ctx, e, f)
	if err != nil {
		return err
	}
	defer d.Close()
	for _, contact := range contacts {
		how, err := do(d, contact)
		switch {
		case err != nil:
			return err
		case f.JSON:
			err = console.PrintValue(e.Stdout, map[string]string{"kind": string(contact.Kind), "value": contact.Value, "result": how})
		default:
			_, err = fmt.Fprintf(e.Stdout, "%s %s: %s\n", kindWord(contact.Kind), console.Plain(contact.Value), how)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type contactsRemoveCommand struct {
	operatorFlags
	Contact []string `arg:"" help:"As \"purser contacts list\" shows it."`
}

func (c *contactsRemoveCommand) Run(ctx context.Context, e *console.Env) error {
	return eachContact(ctx, e, &c.operatorFlags, c.Contact, func(d *contactsDesk, contact knowledge.Contact) (string, error) {
		removed, err := d.Remove(ctx, d.workspace, contact)
		if err == nil && !removed {
			err = fmt.Errorf("%s is not on the list; \"purser contacts list\" shows what is", console.Plain(contact.Value))
		}
		return "removed", err
	})
}

type contactsLearnCommand struct {
	operatorChange
	Least int  `default:"1" help:"Leave out what stands in fewer articles."`
	Allow bool `help:"Allow all that is shown."`
}

func (*contactsLearnCommand) Help() string {
	return "Connects with DATABASE_OWNER_URL. What stands in one article alone may be a mistake, or somebody's trap: look at the article before it is allowed.\n\n" +
		"Example:\n  purser contacts learn \"Skerry Air\"\n  purser contacts learn \"Skerry Air\" --least 5 --allow"
}

// learned is something that articles lead to and nobody has allowed.
type learned struct {
	Kind     knowledge.ContactKind `json:"kind"`
	Value    string                `json:"value"`
	Articles int                   `json:"articles"`
	// Example is the key of one of the articles.
	Example string `json:"example"`
}

func (c *contactsLearnCommand) Run(ctx context.Context, e *console.Env) error {
	if c.Least < 1 {
		return console.Usagef("--least is %d; give 1 or more", c.Least)
	}
	d, err := openContacts(ctx, e, &c.operatorFlags)
	if err != nil {
		return err
	}
	defer d.Close()
	list, err := d.open(ctx)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(l learned) bool { return l.Articles < c.Least })
	if c.Allow {
		for _, l := range list {
			if _, err := d.Allow(ctx, d.workspace, knowledge.Contact{Kind: l.Kind, Value: l.Value}, c.actor(e).ID, time.Now().UTC()); err != nil {
				return err
			}
		}
	}
	if c.JSON {
		return console.PrintValue(e.Stdout, list)
	}
	var rows [][]string
	for _, l := range list {
		rows = append(rows, []string{kindWord(l.Kind), console.Plain(l.Value), strconv.Itoa(l.Articles), console.Plain(l.Example)})
	}
	console.PrintTable(e.Stdout, []string{"Kind", "Contact", "Articles", "One of them"}, rows)
	switch {
	case len(list) == 0:
		fmt.Fprintln(e.Stdout, "Articles lead to nothing that is not on the list.")
	case c.Allow:
		fmt.Fprintln(e.Stdout, "All of them are allowed now.")
	default:
		fmt.Fprintln(e.Stdout, "None of them is allowed; --allow allows all that are shown.")
	}
	return nil
}

// open is what articles lead to beyond the list, most articles first.
func (d *contactsDesk) open(ctx context.Context) ([]learned, error) {
	listed, err := d.List(ctx, d.workspace)
	if err != nil {
		return nil, d.noList(err)
	}
	contacts := make([]knowledge.Contact, len(listed))
	for i, l := range listed {
		contacts[i] = knowledge.Contact{Kind: l.Kind, Value: l.Value}
	}
	trusted := knowledge.NewContactList(contacts)
	found := map[knowledge.Contact]*learned{}
	err = d.EachArticle(ctx, d.workspace, func(doc knowledge.Document) {
		for _, contact := range trusted.Unlisted(doc) {
			l := found[contact]
			if l == nil {
				l = &learned{Kind: contact.Kind, Value: contact.Value, Example: doc.Key}
				found[contact] = l
			}
			l.Articles++
		}
	})
	list := []learned{}
	for _, l := range found {
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b learned) int {
		return cmp.Or(cmp.Compare(b.Articles, a.Articles), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	return list, err
}
