package api

import (
	"encoding/base64"
	"encoding/json"
	"errors"
)

var errPageToken = errors.New("this page_token is not one of ours; send the next_page_token of the page before, or none")

// pageToken packs the place that a page ended on. It is opaque to callers but
// holds nothing that they do not know.
func pageToken(place any) (string, error) {
	b, err := json.Marshal(place)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func readPageToken(token string, place any) error {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return errPageToken
	}
	if json.Unmarshal(b, place) != nil {
		return errPageToken
	}
	return nil
}

// pageSize applies a list's default and bound to what was asked for.
func pageSize(asked int32, standard int) int {
	if asked <= 0 {
		return standard
	}
	return int(asked)
}
