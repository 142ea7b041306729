package bedrock

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/eventstream"
)

// The events of one answer, as the Messages API sends them and as Bedrock adds
// to the last.
const (
	start     = `{"type":"message_start","message":{"id":"msg_bdrk_1","usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":null,"output_tokens":1}}}`
	delta     = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"the amazon-bedrock-invocationMetrics, é\n"}}`
	usageLast = `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":12}}`
	stop      = `{"type":"message_stop"}`
	stopAdded = `{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":10,"outputTokenCount":12,"invocationLatency":912,"firstByteLatency":401}}`
)

func chunk(event string) []byte {
	return eventstream.Append(nil, chunkHeaders, fmt.Appendf(nil, `{"bytes":%q,"p":"abcdefghijklmnop"}`, base64.StdEncoding.EncodeToString([]byte(event))))
}

func raised(name, payload string) []byte {
	return eventstream.Append(nil, exceptionHeaders(name), []byte(payload))
}

func sentEvent(kind, data string) string { return "event: " + kind + "\ndata: " + data + "\n\n" }

var sent = sentEvent("message_start", start) + sentEvent("content_block_delta", delta) + sentEvent("message_delta", usageLast) + sentEvent("message_stop", stop)

func framed() []byte {
	return bytes.Join([][]byte{chunk(start), chunk(delta), chunk(usageLast), chunk(stopAdded)}, nil)
}

func decoding(t testing.TB) dialect.Codec {
	header := http.Header{"Content-Type": {frames}}
	codec := Dialect{}.Decode(tollgate.Call{Operation: tollgate.Messages, Stream: true}, 200, header)
	if header.Get("Content-Type") != events {
		t.Fatalf("the content type is %v", header)
	}
	return codec
}

func encoding(t testing.TB) dialect.Codec {
	header := http.Header{"Content-Type": {events + "; charset=utf-8"}}
	codec := Dialect{}.Encode(tollgate.Call{Operation: tollgate.Messages, Stream: true}, 200, header)
	if header.Get("Content-Type") != frames || header.Get("X-Amzn-Bedrock-Content-Type") != "application/json" {
		t.Fatalf("the content type is %v", header)
	}
	return codec
}

func TestDecode(t *testing.T) {
	other := []eventstream.Header{{Name: ":message-type", Value: "event"}, {Name: ":event-type", Value: "news"}}
	newer := []eventstream.Header{{Name: ":message-type", Value: "whisper"}}
	for _, c := range []struct {
		name   string
		stream []byte
		want   string
		err    error
	}{
		{"an answer", framed(), sent, nil},
		{"nothing", nil, "", nil},
		{"frames of another kind", bytes.Join([][]byte{eventstream.Append(nil, other, []byte("{}")), chunk(stop), eventstream.Append(nil, newer, nil)}, nil), sentEvent("message_stop", stop), nil},
		{"members in another order", eventstream.Append(nil, chunkHeaders, []byte(`{"p":"x","bytes":"eyJ0eXBlIjoicGluZyJ9"}`)), sentEvent("ping", `{"type":"ping"}`), nil},
		{"an escaped slash in base64", eventstream.Append(nil, chunkHeaders, []byte(`{"bytes":"eyJ0eXBlIjoicCIsImEiOiI\/Pz8ifQ=="}`)), sentEvent("p", `{"type":"p","a":"???"}`), nil},
		{"metrics first", chunk(`{"amazon-bedrock-invocationMetrics":{"a":[1]}, "type":"message_stop"}`), sentEvent("message_stop", `{"type":"message_stop"}`), nil},
		{"lines between values", chunk("{\r\n \"type\": \"ping\"\n}"), sentEvent("ping", `{"type":"ping"}`), nil},
		{"cut in a frame", framed()[:len(framed())-1], strings.TrimSuffix(sent, sentEvent("message_stop", stop)), io.ErrUnexpectedEOF},
		{"damaged", append(chunk(stop), framed()[1:]...), sentEvent("message_stop", stop), eventstream.ErrChecksum},
		{"no object", chunk(`[]`), "", errChunk},
		{"no type", chunk(`{"a":1}`), "", errChunk},
		{"a type that would be a line", chunk(`{"type":"a\nb"}`), "", errChunk},
		{"no base64", eventstream.Append(nil, chunkHeaders, []byte(`{"bytes":"%"}`)), "", errChunk},
		{"no bytes", append(chunk(stop), eventstream.Append(nil, chunkHeaders, []byte(`{"b":"e30="}`))...), sentEvent("message_stop", stop), errChunk},
	} {
		for _, size := range []int{1, 7, len(c.stream) + 1} {
			if got, err := turn(decoding(t), c.stream, size); got != c.want || !errors.Is(err, c.err) {
				t.Errorf("%s, pieces of %d: %v\n got %s\nwant %s", c.name, size, err, got, c.want)
			}
		}
	}
}

// TestDecodeNamesNoAccount holds that nothing of what an exception says reaches
// the client, be it an id or an ARN.
func TestDecodeNamesNoAccount(t *testing.T) {
	const told = `{"message":"arn:aws:iam::123456789012:role/x is not allowed","originalMessage":"arn:aws:iam::123456789012:role/x","originalStatusCode":500}`
	unmodeled := eventstream.Append(nil, []eventstream.Header{
		{Name: ":message-type", Value: "error"}, {Name: ":error-code", Value: "InternalFailure"}, {Name: ":error-message", Value: told},
	}, nil)
	for _, c := range []struct {
		frame []byte
		want  string
	}{
		{raised("throttlingException", told), "rate_limit_error"},
		{raised("serviceUnavailableException", told), "overloaded_error"},
		{raised("modelTimeoutException", told), "timeout_error"},
		{raised("validationException", told), "invalid_request_error"},
		{raised("internalServerException", told), "api_error"},
		{raised("modelStreamErrorException", told), "api_error"},
		{raised("arn:aws:iam::123456789012", told), "api_error"},
		{unmodeled, "api_error"},
	} {
		got, err := turn(decoding(t), append(chunk(start), c.frame...), 5)
		rest, begun := strings.CutPrefix(got, sentEvent("message_start", start)+"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\""+c.want+"\",\"message\":\"")
		if err != nil || !begun || !strings.HasSuffix(rest, "\"}}\n\n") {
			t.Errorf("%s: %v\n%s", c.want, err, got)
		}
		if strings.Contains(rest, "1234") || strings.Contains(rest, "arn") {
			t.Errorf("%s: the client is told %s", c.want, rest)
		}
	}
}

func TestEncode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		codec := encoding(t)
		time.Sleep(40 * time.Millisecond) // of the bubble's clock
		first, err := codec.Turn([]byte(sentEvent("message_start", start) + ": keepalive\n\n" + sentEvent("ping", `{"type":"ping"}`)))
		all := bytes.Clone(first)
		time.Sleep(60 * time.Millisecond)
		rest, endErr := turn(codec, []byte(sentEvent("content_block_delta", delta)+sentEvent("message_delta", usageLast)+sentEvent("message_stop", stop)), 3)
		if err != nil || endErr != nil {
			t.Fatal(err, endErr)
		}
		want := []string{
			start, `{"type":"ping"}`, delta, usageLast,
			`{"amazon-bedrock-invocationMetrics":{"inputTokenCount":10,"outputTokenCount":12,"cacheReadInputTokenCount":5,"cacheWriteInputTokenCount":0,"invocationLatency":100,"firstByteLatency":40},"type":"message_stop"}`,
		}
		var got []string
		decoder := eventstream.NewDecoder(func(f eventstream.Frame) {
			event, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(strings.TrimPrefix(string(f.Payload), `{"bytes":"`), `"}`))
			if err != nil || string(f.Headers.Text(":event-type")) != "chunk" || string(f.Headers.Text(":message-type")) != "event" || string(f.Headers.Text(":content-type")) != "application/json" {
				t.Errorf("a frame has %q %q: %v", f.Headers, f.Payload, err)
			}
			got = append(got, string(event))
		})
		if err := decoder.Feed(append(all, rest...)); err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%v\n got %s\nwant %s", err, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestEncodeRaises(t *testing.T) {
	for _, c := range []struct{ event, name, payload string }{
		{`{"type":"error","error":{"type":"overloaded_error","message":"busy é"}}`, "serviceUnavailableException", `{"message":"busy é"}`},
		{`{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}`, "throttlingException", `{"message":"slow"}`},
		{`{"type":"error","error":{"type":"timeout_error","message":"late"}}`, "modelTimeoutException", `{"message":"late"}`},
		{`{"type":"error","error":{"type":"invalid_request_error","message":"no"}}`, "validationException", `{"message":"no"}`},
		{`{"type":"error","error":{"type":"api_error","message":"oops"}}`, "internalServerException", `{"message":"oops"}`},
		{`{"type":"error","error":{"type":"new_error","message":"what"}}`, "internalServerException", `{"message":"what"}`},
		{`{"type":"error"}`, "internalServerException", `{"message":"the provider ended the answer with an error; try again"}`},
	} {
		got, err := turn(encoding(t), []byte(sentEvent("error", c.event)), 4)
		if want := string(raised(c.name, c.payload)); got != want || err != nil {
			t.Errorf("%s: %v\n got %q\nwant %q", c.event, err, got, want)
		}
	}
}

func TestEncodeOfWhatBrokeOff(t *testing.T) {
	for _, c := range []struct {
		name, stream, want string
		err                error
	}{
		{"between events", sentEvent("message_start", start), start, io.ErrUnexpectedEOF},
		{"in an event", sentEvent("message_start", start) + "event: content_block_delta\ndata: {\"type\":", start, io.ErrUnexpectedEOF},
		{"behind the last word", "event: message_stop\ndata: " + stop, "", nil},
		{"before it began", "", "", io.ErrUnexpectedEOF},
	} {
		got, err := turn(encoding(t), []byte(c.stream), 6)
		if !errors.Is(err, c.err) || c.want != "" && got != string(eventstream.Append(nil, chunkHeaders, fmt.Appendf(nil, `{"bytes":%q}`, base64.StdEncoding.EncodeToString([]byte(c.want))))) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

func TestCodecsLetLongBuffersGo(t *testing.T) {
	long := `{"type":"content_block_start","content":"` + strings.Repeat("x", 1<<20) + `"}`
	d, e := newDecoder(), newEncoder()
	for range 2 {
		for _, c := range []struct {
			codec      dialect.Codec
			long, tiny string
		}{{d, string(chunk(long)), string(chunk(stop))}, {e, sentEvent("content_block_start", long), sentEvent("ping", "{}")}} {
			for _, stream := range []string{c.long, c.tiny} {
				if _, err := c.codec.Turn([]byte(stream)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if kept := cap(d.event) + cap(d.told) + cap(e.payload) + cap(e.told); kept > 4*maxKept {
		t.Errorf("%d bytes are kept after long events", kept)
	}
}

// FuzzDecode holds the codec to one answer however the stream is cut.
func FuzzDecode(f *testing.F) {
	f.Add(framed(), uint8(3))
	f.Add(append(chunk(start), raised("throttlingException", "{}")...), uint8(1))
	f.Add(chunk(`{"type":"a","type":"b"}`), uint8(9))
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		whole, wholeErr := turn(decoding(t), stream, len(stream)+1)
		cut, cutErr := turn(decoding(t), stream, int(size)+1)
		if whole != cut || !errors.Is(wholeErr, cutErr) {
			t.Fatalf("in one piece %q %v, in several %q %v", whole, wholeErr, cut, cutErr)
		}
	})
}

// FuzzThereAndBack holds that a conversation which is put into frames and taken
// out of them is the one it was, whatever its text.
func FuzzThereAndBack(f *testing.F) {
	f.Add("hello", uint8(1))
	f.Add("amazon-bedrock-invocationMetrics\u2028\\\"", uint8(200))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		stream := sentEvent("message_start", start) + sentEvent("content_block_delta", `{"type":"content_block_delta","text":`+string(quote(text))+`}`) + sentEvent("message_stop", stop)
		there, err := turn(encoding(t), []byte(stream), int(size)+1)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := turn(decoding(t), []byte(there), int(size)+1); back != stream || err != nil {
			t.Fatalf("%v\n got %s\nwant %s", err, back, stream)
		}
	})
}

// BenchmarkDecode takes apart an answer of 200 events, as reads of 4 KiB return it.
func BenchmarkDecode(b *testing.B) {
	stream := bytes.Join([][]byte{chunk(start), bytes.Repeat(chunk(delta), 198), chunk(usageLast), chunk(stopAdded)}, nil)
	benchmark(b, stream, decoding)
}

func BenchmarkEncode(b *testing.B) {
	stream := sentEvent("message_start", start) + strings.Repeat(sentEvent("content_block_delta", delta), 198) + sentEvent("message_delta", usageLast) + sentEvent("message_stop", stop)
	benchmark(b, []byte(stream), encoding)
}

func benchmark(b *testing.B, stream []byte, codec func(testing.TB) dialect.Codec) {
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		turning := codec(b)
		for piece := range slices.Chunk(stream, 4096) {
			if _, err := turning.Turn(piece); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := turning.End(); err != nil {
			b.Fatal(err)
		}
	}
}
