package suggest

// DraftSentence is one whole sentence as a drafter wrote it, marks removed.
type DraftSentence struct {
	// Break stands between the sentence and what is before it: a blank, a line
	// or paragraph break, the mark of a list item. Ignored for the first one,
	// but for the mark.
	Break string
	Text  string
	// Numbers of the evidence that it cites, in order, without repeats. They
	// may name evidence that was never offered.
	Numbers []int
	// Citations are exact places, from a drafter that knows them.
	Citations []Citation
	// Kind is empty when the drafter can't tell.
	Kind ClaimKind
}

// DraftFault is a stable name for why a drafter could not draft.
type DraftFault string

// The faults.
const (
	FaultUnreachable   DraftFault = "UNREACHABLE"     // no connection to the provider
	FaultUnauthorized  DraftFault = "UNAUTHORIZED"    // 401 or 403
	FaultModelNotFound DraftFault = "MODEL_NOT_FOUND" // 404
	FaultRateLimited   DraftFault = "RATE_LIMITED"    // 429
	FaultProvider      DraftFault = "PROVIDER_ERROR"  // 5xx, or an error in the stream
	FaultRejected      DraftFault = "REQUEST_REJECTED"
	FaultNotJSON       DraftFault = "NOT_JSON" // HTML, or anything that is no event stream
	FaultCut           DraftFault = "CUT"      // the stream ended without a reason
	FaultEmpty         DraftFault = "EMPTY"    // an answer without words
	FaultLength        DraftFault = "LENGTH"   // stopped at the limit of tokens
	FaultFiltered      DraftFault = "CONTENT_FILTER"
	FaultTooSlow       DraftFault = "TOO_SLOW"
	FaultNoAnswer      DraftFault = "NO_ANSWER" // it says that the evidence does not answer
	FaultOtherLanguage DraftFault = "NO_EVIDENCE_IN_LANGUAGE"
	FaultOverlong      DraftFault = "OVERLONG"       // far more than was asked for
	FaultContext       DraftFault = "CONTEXT_LENGTH" // the model's context is too short for the prompt
	FaultThoughts      DraftFault = "THOUGHTS"       // what was given out turned out to be thoughts
)
