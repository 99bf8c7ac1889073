package postgres

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withoutNUL is what should be left of a decoded value; ok is false where two
// names in an object become one.
func withoutNUL(v any) (out any, ok bool) {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "\x00", ""), true
	case []any:
		for i := range v {
			if v[i], ok = withoutNUL(v[i]); !ok {
				return nil, false
			}
		}
		return v, true
	case map[string]any:
		kept := map[string]any{}
		for name, value := range v {
			if kept[strings.ReplaceAll(name, "\x00", "")], ok = withoutNUL(value); !ok {
				return nil, false
			}
		}
		return kept, len(kept) == len(v)
	}
	return v, true
}

func FuzzStorableJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `"\u0000"`, `"\\u0000"`, `"\\\u0000"`, `"\ud83e\uddf3"`, `"\ud83e"`, `"\uddf3\ud83e"`, `"\ud83e\u0000\uddf3"`,
		`{"a\u0000":["\ud800\udc00",1.5e3,null,"\"\\"]}`, `"\u00e9\n"`, `"\uD83`, `\u`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out := storableJSON(in) // of anything: it must not panic
		var before, after any
		if json.Unmarshal(in, &before) != nil {
			return
		}
		if err := json.Unmarshal(out, &after); err != nil {
			t.Fatalf("%q became %q: %v", in, out, err)
		}
		want, ok := withoutNUL(before)
		if !ok {
			return
		}
		if diff := cmp.Diff(want, after); diff != "" {
			t.Errorf("%q became %q:\n%s", in, out, diff)
		}
	})
}
