package knowledge_test

import (
	"slices"
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

// What a real folder of documentation is full of, in prose, code and links.
func TestCodeAndFilesAreNoContacts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ locale, body string }{
		{"en", "Call `account.save` first, then `message.im`."},
		{"en", "Run ``get-docker.sh`` or get-docker.sh as root."},
		{"en", "```sh\nsh get-docker.sh --host docker.io\nnslookup mail.internal.io\n```"},
		{"en", "~~~ruby\naccount.save\nuser.name = message.im\n~~~"},
		{"en", "    account.save\n    order.id\n"},
		{"en", "The range 10.0.0.0/8 and `10.0.0.0/8`, or http://127.0.0.1:3000 and http://192.168.0.1/admin."},
		{"en", "See [the guide](install.md), [this](./other.md#top), [that](../img/map.zip) and [api](api.dev/users)."},
		{"en", "Read [more][1].\n\n[1]: setup.md\n"},
		{"en", "Edit README.md, config/settings.py and src/main.rs."},
		{"de", "Öffnen Sie /etc/purser.io/conf und C:\\temp\\setup.zip."},
		{"de", "Führen Sie die Datei setup.sh aus."},
		{"fr", "Exécutez le fichier install.sh, puis `compte.save`."},
		{"es", "Abra el archivo leame.md y ejecute main.py."},
		{"pl", "Otwórz plik README.md i uruchom `konto.pl`."},
		{"ja", "`account.save` を実行し、install.sh を開きます。"},
		{"en", "{% include shared/head.md %} {{ account.save }} {{< include tail.md >}}"},
		{"en", "include::chapter.md[]\n!include parts.md\n.. include:: more.zip\n--8<-- \"snippet.md\"\n<<< @/code.io\n"},
		{"en", "<img src=\"logo.so\"> <code>account.save</code> <pre>message.im\norder.id</pre> <!-- see old.site.com -->"},
		{"en", "account.save() is called by event.date()."},
		{"en", "```\ngit clone git@github.com:skerry/air.git\nid 020 7946 0018\n```"},
		{"en", "It works with .NET, and the .NET runtime."},
		{"en", "[[Install.md]] and ![[map.zip]]"},
	} {
		if got := knowledge.DocumentContacts(knowledge.Document{Locale: c.locale, Title: "Setup", Body: c.body}); len(got) != 0 {
			t.Errorf("%s: %q: contacts %v", c.locale, c.body, got)
		}
	}
}

func TestRealContactsAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ locale, body, want string }{
		{"en", "Visit skerry.com or www.skerry.sh today.", "skerry.com skerry.sh"},
		{"en", "Download it from https://get.docker.sh/install.", "docker.sh"},
		{"en", "```sh\ncurl https://api.skerry.io/v1\n```", "skerry.io"},
		{"en", "Write to `help@skerry.com`.", "help@skerry.com"},
		{"en", "Go to [our site](https://skerry.com/a.md), <https://other.net> or [www](www.third.org).", "other.net skerry.com third.org"},
		{"en", "Read [more][1].\n\n[1]: https://skerry.com/setup.md\n", "skerry.com"},
		{"en", "<a href=\"https://skerry.com/x\">here</a>", "skerry.com"},
		{"en", "Open **skerry.com/refund**, then (skerry.net).", "skerry.com skerry.net"},
		{"de", "Mehr auf skerry.de oder unter 030 23125 123.", "skerry.de +493023125123"},
		{"pl", "Zobacz skerry.pl.", "skerry.pl"},
		{"sr", "Pogledajte skerry.rs.", "skerry.rs"},
		{"ro", "Vezi skerry.md.", "skerry.md"},
		{"no", "Se skerry.no/hjelp eller skriv til hjelp@skerry.no.", "hjelp@skerry.no skerry.no"},
		{"fr", "Écrivez à aide@skerry.fr ou voyez skerry.fr.", "aide@skerry.fr skerry.fr"},
		{"es", "Visite skerry.es o escriba por wa.me/34600000000.", "skerry.es wa.me/34600000000"},
		{"ja", "詳しくは skerry.jp をご覧ください。", "skerry.jp"},
	} {
		var got []string
		for _, contact := range knowledge.DocumentContacts(knowledge.Document{Locale: c.locale, Title: "Help", Body: c.body}) {
			got = append(got, contact.Value)
		}
		want := strings.Fields(c.want)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %q: %s", c.locale, c.body, diff)
		}
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
