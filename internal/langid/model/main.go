// Command model makes ../trigrams.bin, the letter statistics that package
// langid reads. They come from the language models of lingua-go (NOTICE beside
// this file), of which it takes letters, bigrams and trigrams; go.mod names the
// version, so two runs write the same bytes. It is a module of its own, because
// nothing of lingua-go belongs into Purser's binary.
//
//	go -C internal/langid/model run . ../trigrams.bin
package main

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pemistahl/lingua-go/serialization"
	"google.golang.org/protobuf/proto"
)

// languages are those that the models hold, but for languages whose script
// says enough (package langid tells those itself) and languages that customers
// do not write to companies in, whose models only take short texts away from
// others. Norwegian has two, nb and nn.
const languages = "af ar az be bg bs ca cs cy da de en es et eu fa fi fr ga hr hu id is it kk lt lv mk mn ms nb nl nn pl pt ro ru sk sl so sq sr sv sw tl tr uk ur vi"

const (
	letterBits = 10 // of an n-gram's key, for each letter
	// stepsPerNat is how finely a negative logarithm, a cost, is stored.
	stepsPerNat = 12
	// unseen is what a letter costs in a language that lacks it, and the most
	// that any letter can, so that one foreign name does not decide.
	unseen = 12 * stepsPerNat
	// backOff is what it costs to tell a letter by one letter less before it,
	// close to the factor of .4 in Brants and others, "Large language models in
	// machine translation", 2007. Package langid knows the same number.
	backOff = stepsPerNat
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("give the file to write")
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/pemistahl/lingua-go").Output()
	if err != nil {
		return fmt.Errorf("looking for lingua-go's files: %w", err)
	}
	models := map[string]map[string]float64{} // language, n-gram, probability of its last letter
	for l := range strings.FieldsSeq(languages) {
		if models[l], err = read(filepath.Join(strings.TrimSpace(string(out)), "language-models", l)); err != nil {
			return err
		}
	}
	data, err := encode(models)
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], data, 0o644)
}

// read gives the probabilities of one language's n-grams of one, two and three
// letters: each that of its last letter after those before it.
func read(folder string) (map[string]float64, error) {
	grams := map[string]float64{}
	for _, name := range []string{"unigrams", "bigrams", "trigrams"} {
		z, err := zip.OpenReader(filepath.Join(folder, name+".pb.bin.zip"))
		if err != nil {
			return nil, err
		}
		data, err := fs.ReadFile(z, name+".pb.bin")
		z.Close()
		if err != nil {
			return nil, err
		}
		var m serialization.SerializableLanguageModel
		if err := proto.Unmarshal(data, &m); err != nil {
			return nil, fmt.Errorf("%s/%s: %w", folder, name, err)
		}
		for _, set := range m.GetNgramSets() {
			for _, g := range set.GetNgrams() {
				grams[g] = set.GetProbability()
			}
		}
	}
	return grams, nil
}

// encode lays the models out as package langid reads them in place (see its
// openTrigrams), numbers little-endian: the counts of letters, languages, pairs
// and triples; the letters; the languages' codes; the pairs' keys; what the
// second letter of each pair costs in every language; where the triples of each
// pair begin; their third letters; where the entries of each triple begin; the
// entries, each a language and what the third letter costs in it.
//
// A key joins the numbers of letters, which count from 1. Pairs whose first is
// 0 tell of a letter alone. Where a language lacks a pair, its second letter
// costs what it does alone and backOff more; where it lacks that too, unseen.
func encode(models map[string]map[string]float64) ([]byte, error) {
	languages := slices.Sorted(maps.Keys(models))
	letters := lettersOf(models)
	if len(letters) >= 1<<letterBits {
		return nil, fmt.Errorf("%d letters are too many for %d bits", len(letters), letterBits)
	}
	costs := map[uint32][]int{} // key of an n-gram, cost by language
	for i, l := range languages {
		for g, p := range models[l] {
			key, ok := keyOf(letters, g)
			if !ok {
				continue
			}
			if costs[key] == nil {
				costs[key] = slices.Repeat([]int{unseen}, len(languages))
			}
			costs[key][i] = costOf(p)
		}
	}
	keys := slices.Sorted(maps.Keys(costs))
	triplesFrom, _ := slices.BinarySearch(keys, 1<<(2*letterBits))
	pairs, triples := keys[:triplesFrom], keys[triplesFrom:]

	var out []byte
	number := func(n int) { out = binary.LittleEndian.AppendUint32(out, uint32(n)) }
	for _, n := range []int{len(letters), len(languages), len(pairs), len(triples)} {
		number(n)
	}
	for _, r := range letters {
		number(int(r))
	}
	out = append(out, strings.Join(languages, "")...)
	for _, key := range pairs {
		number(int(key))
	}
	for _, key := range pairs {
		for i, c := range costs[key] {
			out = append(out, byte(min(c, costs[key&(1<<letterBits-1)][i]+backOff)))
		}
	}
	n := 0
	for _, key := range pairs {
		number(n)
		for n < len(triples) && triples[n]>>letterBits == key {
			n++
		}
	}
	if number(n); n != len(triples) {
		return nil, errors.New("three letters are listed without their first two")
	}
	for _, key := range triples {
		out = binary.LittleEndian.AppendUint16(out, uint16(key&(1<<letterBits-1)))
	}
	var entries []byte
	for _, key := range triples {
		number(len(entries) / 2)
		for i, c := range costs[key] {
			if c < unseen {
				entries = append(entries, byte(i), byte(c))
			}
		}
	}
	number(len(entries) / 2)
	return append(out, entries...), nil
}

// lettersOf are the letters that some language has not only now and then.
func lettersOf(models map[string]map[string]float64) []rune {
	seen := map[rune]bool{}
	for _, m := range models {
		for g, p := range m {
			if r := []rune(g); len(r) == 1 && costOf(p) < unseen {
				seen[r[0]] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func costOf(probability float64) int {
	return min(unseen, int(math.Round(-math.Log(probability)*stepsPerNat)))
}

// keyOf joins the numbers of a gram's letters; ok is false when one has none.
func keyOf(letters []rune, gram string) (key uint32, ok bool) {
	for _, r := range gram {
		n, found := slices.BinarySearch(letters, r)
		if !found {
			return 0, false
		}
		key = key<<letterBits | uint32(n+1)
	}
	return key, true
}
