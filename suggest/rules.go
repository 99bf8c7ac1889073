package suggest

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
var ruleFiles embed.FS

// ruleLanguages are the languages that have lists.
var ruleLanguages = [...]string{"de", "en", "es", "fr", "it", "nl", "no", "pl", "pt", "sv"}

// Sections that are no reason for HUMAN_ONLY.
const (
	sectionInstructions = "INSTRUCTIONS"
	sectionThanks       = "THANKS"
	sectionGreeting     = "GREETING"
	sectionAsks         = "ASKS"
	sectionCourtesy     = "COURTESY"
	sectionPromise      = "PROMISE"
	// What is asked for when nobody should ask for it, what only looks like it,
	// what asks to hand something over, what only looks like that, and what begins
	// a condition.
	sectionSecret    = "SECRET"
	sectionNoSecret  = "NO_SECRET"
	sectionHandsOver = "HANDS_OVER"
	sectionHandsBack = "HANDS_BACK"
	sectionCondition = "CONDITION"
)

// nearby is how many words may lie between the phrases of one rule.
const nearby = 60

// ruleSet is the lists of one language.
type ruleSet struct {
	language string
	falsely  *phraseIndex
	phrases  *phraseIndex
	// uses says, for each phrase, which rule it is a part of.
	uses  []ruleUse
	rules []rule
}

type rule struct {
	section string
	parts   int
}

type ruleUse struct{ rule, part int }

// loadRules reads the lists of every language. An error is a defect of the
// lists, which a test finds.
func loadRules() (map[string]*ruleSet, error) {
	sets := make(map[string]*ruleSet, len(ruleLanguages))
	for _, language := range ruleLanguages {
		body, err := ruleFiles.ReadFile("rules/" + language + ".txt")
		if err != nil {
			return nil, fmt.Errorf("read the rules: %w", err)
		}
		if sets[language], err = parseRules(language, string(body)); err != nil {
			return nil, fmt.Errorf("rules of %s: %w", language, err)
		}
	}
	return sets, nil
}

func parseRules(language, body string) (*ruleSet, error) {
	set := &ruleSet{language: language, falsely: newPhraseIndex(), phrases: newPhraseIndex()}
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

func (s *ruleSet) addRule(section, line string, classes map[string][]string) error {
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

// find calls found with the section of each rule that words meet, and the
// tokens of its last phrase.
func (s *ruleSet) find(words []string, found func(section string, start, end int)) {
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

func (s *ruleSet) withoutFalseFriends(words []string) []string {
	cloned := false
	s.falsely.find(words, func(_, start, end int) {
		if !cloned {
			cloned = true
			words = slices.Clone(words)
		}
		for i := start; i < end; i++ {
			if words[i] != border {
				words[i] = taken
			}
		}
	})
	return words
}

// rulesFor are the lists to go by for a text in locale: those of its language
// and English, which customers mix in; all of them when the language is not
// known or has none.
func (p *Pipeline) rulesFor(locale string) []*ruleSet {
	switch language := ruleLanguage(locale); {
	case language == "en":
		return p.ruleSets[len(p.ruleSets)-1:]
	case p.ruleByLanguage[language] != nil:
		return []*ruleSet{p.ruleByLanguage[language], p.ruleByLanguage["en"]}
	}
	return p.ruleSets
}

// ruleLanguage is the language whose lists a locale goes by: Danish, which has
// none, by the Norwegian ones.
func ruleLanguage(locale string) string {
	language := text.BaseLanguage(locale)
	if language == "da" {
		return "no"
	}
	return language
}
