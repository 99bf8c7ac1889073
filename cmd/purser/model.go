package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/purser-desk/purser/cmd/purser/console"
	"github.com/purser-desk/purser/cmd/purser/settings"
	"github.com/purser-desk/purser/cmd/purser/wiring"
	embedopenai "github.com/purser-desk/purser/knowledge/openai"
	"github.com/purser-desk/purser/suggest"
	chatopenai "github.com/purser-desk/purser/suggest/openai"
)

type modelCommand struct {
	Test modelTestCommand `cmd:"" help:"Try the chat and embedding endpoints, and say what works."`
}

type modelTestCommand struct {
	settings.Flag
	Short bool `help:"Leave out the prompt that is as long as the longest drafts need, which costs some thousand tokens."`
	JSON  bool `name:"json" help:"Print JSON."`
}

func (*modelTestCommand) Help() string {
	return "Asks each endpoint that the settings name as drafts and imports would, waits for up to two minutes for an answer, and says in plain words what works and what had to be left out. " +
		"Exits with 0 when everything works, with 1 when something does not, with 2 when nothing is set up.\n\n" +
		"Example:\n  OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_MODEL=… purser model test"
}

// modelReport is what --json prints.
type modelReport struct {
	Chat       *chatopenai.Trial  `json:"chat,omitempty"`
	Embeddings *embedopenai.Trial `json:"embeddings,omitempty"`
}

// longPrompt is about the longest prompt of a draft, in bytes.
const longPrompt = 24_000

// errModel says that an endpoint does not work; what is wrong was printed.
var errModel = errors.New("not every endpoint works; see above for what to do")

func (c *modelTestCommand) Run(ctx context.Context, e *console.Env) error {
	s, err := settings.Load(c.Config, e.Getenv)
	if err != nil {
		return err
	}
	if s.ChatModel == "" && s.EmbeddingURL == "" {
		return console.Usagef("no endpoint is set up: set OPENAI_BASE_URL and OPENAI_MODEL for drafts, EMBEDDING_BASE_URL for search by meaning")
	}
	report, err := c.try(ctx, s)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.JSON {
		if err := console.PrintValue(e.Stdout, report); err != nil {
			return err
		}
	} else {
		report.print(e.Stdout, s)
	}
	if report.Chat != nil && !report.Chat.Works || report.Embeddings != nil && !report.Embeddings.Works {
		return errModel
	}
	return nil
}

func (c *modelTestCommand) try(ctx context.Context, s *settings.Settings) (modelReport, error) {
	var report modelReport
	silent := slog.New(slog.DiscardHandler) // what it would say stands in the report
	if s.ChatModel != "" {
		d, err := chatopenai.New(wiring.ChatOptions(s, silent))
		if err != nil {
			return report, console.Usagef("OPENAI_BASE_URL: %w", err)
		}
		long := longPrompt
		if c.Short {
			long = 0
		}
		t := d.Try(ctx, long)
		report.Chat = &t
	}
	if s.EmbeddingURL != "" {
		embedder, err := embedopenai.NewEmbedder(wiring.EmbeddingOptions(s, silent))
		if err != nil {
			return report, console.Usagef("EMBEDDING_BASE_URL: %w", err)
		}
		trial, cancel := context.WithTimeout(ctx, 2*time.Minute)
		defer cancel()
		t := embedder.Try(trial, s.EmbeddingBatch)
		report.Embeddings = &t
	}
	return report, nil
}

func (r *modelReport) print(w io.Writer, s *settings.Settings) {
	if r.Chat != nil {
		fmt.Fprintf(w, "Chat: %s at %s\n", console.Plain(s.ChatModel), console.Plain(s.ChatURL))
		printChat(w, r.Chat, s)
	}
	if r.Embeddings != nil {
		if r.Chat != nil {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "Embeddings: %s at %s\n", console.Plain(s.PassageModel), console.Plain(s.EmbeddingURL))
		printEmbeddings(w, r.Embeddings, s)
	}
}

func printChat(w io.Writer, t *chatopenai.Trial, s *settings.Settings) {
	say := func(format string, args ...any) { fmt.Fprintf(w, "  "+format+"\n", args...) }
	if len(t.LeftOut) > 0 {
		say("It refuses, and is not sent: %s.", strings.Join(t.LeftOut, ", "))
	}
	if !t.Works {
		say("It does not work: %s (%s).", chatFault(t), t.Fault)
		return
	}
	say("It works. The model calls itself %s.", console.Plain(orNothing(t.Model)))
	if t.Streams {
		say("The answer streams, in %d pieces.", t.Pieces)
	} else {
		say("The answer comes in one piece, so agents see nothing before it is whole.")
	}
	say("The first words came after %s, the end after %s%s.", seconds(t.FirstWords), seconds(t.Whole), speed(t.TokensPerSecond))
	if limit := s.DraftLimit * 3 / 5; t.FirstWords-t.Thought > limit {
		say("That is later than the %s that a draft waits for the first words: set PURSER_DRAFT_LIMIT higher, and keep the model loaded if it had to be.", seconds(limit))
	}
	switch {
	case t.Thought > s.ThinkingLimit:
		say("It thinks, for %s here: set PURSER_THINKING_LIMIT higher, or turn its thinking down. Its thoughts are never shown.", seconds(t.Thought))
	case t.Thinks:
		say("It thinks, for %s here. Its thoughts are never shown, and have time and tokens of their own.", seconds(t.Thought))
	default:
		say("It was not seen to think.")
	}
	if t.PromptTokens > 0 {
		say("It counts tokens: %d in, %d out.", t.PromptTokens, t.CompletionTokens)
	} else {
		say("It does not count tokens, so budgets and prices in evaluations can't.")
	}
	if !t.Cites {
		say("It did not put the number of its evidence behind its words, so few of its sentences will be supported; a stronger model does.")
	}
	switch {
	case t.LongBytes == 0:
	case t.LongWorks:
		say("It reads a prompt of %d bytes, about as long as drafts need.", t.LongBytes)
	case t.LongFault == suggest.FaultContext:
		say("A prompt of %d bytes, about as long as drafts can need, is too long for it: long ones are sent with less evidence. Give it a longer context if you can.", t.LongBytes)
	default:
		say("It gave no answer to a prompt of %d bytes (%s), about as long as drafts can need.", t.LongBytes, t.LongFault)
	}
}

// chatFault says what to do about a fault.
func chatFault(t *chatopenai.Trial) string {
	switch t.Fault {
	case suggest.FaultUnreachable:
		return "nothing answers there; check OPENAI_BASE_URL, and that it runs"
	case suggest.FaultUnauthorized:
		return "it refuses the key; check OPENAI_API_KEY"
	case suggest.FaultModelNotFound:
		return "it does not know the model, or its address is wrong; check OPENAI_MODEL, and that OPENAI_BASE_URL ends as the provider says, mostly in /v1"
	case suggest.FaultRateLimited:
		return "it limits the rate of requests, or the account has no credit; try again later"
	case suggest.FaultProvider:
		return "the provider failed; its own log may say why"
	case suggest.FaultNotJSON:
		return "what answers there is no chat API; check OPENAI_BASE_URL"
	case suggest.FaultTooSlow:
		return "no whole answer came within two minutes"
	case suggest.FaultContext:
		return "its context is too short even for a short question"
	case suggest.FaultFiltered:
		return "the provider blocked the answer to a harmless question"
	case suggest.FaultEmpty, suggest.FaultLength:
		if t.Thinks {
			return "only thoughts came, and no answer; turn its thinking down or give it more tokens"
		}
		return "the answer is empty, or was cut at once"
	case suggest.FaultRejected, suggest.FaultCut, suggest.FaultNoAnswer, suggest.FaultOtherLanguage, suggest.FaultOverlong, suggest.FaultThoughts:
	}
	if t.Status > 0 {
		return fmt.Sprintf("it refuses the request (%d), whatever is left out", t.Status)
	}
	return "the answer did not come whole"
}

func printEmbeddings(w io.Writer, t *embedopenai.Trial, s *settings.Settings) {
	say := func(format string, args ...any) { fmt.Fprintf(w, "  "+format+"\n", args...) }
	if len(t.LeftOut) > 0 {
		say("It refuses, and is not sent: %s.", strings.Join(t.LeftOut, ", "))
	}
	if !t.Works {
		say("It does not work: %s (%s).", orNothing(t.Detail), t.Fault)
		return
	}
	say("It works. A vector has %d numbers.", t.Dimensions)
	if t.Encoding != "" {
		say("It wants to be asked for encoding_format %q, and is.", t.Encoding)
	}
	say("The first vectors came after %s, those of %d texts at once after %s.", seconds(t.First), t.BatchTexts, seconds(t.Batch))
	if t.BatchMost > 0 {
		say("It takes %d texts at once, fewer than EMBEDDING_BATCH says (%d); they are sent in parts.", t.BatchMost, s.EmbeddingBatch)
	}
	if t.InParts {
		say("The longest passages are too long for it: parts of them are embedded, and their mean is searched.")
	} else {
		say("It takes the longest passages whole.")
	}
	if !t.Steady {
		say("The same text has other vectors each time: what answers there is no embedding model.")
	}
}

func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}

func speed(tokens float64) string {
	if tokens == 0 {
		return ""
	}
	return fmt.Sprintf(", at %.0f tokens a second", tokens)
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
