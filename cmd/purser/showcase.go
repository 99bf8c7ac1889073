package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/demo"
	"github.com/purser-desk/purser/internal/disk"
	"github.com/purser-desk/purser/knowledge/source"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

// showcase loads the demo into a fresh server and shows a ticket being
// answered. It is a client of the server like any other.
type showcase struct {
	env                   *console.Env
	address, dir, drafter string
	// What an operator's commands need.
	ownerURL, serverURL, embeddingURL string
	start                             time.Time
	demo                              bool
}

// demoState is what a machine remembers of its demo workspace. It stands in a
// file that only its owner can read, since it holds keys.
type demoState struct {
	Workspace     string `json:"workspace"`
	AdminKey      string `json:"admin_key"`
	AgentKey      string `json:"agent_key"`
	EditorKey     string `json:"editor_key"`
	TicketsLoaded bool   `json:"tickets_loaded"`
}

func (s *showcase) run(ctx context.Context) error {
	state, err := s.workspace(ctx)
	if err != nil {
		return fmt.Errorf("set up the demo workspace: %w", err)
	}
	cl, err := s.client(state.AdminKey)
	if err != nil {
		return err
	}
	defer cl.close()
	if s.demo {
		if err := s.loadAndShow(ctx, cl, state); err != nil {
			return err
		}
	}
	s.tellNext(state)
	s.watchVectors(ctx, cl)
	return nil
}

func (s *showcase) loadAndShow(ctx context.Context, cl *client, state *demoState) error {
	if err := importDemo(ctx, cl); err != nil {
		return fmt.Errorf("import the demo articles: %w", err)
	}
	tickets, err := demoTickets()
	if err != nil {
		return err
	}
	first, err := loadTicket(ctx, cl, tickets[0])
	if err != nil {
		return fmt.Errorf("load the demo tickets: %w", err)
	}
	waitForTitles(ctx, cl)
	printer := &draftPrinter{w: s.env.Stdout, columns: console.Width(s.env.Stdout)}
	fmt.Fprintf(s.env.Stdout, "\nA ticket of Skerry Air, an airline that does not exist, is being answered (%s after the start):\n\n", time.Since(s.start).Round(100*time.Millisecond))
	suggestion, err := streamSuggestion(ctx, cl, first, "", "", printer)
	if err != nil {
		return err
	}
	printSources(s.env, suggestion)
	if state.TicketsLoaded {
		return nil
	}
	for _, t := range tickets[1:] {
		if _, err := loadTicket(ctx, cl, t); err != nil {
			return fmt.Errorf("load the demo tickets: %w", err)
		}
	}
	state.TicketsLoaded = true
	return s.save(state)
}

// titlesPatience is how long the first start waits for the articles' titles,
// which are embedded first: a few seconds that make the first draft a good one.
const titlesPatience = 12 * time.Second

// waitForTitles waits until passages have begun to be embedded, which comes
// after the titles, but not for all of them.
func waitForTitles(ctx context.Context, cl *client) {
	ctx, cancel := context.WithTimeout(ctx, titlesPatience)
	defer cancel()
	for {
		st, err := cl.knowledge.GetIndexStatus(ctx, &purserv1.GetIndexStatusRequest{})
		if err != nil || st.GetEmbedded() > 0 || st.GetPassages() == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func printSources(e *console.Env, s *purserv1.Suggestion) {
	numbers := map[int32]bool{}
	for _, c := range s.GetDraft().GetClaims() {
		for _, k := range c.GetCitations() {
			numbers[k.GetEvidenceNumber()] = true
		}
	}
	for _, ev := range s.GetEvidence() {
		if numbers[ev.GetNumber()] {
			fmt.Fprintf(e.Stdout, "  [%d] %s  %s\n", ev.GetNumber(), console.Plain(ev.GetTitle()), console.Plain(ev.GetUrl()))
		}
	}
}

// workspace returns the demo workspace, made at the first start. One whose keys
// were lost is left alone and another made.
func (s *showcase) workspace(ctx context.Context) (*demoState, error) {
	b, err := os.ReadFile(s.stateFile())
	var state demoState
	if err == nil && json.Unmarshal(b, &state) == nil && s.works(ctx, state.AdminKey) {
		return &state, nil
	}
	name := "Skerry Air demo"
	id, admin, err := postgres.CreateWorkspace(ctx, s.ownerURL, name, time.Now())
	if errors.Is(err, postgres.ErrWorkspaceExists) {
		name += time.Now().UTC().Format(" 2006-01-02 15:04:05")
		id, admin, err = postgres.CreateWorkspace(ctx, s.ownerURL, name, time.Now())
	}
	if err != nil {
		return nil, err
	}
	state = demoState{Workspace: string(id), AdminKey: admin}
	cl, err := s.client(admin)
	if err != nil {
		return nil, err
	}
	defer cl.close()
	for role, into := range map[purserv1.KeyRole]*string{purserv1.KeyRole_KEY_ROLE_AGENT: &state.AgentKey, purserv1.KeyRole_KEY_ROLE_EDITOR: &state.EditorKey} {
		key, err := cl.admin.CreateKey(ctx, &purserv1.CreateKeyRequest{RequestId: newRequestID(), Actor: cl.actor, Name: "demo " + roleWord(role), Role: role})
		if err != nil {
			return nil, err
		}
		*into = key.GetSecret()
	}
	if err := keepDemoHouse(ctx, cl); err != nil {
		return nil, err
	}
	return &state, s.save(&state)
}

// keepDemoHouse gives the demo's workspace the airline's settings.
func keepDemoHouse(ctx context.Context, cl *client) error {
	b, err := fs.ReadFile(demo.Files(), demo.HouseFile)
	if err != nil {
		return err
	}
	settings, err := readHouse(b)
	if err != nil {
		return err
	}
	return keepHouse(ctx, cl, settings)
}

func (s *showcase) works(ctx context.Context, key string) bool {
	cl, err := s.client(key)
	if err != nil {
		return false
	}
	defer cl.close()
	_, err = cl.admin.WhoAmI(ctx, &purserv1.WhoAmIRequest{})
	return err == nil
}

func (s *showcase) client(key string) (*client, error) {
	getenv := func(name string) string {
		switch name {
		case "PURSER_KEY":
			return key
		case "PURSER_ACTOR":
			return s.env.Getenv(name)
		}
		return ""
	}
	return (&clientFlags{Address: s.address}).connect(&console.Env{Getenv: getenv})
}

func (s *showcase) stateFile() string { return filepath.Join(s.dir, "demo.json") }

func (s *showcase) save(state *demoState) error { return disk.Keep(s.stateFile(), state) }

// importDemo brings the demo's articles in; those that are there already stay
// as they are.
func importDemo(ctx context.Context, cl *client) error {
	read, err := source.ReadFS(ctx, demo.Files(), demo.KnowledgeDir, source.Options{})
	if err != nil {
		return err
	}
	if read.Errors > 0 {
		return read.Problems[0]
	}
	c := &importCommand{Source: "demo"}
	plan, err := c.plan(ctx, &console.Env{}, cl, read.Documents)
	if err != nil {
		return err
	}
	if plan.GetAdded()+plan.GetChanged()+plan.GetRemoved() == 0 {
		return nil
	}
	_, err = cl.knowledge.ApplyImport(ctx, &purserv1.ApplyImportRequest{RequestId: newRequestID(), Actor: cl.actor, PlanId: plan.GetPlanId(), AllowRemovals: true})
	return err
}

// demoTicket is one line of the demo's tickets, as far as a desktop would send it.
type demoTicket struct {
	ID         string `json:"id"`
	Channel    string `json:"channel"`
	Visibility string `json:"visibility"`
	Subject    string `json:"subject"`
	Text       string `json:"text"`
	Messages   []struct {
		Author string `json:"author"`
		Text   string `json:"text"`
	} `json:"messages"`
	Facts    []demoFact `json:"facts"`
	Customer struct {
		Name       string `json:"name"`
		Identities []struct {
			Kind  string `json:"kind"`
			Value string `json:"value"`
		} `json:"identities"`
	} `json:"customer"`
}

type demoFact struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Value      string `json:"value"`
	Source     string `json:"source"`
	MayMention bool   `json:"may_mention"`
}

// fact has the value in its kind: a day such as 2026-12-11, an amount such as
// "EUR 22"; what is neither is text.
func (f demoFact) fact() *purserv1.CustomerFact {
	out := &purserv1.CustomerFact{Name: f.Name, Source: f.Source, MayMention: f.MayMention, Value: &purserv1.CustomerFact_Text{Text: f.Value}}
	switch f.Kind {
	case "CODE":
		out.Value = &purserv1.CustomerFact_Code{Code: f.Value}
	case "DATE":
		if day, err := time.Parse(time.DateOnly, f.Value); err == nil {
			out.Value = &purserv1.CustomerFact_Date{Date: &purserv1.Date{Year: int32(day.Year()), Month: int32(day.Month()), Day: int32(day.Day())}} //nolint:gosec // a day's numbers fit
		}
	case "AMOUNT":
		currency, number, _ := strings.Cut(f.Value, " ")
		if units, err := strconv.ParseInt(number, 10, 64); err == nil {
			out.Value = &purserv1.CustomerFact_Amount{Amount: &purserv1.Money{CurrencyCode: currency, Units: units}}
		}
	}
	return out
}

func demoTickets() ([]demoTicket, error) {
	b, err := demo.Files().ReadFile(demo.TicketsFile)
	if err != nil {
		return nil, err
	}
	var all []demoTicket
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var t demoTicket
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, lines.Err()
}

// loadTicket hands a demo ticket to the server, once: its messages have ids of
// their own, so a second time adds nothing.
func loadTicket(ctx context.Context, cl *client, t demoTicket) (string, error) {
	customer := &purserv1.Customer{DisplayName: t.Customer.Name}
	for _, i := range t.Customer.Identities {
		customer.Identities = append(customer.Identities, &purserv1.CustomerIdentity{Kind: purserv1.IdentityKind(purserv1.IdentityKind_value["IDENTITY_KIND_"+i.Kind]), Value: i.Value})
	}
	upsert := &purserv1.UpsertTicketRequest{
		RequestId: newRequestID(), Actor: cl.actor, ExternalId: t.ID, Subject: t.Subject, Customer: customer,
		Channel: purserv1.Channel(purserv1.Channel_value["CHANNEL_"+t.Channel]), DueTime: timestamppb.New(time.Now().Add(time.Hour)),
	}
	for _, f := range t.Facts {
		upsert.Facts = append(upsert.Facts, f.fact())
	}
	ticket, err := cl.tickets.UpsertTicket(ctx, upsert)
	if err != nil {
		return "", fmt.Errorf("%s: %w", t.ID, err)
	}
	id := ticket.GetTicket().GetTicketId()
	for i, m := range t.Messages {
		if err := appendDemo(ctx, cl, t, id, fmt.Sprintf("%s-%d", t.ID, i+1), m.Author, m.Text); err != nil {
			return "", err
		}
	}
	author := "CUSTOMER"
	if t.Channel == "PHONE" {
		author = "NOTE"
	}
	return id, appendDemo(ctx, cl, t, id, t.ID+"-last", author, t.Text)
}

func appendDemo(ctx context.Context, cl *client, t demoTicket, ticketID, externalID, author, text string) error {
	_, err := cl.tickets.AppendMessage(ctx, &purserv1.AppendMessageRequest{
		RequestId: newRequestID(), Actor: cl.actor, TicketId: ticketID, ExternalId: externalID, Text: text,
		Author:     purserv1.Author(purserv1.Author_value["AUTHOR_"+author]),
		Visibility: purserv1.Visibility(purserv1.Visibility_value["VISIBILITY_"+t.Visibility]),
	})
	if err != nil {
		return fmt.Errorf("%s: %w", externalID, err)
	}
	return nil
}

// tellNext prints commands that work when they are pasted.
func (s *showcase) tellNext(state *demoState) {
	binary := console.ProgramName()
	out := s.env.Stdout
	fmt.Fprintf(out, "\n%s\n", rule("Try next, in another terminal", console.Width(out)))
	// What asks a question comes last, so that all lines can be pasted together.
	fmt.Fprintf(out, `export PURSER_ADDRESS=%[1]s PURSER_KEY=%[2]s
%[3]s ticket queue
%[3]s search "can my dog fly in the cabin"
%[3]s suggest demo-006
grpcurl -plaintext -H "authorization: Bearer $PURSER_KEY" %[1]s list purser.v1.SuggestionService
PURSER_KEY=%[4]s %[3]s import %[5]s --source demo --keep-missing
PURSER_KEY=%[6]s %[3]s key list
%[3]s ticket create my-1 --message "My suitcase never arrived. What now?" && %[3]s suggest my-1
`, s.address, state.AgentKey, binary, state.EditorKey, console.ShellWord(filepath.Join(s.sourceFolder(), "kb")), state.AdminKey)
	fmt.Fprintf(out, "\n%s\n", rule("As its operator, in a third one", console.Width(out)))
	fmt.Fprintf(out, `export DATABASE_OWNER_URL=%[1]s DATABASE_URL=%[2]s EMBEDDING_BASE_URL=%[3]s
%[4]s contacts list %[5]s
%[4]s eval sample --workspace %[5]s --out sampled
`, console.ShellWord(s.ownerURL), console.ShellWord(s.serverURL), console.ShellWord(s.embeddingURL), binary, state.Workspace)
	if s.drafter == "" {
		fmt.Fprintln(out, "\nNo model is configured, so drafts are put together from the articles' own sentences.\nSet OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL for drafts by a model.")
	}
	fmt.Fprintf(out, "\nServing gRPC on %s. Log: %s. Ctrl-C stops everything; data are kept.\n", s.address, filepath.Join(s.dir, "purser.log"))
}

// sourceFolder is where the demo's files can be edited, when this is a checkout.
func (s *showcase) sourceFolder() string { return filepath.Join("cmd", "purser", "demo") }

// watchVectors tells how far embedding is, until it is done.
func (s *showcase) watchVectors(ctx context.Context, cl *client) {
	st, err := cl.knowledge.GetIndexStatus(ctx, &purserv1.GetIndexStatusRequest{})
	if err != nil || st.GetEmbedded() >= st.GetPassages() {
		return
	}
	fmt.Fprintf(s.env.Stdout, "Articles can be found by words now; embedding %d passages goes on behind this.\n", st.GetPassages()-st.GetEmbedded())
	if err := waitForVectors(ctx, s.env, cl); err == nil {
		fmt.Fprintf(s.env.Stdout, "All %d passages are embedded: search is by meaning, too.\n", st.GetPassages())
	}
}
