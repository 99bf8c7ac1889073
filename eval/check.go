package eval

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/purser-desk/purser/eval/overlap"
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

// leakWords is how many words must stand together for a leak.
const leakWords = 8

// Check looks for what makes a suite's figures wrong or easy: gold articles
// that are not there or can't be found, cases that contradict themselves or one
// another (errors), and cases that repeat one another or whose gold reply or
// question stands in the knowledge word for word (warnings). docs are the
// articles that the suite runs on. The problems are in the order of the cases.
func (s *Suite) Check(docs []knowledge.Document) []knowledge.Problem {
	c := checker{byKey: map[string][]string{}, leaks: newLeakIndex(docs)}
	for i := range docs {
		c.byKey[docs[i].Key] = append(c.byKey[docs[i].Key], docs[i].Locale)
	}
	for i := range s.Cases {
		c.gold(&s.Cases[i])
		c.itself(&s.Cases[i])
		c.leak(&s.Cases[i])
	}
	c.others(s.Cases)
	slices.SortStableFunc(c.problems, func(a, b knowledge.Problem) int {
		return cmp.Or(strings.Compare(a.Origin, b.Origin), cmp.Compare(a.Line, b.Line))
	})
	return c.problems
}

type checker struct {
	byKey    map[string][]string // locales of each key
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

func (c *checker) gold(k *Case) {
	findable := false
	for _, id := range k.GoldIDs {
		locales, ok := c.byKey[id]
		if !ok {
			c.say(k, knowledge.ProblemInvalidField, knowledge.SeverityError,
				"gold article \""+id+"\" is not in the knowledge; correct gold_ids or add the article")
			findable = true // one complaint is enough
			continue
		}
		if slices.Contains(k.ExcludeIDs, id) {
			continue
		}
		for _, l := range locales {
			findable = findable || !slices.ContainsFunc(k.ExcludeLangs, func(x string) bool {
				return text.BaseLanguage(x) == text.BaseLanguage(l)
			})
		}
	}
	for _, id := range k.ExcludeIDs {
		if len(c.byKey[id]) == 0 {
			c.say(k, knowledge.ProblemInvalidField, knowledge.SeverityError,
				"there is no article \""+id+"\" to hide in the knowledge; correct exclude_ids")
		}
	}
	if len(k.GoldIDs) > 0 && !findable {
		c.wrong(k, "exclude_lang or exclude_ids hides every gold article, so none can be found")
	}
}

// itself finds what a case says against itself.
func (c *checker) itself(k *Case) {
	if k.Expect == ExpectNone && len(k.GoldIDs) > 0 {
		c.wrong(k, "expects none but names gold articles; drop gold_ids, or expect an answer")
	}
	if k.Expect == ExpectAnswer && k.Reason != "" {
		c.wrong(k, "expects an answer but names the reason for none; drop reason, or expect none or human")
	}
	if k.Expect == ExpectOpen && (k.Reason != "" || len(k.GoldIDs) > 0) {
		c.wrong(k, "leaves open what is expected but names a reason or gold articles; say what is expected, or drop them")
	}
	if k.Reason != "" && !slices.Contains(reasons(), k.Reason) {
		c.say(k, knowledge.ProblemInvalidField, knowledge.SeverityError,
			"there is no reason "+string(k.Reason)+"; give one of "+join(reasons()))
	} else if k.Reason != "" && k.Expect != ExpectAnswer && k.Expect != ExpectOpen && expectOf(k.Reason) != k.Expect {
		c.wrong(k, "the reason "+string(k.Reason)+" does not go with expect "+string(k.Expect))
	}
	for _, must := range k.MustSay {
		for _, not := range k.MustNotSay {
			if strings.Contains(fold(must), fold(not)) {
				c.wrong(k, "must say \""+must+"\" and must not say \""+not+"\"")
			}
		}
	}
	if k.GoldReply == "" {
		return
	}
	gold := fold(k.GoldReply)
	for _, must := range k.MustSay {
		if !strings.Contains(gold, fold(must)) {
			c.wrong(k, "the gold reply does not say \""+must+"\", which it must")
		}
	}
	for _, not := range k.MustNotSay {
		if strings.Contains(gold, fold(not)) {
			c.wrong(k, "the gold reply says \""+not+"\", which it must not")
		}
	}
	if k.MaxChars > 0 && utf8.RuneCountInString(k.GoldReply) > k.MaxChars {
		c.wrong(k, "the gold reply is longer than max_chars")
	}
}

func reasons() []suggest.Reason {
	return []suggest.Reason{
		suggest.ReasonNoKnowledge, suggest.ReasonLowConfidence, suggest.ReasonNothingToAnswer, suggest.ReasonUnsupportedLanguage,
		suggest.ReasonBlockedOutput, suggest.ReasonBereavement, suggest.ReasonIllnessOrAccident, suggest.ReasonSelfHarm,
		suggest.ReasonThreat, suggest.ReasonLegal, suggest.ReasonDiscrimination, suggest.ReasonDataRights, suggest.ReasonMinorAlone,
		suggest.ReasonPress, suggest.ReasonWantsHuman, suggest.ReasonAnger,
	}
}

// others finds cases that ask the same in the same surroundings.
func (c *checker) others(cases []Case) {
	first := map[string]*Case{}
	for i := range cases {
		k := &cases[i]
		var asked strings.Builder
		for _, m := range k.Messages {
			asked.WriteString(string(m.Author) + "\x00" + fold(m.Text) + "\x00")
		}
		key := asked.String() + fold(k.Subject) + "\x00" + strings.Join(k.ExcludeLangs, ",") + "\x00" + strings.Join(k.ExcludeIDs, ",")
		other, seen := first[key]
		switch {
		case !seen:
			first[key] = k
		case other.Expect == ExpectOpen || k.Expect == ExpectOpen:
			c.say(k, ProblemDuplicateCase, knowledge.SeverityWarning, "asks the same as \""+other.ID+"\"")
			if other.Expect == ExpectOpen {
				first[key] = k // so that what is expected is compared with the next
			}
		case other.Expect != k.Expect || other.Reason != k.Reason || !share(other.GoldIDs, k.GoldIDs):
			c.wrong(k, "asks the same as \""+other.ID+"\" and expects something else")
		default:
			c.say(k, ProblemDuplicateCase, knowledge.SeverityWarning, "asks the same as \""+other.ID+"\"; it counts twice in every figure")
		}
	}
}

func share(a, b []string) bool {
	return len(a) == 0 && len(b) == 0 || slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func (c *checker) leak(k *Case) {
	if key := c.leaks.find(k.GoldReply); key != "" {
		c.say(k, ProblemLeak, knowledge.SeverityWarning,
			"the gold reply stands word for word in article \""+key+"\"; quoting it scores as well as understanding it")
	}
	if key := c.leaks.find(k.Question()); key != "" {
		c.say(k, ProblemLeak, knowledge.SeverityWarning,
			"the question stands word for word in article \""+key+"\"; finding it is easier than in life")
	}
}

// leakIndex finds texts that stand whole in an article: by the words they begin
// with first, then by all of them.
type leakIndex struct {
	byStart map[string][]int
	words   []string // of each document, each between blanks
	keys    []string
}

func newLeakIndex(docs []knowledge.Document) leakIndex {
	x := leakIndex{byStart: map[string][]int{}}
	for i := range docs {
		tokens := overlap.Tokens(docs[i].Title + "\n" + docs[i].Body)
		x.keys = append(x.keys, docs[i].Key)
		x.words = append(x.words, " "+strings.Join(tokens, " ")+" ")
		for j := 0; j+leakWords <= len(tokens); j++ {
			start := strings.Join(tokens[j:j+leakWords], " ")
			if list := x.byStart[start]; len(list) == 0 || list[len(list)-1] != i {
				x.byStart[start] = append(list, i)
			}
		}
	}
	return x
}

// find names the article in which the text stands; empty when none does, or
// when it is too short to tell.
func (x *leakIndex) find(s string) string {
	tokens := overlap.Tokens(s)
	if len(tokens) < leakWords {
		return ""
	}
	whole := " " + strings.Join(tokens, " ") + " "
	for _, i := range x.byStart[strings.Join(tokens[:leakWords], " ")] {
		if strings.Contains(x.words[i], whole) {
			return x.keys[i]
		}
	}
	return ""
}
