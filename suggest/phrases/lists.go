package phrases

import (
	"bufio"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/purser-desk/purser/internal/text"
)

// The lists by language. A file holds sections "[NAME]" of one rule a line:
//
//	@kin = mother father …   names a class of words
//	! dead battery           a false friend: its words match nothing else
//	passed away              a phrase, see phrase
//	gdpr & my data           phrases that must stand near one another
//	# …                      a comment
//
//go:embed rules/*.txt
var files embed.FS

// languages are the languages that have lists.
var languages = [...]string{"de", "en", "es", "fr", "it", "nl", "no", "pl", "pt", "sv"}

// Sections that are no reason for HUMAN_ONLY.
const (
	SectionInstructions = "INSTRUCTIONS"
	SectionThanks       = "THANKS"
	SectionGreeting     = "GREETING"
	SectionAsks         = "ASKS"
	// What is asked for when nobody should ask for it, what only looks like it,
	// what asks to hand something over, what only looks like that, and what begins
	// a condition.
	SectionSecret    = "SECRET"
	SectionNoSecret  = "NO_SECRET"
	SectionHandsOver = "HANDS_OVER"
	SectionHandsBack = "HANDS_BACK"
	SectionCondition = "CONDITION"
)

// nearby is how many words may lie between the phrases of one rule.
const nearby = 60

// Set is the lists of one language.
type Set struct {
	falsely *phraseIndex
	phrases *phraseIndex
	// uses says, for each phrase, which rule it is a part of.
	uses  []ruleUse
	rules []rule
}

type rule struct {
	section string
	parts   int
}

type ruleUse struct{ rule, part int }

// Lists are the phrases of every language.
type Lists struct {
	byLanguage map[string]*Set
	all        []*Set // English last
}

// Load reads the lists of every language. An error is a defect of the lists,
// which a test finds.
func Load() (*Lists, error) {
	l := &Lists{byLanguage: make(map[string]*Set, len(languages))}
	for _, language := range languages {
		body, err := files.ReadFile("rules/" + language + ".txt")
		if err != nil {
			return nil, fmt.Errorf("read the phrases: %w", err)
		}
		set, err := parseRules(string(body))
		if err != nil {
			return nil, fmt.Errorf("phrases of %s: %w", language, err)
		}
		l.byLanguage[language] = set
		if language != "en" {
			l.all = append(l.all, set)
		}
	}
	l.all = append(l.all, l.byLanguage["en"])
	return l, nil
}

func parseRules(body string) (*Set, error) {
	set := &Set{falsely: newPhraseIndex(), phrases: newPhraseIndex()}
	classes := map[string][]string{}
	section := ""
	lines := bufio.NewScanner(strings.NewReader(body))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		var err error
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		case strings.HasPrefix(line, "!"):
			var p phrase
			if p, err = parsePhrase(line[1:], classes); err == nil {
				set.falsely.add(p)
			}
		case strings.HasPrefix(line, "@") && strings.Contains(line, " = "):
			name, words, _ := strings.Cut(line[1:], " = ")
			classes[name] = strings.Fields(words)
		case section == "":
			err = fmt.Errorf("a rule before the first section")
		default:
			err = set.addRule(section, line, classes)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return set, lines.Err()
}

func (s *Set) addRule(section, line string, classes map[string][]string) error {
	parts := strings.Split(line, "&")
	if len(parts) > 4 {
		return fmt.Errorf("more than four phrases in one rule")
	}
	for i, part := range parts {
		p, err := parsePhrase(part, classes)
		if err != nil {
			return err
		}
		s.phrases.add(p)
		s.uses = append(s.uses, ruleUse{rule: len(s.rules), part: i})
	}
	s.rules = append(s.rules, rule{section: section, parts: len(parts)})
	return nil
}

// EachPhrase calls found with the section of each phrase in words, whether its
// rule asks for others nearby or not, and with its tokens.
func (s *Set) EachPhrase(words []string, found func(section string, start, end int)) {
	s.phrases.find(words, func(id, start, end int) { found(s.rules[s.uses[id].rule].section, start, end) })
}

// Find calls found with the section of each rule that words meet, and the
// tokens of its last phrase.
func (s *Set) Find(words []string, found func(section string, start, end int)) {
	words = s.withoutFalseFriends(words)
	var places map[int]*[4][]int
	s.phrases.find(words, func(id, start, end int) {
		use := s.uses[id]
		r := s.rules[use.rule]
		if r.parts == 1 {
			found(r.section, start, end)
			return
		}
		if places == nil {
			places = map[int]*[4][]int{}
		}
		if places[use.rule] == nil {
			places[use.rule] = new([4][]int)
		}
		at := places[use.rule]
		at[use.part] = append(at[use.part], start)
		if near(at[:r.parts], start) {
			found(r.section, start, end)
		}
	})
}

// near reports whether every part stands somewhere near at.
func near(parts [][]int, at int) bool {
	for _, places := range parts {
		if !slices.ContainsFunc(places, func(p int) bool { return p-at <= nearby && at-p <= nearby }) {
			return false
		}
	}
	return true
}

func (s *Set) withoutFalseFriends(words []string) []string {
	cloned := false
	s.falsely.find(words, func(_, start, end int) {
		if !cloned {
			cloned = true
			words = slices.Clone(words)
		}
		for i := start; i < end; i++ {
			if words[i] != Border {
				words[i] = Taken
			}
		}
	})
	return words
}

// For returns the lists to go by for a text in locale: those of its language
// and English, which customers mix in; all of them when the language is not
// known or has none.
func (l *Lists) For(locale string) []*Set {
	switch language := listLanguage(locale); {
	case language == "en":
		return l.all[len(l.all)-1:]
	case l.byLanguage[language] != nil:
		return []*Set{l.byLanguage[language], l.byLanguage["en"]}
	}
	return l.all
}

// listLanguage is the language whose lists a locale goes by: Danish, which has
// none, by the Norwegian ones.
func listLanguage(locale string) string {
	language := text.BaseLanguage(locale)
	if language == "da" {
		return "no"
	}
	return language
}
