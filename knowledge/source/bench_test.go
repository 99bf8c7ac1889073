package source_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/purser-desk/purser/knowledge/source"
)

func BenchmarkJSONL(b *testing.B) {
	var lines strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&lines, `{"id":"k%d","lang":"en","title":"What about bag %d?","body":%q,"slug":"x"}`+"\n", i, i, strings.Repeat("A bag – of any kind – is fine. ", 30))
	}
	fsys := fstest.MapFS{"x.jsonl": {Data: []byte(lines.String())}}
	b.SetBytes(int64(lines.Len()))
	for b.Loop() {
		result, err := source.ReadFS(b.Context(), fsys, ".", source.Options{})
		if err != nil || len(result.Documents) != 1000 {
			b.Fatal(err, len(result.Documents))
		}
	}
}
