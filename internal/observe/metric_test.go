package observe

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"tollgate"
)

// everything is a state in which everybody knows something.
func everything() State {
	load := Load{Requests: Room{4, 5, 6}, Connections: Room{7, 8, 9}, Bodies: Room{1, 2, 3}}
	return State{
		Load: func() Load { return load },
		Journal: func() Journal {
			return Journal{
				Open: 1, Waiting: 2, Oldest: 3 * time.Second, Bytes: 4, MaxBytes: 5, Written: 6, Syncs: 7,
				Refused: 8, Unrecorded: 9, Lost: 10, Killed: 11, Damaged: 12, Writable: true,
			}
		},
		Traces: func() TraceStats {
			return TraceStats{Waiting: 1, Sent: 2, Dropped: 3, Failed: 4, Limited: 5, Rejected: 6}
		},
		Budgets: someBudgets,
		Resting: func() map[string]bool { return map[string]bool{"bedrock": true} },
		SealedBodies: func() SealedBodies {
			return SealedBodies{Memory: Room{1, 2, 3}, Waiting: 4, Bytes: 5, Removed: 6, Fates: []BodyFate{{"request", "sealed", 7}}}
		},
		AuditLog: func() AuditLog { return AuditLog{Uncommitted: 3, Checkpoint: time.UnixMilli(1500)} },
		AuditSinks: func() []tollgate.AuditSink {
			return []tollgate.AuditSink{{Name: "vault", Kind: "s3", Waiting: 7, Oldest: time.Unix(1, 0), Records: 8, Failures: 9, FailingSince: time.Unix(2, 0)}}
		},
	}
}

// someBudgets are one that is shared, one that two members have, and one of a
// developer's own, which has no series.
func someBudgets() []tollgate.BudgetState {
	shared := &tollgate.Budget{ID: "bgt_1", Scope: tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "core"}, Period: tollgate.PeriodMonth}
	each := &tollgate.Budget{ID: "bgt_2", Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Period: tollgate.PeriodDay, Each: true}
	own := &tollgate.Budget{ID: "bgt_3", Scope: tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: "ann@example.com"}}
	return []tollgate.BudgetState{
		{Budget: shared, Limit: 500 * tollgate.Dollar, Spent: 400 * tollgate.Dollar, Held: 2_500_000_000},
		{Budget: each, Limit: 10 * tollgate.Dollar, Spent: 9 * tollgate.Dollar},
		{Budget: each, Limit: 10 * tollgate.Dollar, Spent: tollgate.Dollar},
		{Budget: own, Limit: 10 * tollgate.Dollar},
	}
}

// measure makes metrics that know one model.
func measure(t testing.TB) (*Metrics, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	m := NewMetrics(registry, "v1.2.3", everything())
	m.NameModels(func(name string) (string, bool) {
		return "claude-opus-5-5", strings.TrimSuffix(name, "[1m]") == "claude-opus-5-5"
	})
	return m, registry
}

// wholeExchange is a request of which everything can be told.
func wholeExchange() *tollgate.Exchange {
	const ms = time.Millisecond
	return &tollgate.Exchange{
		Time: time.Unix(1000, 0), Principal: tollgate.Principal{Key: "k", Developer: "ann@example.com", Team: "core"},
		Operation: tollgate.Messages, Model: "claude-opus-5-5[1m]", Upstream: "anthropic", Status: 200, Stream: true,
		Usage:     tollgate.Usage{Tokens: tollgate.Tokens{Input: 1, CacheWrite5m: 2, CacheWrite1h: 3, CacheRead: 4, Output: 5}, WebSearches: 6},
		Cost:      123_456_789,
		FirstByte: 950 * ms, Duration: 4 * time.Second, RequestBytes: 700, ResponseBytes: 800,
		Timing: tollgate.Timing{Received: 3 * ms, Answered: 900 * ms, Waited: 896 * ms, Passed: 951 * ms},
		Failed: []tollgate.Attempt{{Upstream: "bedrock", Ended: 100 * ms}}, MovedFrom: "bedrock", MovedTokens: 9,
	}
}

// figures are all series, by name and labels.
func figures(t testing.TB, from prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.Metric {
			name := family.GetName() + labelsOf(metric)
			switch {
			case metric.Counter != nil:
				all[name] = metric.Counter.GetValue()
			case metric.Gauge != nil:
				all[name] = metric.Gauge.GetValue()
			case metric.Histogram != nil:
				all[name+" count"], all[name+" sum"] = float64(metric.Histogram.GetSampleCount()), metric.Histogram.GetSampleSum()
			}
		}
	}
	return all
}

func labelsOf(metric *dto.Metric) string {
	var pairs []string
	for _, pair := range metric.Label {
		pairs = append(pairs, pair.GetName()+"="+pair.GetValue())
	}
	if len(pairs) == 0 {
		return ""
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

func TestObserveCountsWhatTheRowSays(t *testing.T) {
	m, registry := measure(t)
	m.Observe(wholeExchange())
	m.Observe(wholeExchange())
	m.Refused(tollgate.Unauthenticated)
	m.Reloaded(true, time.Unix(7, 0))
	got := figures(t, registry)
	for name, want := range map[string]float64{
		"tollgate_requests_total{code=200,model=claude-opus-5-5,operation=messages,upstream=anthropic}": 2,
		"tollgate_tokens_total{class=input,model=claude-opus-5-5,upstream=anthropic}":                   2,
		"tollgate_tokens_total{class=cache_write_5m,model=claude-opus-5-5,upstream=anthropic}":          4,
		"tollgate_tokens_total{class=cache_write_1h,model=claude-opus-5-5,upstream=anthropic}":          6,
		"tollgate_tokens_total{class=cache_read,model=claude-opus-5-5,upstream=anthropic}":              8,
		"tollgate_tokens_total{class=output,model=claude-opus-5-5,upstream=anthropic}":                  10,
		"tollgate_web_searches_total{model=claude-opus-5-5,upstream=anthropic}":                         12,
		"tollgate_cost_usd_total{model=claude-opus-5-5,upstream=anthropic}":                             0.246913578,
		"tollgate_team_requests_total{team=core}":                                                       2,
		"tollgate_team_cost_usd_total{team=core}":                                                       0.246913578,
		"tollgate_request_body_bytes_total{upstream=anthropic}":                                         1400,
		"tollgate_response_body_bytes_total{upstream=anthropic}":                                        1600,

		"tollgate_first_byte_seconds{model=claude-opus-5-5,stream=true,upstream=anthropic} count":  2,
		"tollgate_first_byte_seconds{model=claude-opus-5-5,stream=true,upstream=anthropic} sum":    1.9,
		"tollgate_request_duration_seconds{operation=messages,stream=true,upstream=anthropic} sum": 8,
		"tollgate_added_latency_seconds{operation=messages} sum":                                   0.004,
		"tollgate_refusals_total{reason=unauthenticated}":                                          1,
		"tollgate_refusals_total{reason=overloaded}":                                               0,
		"tollgate_incomplete_requests_total{reason=upstream_cut}":                                  0,
		"tollgate_upstream_up{upstream=anthropic}":                                                 1,
		"tollgate_upstream_up{upstream=bedrock}":                                                   0,
		"tollgate_upstream_failed_attempts_total{upstream=bedrock}":                                2,
		"tollgate_upstream_last_answer_timestamp_seconds{upstream=anthropic}":                      1000.9,
		"tollgate_upstream_last_failure_timestamp_seconds{upstream=bedrock}":                       1000.1,
		"tollgate_config_last_reload_successful":                                                   1,
		"tollgate_config_last_reload_success_timestamp_seconds":                                    7,
	} {
		if value, there := got[name]; !there || math.Abs(value-want) > 1e-9*want {
			t.Errorf("%s is %v (%v), want %v", name, value, there, want)
		}
	}
}

// TestStateIsShownUnderItsNames, each figure under its own.
func TestStateIsShownUnderItsNames(t *testing.T) {
	_, registry := measure(t)
	got := figures(t, registry)
	for name, want := range map[string]float64{
		"tollgate_requests_in_flight":                                   4,
		"tollgate_requests_in_flight_limit":                             5,
		"tollgate_bound_refusals_total{bound=max_requests}":             6,
		"tollgate_open_connections":                                     7,
		"tollgate_open_connections_limit":                               8,
		"tollgate_bound_refusals_total{bound=max_connections}":          9,
		"tollgate_bodies_in_flight_bytes":                               1,
		"tollgate_bodies_in_flight_limit_bytes":                         2,
		"tollgate_bound_refusals_total{bound=max_body_bytes_in_flight}": 3,

		"tollgate_journal_open_requests":             1,
		"tollgate_journal_waiting_requests":          2,
		"tollgate_journal_oldest_waiting_seconds":    3,
		"tollgate_journal_size_bytes":                4,
		"tollgate_journal_size_limit_bytes":          5,
		"tollgate_journal_written_bytes_total":       6,
		"tollgate_journal_syncs_total":               7,
		"tollgate_journal_refused_requests_total":    8,
		"tollgate_journal_unrecorded_requests_total": 9,
		"tollgate_journal_lost_requests_total":       10,
		"tollgate_journal_killed_requests_total":     11,
		"tollgate_journal_damaged_stretches_total":   12,
		"tollgate_journal_writable":                  1,
		"tollgate_store_writable":                    0,

		"tollgate_trace_waiting_requests":                1,
		"tollgate_trace_requests_total{outcome=sent}":    2,
		"tollgate_trace_requests_total{outcome=dropped}": 3,
		"tollgate_trace_requests_total{outcome=failed}":  4,
		"tollgate_trace_requests_total{outcome=limited}": 5,
		"tollgate_trace_rejected_spans_total":            6,
	} {
		if value, there := got[name]; !there || value != want {
			t.Errorf("%s is %v (%v), want %v", name, value, there, want)
		}
	}
}

func TestWhatWentWrongIsCountedByItsWord(t *testing.T) {
	m, registry := measure(t)
	for _, x := range []*tollgate.Exchange{
		{Status: 499, Error: "client_hung_up", Estimated: true},
		{Status: 200, Error: "gateway_stopped", Interrupted: true},
		{Status: 529, Error: "overloaded_error", Upstream: "anthropic"},
		{Time: time.Unix(2, 0), Status: 500, Error: "a word of the provider's", Upstream: "anthropic", Timing: tollgate.Timing{Answered: 1}},
		{Time: time.Unix(3, 0), Status: 242, Upstream: "anthropic"}, // never answered
	} {
		m.Observe(x)
	}
	m.Reloaded(false, time.Unix(8, 0))
	m.Refused(tollgate.ClientGone) // nobody was there to be refused
	got := figures(t, registry)
	for name, want := range map[string]float64{
		"tollgate_incomplete_requests_total{reason=client_hung_up}":              1,
		"tollgate_incomplete_requests_total{reason=gateway_stopped}":             1,
		"tollgate_estimated_requests_total":                                      1,
		"tollgate_interrupted_requests_total":                                    1,
		"tollgate_upstream_up{upstream=anthropic}":                               0,
		"tollgate_requests_total{code=2xx,model=,operation=,upstream=anthropic}": 1,
		"tollgate_requests_total{code=529,model=,operation=,upstream=anthropic}": 1,
		"tollgate_added_latency_seconds{operation=} count":                       0,
		"tollgate_config_last_reload_successful":                                 0,
		"tollgate_config_last_reload_success_timestamp_seconds":                  0,
	} {
		if value, there := got[name]; !there || value != want {
			t.Errorf("%s is %v (%v), want %v", name, value, there, want)
		}
	}
	for name := range got {
		if strings.Contains(name, "a word of") || strings.Contains(name, "client_gone") {
			t.Errorf("there is %s", name)
		}
	}
}

// TestPromise3_MoneyIsCountedExactly: a sum of floating point dollars would be
// off after far fewer requests.
func TestPromise3_MoneyIsCountedExactly(t *testing.T) {
	m, registry := measure(t)
	var sum tollgate.Money
	for i := range 100_000 {
		x := tollgate.Exchange{Upstream: "anthropic", Cost: tollgate.Money(1 + 7919*i%1_000_003)}
		sum += x.Cost
		m.Observe(&x)
	}
	for _, name := range []string{"tollgate_cost_usd_total{model=,upstream=anthropic}", "tollgate_team_cost_usd_total{team=}"} {
		if got := tollgate.Money(math.Round(figures(t, registry)[name] * float64(tollgate.Dollar))); got != sum {
			t.Errorf("%s is %s, want %s", name, got, sum)
		}
	}
}

// TestPromise6_NoCallerChoosesALabel: whatever is asked for, and by however
// many, the number of series stays the same.
func TestPromise6_NoCallerChoosesALabel(t *testing.T) {
	m, registry := measure(t)
	absurd := func(i int) *tollgate.Exchange {
		word := fmt.Sprintf("absurd-%d", i)
		return &tollgate.Exchange{
			ID: word, Principal: tollgate.Principal{Key: word, Developer: word, Service: word}, Address: word,
			Session: word, Agent: word, ParentAgent: word, RequestClass: word, Prompt: word, Client: word, Device: word, Account: word,
			Operation: tollgate.Messages, Model: word, Upstream: "anthropic", UpstreamModel: word, ServedModel: word,
			Status: 200 + i%7 + 100*(i%4), StopReason: word, Error: word, UpstreamRequestID: word,
			Usage: tollgate.Usage{Speed: word, Geo: word, ServiceTier: word}, Timing: tollgate.Timing{Answered: 1},
		}
	}
	for i := range 28 {
		m.Observe(absurd(i))
	}
	before := len(figures(t, registry))
	for i := range 10_000 {
		m.Observe(absurd(i))
	}
	after := figures(t, registry)
	if len(after) != before {
		t.Errorf("%d series have become %d", before, len(after))
	}
	for name := range after {
		if strings.Contains(name, "absurd") {
			t.Errorf("there is %s", name)
		}
	}
}

// Teams are made by administrators, who may make any number of them.
func TestTeamsAreBounded(t *testing.T) {
	m, registry := measure(t)
	for i := range 3 * teamBound {
		m.Observe(&tollgate.Exchange{Principal: tollgate.Principal{Team: fmt.Sprintf("team-%d", i)}, Cost: 1})
	}
	teams, requests := 0, 0.0
	for name, value := range figures(t, registry) {
		if strings.HasPrefix(name, "tollgate_team_requests_total") {
			teams, requests = teams+1, requests+value
		}
	}
	if teams != teamBound+1 || requests != 3*teamBound {
		t.Errorf("%d teams have %v requests", teams, requests)
	}
}

// Requests end in another order than their answers began.
func TestUpstreamStateFollowsTheLatestAttempt(t *testing.T) {
	m, registry := measure(t)
	at := func(second int64, status int) {
		m.Observe(&tollgate.Exchange{Time: time.Unix(second, 0), Upstream: "anthropic", Status: status, Timing: tollgate.Timing{Answered: 1}})
	}
	for _, step := range []struct {
		second int64
		status int
		up     float64
	}{{10, 200, 1}, {20, 503, 0}, {15, 200, 0}, {30, 404, 1}, {25, 529, 1}, {12, 200, 1}, {31, 529, 0}} {
		at(step.second, step.status)
		if up := figures(t, registry)["tollgate_upstream_up{upstream=anthropic}"]; up != step.up {
			t.Errorf("after %d at %d up is %v", step.status, step.second, up)
		}
	}
}

// TestUpstreamsThatWereTakenOut are not shown as if they were down.
func TestUpstreamsThatWereTakenOut(t *testing.T) {
	m, registry := measure(t)
	for _, name := range []string{"here", "gone"} {
		m.Observe(&tollgate.Exchange{Time: time.Unix(9, 0), Upstream: name, Status: 503, Timing: tollgate.Timing{Answered: 1}})
	}
	m.NameUpstreams([]string{"here", "new"})
	got := figures(t, registry)
	if _, shown := got["tollgate_upstream_up{upstream=gone}"]; shown || got["tollgate_upstream_up{upstream=here}"] != 0 {
		t.Errorf("%v", got)
	}
	if _, shown := got["tollgate_upstream_up{upstream=here}"]; !shown {
		t.Error("one that is there is not shown")
	}
}

func TestManyObserveWhileOthersScrape(t *testing.T) {
	m, registry := measure(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 500 {
				x := wholeExchange()
				x.Team, x.Status = fmt.Sprintf("team-%d", j%50), 200+(i+j)%20
				m.Observe(x)
			}
		})
		group.Go(func() { figures(t, registry) })
	}
	group.Wait()
	sum := 0.0
	for name, value := range figures(t, registry) {
		if strings.HasPrefix(name, "tollgate_requests_total") {
			sum += value
		}
	}
	if sum != 4000 {
		t.Errorf("%v requests are counted", sum)
	}
}

func BenchmarkObserve(b *testing.B) {
	m, _ := measure(b)
	x := wholeExchange()
	x.Failed, x.Model = nil, "claude-opus-5-5"
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(x)
	}
}

func BenchmarkObserveParallel(b *testing.B) {
	m, _ := measure(b)
	b.RunParallel(func(pb *testing.PB) {
		x := wholeExchange()
		for pb.Next() {
			m.Observe(x)
		}
	})
}

func TestAlertsAreCountedFromNought(t *testing.T) {
	m, registry := measure(t)
	m.NameSinks([]string{"finance", "chat"})
	m.Alerted("finance", "failed")
	m.Alerted("finance", "failed")
	got := figures(t, registry)
	for name, want := range map[string]float64{
		"tollgate_alerts_total{outcome=failed,sink=finance}":    2,
		"tollgate_alerts_total{outcome=delivered,sink=finance}": 0,
		"tollgate_alerts_total{outcome=given_up,sink=chat}":     0,
	} {
		if value, there := got[name]; !there || value != want {
			t.Errorf("%s is %v (%v), want %v", name, value, there, want)
		}
	}
}
