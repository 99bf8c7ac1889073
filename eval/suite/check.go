package suite

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/internal/text"
	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
)

// Kinds of problem that only Check finds.
const (
	// ProblemContradiction: the suite asks for two things at once.
	ProblemContradiction knowledge.ProblemKind = "CONTRADICTION"
	// ProblemDuplicateCase: two cases ask the same.
	ProblemDuplicateCase knowledge.ProblemKind = "DUPLICATE_CASE"
	// ProblemLeak: the answer, or the question, stands in the knowledge word for
	// word, so that finding it proves little.
	ProblemLeak knowledge.ProblemKind = "LEAK"
)

// Check looks for what makes a suite's figures wrong or easy: gold articles
// that are not there or can't be found, cases that contradict themselves or one
// another (errors), and cases that repeat one another, wholly or nearly, or whose
// gold reply or question stands in the knowledge word for word or nearly, and
// what reading noted (warnings). docs are the articles that the suite runs on;
// nil means that they are not known, and what needs them is not looked at.
// The problems are in the order of the cases.
func (s *Suite) Check(docs []knowledge.Document) []knowledge.Problem {
	c := checker{byKey: map[string][]string{}, leaks: newLeakIndex(docs, s.Cases), keys: Keys(docs), problems: slices.Clone(s.Notes)}
	for i := range docs {
		c.byKey[docs[i].Key] = append(c.byKey[docs[i].Key], docs[i].Locale)
	}
	for i := range s.Cases {
		if docs != nil {
			c.gold(&s.Cases[i])
		}
		c.itself(&s.Cases[i])
		c.leak(&s.Cases[i])
	}
	c.others(s.Cases)
	c.nearly(s.Cases)
	slices.SortStableFunc(c.problems, func(a, b knowledge.Problem) int {
		return cmp.Or(strings.Compare(a.Origin, b.Origin), cmp.Compare(a.Line, b.Line))
	})
	return c.problems
}

type checker struct {
	byKey    map[string][]string // locales of each key
	keys     map[string]bool
	leaks    leakIndex
	problems []knowledge.Problem
}

func (c *checker) say(k *Case, kind knowledge.ProblemKind, severity knowledge.Severity, message string) {
	file, line := splitOrigin(k.Origin)
	c.problems = append(c.problems, knowledge.Problem{
		Kind: kind, Severity: severity, Origin: file, Line: line, Message: "case \"" + k.ID + "\": " + message,
	})
}

func (c *checker) wrong(k *Case, message string) {
	c.say(k, ProblemContradiction, knowledge.SeverityError, message)
}

func (c *checker) wrongIf(is bool, k *Case, message string) {
	if is {
		c.wrong(k, message)
	}
}

func (c *checker) warn(k *Case, kind knowledge.ProblemKind, message string) {
	c.say(k, kind, knowledge.SeverityWarning, message)
}

func (c *checker) gold(k *Case) {
	for _, what := range k.missing(c.keys) {
		c.say(k, knowledge.ProblemInvalidField, knowledge.SeverityError, what)
	}
	findable := len(k.GoldIDs) == 0
	for _, id := range k.GoldIDs {
		// Where one is missing, one complaint is enough.
		findable = findable || !c.keys[id] || !slices.Contains(k.ExcludeIDs, id) && slices.ContainsFunc(c.byKey[id], func(l string) bool {
			return !slices.ContainsFunc(k.ExcludeLangs, func(x string) bool { return text.BaseLanguage(x) == text.BaseLanguage(l) })
		})
	}
	c.wrongIf(!findable, k, "exclude_lang or exclude_ids hides every gold article, so none can be found")
}

// itself finds what a case says against itself.
func (c *checker) itself(k *Case) {
	c.wrongIf(k.Expect == ExpectNone && len(k.GoldIDs) > 0, k, "expects none but names gold articles; drop gold_ids, or expect an answer")
	c.wrongIf(k.Expect == ExpectAnswer && k.Reason != "", k, "expects an answer but names the reason for none; drop reason, or expect none or human")
	c.wrongIf(k.Expect == ExpectOpen && (k.Reason != "" || len(k.GoldIDs) > 0), k,
		"leaves open what is expected but names a reason or gold articles; say what is expected, or drop them")
	if k.Reason != "" && !slices.Contains(Reasons(), k.Reason) {
		c.say(k, knowledge.ProblemInvalidField, knowledge.SeverityError,
			"there is no reason "+string(k.Reason)+"; give one of "+join(Reasons()))
	} else if k.Reason != "" && k.Expect != ExpectAnswer && k.Expect != ExpectOpen && ExpectOf(k.Reason) != k.Expect {
		c.wrong(k, "the reason "+string(k.Reason)+" does not go with expect "+string(k.Expect))
	}
	gold, told := Fold(k.GoldReply), k.GoldReply != ""
	for _, must := range k.MustSay {
		for _, not := range k.MustNotSay {
			c.wrongIf(strings.Contains(Fold(must), Fold(not)), k, "must say \""+must+"\" and must not say \""+not+"\"")
		}
		c.wrongIf(k.tooLong(must), k, "must say \""+must+"\", which is longer than max_chars")
		c.wrongIf(told && !strings.Contains(gold, Fold(must)), k, "the gold reply does not say \""+must+"\", which it must")
	}
	for _, not := range k.MustNotSay {
		c.wrongIf(told && strings.Contains(gold, Fold(not)), k, "the gold reply says \""+not+"\", which it must not")
	}
	c.wrongIf(k.tooLong(k.GoldReply), k, "the gold reply is longer than max_chars")
}

func (c *Case) tooLong(s string) bool {
	return c.MaxChars > 0 && utf8.RuneCountInString(s) > c.MaxChars
}

// Reasons are those that an outcome without a draft can have.
func Reasons() []suggest.Reason {
	return append(
		abstentions(), suggest.ReasonBereavement, suggest.ReasonIllnessOrAccident, suggest.ReasonSelfHarm,
		suggest.ReasonThreat, suggest.ReasonLegal, suggest.ReasonDiscrimination, suggest.ReasonDataRights, suggest.ReasonMinorAlone,
		suggest.ReasonPress, suggest.ReasonWantsHuman, suggest.ReasonAnger,
	)
}

// abstentions are the reasons for which no draft helps, whoever writes.
func abstentions() []suggest.Reason {
	return []suggest.Reason{
		suggest.ReasonNoKnowledge, suggest.ReasonLowConfidence, suggest.ReasonNothingToAnswer,
		suggest.ReasonUnsupportedLanguage, suggest.ReasonBlockedOutput,
	}
}

// asked is what a case asks, by its words, and in what surroundings: cases of
// which it is the same must be answered alike.
func asked(k *Case) string {
	var b strings.Builder
	for _, m := range k.Messages {
		b.WriteString(string(m.Author) + "\x00" + sameWords(m.Text) + "\x00")
	}
	facts, err := json.Marshal(k.Facts)
	if err != nil {
		facts = nil
	}
	for _, part := range []string{
		sameWords(k.Subject), strings.Join(slices.Sorted(slices.Values(k.ExcludeLangs)), ","),
		strings.Join(slices.Sorted(slices.Values(k.ExcludeIDs)), ","), strings.Join(slices.Sorted(slices.Values(k.Labels)), ","), string(facts),
	} {
		b.WriteString(part + "\x00")
	}
	return b.String()
}

// others finds cases that ask the same in the same surroundings.
func (c *checker) others(cases []Case) {
	first := map[string]*Case{}
	for i := range cases {
		k := &cases[i]
		key := asked(k)
		other, seen := first[key]
		if !seen {
			first[key] = k
			continue
		}
		open := other.Expect == ExpectOpen || k.Expect == ExpectOpen
		switch must, not := atOdds(k, other); {
		case !open && !sameExpectation(k, other):
			c.wrong(k, "asks the same as \""+other.ID+"\" and expects something else")
		case must != "":
			c.wrong(k, "asks the same as \""+other.ID+"\", and one must say \""+must+"\" where the other must not say \""+not+"\"")
		case open:
			c.warn(k, ProblemDuplicateCase, "asks the same as \""+other.ID+"\"")
		default:
			c.warn(k, ProblemDuplicateCase, "asks the same as \""+other.ID+"\"; it counts twice in every figure")
		}
		if other.Expect == ExpectOpen {
			first[key] = k // so that what is expected is compared with the next
		}
	}
}

// atOdds finds what one of two cases must say and the other must not.
func atOdds(a, b *Case) (must, not string) {
	for _, pair := range [][2]*Case{{a, b}, {b, a}} {
		for _, must := range pair[0].MustSay {
			for _, not := range pair[1].MustNotSay {
				if strings.Contains(Fold(must), Fold(not)) {
					return must, not
				}
			}
		}
	}
	return "", ""
}

// share reports whether one article will do for both; where one of them names
// none, nothing speaks against it.
func share(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
