package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/knowledge/openai"
)

// vectors embeds texts, and keeps what was embedded in a file.
type vectors struct {
	known map[string][]float32
	from  *openai.Embedder
	file  *os.File
}

type vector struct {
	Text   string    `json:"text"`
	Vector []float32 `json:"vector"`
}

// newVectors reads the file, which may not exist yet.
func newVectors(url, model, file string) (*vectors, error) {
	from, err := openai.NewEmbedder(openai.Options{BaseURL: url, QuestionModel: model, PassageModel: model})
	if err != nil {
		return nil, err
	}
	v := &vectors{known: map[string][]float32{}, from: from}
	if file == "" {
		return v, nil
	}
	rows, err := readLines[vector](file)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	for _, r := range rows {
		v.known[r.Text] = r.Vector
	}
	v.file, err = os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	return v, err
}

// batch is how many texts go in one request.
const batch = 32

// Embed implements support.Embedder.
func (v *vectors) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	var missing []string
	for _, t := range texts {
		if v.known[t] == nil {
			missing = append(missing, t)
		}
	}
	for len(missing) > 0 {
		n := min(batch, len(missing))
		made, err := v.from.Embed(ctx, knowledge.QuestionText, missing[:n])
		if err != nil {
			return nil, err
		}
		for i, t := range missing[:n] {
			v.known[t] = made[i]
			if v.file != nil {
				if err := json.NewEncoder(v.file).Encode(vector{t, made[i]}); err != nil {
					return nil, err
				}
			}
		}
		missing = missing[n:]
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = v.known[t]
	}
	return out, nil
}
