package store

import (
	"fmt"
	"strings"
	"time"

	"tollgate"
)

// requestColumns, values and fields say the same thing three times, in the
// same order, as do their likes in profile.go; a test holds them together. The
// models that a key may use are the key's business and not a fact about the
// request, and the client's address is for the log: they are not kept.
const requestColumns = `id, time, profile_id, prompt, status,
	input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens,
	web_searches, iterations, cost_nano_usd, estimated, interrupted,
	first_byte_ns, duration_ns, stop_reason, upstream_request_id, request_digest, forwarded_digest, response_digest,
	request_bytes, response_bytes, splices, error, moved_from, moved_tokens,
	request_body, response_body`

// requests is where rows are read from: whole, as if profiles were not apart.
const requests = " FROM request JOIN profile USING (profile_id)"

const selectRequest = "SELECT " + requestColumns + ", " + profileColumns + requests

var (
	insertRequest = "INSERT INTO request (" + requestColumns + ", audit_chain, audit_number) VALUES (" + placeholders(columnCount+2) + ") ON CONFLICT (id) DO NOTHING"
	columnCount   = strings.Count(requestColumns, ",") + 1
)

// values appends the row of x to args.
func values(args []any, x *tollgate.Exchange, profile int64) []any {
	return append(args, x.ID, micros(x.Time), profile, x.Prompt, int64(x.Status),
		x.Usage.Input, x.Usage.CacheWrite5m, x.Usage.CacheWrite1h, x.Usage.CacheRead, x.Usage.Output, x.Thought,
		x.Usage.WebSearches, jsonList(x.Usage.Iterations), int64(x.Cost), bit(x.Estimated), bit(x.Interrupted),
		int64(x.FirstByte), int64(x.Duration), x.StopReason, x.UpstreamRequestID, x.RequestDigest, x.ForwardedDigest, x.ResponseDigest,
		x.RequestBytes, x.ResponseBytes, jsonList(x.Splices), x.Error, x.MovedFrom, x.MovedTokens,
		string(x.RequestBody), string(x.ResponseBody))
}

// fields are the places in x that a row is scanned into.
func fields(x *tollgate.Exchange) []any {
	var profile int64
	return []any{
		&x.ID, (*instant)(&x.Time), &profile, &x.Prompt, &x.Status,
		&x.Usage.Input, &x.Usage.CacheWrite5m, &x.Usage.CacheWrite1h, &x.Usage.CacheRead, &x.Usage.Output, &x.Thought,
		&x.Usage.WebSearches, (*list[tollgate.Iteration])(&x.Usage.Iterations), &x.Cost, &x.Estimated, &x.Interrupted,
		&x.FirstByte, &x.Duration, &x.StopReason, &x.UpstreamRequestID, &x.RequestDigest, &x.ForwardedDigest, &x.ResponseDigest,
		&x.RequestBytes, &x.ResponseBytes, (*list[string])(&x.Splices), &x.Error, &x.MovedFrom, &x.MovedTokens,
		&x.RequestBody, &x.ResponseBody,
	}
}

func scanRequest(row scanner) (*tollgate.Exchange, error) {
	x := new(tollgate.Exchange)
	return x, row.Scan(append(fields(x), profileFields(x)...)...)
}

// bit is a boolean as both engines keep it in a column of integers.
func bit(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// instant scans microseconds into a time.
type instant time.Time

// Scan implements sql.Scanner.
func (i *instant) Scan(value any) error {
	micros, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T", value)
	}
	*i = instant(moment(micros))
	return nil
}

// list scans a JSON list.
type list[T any] []T

// Scan implements sql.Scanner.
func (l *list[T]) Scan(value any) error {
	return fromJSON(asText(value), (*[]T)(l))
}

// asText is a text as a driver may return it.
func asText(value any) string {
	if raw, ok := value.([]byte); ok {
		return string(raw)
	}
	text, _ := value.(string) // the schema has nothing else in such a column
	return text
}
