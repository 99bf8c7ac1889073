package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	apipostgres "github.com/purser-desk/purser/api/postgres"
	"github.com/purser-desk/purser/internal/analysis"
	"github.com/purser-desk/purser/internal/pg/pgtest"
	"github.com/purser-desk/purser/knowledge"
	knowledgepostgres "github.com/purser-desk/purser/knowledge/postgres"
	"github.com/purser-desk/purser/suggest"
	suggestpostgres "github.com/purser-desk/purser/suggest/postgres"
)

// past is a workspace with a history, without a server.
type past struct {
	t         *testing.T
	schema    *pgtest.Schema
	name      string
	w         suggest.Workspace
	store     *suggestpostgres.Store
	articles  *knowledgepostgres.Store
	evidence  []suggest.Evidence
	personal  []string // what must not leave
	mu        sync.Mutex
	operator  func(string) string
	strata    map[string]int
	onChannel map[suggest.Channel]int
}

// beginning is when planted histories begin.
var beginning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func newPast(t *testing.T) *past {
	t.Helper()
	schema := pgtest.New(t)
	p := &past{
		t: t, schema: schema, name: "Skerry Air", store: suggestpostgres.New(schema.DB), articles: knowledgepostgres.New(schema.DB, nil),
		operator: environment("DATABASE_URL", schema.ServerURL, "DATABASE_OWNER_URL", schema.OwnerURL),
		strata:   map[string]int{}, onChannel: map[suggest.Channel]int{},
	}
	var err error
	if p.w, _, err = apipostgres.CreateWorkspace(t.Context(), schema.OwnerURL, p.name, time.Now()); err != nil {
		t.Fatal(err)
	}
	return p
}

// knows imports articles and offers the first passage of each as evidence.
func (p *past) knows(documents ...knowledge.Document) {
	p.t.Helper()
	ctx := p.t.Context()
	importer := knowledge.NewImporter(p.articles, p.articles, analysis.NewAnalyzer(), time.Now)
	plan, err := importer.Plan(ctx, p.w, knowledge.PlanRequest{Source: "help", Actor: knowledge.Actor{ID: "editor"}}, knowledge.Documents(documents))
	if err == nil && !plan.Blocked {
		_, err = importer.Apply(ctx, p.w, plan.ID, knowledge.ApplyRequest{AllowRemovals: true})
	}
	if err != nil || plan.Blocked {
		p.t.Fatalf("%v %+v", err, plan.Problems)
	}
	p.evidence = nil
	for i, d := range documents {
		a, err := p.articles.Article(ctx, p.w, d.Key, d.Locale, 0)
		if err != nil {
			p.t.Fatal(err)
		}
		p.evidence = append(p.evidence, suggest.Evidence{
			Number: i + 1, ArticleID: a.ID, Key: a.Key, Locale: a.Locale, Revision: a.Revision, Title: a.Title, Text: a.Body, End: len(a.Body), Score: .9,
		})
	}
}

func skerryArticles() []knowledge.Document {
	return []knowledge.Document{
		{Key: "bags", Locale: "en", Title: "Delayed bags", Body: "Report a delayed bag at the desk before you leave the airport. We bring it to you within 48 hours. Call +47 22 33 44 55 or write to bags@skerry.example."},
		{Key: "refunds", Locale: "en", Title: "When a refund arrives", Body: "We send refunds to the card that you paid with within 7 days. Your bank may need up to 5 working days more."},
		{Key: "pets", Locale: "en", Title: "Pets in the cabin", Body: "Dogs of at most 8 kg may travel in the cabin. The fare Light has no place for pets."},
	}
}

// happening is what became of one message.
type happening struct {
	stratum string
	times   int
	outcome suggest.Outcome
	reason  suggest.Reason
	// does decides and replies; s is nil without a suggestion.
	does func(l *life)
	// none is true when no suggestion was made.
	none bool
}

// life is one ticket under way.
type life struct {
	*past
	ctx    context.Context //nolint:containedctx // the test's own
	person customer
	ticket suggest.Ticket
	s      suggest.Suggestion
	clock  time.Time
	draft  string
}

func (l *life) now() time.Time {
	l.clock = l.clock.Add(time.Minute)
	return l.clock
}

func (l *life) ok(err error) {
	if err != nil {
		l.t.Error(err)
	}
}

func (l *life) decide(kind suggest.DecisionKind, final string, reason suggest.DiscardReason) {
	d := suggest.Decision{Kind: kind, Actor: l.person.agent, Time: l.now(), FinalText: final, DiscardReason: reason}
	var err error
	l.s, err = l.store.Decide(l.ctx, l.w, suggest.DecideRequest{SuggestionID: l.s.ID, Revision: l.s.Revision, Decision: d}, func(draft suggest.Draft) []suggest.SentenceChange {
		return suggest.SentenceChanges(draft.Text, final, "en")
	})
	l.ok(err)
}

func (l *life) replies(text string) {
	_, _, err := l.store.AppendMessage(l.ctx, l.w, l.ticket.ID, suggest.Message{ID: uuid.NewString(), Author: suggest.AuthorAgent, Actor: l.person.agent, Text: text}, l.now())
	l.ok(err)
}

func (l *life) own() string {
	return fmt.Sprintf("Dear %s,\n\nI looked into your booking %s and will call you at %s tomorrow.\n\nBest regards,\n%s", l.person.first, l.person.code, l.person.phone, l.person.agent.Name)
}

func (l *life) resolve() {
	_, _, err := l.store.UpsertTicket(l.ctx, l.w, suggest.TicketChange{ExternalID: l.ticket.ExternalID, Status: suggest.StatusResolved}, uuid.NewString(), l.now())
	l.ok(err)
}

// customer is a made-up customer with all that tells who they are.
type customer struct {
	first, last, email, phone, iban, code, other string
	agent                                        suggest.Actor
}

func somebody(i int) customer {
	first := []string{"Zbigniew", "Øyvind", "Wilhelmina", "Fearghas", "Anneliese", "José", "Katarzyna", "Giuseppe"}[i%8]
	last := []string{"Wrzesniewski", "Tørressen", "Kaltenbrunner", "MacGillivray", "Oberhauser", "Etxeberria", "Szczepanik", "Bongiovanni"}[i/8%8] + string(rune('a'+i%23))
	body := fmt.Sprintf("37040044%010d", 532013000+i)
	return customer{
		first: first, last: last, email: fmt.Sprintf("%s.%d@post.example.net", strings.ToLower(first[:3]), 1000+i),
		phone: fmt.Sprintf("+49 171 %07d", 3456700+i*13), iban: iban("DE", body), code: fmt.Sprintf("Q%sX%02d", []string{"K7", "R9", "W4"}[i%3], i%100) + string(rune('A'+i%26)),
		other: []string{"Ragnhildur", "Thaddeus", "Bartholomew"}[i%3] + " " + []string{"Quimby", "Vandersloot"}[i%2],
		agent: suggest.Actor{ID: fmt.Sprintf("agent%d", i%3), Name: []string{"Solveig Aasgaard", "Hieronymus Pfaff", "Perpetua Lugthart"}[i%3]},
	}
}

// iban makes check digits.
func iban(country, body string) string {
	rest := 0
	for _, c := range body + country + "00" {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return fmt.Sprintf("%s%02d%s", country, 98-rest, body)
}

func (p customer) all() []string {
	return []string{p.first, p.last, p.email, p.phone, strings.ReplaceAll(p.phone, " ", ""), p.iban, p.code, p.other, strings.Fields(p.other)[0], p.agent.Name, strings.Fields(p.agent.Name)[1]}
}

// happens plants happenings, several tickets at once.
func (p *past) happens(list ...happening) {
	p.t.Helper()
	type job struct {
		happening
		i int
	}
	var jobs []job
	for _, h := range list {
		for range h.times {
			jobs = append(jobs, job{h, len(jobs)})
		}
	}
	next := make(chan job)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for j := range next {
				p.one(j.happening, j.i)
			}
		})
	}
	for _, j := range jobs {
		next <- j
	}
	close(next)
	workers.Wait()
}

func (p *past) one(h happening, i int) {
	who := somebody(i)
	channel := []suggest.Channel{suggest.ChannelEmail, suggest.ChannelChat, suggest.ChannelEmail, suggest.ChannelMessenger, suggest.ChannelEmail}[i%5]
	if h.stratum == "approved" {
		channel = suggest.ChannelChat // so that the sample would mislead without weights
	}
	l := &life{past: p, ctx: p.t.Context(), person: who, clock: beginning.Add(time.Duration(i) * time.Hour)}
	p.mu.Lock()
	p.strata[h.stratum]++
	p.onChannel[channel]++
	p.personal = append(p.personal, who.all()...)
	p.mu.Unlock()
	var err error
	l.ticket, _, err = p.store.UpsertTicket(l.ctx, p.w, suggest.TicketChange{
		ExternalID: fmt.Sprintf("CRM-%06d", 778000+i), Channel: channel, Subject: "My bag, booking " + who.code, Locale: "en",
		Customer: &suggest.Customer{DisplayName: who.first + " " + who.last, Identities: []suggest.Identity{{Kind: suggest.IdentityEmail, Value: who.email}, {Kind: suggest.IdentityPhone, Value: who.phone}}},
		Facts: []suggest.Fact{
			{Name: "booking code", Kind: suggest.FactCode, Text: who.code, MayMention: true},
			{Name: "fare", Kind: suggest.FactText, Text: "Light", MayMention: true},
			{Name: "paid", Kind: suggest.FactAmount, Amount: suggest.Money{Currency: "EUR", Units: 129, Nanos: 900_000_000}},
			{Name: "departure", Kind: suggest.FactDate, Date: suggest.Date{Year: 2026, Month: 5, Day: 3}},
		},
	}, uuid.NewString(), l.now())
	l.ok(err)
	for _, m := range []suggest.Message{
		{Author: suggest.AuthorNote, Text: "Called by " + who.other + ", IBAN " + who.iban},
		{Author: suggest.AuthorCustomer, Text: "Hello, this is " + who.first + " " + who.last + "."},
		{Author: suggest.AuthorAgent, Actor: who.agent, Text: "Hi " + who.first + ", how can we help?\n\n" + who.agent.Name},
		{Author: suggest.AuthorCustomer, Text: fmt.Sprintf(
			"Where is my bag number %d? My booking is %s. Please pay to %s or call %s (%s).\nYou may call +47 22 33 44 55 as your page says.\n\nKind regards,\n%s\n",
			i, who.code, who.iban, who.phone, who.email, who.other)},
	} {
		m.ID = uuid.NewString()
		_, _, err := p.store.AppendMessage(l.ctx, p.w, l.ticket.ID, m, l.now())
		l.ok(err)
	}
	if !h.none {
		l.suggest(h)
	}
	if h.does != nil {
		h.does(l)
	}
}

func (l *life) begin() suggest.Begun {
	now := l.now()
	begun, err := l.store.Begin(l.ctx, l.w, suggest.Request{RequestID: uuid.NewString(), Actor: l.person.agent, TicketID: l.ticket.ID}, uuid.NewString(), "server", time.Minute, now)
	l.ok(err)
	return begun
}

func (l *life) suggest(h happening) {
	begun := l.begin()
	s := begun.Suggestion
	s.Outcome, s.Reason, s.Confidence, s.Evidence, s.FinishTime = h.outcome, h.reason, .5, l.evidence, l.now()
	if s.Outcome == suggest.OutcomeDraft {
		first, second := "We bring your bag within 48 hours.", "A refund takes 7 days."
		greeting := "Dear " + l.person.first + ","
		l.draft = greeting + "\n\n" + first + " " + second
		at := len(greeting) + 2
		s.Draft = &suggest.Draft{Text: l.draft, Locale: "en", Claims: []suggest.DraftClaim{
			{Text: greeting, End: len(greeting), Kind: suggest.ClaimGreeting},
			{Text: first, Start: at, End: at + len(first), Kind: suggest.ClaimStatement, Citations: []suggest.Citation{{Number: 1, End: 10}}},
			{Text: second, Start: at + len(first) + 1, End: len(l.draft), Kind: suggest.ClaimStatement, Citations: []suggest.Citation{{Number: 2, End: 10}}},
		}}
	}
	var err error
	l.s, err = l.store.Finish(l.ctx, l.w, "server", s, suggest.Record{Messages: begun.Messages, Facts: begun.Ticket.Facts, Question: "bag"})
	l.ok(err)
}
