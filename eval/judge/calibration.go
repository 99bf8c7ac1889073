package judge

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/stat"
	"github.com/purser-desk/purser/internal/disk"
)

// The version and kind of a calibration's file.
const (
	CalibrationFormat = 1
	calibrationKind   = "judge-calibration"
)

// Calibration is what a judge was found to be worth. Its file holds ratings and
// votes and no text but the rubric; the same answers give the same bytes.
type Calibration struct {
	Format int      `json:"format"`
	Kind   string   `json:"kind"`
	Judge  Identity `json:"judge"`
	// Served are the models that answered, as their endpoint named them.
	Served  []string    `json:"served"`
	Ratings RatingsInfo `json:"ratings"`
	// Agreement is Agree(Replies), Trusted and WhyNot follow from it.
	Agreement Agreement      `json:"agreement"`
	Trusted   bool           `json:"trusted"`
	WhyNot    []string       `json:"why_not"`
	Usage     Usage          `json:"usage"`
	Replies   []RatedVerdict `json:"replies"`
}

// RatingsInfo names the rated replies.
type RatingsInfo struct {
	Name string `json:"name"`
	// Hash is that of the file's content.
	Hash string `json:"hash"`
	// Total replies were there, Used of them were judged, drawn by Seed.
	Total int    `json:"total"`
	Used  int    `json:"used"`
	Seed  uint64 `json:"seed"`
}

// NewCalibration measures the agreement of what Calibrate came to.
func NewCalibration(j *Judge, ratings RatingsInfo, replies []RatedVerdict) Calibration {
	c := Calibration{
		Format: CalibrationFormat, Kind: calibrationKind, Judge: j.Identity(), Served: nonNil(j.Served()),
		Ratings: ratings, Agreement: Agree(replies), Usage: j.Usage(), Replies: replies,
	}
	c.WhyNot = nonNil(Distrust(c.Agreement))
	c.Trusted = len(c.WhyNot) == 0
	return c
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// JSON is the calibration as it stands in its file.
func (c *Calibration) JSON() ([]byte, error) {
	return disk.JSON(c)
}

// CalibrationFileError says that a file holds no calibration.
type CalibrationFileError struct{ Path, Message string }

func (e *CalibrationFileError) Error() string { return e.Path + ": " + e.Message }

// ReadCalibration reads a calibration's file. It fails with
// *CalibrationFileError for one that is missing, broken off, of another kind,
// or whose figures do not follow from its own ratings and votes.
func ReadCalibration(path string) (Calibration, error) {
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Calibration{}, &CalibrationFileError{path, `there is no such file; "purser eval judge calibrate" writes it`}
	case err != nil:
		return Calibration{}, fmt.Errorf("read a calibration: %w", err)
	}
	c, err := ParseCalibration(raw)
	if err != nil {
		return Calibration{}, &CalibrationFileError{path, err.Error()}
	}
	return c, nil
}

// ParseCalibration reads a calibration; see ReadCalibration.
func ParseCalibration(raw []byte) (Calibration, error) {
	var c Calibration
	if err := json.Unmarshal(raw, &c); err != nil {
		return Calibration{}, errors.New("is not a whole calibration (broken JSON); calibrate again")
	}
	if c.Kind != calibrationKind || c.Format != CalibrationFormat {
		return Calibration{}, fmt.Errorf("is no calibration of format %d; calibrate again with this version", CalibrationFormat)
	}
	if c.Judge.RubricHash != RubricHash(c.Judge.Rubric) || c.Judge.Hash != c.Judge.hash() {
		return Calibration{}, errors.New("names a judge that its hash does not fit, so it was changed by hand or damaged; calibrate again")
	}
	if len(c.Replies) == 0 {
		return Calibration{}, errors.New("holds no rated replies, so it was damaged; calibrate again")
	}
	for i := range c.Replies {
		if err := c.Replies[i].check(c.Judge.Times); err != nil {
			return Calibration{}, fmt.Errorf("reply %q %w, so it was changed by hand or damaged; calibrate again", c.Replies[i].ID, err)
		}
	}
	again := Agree(c.Replies)
	if !alike(again, c.Agreement) || c.Trusted != Trusted(again) {
		return Calibration{}, errors.New("has figures that do not follow from its ratings and votes, so it was changed by hand or damaged; calibrate again")
	}
	c.WhyNot = nonNil(Distrust(again))
	return c, nil
}

func (v *RatedVerdict) check(times int) error {
	if len(v.Ratings) == 0 || len(v.Ratings) > mostRatings {
		return errors.New("has no ratings")
	}
	for _, r := range v.Ratings {
		if r < 1 || r > 5 {
			return fmt.Errorf("has the rating %d", r)
		}
	}
	if v.Verdict == eval.JudgedError {
		return nil
	}
	if len(v.Votes) != times {
		return fmt.Errorf("has %d votes of %d", len(v.Votes), times)
	}
	votes := map[string]int{}
	for _, vote := range v.Votes {
		if !slices.Contains([]string{eval.JudgedPass, eval.JudgedFail, eval.JudgedNonsense}, vote) {
			return errors.New("has a vote that is none")
		}
		votes[vote]++
	}
	if v.Verdict != verdictOf(votes, times) {
		return errors.New("has a verdict that its votes did not make")
	}
	return nil
}

// verdictOf is the side that has the majority of all votes.
func verdictOf(votes map[string]int, times int) string {
	for _, v := range []string{eval.JudgedPass, eval.JudgedFail} {
		if 2*votes[v] > times {
			return v
		}
	}
	return eval.JudgedNone
}

// alike compares figures but for the last digits, which machines may round
// their own way.
func alike(a, b Agreement) bool {
	const most = 1e-9
	figures := func(a Agreement) []stat.Estimate {
		return []stat.Estimate{a.Kappa, a.TruePositive, a.TrueNegative, a.Single, a.Among, a.SinglePositive, a.SingleNegative, a.Steady, a.Nonsense}
	}
	return a.Undecided == b.Undecided && a.Failed == b.Failed && slices.EqualFunc(figures(a), figures(b), func(x, y stat.Estimate) bool {
		return x.N == y.N && math.Abs(x.Value-y.Value) < most && math.Abs(x.Low-y.Low) < most && math.Abs(x.High-y.High) < most
	})
}
