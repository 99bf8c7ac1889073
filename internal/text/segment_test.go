package text_test

import (
	"testing"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/internal/text/texttest"
)

func FuzzWords(f *testing.F) {
	for _, s := range []string{"", "don't 12.5 SK1234", "日本語", "\xff\xfe", "a\u0301b", "٢٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { texttest.CheckSpans(t, s, text.Words(s)) })
}
