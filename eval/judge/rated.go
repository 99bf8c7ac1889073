package judge

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Rated is a reply that people rated.
type Rated struct {
	// ID names the reply in reports: its "id", else its line.
	ID string
	Task
	// Ratings are people's, each 1 (useless) to 5 (perfect).
	Ratings []int
}

// PassingRating is the rating from which on a person passes a reply.
const PassingRating = 4

// Passes reports whether most people pass the reply; where as many pass it as
// fail it, whether their mean rating does. Without ratings it does not.
func (r Rated) Passes() bool { return majority(r.Ratings) }

func majority(ratings []int) bool {
	passing, sum := 0, 0
	for _, v := range ratings {
		passing += number(v >= PassingRating)
		sum += v
	}
	if 2*passing == len(ratings) {
		return passing > 0 && sum >= PassingRating*len(ratings)
	}
	return 2*passing > len(ratings)
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Bounds of a line and of the ratings on it.
const (
	longestLine = 16 << 20
	mostRatings = 1000
)

// ratingsMost bounds a file of ratings.
const ratingsMost = 512 << 20

// OpenRated reads a file of rated replies, or rated.jsonl in a folder, with
// ReadRated. It returns where they stood, too, and what a calibration says of them.
func OpenRated(path string) (file string, rated []Rated, info RatingsInfo, err error) {
	found, err := os.Stat(path)
	if err == nil && found.IsDir() {
		path = filepath.Join(path, "rated.jsonl")
		found, err = os.Stat(path)
	}
	switch {
	case err != nil || found.IsDir():
		return path, nil, info, fmt.Errorf("%s: there is no such file; name a file of rated replies, or a folder with rated.jsonl", path)
	case found.Size() > ratingsMost:
		return path, nil, info, fmt.Errorf("%s is larger than %d MiB; give a part of it", path, ratingsMost>>20)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return path, nil, info, err
	}
	if rated, err = ReadRated(bytes.NewReader(raw)); err != nil {
		return path, nil, info, fmt.Errorf("%s: %w", path, err)
	}
	return path, rated, RatingsInfo{Name: filepath.Base(path), Hash: hash(string(raw)), Total: len(rated)}, nil
}

// ReadRated reads one JSON object a line: system_reply, accuracy (ratings 1 to
// 5), and where known question, human_reply, gold_knowledge, and id. Its
// errors name the line and what is wrong with it.
func ReadRated(r io.Reader) ([]Rated, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	var out []Rated
	seen := map[string]int{}
	for number := 1; lines.Scan(); number++ {
		line := bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff"))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		rated, err := readRated(line, number)
		if err != nil {
			return nil, err
		}
		if first, twice := seen[rated.ID]; twice {
			return nil, fmt.Errorf("line %d has the id %q of line %d; give each reply its own", number, rated.ID, first)
		}
		seen[rated.ID] = number
		out = append(out, rated)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read rated replies: %w", err)
	}
	if len(out) == 0 {
		return nil, errors.New("there are no rated replies in it; put one JSON object on each line")
	}
	return out, nil
}

func readRated(line []byte, number int) (Rated, error) {
	var raw struct {
		ID        string   `json:"id"`
		Question  string   `json:"question"`
		Reply     string   `json:"system_reply"`
		Gold      string   `json:"human_reply"`
		Knowledge []string `json:"gold_knowledge"`
		Ratings   []int    `json:"accuracy"`
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return Rated{}, fmt.Errorf("line %d is no rated reply (%s); each line must hold one JSON object with system_reply and accuracy", number, jsonProblem(err))
	}
	if raw.Reply == "" || len(raw.Ratings) == 0 {
		return Rated{}, fmt.Errorf("line %d lacks system_reply or accuracy; give the reply and at least one rating from 1 to 5", number)
	}
	if len(raw.Ratings) > mostRatings {
		return Rated{}, fmt.Errorf("line %d has %d ratings; %d are enough", number, len(raw.Ratings), mostRatings)
	}
	for _, v := range raw.Ratings {
		if v < 1 || v > 5 {
			return Rated{}, fmt.Errorf("line %d: rating %d is not between 1 and 5", number, v)
		}
	}
	id := raw.ID
	if id == "" {
		id = "line " + strconv.Itoa(number)
	}
	return Rated{ID: id, Task: Task{Question: raw.Question, Reply: raw.Reply, Gold: raw.Gold, Evidence: raw.Knowledge}, Ratings: raw.Ratings}, nil
}

// jsonProblem tells what is wrong with a line without repeating what it says.
func jsonProblem(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		must := "a text"
		switch kind.Field {
		case "accuracy":
			must = "a list of whole numbers, such as [4, 5, 2]"
		case "gold_knowledge":
			must = `a list of texts, such as ["…"]`
		}
		return kind.Field + " is a " + kind.Value + " and must be " + must
	case errors.As(err, &syntax):
		return fmt.Sprintf("broken JSON at character %d", syntax.Offset)
	default:
		return "another kind of JSON"
	}
}

// Sample draws n of the rated replies, in their order; the same seed draws the
// same. All are kept when n is 0 or there are no more.
func Sample(rated []Rated, n int, seed uint64) []Rated {
	if n <= 0 || n >= len(rated) {
		return rated
	}
	random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // reproducible chance is wanted
	picked := random.Perm(len(rated))[:n]
	slices.Sort(picked)
	out := make([]Rated, n)
	for i, k := range picked {
		out[i] = rated[k]
	}
	return out
}
