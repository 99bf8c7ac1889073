package openai_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/openai"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
	"github.com/purser-desk/purser/suggest/pipeline"
)

func completer(t *testing.T, s *openaitest.Server, o openai.Options) *openai.Completer {
	t.Helper()
	o.BaseURL, o.HTTPClient = s.BaseURL(), &http.Client{}
	if o.Model == "" {
		o.Model = "m-1"
	}
	c, err := openai.NewCompleter(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.HTTPClient.CloseIdleConnections)
	return c
}

func TestComplete(t *testing.T) {
	server := openaitest.Fixed(openaitest.Script{Text: `{"pass": true}`})
	defer server.Close()
	got, err := completer(t, server, openai.Options{Key: "k", Temperature: .5, MaxTokens: 9}).Complete(t.Context(), "be strict", "is it good?", 7)
	if err != nil {
		t.Fatal(err)
	}
	asked := server.Requests()[0]
	want := openai.Completion{Text: `{"pass": true}`, Model: "m-1", Finish: "stop", PromptTokens: len(asked.Raw) / 4, CompletionTokens: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if asked.System() != "be strict" || asked.User() != "is it good?" || asked.Stream || asked.MaxTokens != 9 || asked.Authorization != "Bearer k" {
		t.Errorf("asked %s", asked.Raw)
	}
	if asked.Seed == nil || *asked.Seed != 7 || asked.Temperature == nil || *asked.Temperature != .5 {
		t.Errorf("asked %s", asked.Raw)
	}
}

// A temperature of zero is sent: left out, the provider takes its own.
func TestCompleteAtTemperatureZero(t *testing.T) {
	server := openaitest.Fixed(openaitest.Script{Text: "x"})
	defer server.Close()
	for model, sent := range map[string]bool{"m-1": true, "o3-mini": false} {
		if _, err := completer(t, server, openai.Options{Model: model}).Complete(t.Context(), "s", "u", 0); err != nil {
			t.Fatal(err)
		}
		requests := server.Requests()
		temperature := requests[len(requests)-1].Temperature
		if (temperature != nil) != sent || sent && *temperature != 0 {
			t.Errorf("%s: temperature %v", model, temperature)
		}
	}
}

func TestCompleteFails(t *testing.T) {
	const secret = "what the provider says"
	tests := []struct {
		name   string
		script openaitest.Script
		fault  suggest.DraftFault
	}{
		{"a wrong key", openaitest.Script{Status: 401, Body: `{"error":{"message":"` + secret + `"}}`}, suggest.FaultUnauthorized},
		{"no such model", openaitest.Script{Status: 404, Body: secret}, suggest.FaultModelNotFound},
		{"a limit", openaitest.Script{Status: 429, Body: secret}, suggest.FaultRateLimited},
		{"down", openaitest.Script{Status: 503, Body: secret}, suggest.FaultProvider},
		{"refused", openaitest.Script{Status: 400, Body: secret}, suggest.FaultRejected},
		{"no choices", openaitest.Script{Body: `{"choices":[]}`, ContentType: "application/json"}, suggest.FaultEmpty},
		{"a book", openaitest.Script{Text: strings.Repeat("x", 100<<10)}, suggest.FaultOverlong},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := openaitest.Fixed(test.script)
			defer server.Close()
			_, err := completer(t, server, openai.Options{}).Complete(t.Context(), "s", "u", 1)
			var fault *pipeline.DraftError
			if !errors.As(err, &fault) || fault.Fault != test.fault || strings.Contains(err.Error(), secret) {
				t.Errorf("error is %v", err)
			}
		})
	}
	t.Run("no answer in time", func(t *testing.T) {
		server := openaitest.Fixed(openaitest.Script{Before: time.Minute})
		defer server.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := completer(t, server, openai.Options{}).Complete(ctx, "s", "u", 1)
		var fault *pipeline.DraftError
		if !errors.As(err, &fault) || fault.Fault != suggest.FaultTooSlow {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("filtered", func(t *testing.T) {
		server := openaitest.Fixed(openaitest.Script{Finish: "content_filter"})
		defer server.Close()
		if got, err := completer(t, server, openai.Options{}).Complete(t.Context(), "s", "u", 1); err != nil || !got.Refused {
			t.Errorf("%+v, %v", got, err)
		}
	})
	if _, err := openai.NewCompleter(openai.Options{}); err == nil {
		t.Error("a completer without a model was made")
	}
}
