package pii_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/internal/pii"
)

// What was redacted is restored from the record as it was from the Redactor.
func FuzzRecorded(f *testing.F) {
	for _, s := range []string{
		"", "Write to anna@example.com or ANNA@EXAMPLE.COM, call +47 22 33 44 55.", "Anna, ANNA and anna; code X9-Z7, x9z7", "[NAME_1] and [TEXT_2B]", "Anna Kowalska of [EMAIL_1]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := pii.NewRedactor("", []pii.Known{{Kind: pii.KindName, Value: "Anna"}, {Kind: pii.KindFact, Name: "booking code", Value: "X9Z7"}})
		hidden := r.Redact(s)
		want, err := r.Restore(hidden)
		if err != nil {
			t.Fatal(err)
		}
		got, err := pii.Recorded(r.Map()).Restore(hidden)
		if err != nil || got != want {
			t.Errorf("%q came back as %q, want %q: %v", hidden, got, want, err)
		}
	})
}

func TestRecordedIsWary(t *testing.T) {
	t.Parallel()
	r := pii.Recorded(map[string]string{"[NAME_1]": "Anna", "[NAME_3]": "lost", "hello": "x", "[NAME_1Z]": "far", "[NAME_2": "half"})
	for text, want := range map[string]string{"Dear [NAME_1],": "Dear Anna,", "Dear [NAME_3],": "", "[NAME_1B]": ""} {
		got, err := r.Restore(text)
		if got != want || (err != nil) != (want == "") || err != nil && strings.Contains(err.Error(), "Anna") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
