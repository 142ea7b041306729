package deploytest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/template"
	"github.com/prometheus/prometheus/util/annotations"
)

// ruleCases are what Prometheus has scraped, a point a minute, and the summary
// of the alert that fires at the end of it. Without one, none does.
var ruleCases = []struct{ alert, when, series, summary string }{
	{
		"TollgateAlertsUndelivered", "every attempt fails, at last one in ten minutes", `
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="failed"} 0x5 2 3 4x3 5x7 6x15
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="delivered"} 7x35
		tollgate_alerts_total{job="tollgate", instance="a", sink="finance", outcome="delivered"} 0+1x35`,
		"tollgate a cannot deliver alerts on budgets to pager",
	},
	{
		"TollgateAlertsUndelivered", "nothing has ever been delivered, and the gateway was started anew", `
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="failed"} 0x5 4 5 6x3 7x7 2 3x10
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="delivered"} 0x31`,
		"tollgate a cannot deliver alerts on budgets to pager",
	},
	{"TollgateAlertsUndelivered", "failures end with a delivery", `
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="failed"} 0x5 2 3 4x3 5x7 6x15
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="delivered"} 0x18 1x16`, ""},
	{"TollgateAlertsUndelivered", "a short failure", `
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="failed"} 0x5 2 3 4x3 5x7
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="delivered"} 7x19`, ""},
	{
		"TollgateAlertsUndelivered", "another name gets its alerts", `
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="failed"} 0x5 2 3 4x3 5x7 6x15
		tollgate_alerts_total{job="tollgate", instance="a", sink="finance", outcome="delivered"} 0+1x35`,
		"tollgate a cannot deliver alerts on budgets to pager",
	},
	{"TollgateAlertsUndelivered", "one message is never taken, all others are", `
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="failed"} 0+1x40
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="delivered"} 0x5 1x20 2x13
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="given_up"} 0x40`, ""},
	{
		"TollgateAlertsUndelivered", "it is given up", `
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="failed"} 9x40
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="delivered"} 0+1x40
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="given_up"} 0x5 1x34`,
		"tollgate a cannot deliver alerts on budgets to pager",
	},
	{"TollgateAlertsUndelivered", "there was nothing to tell for a day", `
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="failed"} 9x90
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="delivered"} 7x90
		tollgate_alerts_total{job="tollgate", instance="a", sink="pager", outcome="given_up"} 1x90`, ""},

	{
		"TollgateAuditSinkFails", "a sink takes nothing, another does", `
		tollgate_audit_sink_failing{job="tollgate", instance="a", sink="vault"} 0x5 1x20
		tollgate_audit_sink_failing{job="tollgate", instance="a", sink="file"} 0x26`,
		"tollgate a cannot deliver the audit log to vault",
	},
	{"TollgateAuditSinkFails", "a sink is away for a while", `
		tollgate_audit_sink_failing{job="tollgate", instance="a", sink="vault"} 0x5 1x10 0x10`, ""},

	{
		"TollgateRefusesForMoney", "a budget is spent at which many work", `
		tollgate_requests_total{job="tollgate", instance="a", code="200"} 0+30x30
		tollgate_requests_total{job="tollgate", instance="a", code="429"} 0x5 0+10x24
		tollgate_refusals_total{job="tollgate", instance="a", reason="over_budget"} 0x5 0+10x24`,
		"tollgate a refused 150 requests for money in a quarter of an hour",
	},
	{"TollgateRefusesForMoney", "of many requests a few are refused", `
		tollgate_requests_total{job="tollgate", instance="a", code="200"} 0+300x30
		tollgate_refusals_total{job="tollgate", instance="a", reason="over_budget"} 0+10x30`, ""},
	{"TollgateRefusesForMoney", "of few requests one is refused", `
		tollgate_requests_total{job="tollgate", instance="a", code="429"} 0x20 1x10
		tollgate_refusals_total{job="tollgate", instance="a", reason="over_budget"} 0x20 1x10`, ""},
	{"TollgateRefusesForMoney", "a loop has only just begun", `
		tollgate_requests_total{job="tollgate", instance="a", code="429"} 0x20 10+10x7
		tollgate_refusals_total{job="tollgate", instance="a", reason="over_budget"} 0x20 10+10x7`, ""},
	{"TollgateRefusesForMoney", "requests are refused for pace", `
		tollgate_requests_total{job="tollgate", instance="a", code="429"} 0+30x30
		tollgate_refusals_total{job="tollgate", instance="a", reason="over_budget"} 0x30
		tollgate_refusals_total{job="tollgate", instance="a", reason="too_fast"} 0+30x30`, ""},

	{
		"TollgateBudgetFull", "a team has spent its budget", `
		tollgate_budget_limit_usd{job="tollgate", instance="a", budget="bgt_1", scope="team:core", period="month"} 500x20
		tollgate_budget_spent_usd{job="tollgate", instance="a", budget="bgt_1", scope="team:core", period="month"} 480+5x20`,
		"team:core has spent 116% of its shared budget bgt_1 (month)",
	},
	{
		"TollgateBudgetFull", "a strict budget has no room for the most that a request can cost", `
		tollgate_budget_limit_usd{job="tollgate", instance="a", budget="bgt_1", scope="org", period="week"} 500x20
		tollgate_budget_spent_usd{job="tollgate", instance="a", budget="bgt_1", scope="org", period="week"} 498.5x20`,
		"org has spent 99.7% of its shared budget bgt_1 (week)",
	},
	{"TollgateBudgetFull", "a raise makes room", `
		tollgate_budget_limit_usd{job="tollgate", instance="a", budget="bgt_1", scope="team:core", period="month"} 500x15 900x5
		tollgate_budget_spent_usd{job="tollgate", instance="a", budget="bgt_1", scope="team:core", period="month"} 501x21`, ""},
	{"TollgateBudgetFull", "it has only just been spent", `
		tollgate_budget_limit_usd{job="tollgate", instance="a", budget="bgt_1", scope="team:core", period="day"} 500x14
		tollgate_budget_spent_usd{job="tollgate", instance="a", budget="bgt_1", scope="team:core", period="day"} 490x10 500x3`, ""},
	{"TollgateBudgetFull", "an amount of 0 forbids on purpose", `
		tollgate_budget_limit_usd{job="tollgate", instance="a", budget="bgt_1", scope="team:core", period="month"} 0x20
		tollgate_budget_spent_usd{job="tollgate", instance="a", budget="bgt_1", scope="team:core", period="month"} 3x20
		tollgate_budget_fullest_ratio{job="tollgate", instance="a", budget="bgt_1", scope="team:core", period="month"} 1x20`, ""},
	{"TollgateBudgetFull", "one of many members has spent what is theirs", `
		tollgate_budget_fullest_ratio{job="tollgate", instance="a", budget="bgt_2", scope="team:core", period="day"} 1x20`, ""},
}

func TestAlertsFire(t *testing.T) {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute})
	for _, c := range ruleCases {
		t.Run(c.alert+"/"+c.when, func(t *testing.T) {
			var want []string
			if c.summary != "" {
				want = []string{c.summary}
			}
			if got := firing(t, engine, alertRule(t, c.alert), scrapedOf(t, c.series)); !slices.Equal(got, want) {
				t.Errorf("at the end there fires %q, want %q", got, want)
			}
		})
	}
}

// Rules about money are tried in both directions, whoever adds one.
func TestEveryRuleAboutMoneyIsTried(t *testing.T) {
	type direction struct {
		alert string
		fires bool
	}
	tried := map[direction]bool{}
	for _, c := range ruleCases {
		tried[direction{c.alert, c.summary != ""}] = true
	}
	rules := alertGroup(t, "tollgate-money")
	if len(rules) < 3 {
		t.Errorf("there are %d rules only", len(rules))
	}
	for _, rule := range rules {
		if !tried[direction{rule.Alert, true}] || !tried[direction{rule.Alert, false}] {
			t.Errorf("%s: there has to be a case in which it fires and one in which it does not", rule.Alert)
		}
	}
}

func alertGroup(t *testing.T, name string) []rulefmt.Rule {
	t.Helper()
	groups, problems := rulefmt.Parse([]byte(read(t, alertFile)), false, model.UTF8Validation)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, group := range groups.Groups {
		if group.Name == name {
			return group.Rules
		}
	}
	return nil
}

func alertRule(t *testing.T, name string) rulefmt.Rule {
	t.Helper()
	for _, rule := range append(alertGroup(t, "tollgate-money"), alertGroup(t, "tollgate-record")...) {
		if rule.Alert == name {
			return rule
		}
	}
	t.Fatalf("there is no rule %s", name)
	return rulefmt.Rule{}
}

// firing asks a rule's question each minute, as Prometheus does, and returns
// the summaries of what has been there for long enough at the end.
func firing(t *testing.T, engine *promql.Engine, rule rulefmt.Rule, seen scraped) (summaries []string) {
	t.Helper()
	since := map[uint64]time.Time{}
	for minute := range seen.minutes {
		now := seen.at(minute)
		query, err := engine.NewInstantQuery(t.Context(), seen, nil, rule.Expr, now)
		if err != nil {
			t.Fatal(err)
		}
		found, err := query.Exec(t.Context()).Vector()
		if err != nil {
			t.Fatal(err)
		}
		still := map[uint64]time.Time{}
		summaries = nil
		for _, sample := range found {
			id := sample.Metric.Hash()
			if still[id] = now; !since[id].IsZero() {
				still[id] = since[id]
			}
			if now.Sub(still[id]) >= time.Duration(rule.For) {
				summaries = append(summaries, expand(t, rule.Annotations["summary"], sample))
			}
		}
		since = still
		query.Close()
	}
	return summaries
}

// expand fills an annotation in, as Prometheus does.
func expand(t *testing.T, text string, sample promql.Sample) string {
	t.Helper()
	const given = "{{$labels := .Labels}}{{$value := .Value}}"
	about := template.AlertTemplateData(sample.Metric.Map(), nil, "", sample)
	expanded, err := template.NewTemplateExpander(t.Context(), given+text, "summary", about, 0, nil, nil, nil).Expand()
	if err != nil {
		t.Error(err)
	}
	return expanded
}

// scraped is what Prometheus has, a point a minute.
type scraped struct {
	storage.LabelQuerier // which no expression asks
	series               []promql.Series
	minutes              int
}

// scrapedOf reads one series a line, in the notation of Prometheus' own tests:
// 3+2x4 is 3 and four more points, each 2 above the last.
func scrapedOf(t *testing.T, text string) (s scraped) {
	t.Helper()
	for line := range strings.Lines(strings.TrimSpace(text)) {
		metric, points, err := parser.ParseSeriesDesc(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		checkSeries(t, metric)
		series := promql.Series{Metric: metric}
		for minute, point := range points {
			if !point.Omitted {
				series.Floats = append(series.Floats, promql.FPoint{T: s.at(minute).UnixMilli(), F: point.Value})
			}
		}
		if s.minutes != 0 && s.minutes != len(points) {
			t.Fatalf("%s ends after %d minutes, the series before it after %d", metric, len(points), s.minutes)
		}
		s.series, s.minutes = append(s.series, series), len(points)
	}
	return s
}

// checkSeries holds a series to what tollgate has, so that no case is silent
// because of a name that is none.
func checkSeries(t *testing.T, series labels.Labels) {
	t.Helper()
	about, there := metrics(t)[series.Get(model.MetricNameLabel)]
	known := append([]string{model.MetricNameLabel, "job", "instance"}, about.labels...)
	series.Range(func(label labels.Label) {
		if !there || !slices.Contains(known, label.Name) {
			t.Errorf("tollgate has no %s with a label %s", series, label.Name)
		}
	})
}

func (scraped) at(minute int) time.Time {
	return time.Unix(0, 0).Add(time.Duration(minute) * time.Minute)
}

func (s scraped) Querier(int64, int64) (storage.Querier, error) { return s, nil }

func (scraped) Close() error { return nil }

func (s scraped) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	return &seriesSet{left: slices.DeleteFunc(slices.Clone(s.series), func(one promql.Series) bool {
		return slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(one.Metric.Get(m.Name)) })
	})}
}

// seriesSet gives series one by one.
type seriesSet struct {
	now  promql.Series
	left []promql.Series
}

func (s *seriesSet) Next() bool {
	if len(s.left) == 0 {
		return false
	}
	s.now, s.left = s.left[0], s.left[1:]
	return true
}

func (s *seriesSet) At() storage.Series                { return promql.NewStorageSeries(s.now) }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }
