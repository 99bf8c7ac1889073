package house

import (
	"context"
	"errors"
	"time"

	"github.com/purser-desk/purser/suggest"
)

// ErrChanged says that somebody else changed the settings meanwhile.
var ErrChanged = errors.New("the settings were changed meanwhile; read them again and make your change in what is there now")

// ErrNoRevision says that the settings never had the revision asked for.
var ErrNoRevision = errors.New("the settings have no such revision")

// Settings is one revision of a workspace's document. The zero value is that of a
// workspace without any, and is ready to use.
type Settings struct {
	// Revision grows by one with every change; 0 before the first.
	Revision   int64         `json:"-"`
	UpdateTime time.Time     `json:"-"`
	Updater    suggest.Actor `json:"-"`
	// TimeZone is an IANA name; empty means UTC.
	TimeZone string `json:"time_zone,omitempty"`
	// DefaultLocale is drafted in when the customer's language can't be told.
	DefaultLocale string        `json:"default_locale,omitempty"`
	Brands        []Brand       `json:"brands,omitempty"`
	ChannelRules  []ChannelRule `json:"channel_rules,omitempty"`
	Mandates      []Mandate     `json:"mandates,omitempty"`
	Policies      Policies      `json:"policies,omitzero"`
}

// Brand is a name under which the house writes.
type Brand struct {
	// Name is unique in the workspace; tickets name it.
	Name string `json:"name"`
	// Company is the house as customers know it.
	Company string `json:"company,omitempty"`
	Voice   Voice  `json:"voice,omitzero"`
}

// Voice is how a brand writes.
type Voice struct {
	// Style is a sentence or a few on tone, for the model.
	Style      string          `json:"style,omitempty"`
	Address    []FormOfAddress `json:"address,omitempty"`
	Greetings  []Text          `json:"greetings,omitempty"`
	Closings   []Text          `json:"closings,omitempty"`
	Signatures []Text          `json:"signatures,omitempty"`
	// Forbidden are phrases that no reply holds, whatever their case.
	Forbidden   []Text `json:"forbidden_phrases,omitempty"`
	Disclosures []Text `json:"disclosures,omitempty"`
}

// AddressForm is how close a reply comes to its reader.
type AddressForm string

// The forms of address.
const (
	AddressFormal   AddressForm = "FORMAL"
	AddressInformal AddressForm = "INFORMAL"
)

// FormOfAddress is the form for one language.
type FormOfAddress struct {
	Locale string      `json:"locale"`
	Form   AddressForm `json:"form"`
}

// Text is a text for a language and a channel; empty means every one. {name},
// {agent} and {company} stand for the customer, whoever answers, and the brand.
type Text struct {
	Locale  string          `json:"locale,omitempty"`
	Channel suggest.Channel `json:"channel,omitempty"`
	Text    string          `json:"text"`
}

// ChannelRule is what a channel allows.
type ChannelRule struct {
	Channel suggest.Channel `json:"channel"`
	// Visibility is empty for both.
	Visibility suggest.Visibility `json:"visibility,omitempty"`
	// MaxChars is the longest reply in characters; 0 means the server's.
	MaxChars    int    `json:"max_chars,omitempty"`
	NoLinks     bool   `json:"no_links,omitempty"`
	NoGreeting  bool   `json:"no_greeting,omitempty"`
	NoClosing   bool   `json:"no_closing,omitempty"`
	NoSignature bool   `json:"no_signature,omitempty"`
	Instruction string `json:"instruction,omitempty"`
}

// MandateKind is what a mandate lets an agent promise.
type MandateKind string

// The kinds of mandate.
const (
	MandateRefund    MandateKind = "REFUND"
	MandateGoodwill  MandateKind = "GOODWILL"
	MandateException MandateKind = "EXCEPTION"
	MandateDeadline  MandateKind = "DEADLINE"
)

// Mandate is what the agents of a role may promise by themselves.
type Mandate struct {
	// Name is unique in the workspace.
	Name string `json:"name"`
	// Role is an API key's, such as "AGENT"; empty means every role that answers. It is
	// kept, and not asked for yet.
	Role string      `json:"role,omitempty"`
	Kind MandateKind `json:"kind"`
	// ContactReasons for which it counts; empty means all.
	ContactReasons []string      `json:"contact_reasons,omitempty"`
	MaxAmount      suggest.Money `json:"max_amount,omitzero"`
	// MaxDays is the longest time promised; 0 means none.
	MaxDays int    `json:"max_days,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Help is what an agent gets where a person must write.
type Help string

// The kinds of help.
const (
	HelpHistory      Help = "HISTORY"
	HelpFacts        Help = "FACTS"
	HelpHoldingReply Help = "HOLDING_REPLY"
)

// ReasonPolicy is the help for one reason.
type ReasonPolicy struct {
	Reason suggest.Reason `json:"reason"`
	Help   Help           `json:"help"`
	// LocalOnly keeps such a message from every endpoint outside the house's network.
	LocalOnly bool `json:"local_only,omitempty"`
}

// Policies are the rules of the house. Of them SupervisorApproves alone is carried out
// yet; the others are kept.
type Policies struct {
	Reasons               []ReasonPolicy `json:"reasons,omitempty"`
	LocalOnly             bool           `json:"local_only,omitempty"`
	RedactBeforeEmbedding bool           `json:"redact_before_embedding,omitempty"`
	// SupervisorApproves has drafts that keep claims for which nothing was found say
	// that a supervisor must agree.
	SupervisorApproves bool `json:"supervisor_approves_unverified,omitempty"`
}

// Store keeps the settings, every revision of them. Every method sees one
// workspace alone.
type Store interface {
	// Settings returns a revision, 0 the newest; of a workspace that has none the
	// zero value. It fails with ErrNoRevision.
	Settings(ctx context.Context, w suggest.Workspace, revision int64) (Settings, error)
	// PutSettings stores a new revision on top of s.Revision and returns it as
	// stored; it fails with ErrChanged when that is not the newest.
	PutSettings(ctx context.Context, w suggest.Workspace, s Settings) (Settings, error)
}
