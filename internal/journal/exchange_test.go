package journal

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"tollgate"
)

// notKept are the fields of an exchange that are no part of its record.
var notKept = map[string]bool{
	"Address":           true, // for the log alone
	"Principal.Models":  true, // what the key may do, not who it was
	"Principal.Style":   true, // likewise
	"Principal.Expires": true, // likewise
	"Usage.Iterations":  true, // the basis of the price, which is settled
	"Failed":            true, // for the metrics
	"Timing":            true, // likewise
	"Trace":             true, // for the traces
}

// fill puts something into every field that is kept and names the others.
func fill(t *testing.T, path string, value reflect.Value, n *int64) {
	t.Helper()
	if notKept[path] {
		return
	}
	*n++
	switch at := value.Addr().Interface().(type) {
	case *time.Time:
		*at = time.UnixMicro(1_790_000_000_000_000 + *n).UTC()
		return
	case *[]string:
		*at = []string{"one", "", fmt.Sprint(*n)}
		return
	}
	switch value.Kind() {
	case reflect.String:
		value.SetString(fmt.Sprint("text ", *n))
	case reflect.Int, reflect.Int64:
		value.SetInt(-*n)
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Struct:
		for i := range value.NumField() {
			field := value.Type().Field(i)
			name := field.Name
			if path != "" && !field.Anonymous {
				name = path + "." + name
			}
			fill(t, name, value.Field(i), n)
		}
	default:
		t.Fatalf("%s is of a kind that this test does not know", path)
	}
}

func full(t *testing.T) *tollgate.Exchange {
	x, n := new(tollgate.Exchange), int64(0)
	fill(t, "", reflect.ValueOf(x).Elem(), &n)
	return x
}

func TestExchange_EveryFieldIsKept(t *testing.T) {
	want := full(t)
	got, err := readExchange(appendExchange(nil, want))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	if empty, err := readExchange(appendExchange(nil, new(tollgate.Exchange))); err != nil || !reflect.DeepEqual(empty, new(tollgate.Exchange)) {
		t.Errorf("nothing became %+v, %v", empty, err)
	}
}

func TestFields_HaveNumbersOfTheirOwn(t *testing.T) {
	for i := range fields {
		if byNumber[fields[i].number] != &fields[i] {
			t.Errorf("field %d shares its number", fields[i].number)
		}
	}
}

func BenchmarkExchange(b *testing.B) {
	x := realistic()
	record := appendExchange(begin(nil, closed), x)
	seal(record, 1)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		buffer := make([]byte, 0, 4096)
		for b.Loop() {
			buffer = appendExchange(begin(buffer[:0], closed), x)
			seal(buffer, 1)
		}
		b.ReportMetric(float64(len(buffer)), "bytes/record")
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			one, _, _ := parse(record)
			_, _ = readExchange(one.body)
		}
	})
}

// realistic is a request of Claude Code's.
func realistic() *tollgate.Exchange {
	now := time.UnixMicro(1_790_000_000_000_000).UTC()
	return &tollgate.Exchange{
		ID: tollgate.NewRequestID(now), Time: now,
		Principal: tollgate.Principal{Key: "0123456789ab", Developer: "ann@example.com", Team: "web"},
		Session:   "3c1f0e56-5a60-4b51-9c5e-0a7c3c1f0e56", RequestClass: "main", Prompt: "9d7b0c1e-7f1a-4f31-b0e6-1d6f5d8a0a11",
		Client: "claude-cli/2.1.330 (external, cli)", Door: "messages", Operation: tollgate.Messages,
		Model: "claude-opus-5-5", Upstream: "anthropic", UpstreamModel: "claude-opus-5-5", ServedModel: "claude-opus-5-5",
		Status: 200, Stream: true, Usage: tollgate.Usage{Tokens: tollgate.Tokens{Input: 12, CacheWrite5m: 900, CacheRead: 40_000, Output: 600}, ServiceTier: "standard"},
		Cost: 41_234_500, FirstByte: 800 * time.Millisecond, Duration: 9 * time.Second, StopReason: "end_turn",
		UpstreamRequestID: "req_011CTjRr1mVYhZcYhQ3xqJvM",
		RequestDigest:     "blake3:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		ForwardedDigest:   "blake3:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		ResponseDigest:    "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		RequestBytes:      100_000, ResponseBytes: 24_000,
	}
}
