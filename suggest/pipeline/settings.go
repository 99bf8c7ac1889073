package pipeline

import (
	"fmt"
	"time"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
)

// Settings tune the pipeline; the zero value is ready to use. They are recorded
// with every suggestion.
type Settings struct {
	// TimeLimit is the time within which a draft must be whole when the caller
	// names none; 0 means 30 s.
	TimeLimit time.Duration `json:"time_limit"`
	// FirstWordsLimit is how long a model may take to its first words, or
	// thoughts, before the next drafter has its turn; 0 means 12 s.
	FirstWordsLimit time.Duration `json:"first_words_limit"`
	// ThinkingLimit is how much longer than TimeLimit a draft may take where the
	// model is seen to think; 0 means 60 s, negative gives no time for that.
	ThinkingLimit time.Duration `json:"thinking_limit"`
	// Reserve is kept of the time limit for the drafter without a model and for
	// the record; 0 means 1 s, and never more than a fifth of the limit.
	Reserve time.Duration `json:"reserve"`
	// KnowledgeFloor is the confidence, 0 to 1, below which nothing found counts
	// as knowledge: NO_KNOWLEDGE. 0 means 0.10, and never more than a profile's
	// floor; negative switches it off.
	KnowledgeFloor float64 `json:"knowledge_floor"`
	// DraftFloor is the confidence, 0 to 1, below which there is no draft:
	// LOW_CONFIDENCE. 0 means the workspace's profile's floor, or 0.30 where the
	// confidence is the search's own estimate; negative switches it off.
	DraftFloor float64 `json:"draft_floor"`
	// QuoteFloor is the confidence, 0 to 1, below which the drafter without a
	// model says nothing: unlike a model it can't see that what it quotes does
	// not answer. 0 means the profile's floor, or 0.35 without one; negative
	// switches it off.
	QuoteFloor float64 `json:"quote_floor"`
	// VectorLimit is how long the vectors of the evidence, and then those of each
	// sentence, are waited for, with which they are compared by meaning; 0 means 2 s.
	VectorLimit time.Duration `json:"vector_limit"`
	// Articles searched for, 1 to 50; 0 means 10.
	Articles int `json:"articles"`
	// EvidenceBytes bounds the text of the evidence together; 0 means 12,000. The best
	// passage is always offered.
	EvidenceBytes int `json:"evidence_bytes"`
	// QuestionChars bounds the question that is searched for, in characters;
	// 0 means 2,000.
	QuestionChars int `json:"question_chars"`
	// ConversationChars bounds the messages shown to a model, in characters;
	// 0 means 6,000.
	ConversationChars int `json:"conversation_chars"`
	// DefaultLocale is drafted in when the customer's language can't be told;
	// empty means "en".
	DefaultLocale string `json:"default_locale"`
}

// WithDefaults fills what is zero, except the floors: what a floor of 0 means
// depends on the workspace's profile.
func (s Settings) WithDefaults() Settings {
	orDuration(&s.TimeLimit, 30*time.Second)
	orDuration(&s.FirstWordsLimit, 12*time.Second)
	orDuration(&s.ThinkingLimit, time.Minute)
	orDuration(&s.Reserve, time.Second)
	orDuration(&s.VectorLimit, 2*time.Second)
	orInt(&s.Articles, 10)
	orInt(&s.EvidenceBytes, 12_000)
	orInt(&s.QuestionChars, 2000)
	orInt(&s.ConversationChars, 6000)
	if s.DefaultLocale == "" {
		s.DefaultLocale = "en"
	}
	return s
}

// floors are those that somebody set.
func (s Settings) floors() confidence.FloorSettings {
	return confidence.FloorSettings{Knowledge: s.KnowledgeFloor, Draft: s.DraftFloor, Quote: s.QuoteFloor}
}

// Validate names the first setting that can't be, and what was expected.
func (s Settings) Validate() error {
	switch {
	case s.TimeLimit < 0 || s.TimeLimit > 10*time.Minute:
		return &suggest.FieldError{Field: "time_limit", Message: fmt.Sprintf("is %s; give 0 s to 10 min", s.TimeLimit)}
	case s.FirstWordsLimit < 0 || s.Reserve < 0 || s.VectorLimit < 0:
		return &suggest.FieldError{Field: "first_words_limit, reserve, vector_limit", Message: "must not be negative"}
	case s.KnowledgeFloor > 1 || s.DraftFloor > 1 || s.QuoteFloor > 1:
		return &suggest.FieldError{Field: "knowledge_floor, draft_floor, quote_floor", Message: "must be at most 1"}
	case s.Articles < 0 || s.Articles > 50:
		return &suggest.FieldError{Field: "articles", Message: fmt.Sprintf("is %d; give 1 to 50", s.Articles)}
	case s.EvidenceBytes < 0 || s.QuestionChars < 0 || s.ConversationChars < 0:
		return &suggest.FieldError{Field: "evidence_bytes, question_chars, conversation_chars", Message: "must not be negative"}
	}
	return nil
}

func orDuration(d *time.Duration, to time.Duration) {
	if *d == 0 {
		*d = to
	}
}

func orInt(i *int, to int) {
	if *i == 0 {
		*i = to
	}
}

// replyChars is how long a reply on a channel may be, in characters.
func replyChars(c suggest.Channel, v suggest.Visibility) int {
	switch {
	case c == suggest.ChannelSocial && v == suggest.VisibilityPublic:
		return 500
	case c == suggest.ChannelSocial, c == suggest.ChannelMessenger:
		return 1000
	case c == suggest.ChannelChat:
		return 900
	case c == suggest.ChannelReview:
		return 1500
	}
	return 4000
}

// replyLimit is how long this reply may be, in characters: as the house says, else by
// its channel.
func replyLimit(in suggest.Input, a asked) int {
	channel := replyChannel(in, a)
	if most := a.house.Rule(channel, a.message.Visibility).MaxChars; most > 0 {
		return most
	}
	return replyChars(channel, a.message.Visibility)
}
