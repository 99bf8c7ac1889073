package suggest

// NewNotice is a code with its sentence for the agent.
func NewNotice(c NoticeCode) Notice { return Notice{Code: c, Message: noticeText(c)} }

func noticeText(c NoticeCode) string {
	switch c {
	case WarnIncomplete:
		return "The model was cut off; the draft ends after its last whole sentence."
	case WarnSentenceBlocked:
		return "Sentences that could do harm were left out; the draft says which and why."
	case WarnUnverified:
		return "Nothing was found for the marked sentences; check them before you send."
	case WarnOtherLanguage:
		return "What was found is in another language than the draft; compare it with care."
	case WarnPublic:
		return "Anyone can read this reply; it must hold nothing personal."
	case WarnSeveralQuestions:
		return "The customer asks several things, and the draft may not answer all of them."
	case WarnInstructions:
		return "The message tries to give the drafter instructions; read the draft with care."
	case DegradedWordsOnly:
		return "Searched by words only, because searching by meaning was not possible."
	case DegradedPartly:
		return "Some articles could be searched by words only, because they are still being embedded or were refused."
	case DegradedNoModel:
		return "No language model is configured, so Purser only quotes articles."
	case DegradedModelFailed:
		return "The language model could not be reached or failed; without it Purser only quotes articles."
	case DegradedModelSlow:
		return "The language model took too long; without it Purser only quotes articles."
	case DegradedModelRefused:
		return "The language model's provider blocked the answer; without it Purser only quotes articles."
	case DegradedModelUnusable:
		return "The language model's answer could not be used; without it Purser only quotes articles."
	case ReplacedTakenOver:
		return "Another server had to make the draft anew."
	}
	return ""
}
