package main

import (
	"cmp"
	"encoding/json"
	"io"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/proto/purser/v1"
)

// printJSON prints one message as a line of JSON, fields named as in the
// contract.
func printJSON(w io.Writer, m proto.Message) error {
	v, err := jsonValue(m)
	if err != nil {
		return err
	}
	return console.PrintValue(w, v)
}

// jsonValue is a message as plain JSON values: protojson varies its blanks on
// purpose, and scripts want the same bytes.
func jsonValue(m proto.Message) (any, error) {
	b, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	return v, nil
}

// word is an enum value as people read it: "CHANNEL_WEB_FORM" is "web form".
func word(e interface{ String() string }, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(e.String(), prefix)), "_", " ")
}

func nameOf(a *purserv1.Actor) string { return cmp.Or(a.GetDisplayName(), a.GetId()) }
