package analysis

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/blevesearch/bleve/v2/analysis"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ar" // each adds its filters by name
	_ "github.com/blevesearch/bleve/v2/analysis/lang/bg"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ca"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ckb"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/cs"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/da"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/de"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/el"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/en"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/es"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/eu"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/fa"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/fi"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/fr"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ga"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/gl"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/hi"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/hr"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/hu"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/hy"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/id"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/in"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/it"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/nl"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/no"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/pl"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/pt"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ro"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ru"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/sv"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/tr"
	"github.com/blevesearch/bleve/v2/registry"
)

// Version changes whenever the lexemes of any text could: what was
// stored under another version must be analysed again.
const Version = 1

// maxLexeme is the longest lexeme in bytes; longer ones are cut.
const maxLexeme = 64

// Analyzer turns text into lexemes for full-text search. Documents and queries
// go through the same one, so that they agree. It is safe for concurrent use.
type Analyzer struct {
	chains map[string][]analysis.TokenFilter
	stems  map[string]*stemCache
}

// chainNames are, for each language, the filters that its words go through
// after lower-casing, in order.
func chainNames() map[string][]string {
	return map[string][]string{
		"ar":  {"normalize_ar", "stop_ar", "stemmer_ar"},
		"bg":  {"stop_bg"},
		"ca":  {"elision_ca", "stop_ca"},
		"ckb": {"normalize_ckb", "stop_ckb", "stemmer_ckb"},
		"cs":  {"stop_cs"},
		"da":  {"stop_da", "stemmer_da_snowball"},
		"de":  {"stop_de", "normalize_de", "stemmer_de_light"},
		"el":  {"stop_el"},
		"en":  {"possessive_en", "stop_en", "stemmer_en_snowball"},
		"es":  {"stop_es", "normalize_es", "stemmer_es_light"},
		"eu":  {"stop_eu"},
		"fa":  {"normalize_ar", "normalize_fa", "stop_fa"},
		"fi":  {"stop_fi", "stemmer_fi_snowball"},
		"fr":  {"elision_fr", "stop_fr", "stemmer_fr_light"},
		"ga":  {"elision_ga", "stop_ga"},
		"gl":  {"stop_gl"},
		"hi":  {"normalize_in", "normalize_hi", "stop_hi", "stemmer_hi"},
		"hr":  {"stop_hr", "hr_suffix_transformation_filter", "stemmer_hr"},
		"hu":  {"stop_hu", "stemmer_hu_snowball"},
		"hy":  {"stop_hy"},
		"id":  {"stop_id"},
		"it":  {"elision_it", "stop_it", "stemmer_it_light"},
		"nl":  {"stop_nl", "stemmer_nl_snowball"},
		"no":  {"stop_no", "stemmer_no_snowball"},
		"pl":  {"stop_pl", "stemmer_pl"},
		"pt":  {"stop_pt", "stemmer_pt_light"},
		"ro":  {"stop_ro", "stemmer_ro_snowball"},
		"ru":  {"stop_ru", "stemmer_ru_snowball"},
		"sv":  {"stop_sv", "stemmer_sv_snowball"},
		"tr":  {"stop_tr", "stemmer_tr_snowball"},
	}
}

// chains are made when first needed, which takes some milliseconds, and shared:
// filters keep nothing of what they read.
var chains = sync.OnceValue(func() map[string][]analysis.TokenFilter {
	cache, out := registry.NewCache(), map[string][]analysis.TokenFilter{}
	for lang, names := range chainNames() {
		for _, name := range names {
			f, err := cache.TokenFilterNamed(name)
			if err != nil {
				panic(fmt.Sprintf("analysis: the pinned analysis library has no filter %q: %v", name, err))
			}
			out[lang] = append(out[lang], f)
		}
	}
	return out
})

// NewAnalyzer makes an Analyzer.
func NewAnalyzer() *Analyzer {
	a := &Analyzer{chains: chains(), stems: map[string]*stemCache{}}
	for lang := range a.chains {
		a.stems[lang] = &stemCache{stems: map[string][]string{}}
	}
	return a
}

// StopWords are the words of a language that tell nothing about a topic, in no
// order; none for a language whose list is not known.
func StopWords(language string) []string {
	words, err := registry.NewCache().TokenMapNamed("stop_" + language)
	if err != nil {
		return nil
	}
	return slices.Collect(maps.Keys(words))
}
