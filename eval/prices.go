package eval

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/purser-desk/purser/internal/say"
)

// Price is what a model costs by a million tokens, in its table's currency.
type Price struct {
	Prompt     float64 `json:"prompt" yaml:"prompt"`
	Completion float64 `json:"completion" yaml:"completion"`
}

// Prices is a table of prices. It is written in YAML or JSON:
//
//	currency: EUR
//	models:
//	  small-model: {prompt: 0.15, completion: 0.60}   # for a million tokens
type Prices struct {
	// Currency is only named, never converted.
	Currency string           `json:"currency" yaml:"currency"`
	Models   map[string]Price `json:"models" yaml:"models"`
}

// PriceError says what is wrong with a table of prices, or what it lacks.
type PriceError struct{ Message string }

func (e *PriceError) Error() string { return "the table of prices: " + e.Message }

// ReadPrices reads a table of prices. It fails with *PriceError.
func ReadPrices(path string) (Prices, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Prices{}, &PriceError{path + " does not exist; name a YAML or JSON file"}
	}
	if err != nil {
		return Prices{}, fmt.Errorf("read the table of prices: %w", err)
	}
	return ParsePrices(raw)
}

// ParsePrices reads a table of prices. It fails with *PriceError.
func ParsePrices(raw []byte) (Prices, error) {
	var p Prices
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	switch err := d.Decode(&p); {
	case errors.Is(err, io.EOF):
		return Prices{}, &PriceError{"is empty; give a currency and models"}
	case err != nil:
		return Prices{}, &PriceError{say.YAMLProblem(err) + "; write currency: EUR and models: {NAME: {prompt: 1, completion: 2}}"}
	}
	if strings.TrimSpace(p.Currency) == "" {
		return Prices{}, &PriceError{"names no currency; write one, such as currency: EUR"}
	}
	if len(p.Models) == 0 {
		return Prices{}, &PriceError{"names no models; write models: {NAME: {prompt: 1, completion: 2}}, for a million tokens"}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Models)) {
		for _, v := range []float64{p.Models[name].Prompt, p.Models[name].Completion} {
			if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
				return Prices{}, &PriceError{fmt.Sprintf("a price of %q is %v; give a number from 0 on", name, v)}
			}
		}
	}
	return p, nil
}

// Check fails with *PriceError when a model has no price. A nil table has no part
// in anything.
func (p *Prices) Check(model string) error {
	if p == nil {
		return nil
	}
	if _, ok := p.Models[model]; !ok {
		return &PriceError{fmt.Sprintf("the price of model %q is not known; add it: models: {%s: {prompt: …, completion: …}}, for a million tokens", model, model)}
	}
	return nil
}

// CheckAll is Check for the models that cases used.
func (p *Prices) CheckAll(cases []CaseResult, asked *Asked) error {
	if p == nil {
		return nil
	}
	for i := range cases {
		c := &cases[i]
		if _, known := p.of(c.Model, c.PromptTokens, c.CompletionTokens, asked); !known {
			return p.Check(c.Model)
		}
	}
	return nil
}

// of is the price of what was used of a model: that of the model as its provider
// named it, else that of the model that was asked.
func (p *Prices) of(model string, prompt, completion int, asked *Asked) (cost float64, known bool) {
	if prompt+completion == 0 {
		return 0, true
	}
	price, known := p.Models[model]
	if !known && asked != nil {
		price, known = p.Models[asked.Model]
	}
	return price.Of(prompt, completion), known
}

// Of is the price of so many tokens.
func (p Price) Of(prompt, completion int) float64 {
	return (float64(prompt)*p.Prompt + float64(completion)*p.Completion) / 1e6
}
