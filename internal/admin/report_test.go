package admin_test

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
)

// sample is a request with every member set.
func sample() *tollgate.Exchange {
	return &tollgate.Exchange{
		ID: tollgate.NewRequestID(noon.Add(-time.Hour)), Time: noon.Add(-time.Hour),
		Principal: tollgate.Principal{Key: "abcdefghijkl", Developer: "ada@example.com", Team: "platform"},
		Session:   "s1", Agent: "a1", ParentAgent: "p1", RequestClass: "main", Prompt: "pr1", Client: "claude-cli/2.1", Device: "d1", Account: "ac1",
		Door: "messages", Operation: tollgate.Messages, Model: "claude-opus-5-5[1m]", Upstream: "anthropic", UpstreamModel: "claude-opus-5-5",
		ServedModel: "claude-opus-5-5-20260901", Status: 200, Stream: true,
		Usage: tollgate.Usage{
			Tokens:      tollgate.Tokens{Input: 1, CacheWrite5m: 2, CacheWrite1h: 3, CacheRead: 4, Output: 5},
			WebSearches: 6, Speed: "standard", Geo: "us", ServiceTier: "priority",
		},
		Cost: 18_800_001, Thought: 2, Estimated: true, FirstByte: 400 * time.Microsecond, Duration: 1500 * time.Millisecond,
		StopReason: "end_turn", UpstreamRequestID: "req_011CV", RequestDigest: "blake3:aa", ForwardedDigest: "blake3:aa", ResponseDigest: "blake3:bb",
		RequestBytes: 100, ResponseBytes: 200, Splices: []string{"model"}, Error: "the stream was cut",
		MovedFrom: "anthropic-eu", MovedTokens: 7, RequestBody: tollgate.BodySealed, ResponseBody: tollgate.BodyNoRoom,
	}
}

func TestRequestHasTheMembersOfTheInterface(t *testing.T) {
	o := open(t)
	x := sample()
	o.record(x)
	want := map[string]any{
		"id": x.ID, "time": "2026-11-23T11:00:00Z", "key": "abcdefghijkl", "developer": "ada@example.com", "service": nil, "team": "platform",
		"session": "s1", "agent": "a1", "parent_agent": "p1", "request_class": "main", "prompt": "pr1", "client": "claude-cli/2.1",
		"device": "d1", "account": "ac1", "door": "messages", "operation": "messages", "model": "claude-opus-5-5[1m]", "upstream": "anthropic",
		"upstream_model": "claude-opus-5-5", "served_model": "claude-opus-5-5-20260901",
		"moved_from": "anthropic-eu", "moved_tokens": 7.0, "credential": nil, "project": nil, "status": 200.0, "stream": true,
		"input_tokens": 1.0, "cache_write_5m_tokens": 2.0, "cache_write_1h_tokens": 3.0, "cache_read_tokens": 4.0, "output_tokens": 5.0,
		"thinking_tokens": 2.0, "web_searches": 6.0, "speed": "standard", "inference_geo": "us", "service_tier": "priority",
		"cost_nano_usd": 18_800_001.0, "estimated": true, "interrupted": false, "first_byte_ms": 0.0, "duration_ms": 1500.0,
		"stop_reason": "end_turn", "upstream_request_id": "req_011CV", "request_digest": "blake3:aa", "forwarded_digest": "blake3:aa",
		"response_digest": "blake3:bb", "request_bytes": 100.0, "response_bytes": 200.0, "request_body": "sealed", "response_body": "dropped_queue", "splices": []any{"model"}, "error": "the stream was cut",
	}
	for _, id := range []string{x.ID, "req_011CV"} {
		if got := o.do("GET", "/api/v1/requests/"+id, "", 200); !reflect.DeepEqual(got, want) {
			t.Errorf("by %s\n got  %v\n want %v", id, got, want)
		}
	}
}

func TestWhatDoesNotApplyIsNull(t *testing.T) {
	o := open(t)
	o.record(&tollgate.Exchange{ID: tollgate.NewRequestID(noon), Time: noon, Status: 529, Upstream: "anthropic"})
	row := o.do("GET", "/api/v1/requests", "", 200)["data"].([]any)[0].(map[string]any)
	for _, member := range []string{"developer", "service", "session", "first_byte_ms", "stop_reason", "error", "speed", "response_digest"} {
		if value, there := row[member]; !there || value != nil {
			t.Errorf("%s is %v, want null", member, value)
		}
	}
	if splices := row["splices"]; !reflect.DeepEqual(splices, []any{}) {
		t.Errorf("splices are %v, want an empty list", splices)
	}
}

// spread records n requests, one an hour back from noon, of three developers.
func (o *office) spread(n int) (rows []*tollgate.Exchange) {
	for i := range n {
		x := sample()
		x.Time = noon.Add(-time.Duration(i+1) * time.Hour)
		x.ID = tollgate.NewRequestID(x.Time)
		x.Developer = fmt.Sprintf("dev%d@example.com", i%3)
		x.Cost = tollgate.Money(1_000_000_007 * (i + 1))
		x.Estimated = i%2 == 0
		x.Status = 200 + i%2*329
		rows = append(rows, x)
	}
	o.record(rows...)
	return rows
}

func TestPagesShowEveryRowOnceNewestFirst(t *testing.T) {
	o := open(t)
	var want []string
	for _, x := range o.spread(25) {
		want = append(want, x.ID)
	}
	var got []string
	cursor := ""
	for {
		page := o.do("GET", "/api/v1/requests?limit=10&cursor="+cursor, "", 200)
		for _, row := range page["data"].([]any) {
			got = append(got, row.(map[string]any)["id"].(string))
		}
		if page["next"] == nil {
			break
		}
		cursor = page["next"].(string)
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages show %v, want %v", got, want)
	}
}

func TestUsageTotalsEqualTheRows(t *testing.T) {
	o := open(t)
	rows := o.spread(50)
	var cost float64
	for _, x := range rows {
		cost += float64(x.Cost)
	}
	for _, by := range []string{"", "developer", "status,stream", "day", "week,developer", "hour,model,estimated", "month"} {
		t.Run(by, func(t *testing.T) {
			report := o.do("GET", "/api/v1/usage?time_zone=UTC&by="+url.QueryEscape(by), "", 200)
			total := report["total"].(map[string]any)
			sums := map[string]float64{}
			for _, row := range report["rows"].([]any) {
				for figure := range total {
					sums[figure] += row.(map[string]any)[figure].(float64)
				}
			}
			for figure, sum := range sums {
				if total[figure] != sum {
					t.Errorf("%s: the rows sum up to %v, the total is %v", figure, sum, total[figure])
				}
			}
			if total["requests"] != 50.0 || total["cost_nano_usd"] != cost || total["estimated_requests"] != 25.0 {
				t.Errorf("total %v, want 50 requests for %v", total, cost)
			}
		})
	}
}

func TestUsageSpeaksOfAttributesAsRequestsDo(t *testing.T) {
	o := open(t)
	o.spread(2)
	report := o.do("GET", "/api/v1/usage?by=status&by=estimated,service,day&since=2026-11-23&until=2026-11-23T11:30:00Z", "", 200)
	if report["since"] != "2026-11-22T23:00:00Z" || report["until"] != "2026-11-23T11:30:00Z" {
		t.Errorf("from %v until %v; dates begin in Berlin", report["since"], report["until"])
	}
	row := report["rows"].([]any)[0].(map[string]any)
	for name, want := range map[string]any{"status": 200.0, "estimated": true, "service": nil, "day": "2026-11-23"} {
		if value, there := row[name]; !there || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
}

func TestUsageOfChosenRequests(t *testing.T) {
	o := open(t)
	o.spread(12)
	for query, want := range map[string]float64{
		"where=developer=DEV0@example.com":                                    4,
		"where=developer=dev0@example.com&where=developer=dev1@example.com":   8,
		"where=developer=dev0@example.com&where=status=529":                   2,
		"where=model=" + url.QueryEscape("claude-opus-5-5[1m]") + "&since=3h": 3,
		"since=2h&until=1h": 1,
		"since=2026-11-23T08:00:00Z&until=2026-11-23T10:00:00Z": 2,
	} {
		if got := o.do("GET", "/api/v1/usage?"+query, "", 200)["total"].(map[string]any)["requests"]; got != want {
			t.Errorf("%s counts %v requests, want %v", query, got, want)
		}
	}
}

func TestDefaultReportGoesThirtyDaysBack(t *testing.T) {
	o := open(t)
	report := o.do("GET", "/api/v1/usage", "", 200)
	if report["since"] != "2026-10-24T12:00:00Z" || report["until"] != "2026-11-23T12:00:00Z" {
		t.Errorf("from %v until %v", report["since"], report["until"])
	}
	if by := report["by"]; !reflect.DeepEqual(by, []any{}) {
		t.Errorf("by is %v", by)
	}
}

// The names that are fixed for the outside; see interface.md, "JSON".
func TestMembersAreTheFixedNames(t *testing.T) {
	fixed := "id time key developer service team session agent parent_agent request_class prompt client door model upstream upstream_model " +
		"served_model moved_from moved_tokens status stream input_tokens cache_write_5m_tokens cache_write_1h_tokens cache_read_tokens output_tokens web_searches " +
		"cost_nano_usd estimated interrupted first_byte_ms duration_ms stop_reason upstream_request_id request_digest forwarded_digest " +
		"response_digest request_bytes response_bytes splices error"
	var have []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[api.Request]()) {
		have = append(have, field.Tag.Get("json"))
	}
	for name := range strings.FieldsSeq(fixed) {
		if !slices.Contains(have, name) {
			t.Errorf("a request has no %s", name)
		}
	}
}

// TestAnAnswerSaysWhatIsNotInIt: requests that the ledger could not take yet.
func TestAnAnswerSaysWhatIsNotInIt(t *testing.T) {
	o := open(t)
	for _, unstored := range []int64{0, 3} {
		o.unstored.Store(unstored)
		for _, path := range []string{"/api/v1/usage", "/api/v1/requests"} {
			if got := o.do("GET", path, "", 200)["unstored"]; got != float64(unstored) {
				t.Errorf("%s says %v, want %d", path, got, unstored)
			}
		}
	}
}

// TestAnAttributeIsTheSameEverywhere: a report shows each as the request does,
// number for number and null for null.
func TestAnAttributeIsTheSameEverywhere(t *testing.T) {
	o := open(t)
	bare := &tollgate.Exchange{ID: tollgate.NewRequestID(noon.Add(-time.Minute)), Time: noon.Add(-time.Minute), Status: 529}
	for _, x := range []*tollgate.Exchange{bare, sample()} {
		o.record(x)
		request := o.do("GET", "/api/v1/requests/"+x.ID, "", 200)
		until := x.Time.Add(time.Second).Format(time.RFC3339)
		since := x.Time.Format(time.RFC3339)
		for _, name := range tollgate.Attributes() {
			report := o.do("GET", "/api/v1/usage?by="+name+"&since="+since+"&until="+until, "", 200)
			if rows := report["rows"].([]any); len(rows) != 1 || !reflect.DeepEqual(rows[0].(map[string]any)[name], request[name]) {
				t.Errorf("by %s: %v, the request has %v", name, rows, request[name])
			}
		}
	}
}

func TestLedgerCheckHasItsMembers(t *testing.T) {
	o := open(t)
	want := map[string]any{
		"requests": 7.0, "waiting": 2.0, "open": 1.0, "differences": 2.0, "notes": []any{"note"},
		"checks": []any{
			map[string]any{"name": "journal", "about": "this with that", "differences": 2.0, "sentences": []any{"one", "two"}},
			map[string]any{"name": "row", "about": "each row with itself", "differences": 0.0, "sentences": []any{}},
		},
	}
	if got := o.do("GET", "/api/v1/ledger/check", "", 200); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got  %v\n want %v", got, want)
	}
}
