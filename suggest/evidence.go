package suggest

import (
	"time"

	"github.com/purser-desk/purser/knowledge"
)

// ArticleKind says what an article is for.
type ArticleKind = knowledge.ArticleKind

// Evidence is one piece of an article that was offered to the drafter: a section,
// or a whole short article.
type Evidence struct {
	// Number by which the draft cites it, from 1.
	Number    int    `json:"number"`
	ArticleID string `json:"article_id"`
	Key       string `json:"key"`
	Locale    string `json:"locale"`
	Revision  int    `json:"revision"`
	Title     string `json:"title"`
	URL       string `json:"url,omitempty"`
	// HeadingPath holds the headings above it, outermost first.
	HeadingPath []string `json:"heading_path,omitempty"`
	// Start and End are byte offsets in the revision's body; StartCodePoint is Start
	// in code points, 0 when not known.
	Start          int     `json:"start"`
	End            int     `json:"end"`
	StartCodePoint int     `json:"start_code_point,omitempty"`
	Text           string  `json:"text"`
	Score          float64 `json:"score"`
	// Context is what stands further up and without which the text can't be read,
	// such as the head of a table that it goes on with.
	Context []knowledge.Part `json:"context,omitempty"`
	// Kind is what the article is for.
	Kind ArticleKind `json:"kind,omitempty"`
	// ReviseTime is when the revision came to be; ValidFrom and ValidUntil bound
	// when it counts; zero: not known, always.
	ReviseTime time.Time `json:"revise_time,omitzero"`
	ValidFrom  time.Time `json:"valid_from,omitzero"`
	ValidUntil time.Time `json:"valid_until,omitzero"`
}

// Passage is the evidence in the form that takes itself apart into sentences.
func (e *Evidence) Passage() knowledge.Passage {
	return knowledge.Passage{HeadingPath: e.HeadingPath, Start: e.Start, End: e.End, Text: e.Text, Context: e.Context}
}

// Citation ties a claim to the words that support it: byte offsets in the body
// of the revision that evidence Number is from.
type Citation struct {
	Number int `json:"number"`
	Start  int `json:"start"`
	End    int `json:"end"`
}

// RequestCoverage says how far a draft answers a request.
type RequestCoverage string

// How far a request is answered.
const (
	CoverageAnswered RequestCoverage = "ANSWERED"
	CoveragePartly   RequestCoverage = "PARTLY"
	CoverageNot      RequestCoverage = "NOT"
)

// CustomerRequest is one thing that the customer wants.
type CustomerRequest struct {
	// Number from 1, in the order in which they were written.
	Number int `json:"number"`
	// Text in the customer's words.
	Text string `json:"text"`
	// MessageID names the message in which it stands; Start and End are byte
	// offsets in that message's text, and StartCodePoint is Start in code points; all
	// 0 where it was put together from several places.
	MessageID      string `json:"message_id,omitempty"`
	Start          int    `json:"start,omitempty"`
	End            int    `json:"end,omitempty"`
	StartCodePoint int    `json:"start_code_point,omitempty"`
	// Evidence holds the numbers of what was found for it, best first.
	Evidence []int `json:"evidence_numbers,omitempty"`
	// Coverage is empty while there is no draft.
	Coverage RequestCoverage `json:"coverage,omitempty"`
	// ClaimIDs name the sentences that answer it.
	ClaimIDs []string `json:"claim_ids,omitempty"`
}

// MessageField is what a contact form said beside the message.
type MessageField struct {
	// Name is "booking_code", "flight", "date", "name", "email", "phone" or "other".
	Name string `json:"name"`
	// Label is the form's own.
	Label string `json:"label"`
	Value string `json:"value"`
}
