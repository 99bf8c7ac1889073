package bench_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/purser-desk/purser/knowledge"
)

// What the made-up company writes about: each subject with each matter is an
// article.
var (
	subjects = []string{
		"cabin bags", "checked bags", "sports equipment", "musical instruments", "pushchairs", "wheelchairs", "small dogs", "large dogs",
		"cats", "seat selection", "extra legroom seats", "upgrades", "lounge access", "wireless internet", "special meals", "gift cards",
		"travel vouchers", "group bookings", "student fares", "flexible fares", "award tickets", "missing points", "name corrections",
		"online check-in", "boarding passes", "airport transfers", "parking", "travel insurance", "unaccompanied children", "delayed bags",
	}
	matters = []string{
		"prices", "booking", "changes", "cancellation", "refunds", "limits of size and weight", "documents", "deadlines",
		"airports and aircraft", "damage and claims", "members of the loyalty programme", "partner airlines",
	}
	sentences = []string{
		"You can arrange %[1]s up to %[2]d hours before departure in the app, on the website or by telephone.",
		"We charge %[2]d.50 EUR for each person and flight when %[1]s are added after the booking was made.",
		"For %[1]s on flights within Scandinavia the amount is %[3]d EUR, and %[2]d EUR on all other routes.",
		"If your plans for %[1]s change, write to us at least %[3]d days before you travel and we will look for another flight.",
		"Please keep the receipt for %[1]s, because we can't handle a request without it.",
		"A request about %[4]s is answered within %[3]d working days, and in the summer within %[2]d.",
		"The rules on %[4]s also hold for %[1]s that were booked through a travel agency.",
		"Members of the silver and gold levels pay nothing for %[1]s on up to %[3]d flights a year.",
		"At the airport the service desk for %[1]s opens %[3]d hours before the first departure of the day.",
		"When a flight is cancelled by us, what you paid for %[1]s is returned to the same card within %[2]d days.",
		"Our partner airlines have rules of their own on %[1]s; those of the airline that operates the flight apply.",
		"Children under %[3]d years travel under the same conditions on %[4]s as the adult who booked for them.",
		"You find your booking with the six letters of the reference and your family name, and %[1]s with it.",
		"A confirmation with all details about %[1]s is sent by e-mail within %[3]d minutes.",
		"There is room for %[3]d %[1]s on board, so ask early, most of all in July and August.",
	}
)

// places are names that few articles share, as most words of real articles are.
func places(random *rand.Rand) []string {
	syllables := strings.Fields("ba dor fen gri hal ker lin mo nor ost pra ris sund tor ulv vik wen")
	list := make([]string, 4000)
	for i := range list {
		for range 3 {
			list[i] += syllables[random.IntN(len(syllables))]
		}
		list[i] = strings.ToUpper(list[i][:1]) + list[i][1:]
	}
	return list
}

// articles makes the knowledge base: the same one in every run.
func articles() []knowledge.Document {
	random := rand.New(rand.NewPCG(7, 11))
	names := places(random)
	docs := make([]knowledge.Document, 0, len(subjects)*len(matters))
	for _, subject := range subjects {
		for _, matter := range matters {
			title := strings.ToUpper(subject[:1]) + subject[1:] + ": " + matter
			docs = append(docs, knowledge.Document{
				Key: fmt.Sprintf("a-%03d", len(docs)), Locale: "en", Title: title,
				Body: body(random, names, subject, matter), URL: fmt.Sprintf("https://help.example.com/articles/%d", len(docs)),
			})
		}
	}
	return docs
}

func body(random *rand.Rand, names []string, subject, matter string) string {
	var b strings.Builder
	for part, heading := range []string{"What you need to know", "How to go about it"} {
		fmt.Fprintf(&b, "## %s\n\n", heading)
		for i, s := range random.Perm(len(sentences))[:7] {
			fmt.Fprintf(&b, sentences[s], subject, 12+random.IntN(60), 2+random.IntN(9), matter)
			if i == 3 && part == 0 {
				b.WriteString("\n\n")
				continue
			}
			b.WriteByte(' ')
		}
		name := func() string { return names[random.IntN(len(names))] }
		fmt.Fprintf(&b, "In %s, %s and %s our partner %s takes care of them, in %s the desk beside %s.\n\n", name(), name(), name(), name(), name(), name())
	}
	return b.String()
}

// ticket is one question with the reply that the model will write to it.
type ticket struct {
	id      string
	subject string
	// messages of the customer, our agent and the customer again.
	messages [3]string
	question string
	reply    string
}

// newTicket makes the n-th question, different from all others.
func newTicket(docs []knowledge.Document, n int) ticket {
	random := rand.New(rand.NewPCG(13, uint64(n)))
	doc := docs[random.IntN(len(docs))]
	subject, matter, _ := strings.Cut(strings.ToLower(doc.Title), ": ")
	t := ticket{subject: "Question about " + subject}
	reference := make([]byte, 6)
	for i := range reference {
		reference[i] = byte('A' + random.IntN(26))
	}
	t.messages[0] = fmt.Sprintf("Hello, I have booked a flight to Bergen with you and would like to know more about %s.", subject)
	t.messages[1] = "Hello Mrs Nilsen, thank you for your message. What exactly would you like to know, and for which flight?"
	t.question = fmt.Sprintf("Thank you for the quick answer. It is about flight PR %d on the %dth of December, my booking is %s. "+
		"What are your rules on %s for %s? I have read the page %s on your website and could not find anything about %s in the app, "+
		"and when I called on Monday I was told to write to you. You can also reach me at +47 415 22 %03d.",
		100+random.IntN(800), 4+random.IntN(20), reference, matter, subject, doc.Title, matter, n%1000)
	t.messages[2] = t.question + "\n\nKind regards,\nIngrid Nilsen"
	t.reply = reply(doc, random)
	return t
}

// reply is what the model writes: courtesy, and sentences of the article with
// the number of the passage that each is from.
func reply(doc knowledge.Document, random *rand.Rand) string {
	var b strings.Builder
	b.WriteString("Hello,\n\nThank you for your message.")
	for i, p := range knowledge.Cut(doc.Title, doc.Body, knowledge.CutOptions{Locale: doc.Locale}) {
		if i == 2 {
			break
		}
		list := p.Sentences(doc.Locale)
		for _, k := range random.Perm(len(list))[:min(3, len(list))] {
			if text := strings.TrimSpace(list[k].Text); !strings.HasPrefix(text, "#") {
				fmt.Fprintf(&b, " %s [%d]", text, i+1)
			}
		}
	}
	b.WriteString("\n\nKind regards")
	return b.String()
}
