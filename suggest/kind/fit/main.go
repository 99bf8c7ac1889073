// Command fit makes ../e5.head, what package kind knows sentences by, from the
// examples below ../examples and the embedding server of the environment, and
// prints how well sentences are told that the fit had not seen:
//
//	bin/purser local run -- go run ./suggest/kind/fit -write
//
// With -tell it reads sentences from standard input, one a line, and prints what
// the head that ships makes of each.
package main

import (
	"context"
	"encoding/gob"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/purser-desk/purser/knowledge/openai"
	"github.com/purser-desk/purser/suggest/kind"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// urlVariable names the address of the embedding server, as "purser local run" sets it.
const urlVariable = "PURSER_TEST_EMBEDDING_URL"

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) error {
	flags := flag.NewFlagSet("fit", flag.ContinueOnError)
	flags.SetOutput(stderr)
	write := flags.Bool("write", false, "write the head, rather than printing figures alone")
	to := flags.String("head", "suggest/kind/e5.head", "the `FILE` that the head is written to")
	kept := flags.String("vectors", "", "a `FILE` that keeps vectors between runs, so that only new sentences are embedded")
	tell := flags.Bool("tell", false, "tell the kinds of the sentences on standard input")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errors.New("there are only flags to give; see -help")
	}
	url := getenv(urlVariable)
	if url == "" {
		return errors.New(urlVariable + ` is not set: run this by "bin/purser local run --", or set it to an OpenAI-compatible endpoint with the models e5-query and e5-passage`)
	}
	endpoint, err := openai.NewEmbedder(openai.Options{BaseURL: url, QuestionModel: "e5-query", PassageModel: "e5-passage"})
	if err != nil {
		return err
	}
	embedder := kind.Passages(endpoint)
	if *tell {
		return tellAll(ctx, kind.New(embedder), stdin, stdout)
	}
	keeper, err := newKeeper(embedder, *kept)
	if err != nil {
		return err
	}
	all, err := kind.Examples()
	if err != nil {
		return err
	}
	vectors, err := kind.EmbedExamples(ctx, keeper, all, func(done, total int) {
		if done%320 == 0 || done == total {
			fmt.Fprintf(stderr, "%d of %d examples are embedded\n", done, total)
		}
	})
	if err != nil {
		return err
	}
	if err := keeper.save(); err != nil {
		return err
	}
	if err := figures(ctx, stdout, all, vectors); err != nil {
		return err
	}
	if !*write {
		return nil
	}
	space, err := embedder.Space(ctx)
	if err != nil {
		return err
	}
	head, err := kind.FitTo(ctx, space, all, vectors, kind.Penalty)
	if err != nil {
		return err
	}
	b := head.Bytes()
	fmt.Fprintf(stdout, "%s: %d bytes, for %s\n", *to, len(b), space)
	return os.WriteFile(*to, b, 0o644) //nolint:gosec // part of the source
}

// keeper embeds each text once, also between runs.
type keeper struct {
	kind.Embedder
	file  string
	known map[string][]float32
}

func newKeeper(e kind.Embedder, file string) (*keeper, error) {
	k := &keeper{Embedder: e, file: file, known: map[string][]float32{}}
	if file == "" {
		return k, nil
	}
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	return k, gob.NewDecoder(f).Decode(&k.known)
}

func (k *keeper) save() error {
	if k.file == "" {
		return nil
	}
	f, err := os.Create(k.file)
	if err != nil {
		return err
	}
	return errors.Join(gob.NewEncoder(f).Encode(k.known), f.Close())
}

func (k *keeper) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	var missing []string
	for _, t := range texts {
		if k.known[t] == nil {
			missing = append(missing, t)
		}
	}
	if len(missing) > 0 {
		vectors, err := k.Embedder.Embed(ctx, missing)
		if err != nil {
			return nil, err
		}
		for i, t := range missing {
			k.known[t] = vectors[i]
		}
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = k.known[t]
	}
	return out, nil
}
