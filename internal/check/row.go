package check

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// rules are what every row fulfils. Each says what is wrong, or nothing.
var rules = []func(*tollgate.Exchange) string{
	idIsItsTime,
	nothingIsNegative,
	interruptedSaysSo,
	refusedIsFree,
	countingIsFree,
	failedIsEstimated,
}

// row compares each row with itself.
func row(_ *inspection, found *findings) work {
	return work{slice: func(_ context.Context, slice *store.Slice) error {
		for _, said := range slice.Unreadable {
			found.add("%s", said)
		}
		for _, x := range slice.Rows {
			for _, rule := range rules {
				if wrong := rule(x); wrong != "" {
					found.add("request %s %s", x.ID, wrong)
				}
			}
		}
		return nil
	}}
}

// idIsItsTime: ranges of time are found by the id.
func idIsItsTime(x *tollgate.Exchange) string {
	const drift = time.Minute
	early, late := tollgate.FirstRequestID(x.Time.Add(-drift)), tollgate.FirstRequestID(x.Time.Add(drift))
	if tollgate.IsRequestID(x.ID) && early <= x.ID && x.ID < late {
		return ""
	}
	return fmt.Sprintf("arrived %s by its row, and its id says another time: reports over a span of time miss it", moment(x.Time))
}

func nothingIsNegative(x *tollgate.Exchange) string {
	for _, each := range []struct {
		name  string
		value int64
	}{
		{"input_tokens", x.Usage.Input},
		{"cache_write_5m_tokens", x.Usage.CacheWrite5m},
		{"cache_write_1h_tokens", x.Usage.CacheWrite1h},
		{"cache_read_tokens", x.Usage.CacheRead},
		{"output_tokens", x.Usage.Output},
		{"web_searches", x.Usage.WebSearches},
		{"cost_nano_usd", int64(x.Cost)},
		{"moved_tokens", x.MovedTokens},
		{"request_bytes", x.RequestBytes},
		{"response_bytes", x.ResponseBytes},
	} {
		if each.value < 0 {
			return fmt.Sprintf("has %s %d, which is less than nothing", each.name, each.value)
		}
	}
	return ""
}

// interruptedSaysSo: a row whose gateway died in the middle is an estimate,
// unless there was nothing to estimate or the answer had come to its end.
func interruptedSaysSo(x *tollgate.Exchange) string {
	switch {
	case !x.Interrupted:
		return ""
	case x.Error == "":
		return "was interrupted, and its row does not say by what"
	case !x.Estimated && consumed(x) && x.StopReason == "":
		return fmt.Sprintf("was interrupted (%s), and its cost of %s does not say that it is an estimate", x.Error, x.Cost)
	}
	return ""
}

// refusedIsFree: what no provider has seen consumed nothing.
func refusedIsFree(x *tollgate.Exchange) string {
	if x.Upstream == "" && consumed(x) {
		return fmt.Sprintf("names no upstream, and costs %s for %d tokens", x.Cost, tokens(x))
	}
	if x.Upstream == "" && x.UpstreamRequestID != "" {
		return fmt.Sprintf("names no upstream, and has the provider's request id %s", x.UpstreamRequestID)
	}
	return ""
}

func countingIsFree(x *tollgate.Exchange) string {
	if x.Operation == tollgate.CountTokens && consumed(x) {
		return fmt.Sprintf("did nothing but count tokens, and costs %s for %d tokens", x.Cost, tokens(x))
	}
	return ""
}

// failedIsEstimated: an error is free; what another attempt may have cost is an
// estimate. A client that hung up before its answer may still be billed for it.
func failedIsEstimated(x *tollgate.Exchange) string {
	answered := x.Status == http.StatusOK || x.Status == tollgate.ClientGone.Status()
	if !answered && consumed(x) && !x.Estimated && !x.Interrupted {
		return fmt.Sprintf("failed with status %d, and its cost of %s does not say that it is an estimate", x.Status, x.Cost)
	}
	return ""
}

func tokens(x *tollgate.Exchange) int64 { return x.Usage.Prompt() + x.Usage.Output }

func consumed(x *tollgate.Exchange) bool {
	return x.Cost != 0 || x.Usage.WebSearches != 0 || x.Usage.Tokens != tollgate.Tokens{}
}
