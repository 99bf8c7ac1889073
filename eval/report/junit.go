package report

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/purser-desk/purser/eval"
	"github.com/purser-desk/purser/eval/gate"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Begun    string      `xml:"timestamp,attr,omitempty"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit is a gate's result as JUnit XML, as continuous integration reads it:
// one test for each demand of the policy, and one for each case that failed or
// had to pass and did not.
func JUnit(run *eval.Report, result gate.Result) ([]byte, error) {
	demands := junitSuite{Name: "purser eval: " + run.Suite.Name}
	single := junitSuite{Name: demands.Name + " cases"}
	var seconds float64
	blamed := map[string]bool{}
	for _, check := range result.Checks {
		c := junitCase{Class: "purser.eval." + check.Group, Name: check.Name, Time: "0.000", Out: check.Detail}
		if !check.Met {
			c.Failure = &junitMessage{Message: check.Detail, Type: "not met", Text: strings.Join(check.Cases, "\n")}
			demands.Failures++
		}
		demands.Cases = append(demands.Cases, c)
		for _, id := range check.Cases {
			blamed[id] = true
		}
	}
	for i := range run.Cases {
		r := &run.Cases[i]
		if !blamed[r.ID] {
			continue
		}
		seconds += r.Timing["total"] / 1000
		c := junitCase{Class: "purser.eval.case", Name: r.ID, Time: fmt.Sprintf("%.3f", r.Timing["total"]/1000)}
		if r.Error != "" {
			c.Error = &junitMessage{Message: r.Error, Type: "failed"}
			single.Errors++
		} else {
			c.Failure = &junitMessage{Message: r.Failing(), Type: "did not pass"}
			single.Failures++
		}
		single.Cases = append(single.Cases, c)
	}
	demands.Time, single.Time = "0.000", fmt.Sprintf("%.3f", seconds)
	if start := run.Timing.Start; !start.IsZero() {
		demands.Begun = start.UTC().Format("2006-01-02T15:04:05")
		single.Begun = demands.Begun
	}
	all := junitSuites{Name: demands.Name}
	for _, s := range []junitSuite{demands, single} {
		if s.Tests = len(s.Cases); s.Tests == 0 {
			continue
		}
		all.Suites = append(all.Suites, s)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
	}
	raw, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write JUnit XML: %w", err)
	}
	return append([]byte(xml.Header), append(raw, '\n')...), nil
}
