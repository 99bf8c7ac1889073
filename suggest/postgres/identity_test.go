package postgres_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/purser-desk/purser/suggest"
)

const (
	email    = suggest.IdentityEmail
	handle   = suggest.IdentityHandle
	phone    = suggest.IdentityPhone
	customer = suggest.IdentityCustomerNumber
)

// from makes, or finds, a ticket of whoever has these identities.
func (d *desk) from(externalID string, identities ...suggest.Identity) suggest.Ticket {
	d.t.Helper()
	return d.upsert(suggest.TicketChange{
		ExternalID: externalID, Channel: suggest.ChannelEmail, Customer: &suggest.Customer{Identities: identities},
	})
}

func TestSameAddress(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i, c := range []struct {
		kind suggest.IdentityKind
		a, b string
		same bool
	}{
		{email, "Kari@Example.com", " kari@example.COM ", true},
		{email, "ｋａｒｉ@full.example", "kari@full.example", false},
		{phone, "＋４７ 22 12 34 99", "+4722123499", true},
		{email, "kari@one.example", "kari@two.example", false},
		{email, "İ@dot.example", "i@dot.example", false},
		// The same letters in any case, and no others: an address without its marks
		// may be another person's.
		{email, "ŁUKASZ@names.example", "łukasz@names.example", true},
		{email, "JØRGEN@names.example", "jørgen@names.example", true},
		{email, "KJÆR@names.example", "kjær@names.example", true},
		{email, "GROẞ@names.example", "groß@names.example", true},
		{email, "Mu\u0308ller@names.example", "MÜLLER@names.example", true},
		{handle, "mastodon:@HARRIET LOWMOOR", "mastodon:Harriet Lowmoor", true},
		{email, "jorgen@other.example", "jørgen@other.example", false},
		{email, "mueller@other.example", "müller@other.example", false},
		{email, "nul\x00@x.example", "nul@x.example", true},
		{phone, "+47 22 12 34 56", "0047-22.12.34.56", true},
		{phone, "+44 (0)20 7946 0000", "+442079460000", true},
		{phone, "22123456", "+4722123457", false},
		{phone, "(030) 12 34", "0301234", true},
		{phone, "reception", "Reception ", true},
		{handle, "mastodon:@Kari", "Mastodon:kari", true},
		{handle, "@Solo", "solo", true},
		{handle, "mastodon:@ola", "bluesky:@ola", false},
		{customer, "AB 12", "ab12", true},
		{customer, "AB-12", "ab13", false},
	} {
		a := d.from(fmt.Sprintf("a%d", i), suggest.Identity{Kind: c.kind, Value: c.a})
		b := d.from(fmt.Sprintf("b%d", i), suggest.Identity{Kind: c.kind, Value: c.b})
		if (a.Customer.ID == b.Customer.ID) != c.same {
			t.Errorf("%s %q and %q: same customer %v, want %v", c.kind, c.a, c.b, !c.same, c.same)
		}
	}
	a := d.from("kinds-a", suggest.Identity{Kind: email, Value: "x1"})
	b := d.from("kinds-b", suggest.Identity{Kind: customer, Value: "x1"})
	if a.Customer.ID == b.Customer.ID {
		t.Error("an address of another kind is the same customer")
	}
}

func TestJoiningCustomers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mail := suggest.Identity{Kind: email, Value: "kari@example.com"}
	post := suggest.Identity{Kind: handle, Value: "mastodon:@kari"}
	call := suggest.Identity{Kind: phone, Value: "+4722123456"}
	first, second, third := d.from("mail", mail), d.from("post", post), d.from("call", call)
	stranger := d.from("stranger", suggest.Identity{Kind: email, Value: "ola@example.com"})
	chat := d.from("chat", call, post, mail, mail)
	if chat.Customer.ID != first.Customer.ID {
		t.Errorf("joined into %s, want the oldest, %s", chat.Customer.ID, first.Customer.ID)
	}
	if diff := cmp.Diff([]suggest.Identity{mail, post, call}, chat.Customer.Identities); diff != "" {
		t.Error(diff)
	}
	for _, ticket := range []suggest.Ticket{first, second, third, chat} {
		v := d.view(ticket.ID)
		if len(v.Contacts) != 3 || v.Ticket.Customer.ID != first.Customer.ID {
			t.Errorf("%s: customer %s with %d other contacts, want all four together", ticket.ExternalID, v.Ticket.Customer.ID, len(v.Contacts))
		}
	}
	if len(d.view(stranger.ID).Contacts) > 0 {
		t.Error("a stranger was joined")
	}
	if again := d.from("again", post); again.Customer.ID != first.Customer.ID {
		t.Error("a joined address makes a new customer")
	}
	// Another customer's address given alone moves the ticket and joins nobody.
	moved := d.from("call", suggest.Identity{Kind: email, Value: "ola@example.com"})
	if moved.Customer.ID != stranger.Customer.ID || d.from("mail2", mail).Customer.ID != first.Customer.ID {
		t.Error("correcting a ticket's customer joined two people")
	}
}

func TestCustomersWithoutAddress(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	named := func(ticket, name string) suggest.Ticket {
		return d.upsert(suggest.TicketChange{ExternalID: ticket, Channel: suggest.ChannelPhone, Customer: &suggest.Customer{
			DisplayName: name, Identities: []suggest.Identity{{Kind: email, Value: " \x00 "}},
		}})
	}
	a, b := named("a", "Kari"), named("b", "Kari")
	if a.Customer.ID == b.Customer.ID || a.Customer.ID == "" || len(a.Customer.Identities) > 0 {
		t.Errorf("a name alone made %+v and %+v", a.Customer, b.Customer)
	}
	if again := named("a", "Kari N."); again.Customer.ID != a.Customer.ID || again.Customer.DisplayName != "Kari N." {
		t.Errorf("%+v", again.Customer)
	}
	mail := suggest.Identity{Kind: email, Value: "kari@example.com"}
	d.from("c", mail)
	if got := named("c", "Kari"); got.Customer.DisplayName != "Kari" || len(got.Customer.Identities) != 1 {
		t.Errorf("naming a known customer: %+v", got.Customer)
	}
	if got := d.from("c", mail); got.Customer.DisplayName != "Kari" {
		t.Errorf("an address without a name took the name: %+v", got.Customer)
	}
}

// TestJoiningAtOnce hands over overlapping addresses from many sides: nobody
// may fail, and in the end all are one.
func TestJoiningAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const n = 24
	now := d.now()
	errs := together(n, func(i int) error {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		for round := range 6 {
			var identities []suggest.Identity
			for range 1 + r.IntN(3) {
				identities = append(identities, suggest.Identity{Kind: email, Value: fmt.Sprintf("k%d@example.com", r.IntN(12))})
			}
			_, _, err := d.UpsertTicket(d.ctx, d.w, suggest.TicketChange{
				ExternalID: fmt.Sprintf("T%d", r.IntN(40)), Channel: suggest.ChannelChat,
				Customer: &suggest.Customer{DisplayName: fmt.Sprint("round ", round), Identities: identities},
			}, uuid.NewString(), now)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	var all []suggest.Identity
	for i := range 12 {
		all = append(all, suggest.Identity{Kind: email, Value: fmt.Sprintf("k%d@example.com", i)})
	}
	last := d.from("last", all...)
	var strays, tickets int
	d.ok(d.schema.Owner.QueryRow(d.ctx, `SELECT count(*) FROM customers WHERE customer_id <> $1`, last.Customer.ID).Scan(&strays))
	d.ok(d.schema.Owner.QueryRow(d.ctx, `SELECT count(*) FROM tickets WHERE customer_id IS DISTINCT FROM $1`, last.Customer.ID).Scan(&tickets))
	if strays != 0 || tickets != 0 {
		t.Errorf("%d customers and %d tickets were left out", strays, tickets)
	}
}
