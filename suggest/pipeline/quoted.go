package pipeline

import (
	"regexp"
	"strings"

	"github.com/purser-desk/purser/internal/text"
)

// How mail programs begin the history that they quote, in the languages that
// customers write.
var (
	quoteIntro  = regexp.MustCompile(`(?i)\b(wrote|writes|schreef|schrieb|napisał|napisała|napisał\(a\)|a écrit|skrev|escribió|ha scritto|escreveu)\s?:\s*$`)
	quoteVerb   = regexp.MustCompile(`(?i)\b(schrieb|schrieben|schreef|skrev)\b[^:]{0,120}:\s*$`)
	clockTime   = regexp.MustCompile(`\b\d{1,2}[:.]\d{2}\b`)
	ruledLine   = regexp.MustCompile(`\n\s*[_\-=]{5,}\s*$`)
	quoteRule   = regexp.MustCompile(`(?i)^\s*[-_*]{2,}\s*(original message|ursprüngliche nachricht|originalnachricht|oorspronkelijk bericht|message d'origine|message original|oprindelig meddelelse|opprinnelig melding|ursprungligt meddelande|wiadomość oryginalna|mensaje original|messaggio originale|mensagem original|forwarded message|weitergeleitete nachricht|message transféré)\s*[-_*]{2,}`)
	quoteFrom   = regexp.MustCompile(`(?i)^\s*\*?(from|von|van|de|da|fra|från|od)\s?\*?:\*?\s+\S`)
	quoteHeader = regexp.MustCompile(`(?i)^\s*\*?(sent|date|to|subject|gesendet|datum|an|betreff|verzonden|aan|onderwerp|envoyé|à|objet|sendt|til|emne|skickat|till|ämne|wysłano|data|do|temat|enviado|fecha|para|asunto|inviato|a|oggetto|assunto|cc)\s?\*?:\*?\s`)
	deviceLine  = regexp.MustCompile(`(?i)^(sent from my|sent from|get outlook for|von meinem .{1,30} gesendet|gesendet von|verstuurd vanaf|verzonden vanaf|envoyé de mon|envoyé depuis|sendt fra|skickat från|wysłano z|wysłane z|enviado desde|enviado do|enviado de|inviato da)\b.{0,60}$`)
	closingLine = regexp.MustCompile(`(?i)^(kind regards|best regards|warm regards|regards|best wishes|best|yours sincerely|yours faithfully|sincerely|many thanks|thanks in advance|thanks|thank you|cheers|mit freundlichen grüßen|mit freundlichen grüssen|freundliche grüße|viele grüße|beste grüße|liebe grüße|mfg|vg|lg|met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|groeten|groetjes|mvg|z poważaniem|pozdrawiam|cordialement|bien cordialement|bien à vous|salutations|med vennlig hilsen|vennlig hilsen|hilsen|mvh|med vänliga hälsningar|vänliga hälsningar|hälsningar|hälsar|saludos|saludos cordiales|un saludo|atentamente|cordiali saluti|distinti saluti|saluti|cumprimentos|com os melhores cumprimentos|atenciosamente|obrigado|obrigada)\s*[,.!–-]*\s*$`)
	// subjectLine is what tells a copied header from an itinerary, which also goes
	// from somewhere to somewhere on a date.
	subjectLine = regexp.MustCompile(`(?i)^\s*\*?(subject|betreff|onderwerp|objet|emne|ämne|temat|asunto|oggetto|assunto)\s?\*?:`)
	subjectLead = regexp.MustCompile(`(?i)^\s*((re|fwd?|aw|wg|antw|sv|vs|vb|tr|odp|pd|rv|res|enc|rif|i)\s?(\[\d+\])?:\s*)+`)
)

// cutQuoted drops the history that a mail program quotes below or between what
// the customer wrote. Where nothing would be left, as in a forwarded message,
// the text stays as it is.
func cutQuoted(s string) string {
	if !strings.ContainsAny(s, ">:-_") {
		return s
	}
	lines := strings.Split(s, "\n")
	kept := make([]string, 0, len(lines))
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(strings.TrimLeft(line, " "), ">") {
			continue
		}
		if quoteRule.MatchString(line) || quotesHeaders(lines[i:]) {
			break
		}
		if n := introLines(lines[i:]); n > 0 {
			if !quotedFollows(lines[i+n:]) {
				break
			}
			i += n - 1
			continue
		}
		kept = append(kept, line)
	}
	out := strings.TrimSpace(strings.Join(kept, "\n"))
	out = ruledLine.ReplaceAllString(out, "")
	if text.IsBlank(out) {
		return s
	}
	return out
}

// introLines is how many lines "On Monday, somebody wrote:" takes, which
// programs wrap; 0 when lines do not begin with one.
func introLines(lines []string) int {
	joined := ""
	for n := 1; n <= 3 && n <= len(lines); n++ {
		line := strings.TrimSpace(lines[n-1])
		if line == "" {
			return 0
		}
		joined += " " + line
		if len(joined) > 300 {
			return 0
		}
		if quoteIntro.MatchString(joined) && strings.ContainsAny(joined, "0123456789@<") {
			return n
		}
		// Where the verb comes first, a sentence of the customer's may look alike.
		if quoteVerb.MatchString(joined) && (clockTime.MatchString(joined) || strings.ContainsAny(joined, "@<") || quotedFollows(lines[n:])) {
			return n
		}
	}
	return 0
}

// quotedFollows reports whether marked lines come next, between which the
// customer may have answered.
func quotedFollows(lines []string) bool {
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			return strings.HasPrefix(line, ">")
		}
	}
	return false
}

// quotesHeaders reports whether lines begin with a copied mail header.
func quotesHeaders(lines []string) bool {
	if !quoteFrom.MatchString(lines[0]) {
		return false
	}
	found, mail := 0, strings.Contains(lines[0], "@")
	for _, line := range lines[1:min(len(lines), 6)] {
		if quoteHeader.MatchString(line) {
			found++
			mail = mail || subjectLine.MatchString(line) || strings.Contains(line, "@")
		}
	}
	return mail && found >= 2
}

// maxSignatureLines is how much may follow a closing and still be a signature.
const maxSignatureLines = 12

// maxNameWords is how long the first line below a closing may be and still be a
// name or a title.
const maxNameWords = 6

// goesOn reports whether the text goes on below a closing, as behind "Thank you."
// in front of the matter itself.
func goesOn(lines []string) bool {
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			return len(strings.Fields(line)) > maxNameWords
		}
	}
	return false
}

// cutSignature drops the closing and what stands below it. Where nothing would
// be left, or the text goes on or asks below, it stays as it is.
func cutSignature(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "--" || trimmed == "—":
		case len(trimmed) < 100 && deviceLine.MatchString(trimmed):
		case len(trimmed) < 60 && closingLine.MatchString(trimmed) && len(lines)-i <= maxSignatureLines:
		default:
			continue
		}
		head, tail := strings.Join(lines[:i], "\n"), strings.Join(lines[i:], "\n")
		if text.IsBlank(head) || strings.ContainsRune(tail, '?') || goesOn(lines[i+1:]) {
			continue
		}
		return strings.TrimSpace(head)
	}
	return s
}

// cleanSubject drops the marks of replying and forwarding.
func cleanSubject(s string) string {
	s = text.Clean(s)
	s = subjectLead.ReplaceAllString(s, "")
	return strings.TrimSpace(strings.ReplaceAll(s, "\n", " "))
}
