package suggest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/purser-desk/purser/suggest"
)

func TestSmoke(t *testing.T) {
	p := newPipeline(t, baggage(), nil, suggest.Settings{})
	tp := &tape{}
	s, r, err := p.Run(t.Context(), workspace, customer("Hello, how heavy may my cabin bag be? And what does a heavier bag cost?"), tp.emit)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.MarshalIndent(s, "", " ")
	fmt.Println(string(b))
	b, _ = json.MarshalIndent(r, "", " ")
	fmt.Println(string(b))
	for _, l := range tp.all() {
		fmt.Println(l)
	}
	model := writes(nil, cited("Dear customer,"), cited("Your cabin bag may weigh up to 8 kg.", 1), cited("It costs 99 EUR.", 1))
	p = newPipeline(t, baggage(), model, suggest.Settings{})
	svc := suggest.NewService(p, newMemory(customer("How heavy may my cabin bag be?")), suggest.ServiceOptions{})
	tp = &tape{}
	if err := svc.Suggest(t.Context(), workspace, suggest.SuggestRequest{Request: suggest.Request{KeyID: "k", RequestID: "r", TicketID: "t1"}}, tp.emit); err != nil {
		t.Fatal(err)
	}
	for _, l := range tp.all() {
		fmt.Println(l)
	}
	_ = svc.Close(context.Background())
}
