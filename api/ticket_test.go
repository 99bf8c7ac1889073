package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/purser-desk/purser/internal/pg"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

func (c *caller) ticket(t *testing.T, externalID string, messages ...string) string {
	t.Helper()
	answer, err := c.tickets.UpsertTicket(t.Context(), &purserv1.UpsertTicketRequest{RequestId: id(t), Actor: kari, ExternalId: externalID, Channel: purserv1.Channel_CHANNEL_EMAIL})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if _, err := c.tickets.AppendMessage(t.Context(), message(answer.GetTicket().GetTicketId(), m)); err != nil {
			t.Fatal(err)
		}
	}
	return answer.GetTicket().GetTicketId()
}

func message(ticketID, text string) *purserv1.AppendMessageRequest {
	return &purserv1.AppendMessageRequest{RequestId: uuid.NewString(), Actor: kari, TicketId: ticketID, Author: purserv1.Author_AUTHOR_CUSTOMER, Text: text}
}

func TestMessagesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	ticket := c.ticket(t, "T-1")
	change := func(f func(*purserv1.AppendMessageRequest)) *purserv1.AppendMessageRequest {
		m := message(ticket, "Where is my bag?")
		f(m)
		return m
	}
	for name, r := range map[string]struct {
		req    *purserv1.AppendMessageRequest
		code   codes.Code
		reason string
	}{
		"empty":                  {message(ticket, ""), codes.InvalidArgument, "INVALID_FIELD"},
		"blank":                  {message(ticket, " \n\t "), codes.InvalidArgument, "BLANK_TEXT"},
		"only invisible letters": {message(ticket, "\u200b\u202e\u2066"), codes.InvalidArgument, "BLANK_TEXT"},
		"only NUL":               {message(ticket, "\x00\x00"), codes.InvalidArgument, "INVALID_FIELD"},
		"a megabyte":             {message(ticket, strings.Repeat("a", 1<<20)), codes.InvalidArgument, "INVALID_FIELD"},
		"unknown ticket":         {message(uuid.NewString(), "hello there"), codes.NotFound, "TICKET_NOT_FOUND"},
		"no ticket id":           {message("T-1", "hello there"), codes.InvalidArgument, "INVALID_FIELD"},
		"unknown channel":        {change(func(m *purserv1.AppendMessageRequest) { m.Channel = 99 }), codes.InvalidArgument, "INVALID_FIELD"},
		"unknown author":         {change(func(m *purserv1.AppendMessageRequest) { m.Author = 42 }), codes.InvalidArgument, "INVALID_FIELD"},
		"no author":              {change(func(m *purserv1.AppendMessageRequest) { m.Author = 0 }), codes.InvalidArgument, "INVALID_FIELD"},
		"unknown locale":         {change(func(m *purserv1.AppendMessageRequest) { m.Locale = "klingonish-?" }), codes.InvalidArgument, "INVALID_FIELD"},
		"no actor":               {change(func(m *purserv1.AppendMessageRequest) { m.Actor = nil }), codes.InvalidArgument, "INVALID_FIELD"},
		"no request id":          {change(func(m *purserv1.AppendMessageRequest) { m.RequestId = "" }), codes.InvalidArgument, "INVALID_FIELD"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.tickets.AppendMessage(t.Context(), r.req)
			wantReason(t, err, r.code, r.reason)
		})
	}
	view, err := c.tickets.GetTicket(t.Context(), &purserv1.GetTicketRequest{Id: &purserv1.GetTicketRequest_TicketId{TicketId: ticket}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, len(view.GetMessages()), 0)
}

func TestHostileTextIsCleaned(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	ticket := c.ticket(t, "T-1")
	for name, r := range map[string]struct{ in, want string }{
		"NUL":                    {"Where\x00 is my bag?", "Where is my bag?"},
		"right-to-left override": {"Refund \u202e001 EUR\u202c please", "Refund 001 EUR please"},
		"carriage returns":       {"one\r\ntwo\rthree", "one\ntwo\nthree"},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := c.tickets.AppendMessage(t.Context(), message(ticket, r.in))
			if err != nil {
				t.Fatal(err)
			}
			equal(t, answer.GetMessage().GetText(), r.want)
		})
	}
}

// rawCodec lets a test put bytes on the wire that no client library would.
type rawCodec struct{}

func (rawCodec) Marshal(v any) ([]byte, error)   { return v.([]byte), nil }
func (rawCodec) Unmarshal(b []byte, v any) error { return proto.Unmarshal(b, v.(proto.Message)) }
func (rawCodec) Name() string                    { return "proto" }

func TestInvalidUTF8OnTheWire(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	ticket := c.ticket(t, "T-1")
	b, err := proto.Marshal(message(ticket, "x"))
	if err != nil {
		t.Fatal(err)
	}
	b = protowire.AppendTag(b, 9, protowire.BytesType)
	b = protowire.AppendBytes(b, []byte{0xff, 0xfe, 'a'})
	err = c.conn.Invoke(t.Context(), purserv1.TicketService_AppendMessage_FullMethodName, b, &purserv1.AppendMessageResponse{}, forceCodec())
	if code := status.Code(err); code != codes.Internal && code != codes.InvalidArgument {
		t.Errorf("got %v", err)
	}
}

func TestDeadlineGoneBy(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, err := c.admin.WhoAmI(ctx, &purserv1.WhoAmIRequest{})
	if status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
}

func TestTicketsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	change := func(f func(*purserv1.UpsertTicketRequest)) *purserv1.UpsertTicketRequest {
		r := &purserv1.UpsertTicketRequest{RequestId: uuid.NewString(), Actor: kari, ExternalId: "T-1", Channel: purserv1.Channel_CHANNEL_CHAT}
		f(r)
		return r
	}
	fact := func(f *purserv1.CustomerFact) *purserv1.UpsertTicketRequest {
		return change(func(r *purserv1.UpsertTicketRequest) { r.Facts = []*purserv1.CustomerFact{f} })
	}
	for name, r := range map[string]struct {
		req    *purserv1.UpsertTicketRequest
		reason string
	}{
		"new without channel": {change(func(r *purserv1.UpsertTicketRequest) { r.Channel = 0 }), "CHANNEL_MISSING"},
		"unknown channel":     {change(func(r *purserv1.UpsertTicketRequest) { r.Channel = 77 }), "INVALID_FIELD"},
		"reopened by hand":    {change(func(r *purserv1.UpsertTicketRequest) { r.Status = purserv1.TicketStatus_TICKET_STATUS_REOPENED }), "INVALID_FIELD"},
		"blank id":            {change(func(r *purserv1.UpsertTicketRequest) { r.ExternalId = " \x00" }), "INVALID_FIELD"},
		"unknown locale":      {change(func(r *purserv1.UpsertTicketRequest) { r.Locale = "!!" }), "INVALID_FIELD"},
		"clear an unknown":    {change(func(r *purserv1.UpsertTicketRequest) { r.Clear = []string{"everything"} }), "INVALID_FIELD"},
		"fact without value":  {fact(&purserv1.CustomerFact{Name: "x"}), "INVALID_FIELD"},
		"impossible date":     {fact(&purserv1.CustomerFact{Name: "x", Value: &purserv1.CustomerFact_Date{Date: &purserv1.Date{Year: 2026, Month: 2, Day: 30}}}), "INVALID_FIELD"},
		"amount of two signs": {fact(&purserv1.CustomerFact{Name: "x", Value: &purserv1.CustomerFact_Amount{Amount: &purserv1.Money{CurrencyCode: "EUR", Units: 5, Nanos: -1}}}), "INVALID_FIELD"},
		"the same fact twice": {change(func(r *purserv1.UpsertTicketRequest) {
			f := &purserv1.CustomerFact{Name: "x", Value: &purserv1.CustomerFact_Text{Text: "y"}}
			r.Facts = []*purserv1.CustomerFact{f, f}
		}), "INVALID_FIELD"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.tickets.UpsertTicket(t.Context(), r.req)
			wantReason(t, err, codes.InvalidArgument, r.reason)
		})
	}
}

func TestRequestIDsOfTickets(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	admin := s.workspace(t, "one")
	c := s.as(t, admin)
	ticket := c.ticket(t, "T-1")
	m := message(ticket, "Where is my bag?")
	first, err := c.tickets.AppendMessage(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.tickets.AppendMessage(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(first, again) {
		t.Errorf("the same request got another answer: %v, %v", first, again)
	}
	other := proto.CloneOf(m)
	other.Text = "Where is my other bag?"
	_, err = c.tickets.AppendMessage(t.Context(), other)
	wantReason(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
	// Another key's requests are its own.
	if _, err := s.as(t, s.keyOf(t, admin, purserv1.KeyRole_KEY_ROLE_AGENT)).tickets.AppendMessage(t.Context(), other); err != nil {
		t.Errorf("another key: %v", err)
	}
	// After a week the id is free again.
	s.passes(t, 8*24*time.Hour, "requests", "create_time")
	if _, err := c.tickets.AppendMessage(t.Context(), other); err != nil {
		t.Errorf("after eight days: %v", err)
	}
}

func TestAnotherTenantsTicketDoesNotExist(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	one, two := s.as(t, s.workspace(t, "one")), s.as(t, s.workspace(t, "two"))
	ticket := one.ticket(t, "T-1", "My bag is gone.")
	_, err := two.tickets.GetTicket(t.Context(), &purserv1.GetTicketRequest{Id: &purserv1.GetTicketRequest_TicketId{TicketId: ticket}})
	theirs := wantReason(t, err, codes.NotFound, "TICKET_NOT_FOUND")
	_, err = two.tickets.GetTicket(t.Context(), &purserv1.GetTicketRequest{Id: &purserv1.GetTicketRequest_TicketId{TicketId: uuid.NewString()}})
	nobodys := wantReason(t, err, codes.NotFound, "TICKET_NOT_FOUND")
	equal(t, theirs.Message(), nobodys.Message())
	_, err = two.tickets.AppendMessage(t.Context(), message(ticket, "hello"))
	wantReason(t, err, codes.NotFound, "TICKET_NOT_FOUND")
	queue, err := two.tickets.ListQueue(t.Context(), &purserv1.ListQueueRequest{})
	if err != nil || len(queue.GetItems()) != 0 {
		t.Errorf("the other's queue: %v, %v", queue, err)
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	ticket := c.ticket(t, "T-1", "My bag is gone.")
	claim := func(a *purserv1.Actor) error {
		_, err := c.tickets.ClaimTicket(t.Context(), &purserv1.ClaimTicketRequest{RequestId: id(t), Actor: a, TicketId: ticket, Duration: durationpb.New(time.Minute)})
		return err
	}
	if err := claim(kari); err != nil {
		t.Fatal(err)
	}
	st := wantReason(t, claim(ola), codes.Aborted, "CLAIMED_BY_OTHER")
	if !strings.Contains(st.Message(), "Kari") {
		t.Errorf("the message %q does not say who", st.Message())
	}
	view, err := c.tickets.GetTicket(t.Context(), &purserv1.GetTicketRequest{Id: &purserv1.GetTicketRequest_ExternalId{ExternalId: "T-1"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, view.GetTicket().GetClaim().GetActor().GetId(), "kari")
	s.passes(t, 2*time.Minute, "tickets", "claim_expire_time")
	if err := claim(ola); err != nil {
		t.Errorf("after the claim ended: %v", err)
	}
}

func TestQueueIsOrderedAndPaged(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	now := s.clock.now()
	for name, due := range map[string]time.Duration{"late": 3 * time.Hour, "soon": time.Hour, "none": 0} {
		r := &purserv1.UpsertTicketRequest{RequestId: id(t), Actor: kari, ExternalId: name, Channel: purserv1.Channel_CHANNEL_CHAT}
		if due > 0 {
			r.DueTime = timestamppb.New(now.Add(due))
		}
		if _, err := c.tickets.UpsertTicket(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for token := ""; ; {
		page, err := c.tickets.ListQueue(t.Context(), &purserv1.ListQueueRequest{PageSize: 1, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range page.GetItems() {
			names = append(names, i.GetTicket().GetExternalId())
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	equal(t, names, []string{"soon", "late", "none"})
	for _, token := range []string{"?", "bm90IGpzb24", "eyJpZCI6ImEnOyBEUk9QIFRBQkxFIHRpY2tldHMifQ"} {
		_, err := c.tickets.ListQueue(t.Context(), &purserv1.ListQueueRequest{PageToken: token})
		wantReason(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID")
	}
}

// A statement that takes too long is given up, and the call says so.
func TestTheDatabaseTakesTooLong(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{database: &pg.Options{MaxConns: 4, StatementTimeout: 2 * time.Second}})
	c := s.as(t, s.workspace(t, "one"))
	ticket := c.ticket(t, "T-1")
	held, err := s.schema.Owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), `LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	m := message(ticket, "Where is my bag?")
	_, err = c.tickets.AppendMessage(t.Context(), m)
	wantRetry(t, wantReason(t, err, codes.Unavailable, "TIMEOUT"))
	_, err = c.tickets.GetTicket(t.Context(), &purserv1.GetTicketRequest{Id: &purserv1.GetTicketRequest_TicketId{TicketId: ticket}})
	wantReason(t, err, codes.Unavailable, "TIMEOUT")
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if appended, err := c.tickets.AppendMessage(t.Context(), m); err != nil || !appended.GetCreated() {
		t.Errorf("the same request: %v, %v", appended, err)
	}
}
