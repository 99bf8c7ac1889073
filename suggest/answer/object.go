package answer

import (
	"bytes"
	"encoding/json"
	"errors"
)

// ErrObject says that a model answered with an object in which no text stands.
var ErrObject = errors.New("the answer is an object without a text")

// mayWrap reports whether an answer that begins with c may be an object, or
// stand in a fence.
func mayWrap(c byte) bool { return c == '{' || c == '`' }

// unfence cuts the fence off that an object may stand in; object reports whether
// one begins there.
func unfence(b []byte) (inner []byte, object bool) {
	b = bytes.TrimSpace(b)
	if rest, ok := bytes.CutPrefix(b, []byte("```")); ok {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			return b, false
		}
		b = bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(rest[i:]), []byte("```")))
	}
	return b, len(b) > 0 && b[0] == '{'
}

// longestText is the longest text in an object: that which the model was asked
// for, whatever it called it.
func longestText(object []byte) (string, bool) {
	var v any
	if json.Unmarshal(object, &v) != nil {
		return "", false
	}
	best := ""
	var look func(any)
	look = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) > len(best) || len(v) == len(best) && v < best {
				best = v
			}
		case []any:
			for _, item := range v {
				look(item)
			}
		case map[string]any:
			for _, item := range v {
				look(item)
			}
		}
	}
	look(v)
	return best, best != ""
}
