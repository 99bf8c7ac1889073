package knowledge_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/internal/entity"
	"github.com/purser-desk/purser/knowledge"
)

func TestDocumentContacts(t *testing.T) {
	t.Parallel()
	got := knowledge.DocumentContacts(knowledge.Document{
		Locale: "en", Title: "Help at skerry.example", URL: "https://www.skerry.example/help",
		Body: "See [our page](https://bags.skerry.example/lost?x=1), our form at https://docs.google.com/forms/d/abc?usp=sf, write to help@post.example, " +
			"call +44 1632 960110 or pay to GB82 WEST 1234 5698 7654 32. Read [more](/bags) or [this](javascript:alert(1)).",
	})
	want := []knowledge.Contact{
		{Kind: knowledge.ContactDomain, Value: "skerry.example"},
		{Kind: knowledge.ContactEmail, Value: "help@post.example"},
		{Kind: knowledge.ContactIBAN, Value: "GB82WEST12345698765432"},
		{Kind: knowledge.ContactLink, Value: "docs.google.com/forms/d/abc"},
		{Kind: knowledge.ContactPhone, Value: "+441632960110"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := knowledge.DocumentContacts(knowledge.Document{Locale: "en", Title: "Bags", Body: "One bag of 23 kg for EUR 40 until 3 May."}); len(got) != 0 {
		t.Errorf("contacts in a text without: %v", got)
	}
}

func TestContactListTrusts(t *testing.T) {
	t.Parallel()
	list := knowledge.NewContactList([]knowledge.Contact{
		{Kind: knowledge.ContactDomain, Value: "skerry.example"},
		{Kind: knowledge.ContactLink, Value: "facebook.com/skerryair"},
		{Kind: knowledge.ContactLink, Value: "bit.ly"},
		{Kind: knowledge.ContactEmail, Value: "desk@post.example"},
		{Kind: knowledge.ContactPhone, Value: "+441632960110"},
		{Kind: knowledge.ContactIBAN, Value: "GB82WEST12345698765432"},
	})
	for s, want := range map[string]bool{
		"https://skerry.example":              true,
		"https://www.help.skerry.example/a?b": true,
		"care@skerry.example":                 true,
		"https://skerry.example.evil.example": false,
		"https://notskerry.example":           false,
		"https://skerry.example@evil.example": false,
		"https://evil.example/skerry.example": false,
		"https://facebook.com/skerryair":      true,
		"https://facebook.com/skerryair/help": true,
		"https://facebook.com/skerryair?x=1":  true,
		"https://facebook.com/skerryairx":     false,
		"https://facebook.com":                false,
		"https://bit.ly":                      true,
		"https://bit.ly/xyz":                  false,
		"desk@post.example":                   true,
		"other@post.example":                  false,
		"https://post.example":                false,
		"+44 1632 960110":                     true,
		"01632 960110":                        true,
		"+44 1632 960111":                     false,
		"GB82 WEST 1234 5698 7654 32":         true,
		"DE89 3704 0044 0532 0130 00":         false,
		"ftp://skerry.example/x":              false,
		"8 kg":                                false,
	} {
		figures := entity.Find(s, "en-GB")
		if len(figures) != 1 {
			t.Errorf("%s is %v", s, figures)
			continue
		}
		if got := list.Trusts(figures[0]); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

func TestContactListTrustsHandles(t *testing.T) {
	t.Parallel()
	list := knowledge.NewContactList([]knowledge.Contact{
		{Kind: knowledge.ContactDomain, Value: "skerry.example"},
		{Kind: knowledge.ContactLink, Value: "facebook.com/SkerryAir"},
		{Kind: knowledge.ContactLink, Value: "tiktok.com/@skerry.planes"},
	})
	for name, want := range map[string]bool{"skerryair": true, "skerry.planes": true, "skerryair_help": false, "skerry.example": false, "": false} {
		if got := list.TrustsHandle(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestParseContact(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]knowledge.Contact{
		"skerry.example":               {Kind: knowledge.ContactDomain, Value: "skerry.example"},
		" https://Help.Skerry.example": {Kind: knowledge.ContactDomain, Value: "help.skerry.example"},
		"skerry.example/help/":         {Kind: knowledge.ContactLink, Value: "skerry.example/help"},
		"facebook.com":                 {Kind: knowledge.ContactDomain, Value: "facebook.com"},
		"Help@Skerry.example":          {Kind: knowledge.ContactEmail, Value: "help@skerry.example"},
		"+44 1632 960110":              {Kind: knowledge.ContactPhone, Value: "+441632960110"},
		"GB82 WEST 1234 5698 7654 32":  {Kind: knowledge.ContactIBAN, Value: "GB82WEST12345698765432"},
	} {
		if got, err := knowledge.ParseContact(s); err != nil || got != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "help", "8 kg", "skerry.example and more", "javascript:alert(1)", "EUR 40"} {
		if got, err := knowledge.ParseContact(s); err == nil {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func FuzzParseContact(f *testing.F) {
	for _, s := range []string{"skerry.example", "a@b.example", "+44 1632 960110", "GB82WEST12345698765432", "http://[::1]/", "co.uk"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := knowledge.ParseContact(s)
		if err != nil {
			return
		}
		again, err := knowledge.ParseContact(c.Value)
		// Numbers that no country has keep no normal form.
		if err == nil && c.Kind != knowledge.ContactPhone && again.Value != c.Value || c.Value == "" || strings.ContainsAny(c.Value, "\n\x00") {
			t.Errorf("%q is %+v, and that is %+v", s, c, again)
		}
	})
}
