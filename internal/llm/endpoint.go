package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// Endpoint is an API that speaks OpenAI's, at OpenAI's kind of address or at
// Azure's, whose addresses name a deployment and a version. It is safe for
// concurrent use.
type Endpoint struct {
	base *url.URL
	key  string
	// keyHeader is true where the key goes into "api-key" in place of a bearer
	// token.
	keyHeader atomic.Bool
}

// The paths of an API behind its base address.
const (
	PathChat       = "/chat/completions"
	PathEmbeddings = "/embeddings"
	PathModels     = "/models"
)

const (
	azureKeyHeader = "api-key"
	apiVersion     = "api-version"
)

// NewEndpoint reads a base address such as https://api.openai.com/v1, or the
// whole address of one of its paths. It fails, saying what to write, for an
// address of Azure that names no deployment or version.
func NewEndpoint(base, key string) (*Endpoint, error) {
	u, err := url.Parse(strings.TrimSpace(base))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("is not an address such as https://host/v1")
	}
	u.Path, u.RawPath, u.Fragment = strings.TrimRight(u.Path, "/"), "", ""
	for _, path := range []string{PathChat, PathEmbeddings, PathModels} {
		if cut, ok := strings.CutSuffix(u.Path, path); ok && (path != PathModels || !u.Query().Has(apiVersion)) {
			u.Path = strings.TrimRight(cut, "/")
		}
	}
	e := &Endpoint{base: u, key: key}
	azure := isAzure(u.Hostname())
	if azure {
		if err := checkAzure(u); err != nil {
			return nil, err
		}
	}
	// Azure takes its keys in a header of its own, and tokens of its directory,
	// which are JWTs, as bearer.
	e.keyHeader.Store((azure || u.Query().Has(apiVersion)) && !strings.HasPrefix(key, "eyJ"))
	return e, nil
}

func isAzure(host string) bool {
	for _, suffix := range []string{".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com", ".openai.azure.us", ".openai.azure.cn"} {
		if strings.HasSuffix(strings.ToLower(host), suffix) {
			return true
		}
	}
	return false
}

// checkAzure tells the addresses at which nothing answers, and what to write.
func checkAzure(u *url.URL) error {
	root := u.Scheme + "://" + u.Host
	path := strings.ToLower(u.Path)
	_, deployment, named := strings.Cut(path, "/openai/deployments/")
	switch {
	case path == "/openai/v1", path == "/models" && u.Query().Has(apiVersion):
		return nil
	case named && deployment != "" && !strings.Contains(deployment, "/"):
		if u.Query().Has(apiVersion) {
			return nil
		}
		return fmt.Errorf("names a deployment of Azure without a version: write %s%s?api-version=VERSION, such as 2024-10-21", root, u.Path)
	}
	return fmt.Errorf("is no address of Azure at which a model answers: write %s/openai/v1, with the deployment's name as the model, or %s/openai/deployments/DEPLOYMENT?api-version=2024-10-21", root, root)
}

// URL is the address of a path, such as PathChat.
func (e *Endpoint) URL(path string) string {
	u := *e.base
	u.Path += path
	return u.String()
}

// Post sends a value as JSON. What a provider says of a status from 300 on is
// read and told as a *StatusError. It never follows a redirect, since the key
// must not travel.
func (e *Endpoint) Post(ctx context.Context, client *http.Client, path string, body any, accept string) (*http.Response, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return e.send(ctx, client, http.MethodPost, path, raw, accept)
}

// Get asks for JSON; it fails as Post does.
func (e *Endpoint) Get(ctx context.Context, client *http.Client, path string) (*http.Response, error) {
	return e.send(ctx, client, http.MethodGet, path, nil, "application/json")
}

func (e *Endpoint) send(ctx context.Context, client *http.Client, method, path string, body []byte, accept string) (*http.Response, error) {
	for again := true; ; again = false {
		req, err := http.NewRequestWithContext(ctx, method, e.URL(path), bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		inHeader := e.keyHeader.Load()
		e.authorize(req, inHeader)
		req.Header.Set("Accept", accept)
		if body != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		response, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		if response.StatusCode < http.StatusMultipleChoices {
			return response, nil
		}
		refused := readRefusal(response)
		// A gateway before Azure says which header it misses.
		if again && !inHeader && e.key != "" && refused.Status == http.StatusUnauthorized && refused.Mentions(azureKeyHeader, "subscription key") {
			e.keyHeader.Store(true)
			continue
		}
		return nil, refused
	}
}

func (e *Endpoint) authorize(req *http.Request, inHeader bool) {
	switch {
	case e.key == "":
	case inHeader:
		req.Header.Set(azureKeyHeader, e.key)
	default:
		req.Header.Set("Authorization", "Bearer "+e.key)
	}
}
