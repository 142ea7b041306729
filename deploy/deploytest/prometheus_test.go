package deploytest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// metric is one line of the list that the gateway's own tests keep fresh.
type metric struct {
	kind   string
	labels []string
}

// metrics are all that tollgate has, by name; those of a histogram have its
// series in place of it.
func metrics(t *testing.T) map[string]metric {
	t.Helper()
	all := map[string]metric{}
	for line := range strings.Lines(read(t, repository+"/internal/observe/testdata/metrics.golden")) {
		fields := strings.Split(line, "\t")
		about := metric{kind: fields[1], labels: strings.FieldsFunc(fields[2], func(r rune) bool { return r == ',' })}
		if about.kind != "histogram" {
			all[fields[0]] = about
			continue
		}
		all[fields[0]+"_bucket"] = metric{"counter", append(slices.Clone(about.labels), "le")}
		all[fields[0]+"_sum"], all[fields[0]+"_count"] = metric{"counter", about.labels}, metric{"counter", about.labels}
	}
	if len(all) < 40 {
		t.Fatalf("only %d metrics are listed", len(all))
	}
	return all
}

// inPlaceOf are the variables of a dashboard that stand for a span of time or a
// pattern.
var inPlaceOf = strings.NewReplacer("$__rate_interval", "5m", "$__range", "6h", "$job", ".*", "$instance", ".*", "$upstream", ".*", "$model", ".*")

// checkExpression parses an expression and holds every name and label in it to
// what there is. It returns the names of tollgate's own metrics.
func checkExpression(t *testing.T, where, text string) (used []string) {
	t.Helper()
	expression, err := parser.ParseExpr(inPlaceOf.Replace(text))
	if err != nil {
		t.Errorf("%s: %s: %v", where, text, err)
		return nil
	}
	known := metrics(t)
	given := map[string]bool{"job": true, "instance": true}
	parser.Inspect(expression, func(node parser.Node, path []parser.Node) error {
		switch node := node.(type) {
		case *parser.VectorSelector:
			about, ours := known[node.Name]
			if !ours && !regexp.MustCompile(`^(up|(go|process)_[a-z_]+)$`).MatchString(node.Name) {
				t.Errorf("%s: there is no metric %q", where, node.Name)
			}
			if ours {
				used = append(used, node.Name)
			}
			for _, label := range about.labels {
				given[label] = true
			}
			for _, matcher := range node.LabelMatchers {
				if name := matcher.Name; name != model.MetricNameLabel && name != "job" && name != "instance" && !slices.Contains(about.labels, name) {
					t.Errorf("%s: %s has no label %s", where, node.Name, name)
				}
			}
			if inside := insideRate(path); inside != (about.kind == "counter") && ours {
				t.Errorf("%s: %s is a %s, and rate or increase is for counters and needed for them", where, node.Name, about.kind)
			}
		case *parser.AggregateExpr:
			for _, label := range node.Grouping {
				if !given[label] && !labelBelow(known, node, label) {
					t.Errorf("%s: grouped by %s, which nothing in it has", where, label)
				}
			}
		}
		return nil
	})
	return used
}

// insideRate says whether a selector is what rate or increase is taken of.
func insideRate(path []parser.Node) bool {
	for _, above := range slices.Backward(path) {
		if call, ok := above.(*parser.Call); ok {
			return call.Func.Name == "rate" || call.Func.Name == "increase"
		}
	}
	return false
}

// labelBelow says whether some metric under an aggregation has a label.
func labelBelow(known map[string]metric, above parser.Node, label string) (found bool) {
	parser.Inspect(above, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			found = found || slices.Contains(known[selector.Name].labels, label)
		}
		return nil
	})
	return found
}

// Every metric is worth showing or it is not worth having.
func TestTheDashboardShowsEveryMetric(t *testing.T) {
	shown := map[string]bool{"tollgate_config_last_reload_success_timestamp_seconds": true}
	for _, panel := range dashboard(t).panels() {
		for _, target := range panel.Targets {
			for _, name := range checkExpression(t, panel.Title, target.Expr) {
				shown[baseName(name)] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(metrics(t))) {
		if !shown[baseName(name)] {
			t.Errorf("%s is on no panel", name)
		}
	}
}

// baseName is the histogram's name for its series.
func baseName(name string) string {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if base, cut := strings.CutSuffix(name, suffix); cut && !strings.HasSuffix(base, "_total") {
			return base
		}
	}
	return name
}
