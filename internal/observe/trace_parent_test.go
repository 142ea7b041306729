package observe

import (
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"tollgate"
)

const (
	clientTraceID = "0af7651916cd43dd8448eb211c80319c"
	clientSpanID  = "b7ad6b7169203331"
	recorded      = "00-" + clientTraceID + "-" + clientSpanID + "-01"
	unrecorded    = "00-" + clientTraceID + "-" + clientSpanID + "-00"
)

func samplerOf(share Share, perSecond int64, now func() time.Time) *sampler {
	return newSampler(&OTLP{Sample: share, MaxPerSecond: perSecond}, now)
}

func TestAClientsTraceIsJoined(t *testing.T) {
	key := tollgate.NewKeyString(tollgate.NewKeyID())
	for name, c := range map[string]struct {
		header         http.Header
		joined, record bool
		state          string
	}{
		"recorded":         {header: http.Header{"Traceparent": {recorded}, "Tracestate": {"a=1", "b=2"}}, joined: true, record: true, state: "a=1,b=2"},
		"not recorded":     {header: http.Header{"Traceparent": {unrecorded}}, joined: true},
		"a later version":  {header: http.Header{"Traceparent": {"01-" + recorded[3:] + "-more"}}, joined: true, record: true},
		"no state":         {header: http.Header{"Traceparent": {recorded}, "Tracestate": {"?"}}, joined: true, record: true},
		"too much state":   {header: http.Header{"Traceparent": {recorded}, "Tracestate": {"a=" + strings.Repeat("x", 255), "b=" + strings.Repeat("x", 255)}}, joined: true, record: true},
		"a key in it":      {header: http.Header{"Traceparent": {recorded}, "Tracestate": {"a=" + key}}, joined: true, record: true},
		"none":             {header: http.Header{}, record: true},
		"state alone":      {header: http.Header{"Tracestate": {"a=1"}}, record: true},
		"two":              {header: http.Header{"Traceparent": {recorded, recorded}}, record: true},
		"empty":            {header: http.Header{"Traceparent": {""}}, record: true},
		"nonsense":         {header: http.Header{"Traceparent": {"zz"}}, record: true},
		"a trace of zeros": {header: http.Header{"Traceparent": {"00-" + strings.Repeat("0", 32) + "-" + clientSpanID + "-01"}}, record: true},
		"a span of zeros":  {header: http.Header{"Traceparent": {"00-" + clientTraceID + "-" + strings.Repeat("0", 16) + "-01"}}, record: true},
		"capitals":         {header: http.Header{"Traceparent": {strings.ToUpper(recorded)}}, record: true},
		"version ff":       {header: http.Header{"Traceparent": {"ff" + recorded[2:]}}, record: true},
	} {
		got, limited := samplerOf("1", 100, time.Now).place(clientTrace(c.header))
		joined := hex.EncodeToString(got.ID[:]) == clientTraceID && hex.EncodeToString(got.Parent[:]) == clientSpanID
		if joined != c.joined || got.Recorded() != c.record || got.State != c.state || limited {
			t.Errorf("%s: joined %v, %+v", name, joined, got)
		}
		if !c.joined && got.Parent != [8]byte{} {
			t.Errorf("%s: a trace that begins here has a parent: %+v", name, got)
		}
	}
}

// TestTheClientDecides where it has begun a trace, and sample elsewhere.
func TestTheClientDecides(t *testing.T) {
	s := samplerOf("0", 100, time.Now)
	if got, _ := s.place(clientTrace(http.Header{"Traceparent": {recorded}})); !got.Recorded() {
		t.Error("a client's trace is not recorded")
	}
	if got, _ := s.place(clientTrace(nil)); got != (tollgate.Trace{}) {
		t.Errorf("%+v", got)
	}
	s, recordedOnes := samplerOf("0.25", 1e6, time.Now), 0
	for range 4000 {
		if got, _ := s.place(clientTrace(nil)); got.Recorded() {
			recordedOnes++
			if share := float64(binary.BigEndian.Uint64(got.ID[8:])>>1) / (1 << 63); share >= 0.25 {
				t.Errorf("recorded although its id says %v", share)
			}
		}
	}
	if recordedOnes < 800 || recordedOnes > 1200 { // 7 standard deviations
		t.Errorf("%d of 4000 are recorded, want about 1000", recordedOnes)
	}
}

// TestPromise8_NoClientDecidesWhatTracingCosts: the bound holds for traces of
// clients and for others together, and fills again with time.
func TestPromise8_NoClientDecidesWhatTracingCosts(t *testing.T) {
	now := time.Unix(1000, 0)
	s := samplerOf("1", 10, func() time.Time { return now })
	count := func(header http.Header) (n int) {
		for range 100 {
			got, limited := s.place(clientTrace(header))
			if got.Recorded() == limited {
				t.Errorf("%+v, limited %v", got, limited)
			}
			if got.Recorded() {
				n++
			}
		}
		return n
	}
	if n := count(http.Header{"Traceparent": {recorded}}); n != 10 {
		t.Errorf("%d traces of clients in no time", n)
	}
	if n := count(nil); n != 0 {
		t.Errorf("%d others beside them", n)
	}
	now = now.Add(500 * time.Millisecond)
	if n := count(nil); n != 5 {
		t.Errorf("%d in half a second", n)
	}
	now = now.Add(time.Hour)
	if n := count(nil); n != 10 {
		t.Errorf("%d at once after an hour", n)
	}
	got, _ := s.place(clientTrace(http.Header{"Traceparent": {recorded}}))
	if hex.EncodeToString(got.ID[:]) != clientTraceID {
		t.Error("a request that is not recorded has lost its trace, which its log line needs")
	}
}

func FuzzClientTrace(f *testing.F) {
	f.Add(recorded, "a=1", "b=2")
	f.Add(unrecorded, "", "")
	f.Add("cc-"+recorded[3:]+"-x", strings.Repeat("a=1,", 40), "=")
	f.Fuzz(func(t *testing.T, parent, first, second string) {
		got := clientTrace(http.Header{"Traceparent": {parent}, "Tracestate": {first, second}})
		if state := got.TraceState().String(); len(state) > longestState || tollgate.HoldsKey(state) {
			t.Errorf("state %q", state)
		}
		if id := got.TraceID().String(); got.IsValid() && !strings.Contains(parent, id) {
			t.Errorf("%q is not in %q", id, parent)
		}
	})
}

func FuzzRejectedSpans(f *testing.F) {
	inside := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 3)
	f.Add(protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), inside))
	f.Add(protowire.AppendBytes(protowire.AppendTag(nil, 9, protowire.BytesType), inside))
	f.Add(protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 3))
	f.Add([]byte{0x0a, 0x0a, 0x08})
	f.Fuzz(func(t *testing.T, answer []byte) {
		if n := rejectedSpans(answer); n < 0 {
			t.Errorf("%d spans are rejected by %x", n, answer)
		}
	})
}
