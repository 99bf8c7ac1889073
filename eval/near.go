package eval

import (
	"strings"

	"github.com/purser-desk/purser/internal/say"
)

// metricNames are the names of all metrics, in their order.
func metricNames() []string {
	all := Metrics()
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	return names
}

// noMetric says that a metric is unknown, and which may have been meant: all of
// them when none is alike.
func noMetric(name string) string {
	if hint := say.Alike(name, metricNames()); strings.HasPrefix(hint, "; did you mean") {
		return "there is no metric \"" + name + "\"" + hint
	}
	return "there is no metric \"" + name + "\"; give one of " + strings.Join(metricNames(), ", ")
}
