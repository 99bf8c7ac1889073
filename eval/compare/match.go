package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/internal/say"
)

// MismatchError says why two runs can't be compared.
type MismatchError struct{ Differences []string }

func (e *MismatchError) Error() string {
	return "the two runs are not of the same suite, so they can't be compared: " + strings.Join(e.Differences, "; ")
}

// checkSame finds what tells the suites of two runs apart. Files that differ in
// form alone, and cases that a partial run did not come to, are no difference.
// Neither is other knowledge: what it changes is what is compared.
func checkSame(a, b *eval.Report) error {
	if a.Suite.Hash == b.Suite.Hash && a.Suite.Hash != "" {
		return nil
	}
	first, second := a.ByID(), b.ByID()
	var only, added, changed []string
	for _, id := range slices.Sorted(maps.Keys(first)) {
		other, both := second[id]
		switch {
		case !both && !b.Partial:
			only = append(only, id)
		case both && !sameCase(first[id], other):
			changed = append(changed, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(second)) {
		if _, both := first[id]; !both && !a.Partial {
			added = append(added, id)
		}
	}
	var e MismatchError
	say := func(ids []string, one, many string) {
		does := many
		if len(ids) == 1 {
			does = one
		}
		if len(ids) > 0 {
			e.Differences = append(e.Differences, fmt.Sprintf("%s %s (%s)", say.Count(len(ids), "case"), does, say.Few(ids)))
		}
	}
	say(only, "is in the first run alone", "are in the first run alone")
	say(added, "is in the second run alone", "are in the second run alone")
	say(changed, "asks or expects something else", "ask or expect something else")
	if len(e.Differences) == 0 {
		return nil
	}
	e.Differences = append([]string{"the first is of " + describe(a.Suite) + ", the second of " + describe(b.Suite)}, e.Differences...)
	return &e
}

func describe(s eval.SuiteInfo) string {
	return fmt.Sprintf("%q (%s, hash %s, knowledge %s)", s.Name, say.Count(s.Cases, "case"), shortHash(s.Hash), shortHash(s.KnowledgeHash))
}

func shortHash(hash string) string {
	if hash == "" {
		return "unknown"
	}
	return hash[:min(len(hash), 12)]
}

// sameCase reports whether two results answer the same: by what they tell of
// the case, and by its hash, which older runs lack.
func sameCase(a, b *eval.CaseResult) bool {
	if a.Hash != "" && b.Hash != "" && a.Hash != b.Hash {
		return false
	}
	return keyOf(a) == keyOf(b)
}

// keyOf tells what a case asks and expects, as far as its result holds it.
func keyOf(r *eval.CaseResult) string {
	raw, err := json.Marshal([]any{r.Question, r.Expect, r.Want, r.GoldIDs, r.GoldReply, r.Channel, r.Lang, r.ExcludeIDs})
	if err != nil {
		return r.ID
	}
	return string(raw)
}
