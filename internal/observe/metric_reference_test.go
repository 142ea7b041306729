package observe

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"tollgate"
	"tollgate/internal/journal"
)

//go:generate go test . -run TestMetricsReferenceIsFresh -update

var update = flag.Bool("update", false, "write the list of metrics and its reference page anew")

// families are all of tollgate's own, each with at least one series.
func families(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	m, registry := measure(t)
	m.Observe(wholeExchange())
	m.Reloaded(true, time.Unix(1, 0))
	m.Exchanged("github", "issued")
	m.NameSinks([]string{"finance"})
	gathered, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if described := describe(registry); described != len(gathered) {
		t.Fatalf("%d metrics are registered and %d have a series: observe something that every one of them counts", described, len(gathered))
	}
	return gathered
}

// describe counts the names that are registered, with a series or not. It is
// the other registry that has no way to tell.
func describe(*prometheus.Registry) int {
	names := map[string]bool{}
	spy := collectorSpy{names}
	NewMetrics(spy, "v1.2.3", everything())
	return len(names)
}

// collectorSpy is a Registerer that writes down what it is given.
type collectorSpy struct{ names map[string]bool }

var describedName = regexp.MustCompile(`fqName: "([^"]+)"`)

func (s collectorSpy) Register(c prometheus.Collector) error {
	out := make(chan *prometheus.Desc, 100)
	c.Describe(out)
	close(out)
	for about := range out {
		s.names[describedName.FindStringSubmatch(about.String())[1]] = true
	}
	return nil
}

func (s collectorSpy) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		_ = s.Register(c) // never fails
	}
}

func (s collectorSpy) Unregister(prometheus.Collector) bool { return false }

// line is one metric as the golden file has it.
func goldenLine(family *dto.MetricFamily) string {
	return fmt.Sprintf("%s\t%s\t%s\t%s\n", family.GetName(), kindOf(family), strings.Join(labelNames(family), ","), family.GetHelp())
}

func kindOf(family *dto.MetricFamily) string { return strings.ToLower(family.GetType().String()) }

func labelNames(family *dto.MetricFamily) []string {
	names := map[string]bool{}
	for _, metric := range family.Metric {
		for _, pair := range metric.Label {
			names[pair.GetName()] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// The golden file is what dashboards and alert rules are held to. The page is
// the same for people.
func TestMetricsReferenceIsFresh(t *testing.T) {
	introduction, err := os.ReadFile("testdata/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var golden, page strings.Builder
	page.Write(introduction)
	for _, family := range families(t) {
		golden.WriteString(goldenLine(family))
		labels := "–"
		if names := labelNames(family); len(names) > 0 {
			labels = "`" + strings.Join(names, "`, `") + "`"
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", family.GetName(), kindOf(family), labels, family.GetHelp())
	}
	for name, want := range map[string]string{"testdata/metrics.golden": golden.String(), "../../docs/reference/metrics.md": page.String()} {
		if *update {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if current, err := os.ReadFile(name); err != nil || string(current) != want {
			t.Errorf("%s is stale (%v): see whether dashboards and rules have to change, and run make generate", name, err)
		}
	}
}

func TestMetricsFollowTheConventions(t *testing.T) {
	problems, err := promlint.NewWithMetricFamilies(families(t)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
	for _, family := range families(t) {
		if !strings.HasPrefix(family.GetName(), "tollgate_") {
			t.Errorf("%s does not begin with tollgate_", family.GetName())
		}
	}
}

// What the runtime and the process tell is not ours to name; what the
// dashboard and the rules use of it has to be there all the same.
func TestDeployNamesWhatTheRuntimeTells(t *testing.T) {
	gathered, err := NewRegistry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, family := range gathered {
		known[family.GetName()] = true
	}
	files, _ := filepath.Glob("../../deploy/*/*.[jy]*")
	used := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\b(go|process)_[a-z_]+\b`).FindAllString(string(text), -1) {
			used++
			if !known[name] {
				t.Errorf("%s uses %s, which is not there", file, name)
			}
		}
	}
	if used == 0 {
		t.Error("nothing is used, or the files were not found")
	}
}

// The operator's guide lists the words that an exchange can end with.
func TestTheGuideHasEveryEnding(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(guide), "| `error` | The exchange |")
	table, _, _ = strings.Cut(table, "\n\n")
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(table, -1) {
		listed = append(listed, row[1])
	}
	counted := append([]string{journal.Killed}, endings...) // by the process that finds it
	if !slices.Equal(slices.Sorted(slices.Values(listed)), slices.Sorted(slices.Values(counted))) {
		t.Errorf("the guide lists %v, counted are %v", listed, counted)
	}
}

// Every kind of refusal has its series.
func TestEveryRefusalIsCounted(t *testing.T) {
	m, _ := measure(t)
	for _, kind := range tollgate.Kinds() {
		if m.fate.refusals[kind] == nil && kind != tollgate.ClientGone {
			t.Errorf("%s is not counted", kind)
		}
	}
}
