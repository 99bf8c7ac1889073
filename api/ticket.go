package api

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
)

type ticketServer struct {
	purserv1.UnimplementedTicketServiceServer
	tickets  *suggest.Tickets
	requests RequestStore
}

func (s *ticketServer) UpsertTicket(ctx context.Context, r *purserv1.UpsertTicketRequest) (*purserv1.UpsertTicketResponse, error) {
	change := suggest.TicketChange{
		ExternalID:    r.GetExternalId(),
		Subject:       r.GetSubject(),
		Channel:       enumIn[suggest.Channel](r.GetChannel(), "CHANNEL_"),
		Status:        enumIn[suggest.Status](r.GetStatus(), "TICKET_STATUS_"),
		Customer:      customerIn(r.GetCustomer()),
		Facts:         mapAll(r.GetFacts(), factIn),
		ContactReason: r.GetContactReason(),
		Labels:        r.GetLabels(),
		Locale:        r.GetLocale(),
		Brand:         r.GetBrand(),
		DueTime:       timeIn(r.GetDueTime()),
		EventTime:     timeIn(r.GetEventTime()),
		Clear:         r.GetClear(),
	}
	return once(ctx, s.requests, purserv1.TicketService_UpsertTicket_FullMethodName, r, &purserv1.UpsertTicketResponse{},
		func(in Stores) (*purserv1.UpsertTicketResponse, error) {
			t, created, err := s.tickets.In(in.Tickets).Upsert(ctx, principal(ctx).Workspace, change)
			if err != nil {
				return nil, err
			}
			return &purserv1.UpsertTicketResponse{Ticket: ticketOut(t), Created: created}, nil
		})
}

func (s *ticketServer) AppendMessage(ctx context.Context, r *purserv1.AppendMessageRequest) (*purserv1.AppendMessageResponse, error) {
	m := suggest.Message{
		ExternalID:  r.GetExternalId(),
		Author:      enumIn[suggest.Author](r.GetAuthor(), "AUTHOR_"),
		Channel:     enumIn[suggest.Channel](r.GetChannel(), "CHANNEL_"),
		Visibility:  enumIn[suggest.Visibility](r.GetVisibility(), "VISIBILITY_"),
		Locale:      r.GetLocale(),
		Text:        r.GetText(),
		SentTime:    timeIn(r.GetSentTime()),
		Attachments: mapAll(r.GetAttachments(), attachmentIn),
	}
	if m.Author != suggest.AuthorCustomer {
		m.Actor = actorIn(r.GetActor())
	}
	return once(ctx, s.requests, purserv1.TicketService_AppendMessage_FullMethodName, r, &purserv1.AppendMessageResponse{},
		func(in Stores) (*purserv1.AppendMessageResponse, error) {
			stored, created, err := s.tickets.In(in.Tickets).Append(ctx, principal(ctx).Workspace, r.GetTicketId(), m)
			if err != nil {
				return nil, err
			}
			return &purserv1.AppendMessageResponse{Message: messageOut(stored), Created: created}, nil
		})
}

const standardMessages = 100

func (s *ticketServer) GetTicket(ctx context.Context, r *purserv1.GetTicketRequest) (*purserv1.GetTicketResponse, error) {
	ref := suggest.TicketRef{ID: r.GetTicketId(), ExternalID: r.GetExternalId()}
	v, err := s.tickets.View(ctx, principal(ctx).Workspace, ref, pageSize(r.GetMessageLimit(), standardMessages))
	if err != nil {
		return nil, err
	}
	return &purserv1.GetTicketResponse{
		Ticket:             ticketOut(v.Ticket),
		Messages:           mapAll(v.Messages, messageOut),
		Contacts:           mapAll(v.Contacts, contactOut),
		LatestSuggestionId: v.LatestSuggestionID,
	}, nil
}

func (s *ticketServer) ListQueue(ctx context.Context, r *purserv1.ListQueueRequest) (*purserv1.ListQueueResponse, error) {
	page, err := pageOf(ctx, r, 50)
	if err != nil {
		return nil, err
	}
	f := suggest.QueueFilter{
		Statuses:      enumsIn[suggest.Status](r.GetStatuses(), "TICKET_STATUS_"),
		Channels:      enumsIn[suggest.Channel](r.GetChannels(), "CHANNEL_"),
		UnclaimedOrBy: r.GetUnclaimedOrBy(),
		Limit:         page.size + 1,
	}
	if err := page.after(&f.After); err != nil {
		return nil, err
	}
	items, err := s.tickets.Queue(ctx, principal(ctx).Workspace, f)
	if err != nil {
		return nil, err
	}
	items, next, err := cutPage(page, items, func(i suggest.QueueItem) any {
		return suggest.QueuePlace{Due: i.Ticket.DueTime, Event: i.Ticket.EventTime, Create: i.Ticket.CreateTime, ID: i.Ticket.ID}
	})
	if err != nil {
		return nil, err
	}
	return &purserv1.ListQueueResponse{Items: mapAll(items, queueItemOut), NextPageToken: next}, nil
}

func (s *ticketServer) ClaimTicket(ctx context.Context, r *purserv1.ClaimTicketRequest) (*purserv1.ClaimTicketResponse, error) {
	var d time.Duration
	if r.GetDuration() != nil {
		d = r.GetDuration().AsDuration()
	}
	return once(ctx, s.requests, purserv1.TicketService_ClaimTicket_FullMethodName, r, &purserv1.ClaimTicketResponse{},
		func(in Stores) (*purserv1.ClaimTicketResponse, error) {
			c, err := s.tickets.In(in.Tickets).Claim(ctx, principal(ctx).Workspace, r.GetTicketId(), actorIn(r.GetActor()), d)
			if err != nil {
				return nil, err
			}
			return &purserv1.ClaimTicketResponse{Claim: claimOut(&c)}, nil
		})
}

func (s *ticketServer) ReleaseTicket(ctx context.Context, r *purserv1.ReleaseTicketRequest) (*purserv1.ReleaseTicketResponse, error) {
	return once(ctx, s.requests, purserv1.TicketService_ReleaseTicket_FullMethodName, r, &purserv1.ReleaseTicketResponse{},
		func(in Stores) (*purserv1.ReleaseTicketResponse, error) {
			err := s.tickets.In(in.Tickets).Release(ctx, principal(ctx).Workspace, r.GetTicketId(), actorIn(r.GetActor()))
			return &purserv1.ReleaseTicketResponse{}, err
		})
}

func customerIn(c *purserv1.Customer) *suggest.Customer {
	if c == nil {
		return nil
	}
	return &suggest.Customer{DisplayName: c.GetDisplayName(), Identities: mapAll(c.GetIdentities(), func(i *purserv1.CustomerIdentity) suggest.Identity {
		return suggest.Identity{Kind: enumIn[suggest.IdentityKind](i.GetKind(), "IDENTITY_KIND_"), Value: i.GetValue()}
	})}
}

func factIn(f *purserv1.CustomerFact) suggest.Fact {
	out := suggest.Fact{Name: f.GetName(), Source: f.GetSource(), ReadTime: timeIn(f.GetReadTime()), MayMention: f.GetMayMention()}
	switch v := f.GetValue().(type) {
	case *purserv1.CustomerFact_Text:
		out.Kind, out.Text = suggest.FactText, v.Text
	case *purserv1.CustomerFact_Code:
		out.Kind, out.Text = suggest.FactCode, v.Code
	case *purserv1.CustomerFact_Amount:
		out.Kind = suggest.FactAmount
		out.Amount = moneyIn(v.Amount)
	case *purserv1.CustomerFact_Date:
		out.Kind = suggest.FactDate
		out.Date = suggest.Date{Year: int(v.Date.GetYear()), Month: int(v.Date.GetMonth()), Day: int(v.Date.GetDay())}
	}
	return out
}

func factOut(f suggest.Fact) *purserv1.CustomerFact {
	out := &purserv1.CustomerFact{Name: f.Name, Source: f.Source, ReadTime: timeOut(f.ReadTime), MayMention: f.MayMention}
	switch f.Kind {
	case suggest.FactText:
		out.Value = &purserv1.CustomerFact_Text{Text: f.Text}
	case suggest.FactCode:
		out.Value = &purserv1.CustomerFact_Code{Code: f.Text}
	case suggest.FactAmount:
		out.Value = &purserv1.CustomerFact_Amount{Amount: moneyOut(f.Amount)}
	case suggest.FactDate:
		out.Value = &purserv1.CustomerFact_Date{Date: &purserv1.Date{Year: int32Of(f.Date.Year), Month: int32Of(f.Date.Month), Day: int32Of(f.Date.Day)}}
	}
	return out
}

func attachmentIn(a *purserv1.Attachment) suggest.Attachment {
	return suggest.Attachment{Name: a.GetName(), MediaType: a.GetMediaType(), Size: a.GetSizeBytes()}
}

func attachmentOut(a suggest.Attachment) *purserv1.Attachment {
	return &purserv1.Attachment{Name: a.Name, MediaType: a.MediaType, SizeBytes: a.Size}
}

func claimOut(c *suggest.Claim) *purserv1.Claim {
	if c == nil {
		return nil
	}
	return &purserv1.Claim{Actor: actorOut(c.Actor), ExpireTime: timestamppb.New(c.Expire)}
}

func customerOut(c suggest.Customer) *purserv1.Customer {
	if c.ID == "" {
		return nil
	}
	return &purserv1.Customer{CustomerId: c.ID, DisplayName: c.DisplayName, Identities: mapAll(c.Identities, func(i suggest.Identity) *purserv1.CustomerIdentity {
		return &purserv1.CustomerIdentity{Kind: purserv1.IdentityKind(enumOut(purserv1.IdentityKind_value, "IDENTITY_KIND_", i.Kind)), Value: i.Value}
	})}
}

func ticketOut(t suggest.Ticket) *purserv1.Ticket {
	return &purserv1.Ticket{
		TicketId:      t.ID,
		ExternalId:    t.ExternalID,
		Subject:       t.Subject,
		Channel:       channelOut(t.Channel),
		Status:        statusOut(t.Status),
		Customer:      customerOut(t.Customer),
		Facts:         mapAll(t.Facts, factOut),
		ContactReason: t.ContactReason,
		Labels:        slices.Clone(t.Labels),
		Locale:        t.Locale,
		Brand:         t.Brand,
		DueTime:       timeOut(t.DueTime),
		EventTime:     timeOut(t.EventTime),
		Claim:         claimOut(t.Claim),
		CreateTime:    timeOut(t.CreateTime),
		UpdateTime:    timeOut(t.UpdateTime),
		ResolveTime:   timeOut(t.ResolveTime),
		MessageCount:  int32Of(t.MessageCount),
	}
}

func contactOut(t suggest.Ticket) *purserv1.Contact {
	return &purserv1.Contact{
		TicketId:      t.ID,
		ExternalId:    t.ExternalID,
		Subject:       t.Subject,
		Channel:       channelOut(t.Channel),
		Status:        statusOut(t.Status),
		ContactReason: t.ContactReason,
		CreateTime:    timeOut(t.CreateTime),
		UpdateTime:    timeOut(t.UpdateTime),
	}
}

func messageOut(m suggest.Message) *purserv1.Message {
	out := &purserv1.Message{
		MessageId:    m.ID,
		ExternalId:   m.ExternalID,
		Sequence:     int32Of(m.Sequence),
		Author:       purserv1.Author(enumOut(purserv1.Author_value, "AUTHOR_", m.Author)),
		Channel:      channelOut(m.Channel),
		Visibility:   purserv1.Visibility(enumOut(purserv1.Visibility_value, "VISIBILITY_", m.Visibility)),
		Locale:       m.Locale,
		Text:         m.Text,
		SentTime:     timeOut(m.SentTime),
		Attachments:  mapAll(m.Attachments, attachmentOut),
		SuggestionId: m.SuggestionID,
	}
	if m.Actor.ID != "" {
		out.Actor = actorOut(m.Actor)
	}
	return out
}

func queueItemOut(i suggest.QueueItem) *purserv1.QueueItem {
	return &purserv1.QueueItem{
		Ticket:             ticketOut(i.Ticket),
		Preview:            i.Preview,
		LastCustomerTime:   timeOut(i.LastCustomerTime),
		LatestSuggestionId: i.LatestSuggestionID,
	}
}
