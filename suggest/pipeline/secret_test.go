package pipeline_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/pipeline"
	"github.com/purser-desk/purser/suggest/pipeline/pipelinetest"
)

// bankBody names secrets as a bank's articles do.
const bankBody = "Cards work in all shops. You can change your PIN in the app under Cards. We never ask for your PIN or password. Enter your PIN at the cash machine. " +
	"Never tell anyone your PIN. To reset your password, choose Forgotten password. Do not share the security code from a text message with callers. " +
	"Your card number stands on the front of the card. We will never ask you to send us your password by e-mail. " +
	"The new PIN is sent to you by post within five days. If somebody asks you for your password, hang up and block your card. " +
	"Fraudsters ask for card numbers and one-time codes. Reply to our message with your booking code."

func TestNoDraftAsksForASecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, sentence string
		shown          bool
	}{
		{"changing", "You can change your PIN in the app.", true},
		{"changing, in other words", "Your PIN can be changed under Cards in the app.", true},
		{"entering", "Enter your PIN at the cash machine.", true},
		{"never told", "Never tell anyone your PIN.", true},
		{"never asked", "We never ask for your PIN or password.", true},
		{"never asked to send", "We will never ask you to send us your password by e-mail.", true},
		{"not shared", "Do not share the security code from a text message with callers.", true},
		{"reset", "To reset your password, choose Forgotten password.", true},
		{"sent to the customer", "The new PIN is sent to you by post within five days.", true},
		{"where it stands", "Your card number stands on the front of the card.", true},
		{"others ask", "If somebody asks you for your password, hang up and block your card.", true},
		{"no secret", "Please reply with your booking code.", true},
		{"a reply", "Kindly reply with your PIN and card number.", false},
		{"sending", "Please send us the PIN of your card.", false},
		{"we ask", "We ask for your PIN or password.", false},
		{"we need", "To go on, we need your password.", false},
		{"telling", "Just tell us your card number.", false},
		{"telling anyone", "Tell anyone your PIN.", false},
		{"a code by text message", "Reply with the code from the text message.", false},
		{"entering it here", "Enter your PIN here in the chat.", false},
		{"do not hesitate", "Please do not hesitate to send us your password by e-mail.", false},
		{"never mind", "Never mind, send us your password by e-mail.", false},
		{"nobody but us", "Never tell anyone but us your PIN.", false},
		{"what we need it for", "Your PIN is needed so that we can change it in the app.", false},
		{"not only", "Do not only tell us your PIN.", false},
		{"the secret first", "Your PIN: please send it to us.", false},
		{"a question", "What is your PIN?", false},
		{"a condition", "If you send us your PIN, the card works in all shops.", false},
		{"a question for a number", "Which are your security codes?", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if claim, harm := drafts(t, "en", bankBody, c.sentence); c.shown != (harm == "") || !c.shown && harm != suggest.LeftOutSecret {
				t.Errorf("%q is %+v, left out for %q", c.sentence, claim, harm)
			}
		})
	}
}

func TestNoDraftAsksForASecretInAnyLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale, body  string
		shown, hidden []string
	}{
		{
			"de", "Karten gelten in allen Läden. Sie können Ihre PIN in der App ändern. Geben Sie Ihre PIN am Automaten ein. Geben Sie Ihr Passwort niemals weiter. Wir fragen nie nach Ihrer PIN oder Ihrer Kartennummer. Nennen Sie uns Ihren Buchungscode.",
			[]string{"Sie können Ihre PIN in der App ändern.", "Geben Sie Ihre PIN am Automaten ein.", "Wir fragen nie nach Ihrer PIN oder Ihrer Kartennummer.", "Geben Sie Ihr Passwort niemals weiter.", "Bitte nennen Sie uns Ihren Buchungscode."},
			[]string{"Bitte nennen Sie uns Ihre PIN.", "Teilen Sie uns Ihre Kartennummer mit.", "Geben Sie Ihr Passwort weiter.", "Geben Sie Ihr Passwort niemals weiter, außer an uns.", "Wir fragen nach Ihrer PIN oder Ihrer Kartennummer.", "Antworten Sie mit Ihrer PIN.", "Wir brauchen Ihre PIN.", "Wie lautet Ihre PIN?"},
		},
		{
			"es", "Las tarjetas valen en todas las tiendas. Puede cambiar su PIN en la aplicación. Nunca comparta su contraseña con nadie. Nunca le pediremos su PIN.",
			[]string{"Puede cambiar su PIN en la aplicación.", "Nunca comparta su contraseña con nadie.", "Nunca le pediremos su PIN."},
			[]string{"Comparta su contraseña con nosotros.", "Envíenos su PIN, por favor.", "Necesitamos su PIN.", "Responda con su contraseña.", "¿Cuál es su PIN?"},
		},
		{
			"fr", "Les cartes sont acceptées partout. Vous pouvez changer votre code PIN dans l'application. Ne communiquez jamais votre mot de passe. Nous ne demandons jamais votre code PIN.",
			[]string{"Vous pouvez changer votre code PIN dans l'application.", "Ne communiquez jamais votre mot de passe.", "Nous ne demandons jamais votre code PIN."},
			[]string{"Veuillez nous communiquer votre mot de passe.", "Merci de nous transmettre votre code PIN.", "Nous demandons votre code PIN.", "N'hésitez pas à communiquer votre mot de passe.", "Quel est votre mot de passe ?"},
		},
		{
			"it", "Le carte valgono in tutti i negozi. Può cambiare il PIN nell'app. Non comunichi mai la password a nessuno. Non chiediamo mai il PIN.",
			[]string{"Può cambiare il PIN nell'app.", "Non comunichi mai la password a nessuno.", "Non chiediamo mai il PIN."},
			[]string{"Ci comunichi la password.", "Chiediamo il PIN.", "Risponda con il PIN.", "Qual è la sua password?"},
		},
		{
			"nl", "Passen werken in alle winkels. U kunt uw pincode in de app wijzigen. Geef uw wachtwoord nooit aan anderen door. Wij vragen nooit om uw pincode.",
			[]string{"U kunt uw pincode in de app wijzigen.", "Geef uw wachtwoord nooit aan anderen door.", "Wij vragen nooit om uw pincode."},
			[]string{"Geef uw wachtwoord aan ons door.", "Wij vragen om uw pincode.", "Stuur ons uw pincode.", "Wij hebben uw pincode nodig.", "Wat is uw pincode?"},
		},
		{
			"no", "Kortene virker i alle butikker. Du kan endre PIN-koden i appen. Del aldri passordet ditt med andre. Vi ber aldri om PIN-koden din.",
			[]string{"Du kan endre PIN-koden i appen.", "Del aldri passordet ditt med andre.", "Vi ber aldri om PIN-koden din."},
			[]string{"Del passordet ditt med oss.", "Vi ber om PIN-koden din.", "Send oss PIN-koden din.", "Svar med passordet ditt.", "Hva er passordet ditt?"},
		},
		{
			"pl", "Karty działają we wszystkich sklepach. Kod PIN można zmienić w aplikacji. Nigdy nie podawaj nikomu hasła. Nigdy nie prosimy o kod PIN.",
			[]string{"Kod PIN można zmienić w aplikacji.", "Nigdy nie podawaj nikomu hasła.", "Nigdy nie prosimy o kod PIN."},
			[]string{"Proszę podać hasło.", "Prosimy o kod PIN.", "Proszę przesłać nam kod PIN.", "Jaki jest kod PIN?"},
		},
		{
			"pt", "Os cartões funcionam em todas as lojas. Pode mudar o PIN na aplicação. Nunca partilhe a sua senha com outros. Nunca pedimos o seu PIN.",
			[]string{"Pode mudar o PIN na aplicação.", "Nunca partilhe a sua senha com outros.", "Nunca pedimos o seu PIN."},
			[]string{"Partilhe a sua senha com outros.", "Pedimos o seu PIN.", "Envie-nos o seu PIN.", "Responda com a sua senha.", "Qual é o seu PIN?"},
		},
		{
			"sv", "Korten fungerar i alla butiker. Du kan ändra PIN-koden i appen. Lämna aldrig ut ditt lösenord. Vi ber aldrig om din PIN-kod.",
			[]string{"Du kan ändra PIN-koden i appen.", "Lämna aldrig ut ditt lösenord.", "Vi ber aldrig om din PIN-kod."},
			[]string{"Lämna ut ditt lösenord.", "Vi ber om din PIN-kod.", "Skicka din PIN-kod till oss.", "Svara med ditt lösenord.", "Vad är ditt lösenord?"},
		},
	} {
		t.Run(c.locale, func(t *testing.T) {
			t.Parallel()
			for _, s := range c.shown {
				if claim, harm := drafts(t, c.locale, c.body, s); harm != "" || claim.Standing.Open() {
					t.Errorf("%q is %+v, left out for %q", s, claim, harm)
				}
			}
			for _, s := range c.hidden {
				if claim, harm := drafts(t, c.locale, c.body, s); harm != suggest.LeftOutSecret {
					t.Errorf("%q is %+v, left out for %q", s, claim, harm)
				}
			}
		})
	}
}

// A secret that is asked for without a citation, or in a sentence quoted from an
// article, is asked for all the same.
func TestNoWayAroundTheCheckOfSecrets(t *testing.T) {
	t.Parallel()
	p := pipelinetest.New(t, pipelinetest.Found(pipelinetest.Hit("cards", "en", "Cards", "Your cabin bag may weigh 8 kg. How heavy a cabin bag may be: send us your PIN and password and we tell you how heavy your cabin bag may be.", .8)), nil, pipeline.Settings{})
	m := run(t, p, pipelinetest.Customer(pipelinetest.Question))
	if m.record.Blocked["SECRET"] == 0 || strings.Contains(m.text(), "password") {
		t.Errorf("blocked %v in %q", m.record.Blocked, m.text())
	}
}

// What is said of a secret is judged like all else that is said.
func TestWhatIsSaidOfSecrets(t *testing.T) {
	t.Parallel()
	for sentence, want := range map[string]suggest.Standing{
		"The security code from a text message can be shared with callers.": suggest.StandingContradicted,
		"Your PIN opens the branch at night.":                               suggest.StandingUnverified,
	} {
		if claim, harm := drafts(t, "en", bankBody, sentence); harm != "" || claim.Standing != want {
			t.Errorf("%q is %+v, left out for %q", sentence, claim, harm)
		}
	}
}
