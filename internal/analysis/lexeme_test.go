package analysis_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/purser-desk/purser/internal/analysis"
)

var analyzer = sync.OnceValue(analysis.NewAnalyzer)

func TestLexemes(t *testing.T) {
	tests := map[string]struct{ locale, in, want string }{
		"empty":                   {"en", "", ""},
		"signs only":              {"en", "?! -- :)", ""},
		"stop words only":         {"en", "what is the", ""},
		"English":                 {"en", "The refunds were refunded", "refund refund"},
		"region does not matter":  {"en-GB", "Refunds", "refund"},
		"possessive":              {"en", "passenger's passengers’", "passeng passeng"},
		"German":                  {"de", "Die Koffer im Flugzeug der Straße", "koff flugzeug strass"},
		"French elision":          {"fr", "l'annulation d’un vol", "anul vol"},
		"Italian elision":         {"it", "dell'aeroporto", "aeroport"},
		"Norwegian by other tags": {"nb-NO", "hundene", "hund"},
		"Polish":                  {"pl", "zwrotu zwroty zwrot", "zwrot zwrot zwrot"},
		"Polish, mended":          {"pl", "bagaż bagażu wiza", "bagaz bagaz wiz"},
		"Spanish diacritics":      {"es", "cancelación cancelacion", "cancelacion cancelacion"},
		"Turkish capitals":        {"tr", "ISPANAK", "ispanak"},
		"Greek final sigma":       {"el", "βαλίτσες", "βαλιτσεσ"},
		"Russian":                 {"ru", "возврата возвраты", "возврат возврат"},
		"unknown language":        {"xx", "Ünïcode ŁÓDŹ Ærø", "unicode lodz aero"},
		"no language":             {"", "Refunds", "refunds"},
		"full width":              {"ja", "ＯＤＢＣ", "odbc"},
		"Japanese":                {"ja", "荷物の重さ", "荷物 物の の重 重さ"},
		"Japanese with a code":    {"ja", "23kgまで", "23 kg まで"},
		"one character":           {"zh", "我", "我"},
		"Chinese":                 {"zh", "行李在哪里？我", "行李 李在 在哪 哪里 我"},
		"Korean":                  {"ko", "수하물", "수하 하물"},
		"Hindi keeps its vowels":  {"xx", "कहाँ", "कहाँ"},
		"code":                    {"en", "SK1234", "sk1234 1234"},
		"code with a dash":        {"en", "EC-261", "ec 261 ec261"},
		"short code":              {"en", "A4", "a4"},
		"version":                 {"en", "4.1.1.2", "4.1.1.2 4.1.1 4.1"},
		"thousands":               {"en", "1,250", "1250"},
		"decimal comma":           {"de", "12,5", "12.5"},
		"capitals":                {"en", "ODBCINI", "odbcini"},
		"e-mail":                  {"en", "e-mail", "e mail email"},
		"weight":                  {"en", "23kg 23 kg", "23 kg 23 kg"},
		"camel case":              {"xx", "OutOfMemory", "outofmemory out of memory"},
		"file name":               {"xx", "odbc.ini", "odbc.ini odbc ini"},
		"programming languages":   {"xx", "C++ or C#", "c++ c or c# c"},
		"underscores":             {"xx", "user_name", "user_name user name"},
		"NUL":                     {"xx", "a\x00b c", "a b c"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(analyzer().Lexemes(tt.locale, tt.in), " ")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Lexemes(%q, %q) (-want +got):\n%s", tt.locale, tt.in, diff)
			}
		})
	}
}

// TestLexemesAgree has pairs of a document's words and a customer's that must
// meet.
func TestLexemesAgree(t *testing.T) {
	for _, tt := range []struct{ locale, doc, query string }{
		{"en", "Cancellations and refunds", "cancelled refund"},
		{"en", "wi-fi on board", "wifi"},
		{"en", "Weight: 23 kg", "23kg"},
		{"en", "Update to 8.5.5.9", "8.5.5"},
		{"de", "Größe des Handgepäcks", "groesse handgepäck"},
		{"de", "Erstattung", "Erstattungen"},
		{"nl", "Vluchten", "vlucht"},
		{"pl", "Zagubiony bagaż", "bagażu"},
		{"fr", "Remboursements", "remboursement"},
		{"no", "Hundene våre", "hund"},
		{"es", "Cancelación", "cancelacion"},
		{"it", "Rimborsi", "rimborso"},
		{"pt", "Crianças", "criança"},
		{"sv", "Återbetalningen", "återbetalning"},
		{"ja", "手荷物の重さ", "荷物"},
		{"ru", "Возвраты", "возврат"},
	} {
		doc, query := analyzer().Lexemes(tt.locale, tt.doc), analyzer().Lexemes(tt.locale, tt.query)
		for _, q := range query {
			if !slices.Contains(doc, q) {
				t.Errorf("%s: %q gives %q, which %q (%q) lacks", tt.locale, tt.query, q, tt.doc, doc)
			}
		}
	}
}

func checkLexemes(t *testing.T, locale, s string) {
	t.Helper()
	got := analyzer().Lexemes(locale, s)
	for _, l := range got {
		if l == "" || len(l) > 64 || strings.ContainsAny(l, "\x00 \t\n\r") || !utf8.ValidString(l) {
			t.Fatalf("Lexemes(%q, %q) holds %q", locale, s, l)
		}
	}
	if utf8.ValidString(s) {
		if diff := cmp.Diff(got, analyzer().Lexemes(locale, norm.NFD.String(s))); diff != "" && norm.NFC.String(norm.NFD.String(s)) == s {
			t.Fatalf("Lexemes(%q, %q) depend on the normal form:\n%s", locale, s, diff)
		}
	}
}

func TestLexemesAreCapped(t *testing.T) {
	for _, s := range []string{strings.Repeat("a", 1000), strings.Repeat("ж", 500), strings.Repeat("1", 200), strings.Repeat("a1", 200), strings.Repeat("x_", 100)} {
		for _, locale := range []string{"en", "pl", "ru", ""} {
			checkLexemes(t, locale, s)
		}
	}
}

func FuzzLexemes(f *testing.F) {
	for _, s := range []string{"", "Refunds", "l'été", "行李a行", "1.2.3.4,5", "a-b-c-d-e", "C++#", "\xff\x00", "ﷺ", "ＯDBC_x.y", "Ǆ", "İ"} {
		for _, l := range []string{"en", "pl", "ja", "tr", "ar", "xx"} {
			f.Add(l, s)
		}
	}
	f.Fuzz(func(t *testing.T, locale, s string) { checkLexemes(t, locale, s) })
}

func BenchmarkLexemes(b *testing.B) {
	for _, tt := range []struct{ name, locale, s string }{
		{"en", "en", "You can bring one cabin bag of up to 55 x 40 x 23 cm free of charge; refunds for cancelled flights take 7 days."},
		{"pl", "pl", "Możesz zabrać jedną sztukę bagażu podręcznego bez opłat; zwrot za odwołany lot trwa siedem dni."},
		{"ja", "ja", "機内持ち込み手荷物は１個まで無料です。払い戻しには７日かかります。"},
	} {
		b.Run(tt.name, func(b *testing.B) {
			a := analyzer()
			b.SetBytes(int64(len(tt.s)))
			b.ReportAllocs()
			for b.Loop() {
				a.Lexemes(tt.locale, tt.s)
			}
		})
	}
}
