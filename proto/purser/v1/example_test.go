package purserv1_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

// A desktop hands over what a customer wrote and shows the draft while it is
// made. The address and the key are those that "make run" prints; beyond this
// machine, use TLS in place of insecure.NewCredentials.
func Example() {
	if err := suggestReply(context.Background(), os.Getenv("PURSER_ADDRESS"), os.Getenv("PURSER_KEY")); err != nil {
		log.Fatal(err)
	}
}

func suggestReply(ctx context.Context, address, key string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)

	tickets := purserv1.NewTicketServiceClient(conn)
	maria := &purserv1.Actor{Id: "maria"}
	ticket, err := tickets.UpsertTicket(ctx, &purserv1.UpsertTicketRequest{
		RequestId: "4711-ticket", Actor: maria,
		ExternalId: "4711", Subject: "My bag", Channel: purserv1.Channel_CHANNEL_EMAIL,
	})
	if err != nil {
		return err
	}
	_, err = tickets.AppendMessage(ctx, &purserv1.AppendMessageRequest{
		RequestId: "4711-message-1", Actor: maria,
		TicketId: ticket.GetTicket().GetTicketId(),
		Author:   purserv1.Author_AUTHOR_CUSTOMER,
		Text:     "Hello, my suitcase did not arrive. Can I buy clothes meanwhile, and who pays?",
	})
	if err != nil {
		return err
	}

	stream, err := purserv1.NewSuggestionServiceClient(conn).SuggestReply(ctx, &purserv1.SuggestReplyRequest{
		RequestId: "4711-suggestion-1", Actor: maria, TicketId: ticket.GetTicket().GetTicketId(),
	})
	if err != nil {
		return err
	}
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err // after a broken connection, ask again with the same request id
		}
		if text := event.GetText(); text != nil {
			fmt.Print(text.GetText())
		}
		if made := event.GetSuggestion(); made != nil {
			fmt.Println(made.GetOutcome(), made.GetReason(), made.GetConfidence())
		}
	}
}
