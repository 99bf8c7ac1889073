package knowledge

import (
	"fmt"
	"time"
)

// Document is one article as an editor hands it over, before it is planned
// against what the workspace already holds. A reader in knowledge/source
// makes it from a file; a plan turns it into a revision.
type Document struct {
	// Key names the article for good: 1 to 200 characters without blanks or
	// control characters. Translations of one article share it.
	Key string
	// Locale is a BCP 47 tag, such as "en" or "pt-BR", in canonical form.
	Locale string
	// Title is one line, 1 to 500 characters.
	Title string
	// Body is Markdown, or plain text, which is Markdown without marks.
	Body string
	// Labels group articles for filters: lower case, sorted, without repeats.
	Labels []string
	// URL is where customers can read the article; empty when nowhere.
	URL string
	// Kind says what the article is for; empty means KindAnswer.
	Kind ArticleKind
	// ValidFrom and ValidUntil bound the time in which replies may cite the
	// article: from the first, up to but not including the second. Zero means
	// unbounded.
	ValidFrom, ValidUntil time.Time
	// Origin says where the document was read, for messages to the editor:
	// a file's path inside the import, with a line where there is one.
	Origin string
}

// ProblemKind is a stable, machine-readable name for what is wrong with a
// source.
type ProblemKind string

// The kinds of problem that reading or planning an import finds.
const (
	ProblemUnreadable    ProblemKind = "UNREADABLE"     // the file can't be opened or is not what its name says
	ProblemEmpty         ProblemKind = "EMPTY"          // nothing to import in it
	ProblemEncoding      ProblemKind = "ENCODING"       // neither UTF-8, UTF-16 nor plausible Latin-1
	ProblemSyntax        ProblemKind = "SYNTAX"         // broken JSON, CSV or front matter
	ProblemMissingField  ProblemKind = "MISSING_FIELD"  // a title, key or body is not there
	ProblemInvalidField  ProblemKind = "INVALID_FIELD"  // a value outside its range
	ProblemDuplicateKey  ProblemKind = "DUPLICATE_KEY"  // the same key and locale twice
	ProblemTooLarge      ProblemKind = "TOO_LARGE"      // beyond a limit that the message names
	ProblemLinkLoop      ProblemKind = "LINK_LOOP"      // a folder that leads back to itself
	ProblemUnknownFormat ProblemKind = "UNKNOWN_FORMAT" // no reader for this kind of file
	ProblemLossyText     ProblemKind = "TEXT_CONVERTED" // a warning: text was decoded from a legacy encoding
	ProblemUnknownField  ProblemKind = "UNKNOWN_FIELD"  // a warning: a field that no one reads
	ProblemSkipped       ProblemKind = "SKIPPED"        // a warning: a file or folder that was passed over
)

// Severity says whether a problem stops the import.
type Severity int

// A warning is told and the import goes on; an error stops all of it.
const (
	SeverityWarning Severity = iota + 1
	SeverityError
)

// Problem is one thing wrong with one place of an import. Its message is for
// an editor: it says what is wrong and what to do.
type Problem struct {
	Kind     ProblemKind
	Severity Severity
	// Origin is the file's path inside the import.
	Origin string
	// Line counts from 1; 0 where a line means nothing.
	Line int
	// Message is a plain sentence.
	Message string
}

// At says where the problem is: "kb/bags.csv:12", a path alone where a line
// means nothing, or "".
func (p Problem) At() string {
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d", p.Origin, p.Line)
	}
	return p.Origin
}

// Error makes a Problem usable as an error.
func (p Problem) Error() string {
	if at := p.At(); at != "" {
		return at + ": " + p.Message
	}
	return p.Message
}
