package api

import (
	"math"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
)

// The contract's enum values are the domain's words behind a prefix, so that
// neither has to list the other's.

// enumIn drops the prefix; the unspecified value becomes "".
func enumIn[D ~string](e interface{ String() string }, prefix string) D {
	word := strings.TrimPrefix(e.String(), prefix)
	if word == "UNSPECIFIED" {
		return ""
	}
	return D(word)
}

func enumsIn[D ~string, E interface{ String() string }](es []E, prefix string) []D {
	return mapAll(es, func(e E) D { return enumIn[D](e, prefix) })
}

// enumOut is the number of a domain word; 0 for "".
func enumOut[D ~string](values map[string]int32, prefix string, word D) int32 {
	return values[prefix+string(word)]
}

func channelOut(c suggest.Channel) purserv1.Channel {
	return purserv1.Channel(enumOut(purserv1.Channel_value, "CHANNEL_", c))
}

func statusOut(s suggest.Status) purserv1.TicketStatus {
	return purserv1.TicketStatus(enumOut(purserv1.TicketStatus_value, "TICKET_STATUS_", s))
}

func actorIn(a *purserv1.Actor) suggest.Actor {
	return suggest.Actor{ID: a.GetId(), Name: a.GetDisplayName()}
}

func actorOut(a suggest.Actor) *purserv1.Actor {
	return &purserv1.Actor{Id: a.ID, DisplayName: a.Name}
}

func timeIn(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

func timeOut(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func moneyIn(m *purserv1.Money) suggest.Money {
	return suggest.Money{Currency: m.GetCurrencyCode(), Units: m.GetUnits(), Nanos: m.GetNanos()}
}

func moneyOut(m suggest.Money) *purserv1.Money {
	return &purserv1.Money{CurrencyCode: m.Currency, Units: m.Units, Nanos: m.Nanos}
}

func mapAll[A, B any](in []A, f func(A) B) []B {
	if len(in) == 0 {
		return nil
	}
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}

func int32Of(n int) int32 {
	return int32(max(math.MinInt32, min(n, math.MaxInt32)))
}
