package api_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"tollgate/api"
)

func TestUsageRowKeepsItsFiguresExact(t *testing.T) {
	row := api.UsageRow{
		By:       map[string]any{"developer": "ada@example.com", "team": nil, "stream": true},
		UsageSum: api.UsageSum{Requests: 3, CostNanoUSD: math.MaxInt64 - 1, Tokens: api.Tokens{CacheReadTokens: 7}},
	}
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var flat map[string]json.RawMessage
	if err := json.Unmarshal(text, &flat); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"developer": `"ada@example.com"`, "team": "null", "stream": "true",
		"requests": "3", "cache_read_tokens": "7", "cost_nano_usd": "9223372036854775806",
	} {
		if string(flat[name]) != want {
			t.Errorf("%s is %s, want %s", name, flat[name], want)
		}
	}
	var back api.UsageRow
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, row) {
		t.Errorf("came back as %+v, want %+v", back, row)
	}
}
