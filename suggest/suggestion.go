package suggest

import (
	"context"
	"encoding/json"
	"time"
)

// Outcome is what a suggestion came to. A fault is an error, never an outcome.
type Outcome string

// The outcomes.
const (
	OutcomeDraft     Outcome = "DRAFT"
	OutcomeNoDraft   Outcome = "NO_DRAFT"
	OutcomeHumanOnly Outcome = "HUMAN_ONLY"
)

// Reason says why there is no draft.
type Reason string

// Reasons for NO_DRAFT.
const (
	ReasonNoKnowledge         Reason = "NO_KNOWLEDGE"
	ReasonLowConfidence       Reason = "LOW_CONFIDENCE"
	ReasonNothingToAnswer     Reason = "NOTHING_TO_ANSWER"
	ReasonUnsupportedLanguage Reason = "UNSUPPORTED_LANGUAGE"
	ReasonBlockedOutput       Reason = "BLOCKED_OUTPUT"
)

// Reasons for HUMAN_ONLY.
const (
	ReasonBereavement       Reason = "BEREAVEMENT"
	ReasonIllnessOrAccident Reason = "ILLNESS_OR_ACCIDENT"
	ReasonSelfHarm          Reason = "SELF_HARM"
	ReasonThreat            Reason = "THREAT"
	ReasonLegal             Reason = "LEGAL"
	ReasonDiscrimination    Reason = "DISCRIMINATION_OR_HARASSMENT"
	ReasonDataRights        Reason = "DATA_RIGHTS"
	ReasonMinorAlone        Reason = "MINOR_ALONE"
	ReasonPress             Reason = "PRESS"
	ReasonWantsHuman        Reason = "WANTS_HUMAN"
	ReasonAnger             Reason = "ANGER_AFTER_FAILURE"
)

// State is where a suggestion stands.
type State string

// The states. SUPERSEDED is never stored: it is asked at every reading, so it
// can't be out of date.
const (
	StateRunning       State = "RUNNING"
	StateAbandoned     State = "ABANDONED"
	StateGenerated     State = "GENERATED"
	StateSuperseded    State = "SUPERSEDED"
	StateNeedsApproval State = "NEEDS_APPROVAL"
	StateDecided       State = "DECIDED"
	StateReleased      State = "RELEASED"
	StateDelivered     State = "DELIVERED"
)

// SupersededBy says what overtook a suggestion.
type SupersededBy string

// What can overtake a suggestion; the zero value is nothing.
const (
	SupersededByMessage   SupersededBy = "NEWER_MESSAGE"
	SupersededByKnowledge SupersededBy = "KNOWLEDGE_CHANGED"
)

// NoticeCode is a stable name of a warning or of a reason for which a better
// path was given up.
type NoticeCode string

// Warnings.
const (
	// WarnIncomplete: the model was cut off or blocked after good sentences.
	WarnIncomplete NoticeCode = "INCOMPLETE"
	// WarnUnverified: sentences stand in the draft for which nothing was found.
	WarnUnverified NoticeCode = "UNVERIFIED_CLAIMS"
	// WarnSentenceBlocked: sentences that could do harm were left out.
	WarnSentenceBlocked NoticeCode = "SENTENCE_BLOCKED"
	// WarnOtherLanguage: evidence is in another language than the draft.
	WarnOtherLanguage NoticeCode = "EVIDENCE_IN_OTHER_LANGUAGE"
	// WarnPublic: the reply can be read by anyone.
	WarnPublic NoticeCode = "PUBLIC_REPLY"
	// WarnSeveralQuestions: more was asked than is answered.
	WarnSeveralQuestions NoticeCode = "SEVERAL_QUESTIONS"
	// WarnInstructions: the message tries to give the drafter instructions.
	WarnInstructions NoticeCode = "INSTRUCTIONS_IN_MESSAGE"
)

// Reasons in Degraded.
const (
	DegradedWordsOnly     NoticeCode = "SEARCHED_BY_WORDS_ONLY"
	DegradedPartly        NoticeCode = "SEARCHED_PARTLY_BY_WORDS"
	DegradedNoModel       NoticeCode = "NO_MODEL_CONFIGURED"
	DegradedModelFailed   NoticeCode = "MODEL_UNAVAILABLE"
	DegradedModelSlow     NoticeCode = "MODEL_TOO_SLOW"
	DegradedModelRefused  NoticeCode = "MODEL_REFUSED"
	DegradedModelUnusable NoticeCode = "MODEL_OUTPUT_UNUSABLE"
)

// ReplacedTakenOver is why a draft is shown anew when the server that was making
// it has died.
const ReplacedTakenOver NoticeCode = "TAKEN_OVER"

// Notice is a warning, or a reason for which a better path was given up, with
// one sentence for the agent.
type Notice struct {
	Code    NoticeCode `json:"code"`
	Message string     `json:"message"`
}

// Timing is how long one step took.
type Timing struct {
	Step     string        `json:"step"`
	Duration time.Duration `json:"duration"`
}

// The steps that are timed.
const (
	StepIntake   = "intake"
	StepTriage   = "triage"
	StepEmbed    = "embed"
	StepRetrieve = "retrieve"
	StepDraft    = "draft"
	StepCheck    = "check"
	StepRecord   = "record"
)

// Provenance is what made a suggestion.
type Provenance struct {
	// Drafter is "openai" or "extractive"; empty when nothing drafted.
	Drafter string `json:"drafter,omitempty"`
	// Model as the provider named it.
	Model         string `json:"model,omitempty"`
	PromptVersion string `json:"prompt_version,omitempty"`
	PromptHash    string `json:"prompt_hash,omitempty"`
	Space         string `json:"space,omitempty"`
	PurserVersion string `json:"purser_version,omitempty"`
	// Profile and ProfileHash name the profile that gave the confidence; empty
	// when it is the search's own estimate.
	Profile          string `json:"profile,omitempty"`
	ProfileHash      string `json:"profile_hash,omitempty"`
	PromptTokens     int    `json:"prompt_tokens,omitempty"`
	CompletionTokens int    `json:"completion_tokens,omitempty"`
}

// DecisionKind is what a person did with a suggestion.
type DecisionKind string

// The decisions.
const (
	DecisionApprove DecisionKind = "APPROVE"
	DecisionEdit    DecisionKind = "EDIT"
	DecisionDiscard DecisionKind = "DISCARD"
	DecisionOwn     DecisionKind = "OWN"
)

// DiscardReason says why a draft was thrown away; the values are those of the
// contract without their prefix.
type DiscardReason string

// ChangeKind is what happened to a sentence between draft and final text.
type ChangeKind string

// The kinds of change.
const (
	ChangeKept    ChangeKind = "KEPT"
	ChangeChanged ChangeKind = "CHANGED"
	ChangeAdded   ChangeKind = "ADDED"
	ChangeRemoved ChangeKind = "REMOVED"
)

// SentenceChange is one line of the difference between draft and final text.
type SentenceChange struct {
	Kind   ChangeKind `json:"kind"`
	Before string     `json:"before,omitempty"`
	After  string     `json:"after,omitempty"`
}

// Decision is what a person decided.
type Decision struct {
	Kind          DecisionKind     `json:"kind"`
	Actor         Actor            `json:"actor"`
	KeyID         string           `json:"-"`
	Time          time.Time        `json:"decide_time"`
	FinalText     string           `json:"final_text,omitempty"`
	Changes       []SentenceChange `json:"changes,omitempty"`
	DiscardReason DiscardReason    `json:"discard_reason,omitempty"`
	Comment       string           `json:"comment,omitempty"`
	AcceptedStale bool             `json:"-"`
	// AcceptedClaims are the ids of claims without support that the person took
	// upon themselves.
	AcceptedClaims []string `json:"accepted_claim_ids,omitempty"`
}

// Delivery is the report that a reply was sent.
type Delivery struct {
	Time      time.Time
	Actor     Actor
	MessageID string
}

// Suggestion is one attempt to help with one message. As JSON, which operators
// read, its fields are named as in the contract.
type Suggestion struct {
	ID           string       `json:"suggestion_id"`
	TicketID     string       `json:"ticket_id"`
	MessageID    string       `json:"message_id"`
	ParentID     string       `json:"-"`
	State        State        `json:"state,omitempty"`
	SupersededBy SupersededBy `json:"superseded_by,omitempty"`
	// Revision grows by one with every change.
	Revision   int64      `json:"-"`
	Outcome    Outcome    `json:"outcome,omitempty"`
	Reason     Reason     `json:"reason,omitempty"`
	Confidence float64    `json:"confidence"`
	Draft      *Draft     `json:"draft,omitempty"`
	Evidence   []Evidence `json:"evidence,omitempty"`
	Warnings   []Notice   `json:"warnings,omitempty"`
	Degraded   []Notice   `json:"degraded,omitempty"`
	Delivery   *Delivery  `json:"-"`
	Provenance Provenance `json:"provenance"`
	Timings    []Timing   `json:"-"`
	Actor      Actor      `json:"actor,omitzero"`
	CreateTime time.Time  `json:"create_time,omitzero"`
	// FinishTime is zero while it runs.
	FinishTime time.Time `json:"finish_time,omitzero"`
	Decision   *Decision `json:"decision,omitempty"`
	// Requests are what the customer wants, told apart.
	Requests []CustomerRequest `json:"requests,omitempty"`
	// Fields are what a contact form said beside the message.
	Fields []MessageField `json:"message_fields,omitempty"`
	// Guidance is the agent's hint that it was made with.
	Guidance string `json:"guidance,omitempty"`
	// Instructions are parts of the message that try to instruct the drafter.
	Instructions []string `json:"instructions,omitempty"`
	// SettingsRevision is that of the workspace's settings; 0 when it has none.
	SettingsRevision int64 `json:"settings_revision,omitempty"`
}

// Request names one wish for a suggestion: the same key and id again mean the
// same wish.
type Request struct {
	KeyID, RequestID string
	// PayloadHash tells another payload under the same id.
	PayloadHash []byte
	Actor       Actor
	TicketID    string
}

// Begun is what Begin found or made.
type Begun struct {
	Suggestion Suggestion
	// Ticket and Messages as they are now, for a suggestion that must be made.
	Ticket   Ticket
	Messages []Message
	// Mine is true when the caller holds the lease and must make it.
	Mine bool
	// Joined is true when an earlier call had begun it.
	Joined bool
}

// Record is everything that made a suggestion, enough to run it again exactly.
type Record struct {
	Ticket   json.RawMessage `json:"ticket,omitempty"`
	Messages []Message       `json:"messages,omitempty"`
	Facts    []Fact          `json:"facts,omitempty"`
	// Locale that was drafted in, and the question that was searched for.
	Locale   string             `json:"locale,omitempty"`
	Question string             `json:"question,omitempty"`
	Settings json.RawMessage    `json:"settings,omitempty"`
	Features map[string]float64 `json:"features,omitempty"`
	// Assessment is by what the confidence was told.
	Assessment Assessment `json:"assessment,omitzero"`
	// Prompt as it was sent, personal data replaced; Output as it came back.
	Prompt json.RawMessage `json:"prompt,omitempty"`
	Output string          `json:"output,omitempty"`
	// Finish is the provider's reason for stopping.
	Finish string `json:"finish,omitempty"`
	// Blocked counts the sentences that were left out, by reason.
	Blocked map[string]int `json:"blocked,omitempty"`
	// Ranking is every article that search returned, best first.
	Ranking []RankedArticle `json:"ranking,omitempty"`
	// Fault is why the model could not draft, and RetryAfter its provider's
	// wish; both empty when it could.
	Fault      DraftFault    `json:"fault,omitempty"`
	RetryAfter time.Duration `json:"retry_after,omitempty"`
	// Questions that were told apart in the message.
	Questions []string `json:"questions,omitempty"`
	// Floors under the confidence besides Assessment's; nil in records of versions
	// that kept none.
	Floors *Floors `json:"floors,omitempty"`
	// Placeholders are what stands in Prompt and Output for what; personal data,
	// which stays here.
	Placeholders map[string]string `json:"placeholders,omitempty"`
	// Configured is the drafter that would have gone first; empty when none was
	// set up but the one that quotes.
	Configured string `json:"configured,omitempty"`
}

// Floors are confidences, 0 to 1: below Knowledge nothing found counts as
// knowledge, below Quotes nothing is quoted.
type Floors struct {
	Knowledge float64 `json:"knowledge"`
	Quotes    float64 `json:"quotes"`
}

// RankedArticle is one article in the order in which search gave them.
type RankedArticle struct {
	ArticleID string  `json:"article_id"`
	Key       string  `json:"key"`
	Locale    string  `json:"locale"`
	Revision  int     `json:"revision"`
	Score     float64 `json:"score"`
}

// SuggestionFilter narrows a list.
type SuggestionFilter struct {
	TicketID     string
	States       []State
	Outcomes     []Outcome
	From, Before time.Time
	// AfterTime and AfterID continue behind a suggestion of an earlier page.
	AfterTime time.Time
	AfterID   string
	Limit     int
}

// DecideRequest records a decision.
type DecideRequest struct {
	SuggestionID string
	// Revision of the suggestion as the person saw it.
	Revision int64
	Decision Decision
	// AcceptOthers takes all claims without support upon the person, but for those
	// that must be named one by one in Decision.AcceptedClaims.
	AcceptOthers bool
}

// DeliveryReport tells what was sent.
type DeliveryReport struct {
	TicketID, SuggestionID string
	// Text that was sent; empty: the decision's final text.
	Text              string
	ExternalMessageID string
	Channel           Channel
	Visibility        Visibility
	Actor             Actor
	KeyID             string
	Time              time.Time
}

// SuggestionStore keeps suggestions. Every method sees one workspace alone.
type SuggestionStore interface {
	// Begin makes a running row with a lease for owner, or finds the one that the
	// same request began; one whose lease has run out is taken over. Leases run by
	// the store's clock, so that servers whose clocks differ agree. One round trip. It fails with ErrTicketNotFound,
	// ErrNothingToAnswer when the ticket holds no message of a customer and no
	// note, and ErrRequestReused for another payload.
	Begin(ctx context.Context, w Workspace, r Request, newID, owner string, lease time.Duration, now time.Time) (Begun, error)
	// Renew lets a lease last for as long from now; it fails with ErrLeaseLost when
	// another took over.
	Renew(ctx context.Context, w Workspace, id, owner string, lease time.Duration) error
	// Finish records a whole suggestion and returns it as stored. One round
	// trip. It fails with ErrLeaseLost.
	Finish(ctx context.Context, w Workspace, owner string, s Suggestion, r Record) (Suggestion, error)
	// Abandon gives the lease up, so that the same request makes it again.
	Abandon(ctx context.Context, w Workspace, id, owner string) error
	// Suggestion fails with ErrSuggestionNotFound.
	Suggestion(ctx context.Context, w Workspace, id string) (Suggestion, error)
	// Record returns what made a suggestion.
	Record(ctx context.Context, w Workspace, id string) (Record, error)
	// Suggestions lists, newest first.
	Suggestions(ctx context.Context, w Workspace, f SuggestionFilter) ([]Suggestion, error)
}

// DecisionStore keeps what people made of suggestions. Every method sees one
// workspace alone.
type DecisionStore interface {
	// Decide records a decision exactly once under the ticket's lock. It fails
	// with *DecidedError, ErrStale, ErrRevision, ErrNotFinished, ErrNoDraft.
	// changes is asked for the differences of an edit once the draft is known.
	Decide(ctx context.Context, w Workspace, r DecideRequest, changes func(draft Draft) []SentenceChange) (Suggestion, error)
	// Deliver records a delivery and the message that it became, under the
	// ticket's lock. Without a suggestion it decides the newest undecided one
	// for the ticket's newest message as OWN. The suggestion is nil when there
	// was none.
	Deliver(ctx context.Context, w Workspace, r DeliveryReport, newMessageID string, now time.Time) (Message, *Suggestion, error)
}
