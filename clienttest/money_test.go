package clienttest

import (
	"bytes"
	"encoding/json"
	"testing"

	"tollgate"
)

// rates are nano-dollars per token, worked out by hand from the price table
// of 2026-11-23: input, 5-minute write, 1-hour write, read, output.
var rates = map[string][5]int64{
	"claude-opus-5-5":  {4000, 5000, 8000, 200, 20000},
	"claude-haiku-5-5": {100, 125, 200, 10, 500}, // prompts up to 100,000 tokens
}

// usage is what the provider's answer says about tokens.
type usage struct {
	Input  *int64 `json:"input_tokens"`
	Read   *int64 `json:"cache_read_input_tokens"`
	Output *int64 `json:"output_tokens"`
	Writes *struct {
		FiveMinutes int64 `json:"ephemeral_5m_input_tokens"`
		Hour        int64 `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"`
}

// into takes over what is said; what is not said stays.
func (u usage) into(sum *tollgate.Tokens) {
	for _, one := range []struct {
		said *int64
		into *int64
	}{{u.Input, &sum.Input}, {u.Read, &sum.CacheRead}, {u.Output, &sum.Output}} {
		if one.said != nil {
			*one.into = *one.said
		}
	}
	if u.Writes != nil {
		sum.CacheWrite5m, sum.CacheWrite1h = u.Writes.FiveMinutes, u.Writes.Hour
	}
}

// spoken reads the usage from a whole stream or message as it was answered.
func spoken(answer []byte) tollgate.Tokens {
	var sum tollgate.Tokens
	for line := range bytes.Lines(answer) {
		var event struct {
			Message struct {
				Usage usage `json:"usage"`
			} `json:"message"`
			Usage usage `json:"usage"`
		}
		text := bytes.TrimPrefix(line, []byte("data: "))
		if json.Unmarshal(text, &event) == nil {
			event.Message.Usage.into(&sum)
			event.Usage.into(&sum)
		}
	}
	return sum
}

// checkMoney holds that the row counts the tokens that the provider named,
// and costs what they cost.
func (g leg) checkMoney(t *testing.T) {
	t.Helper()
	if g.row.Operation == tollgate.CountTokens {
		if g.row.Cost != 0 || g.row.Usage.Tokens != (tollgate.Tokens{}) {
			t.Errorf("counting tokens costs %v for %+v", g.row.Cost, g.row.Usage.Tokens)
		}
		return
	}
	tokens := g.row.Usage.Tokens
	if said := spoken(g.near.answer); !g.row.Estimated && tokens != said {
		t.Errorf("the ledger counts %+v, the provider said %+v", tokens, said)
	}
	rate, known := rates[g.row.ServedModel]
	cost := tokens.Input*rate[0] + tokens.CacheWrite5m*rate[1] + tokens.CacheWrite1h*rate[2] + tokens.CacheRead*rate[3] + tokens.Output*rate[4]
	if !known || cost == 0 || g.row.Cost != tollgate.Money(cost) {
		t.Errorf("%+v of %s cost %v, want %v", tokens, g.row.ServedModel, g.row.Cost, tollgate.Money(cost))
	}
}
