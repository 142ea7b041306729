package meter

import (
	"testing"

	"tollgate/internal/jsonedit"
)

func TestPlainDelta(t *testing.T) {
	for data, want := range map[string]int64{
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}`:                        5,
		`{"type":"content_block_delta","index":12,"delta":{"type":"text_delta","text":"Hello"}      }`:                 5,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}`:                             0,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\n\"\\\u00e9é"}}`:               6,
		`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}`:        5,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"},"more":1}`:               -1,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello","more":1}}`:               -1,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"`:                          -1,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello\`:                          -1,
		`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}`:                   -1,
		`{"index":0,"type":"content_block_delta","delta":{"type":"text_delta","text":"Hello"}}`:                        -1,
		`{"type": "content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}`:                       -1,
		`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}`:                      -1,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}{"type":"message_stop"}`: -1,
	} {
		chars, length := plainDelta([]byte(data))
		if length != len(data) {
			chars = -1
		}
		if chars != want {
			t.Errorf("%s: %d, want %d", data, chars, want)
		}
	}
}

func TestPlainEvent(t *testing.T) {
	const event = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n"
	if chars, length := plainEvent([]byte(event + "event: x")); chars != 5 || length != len(event) {
		t.Errorf("%d characters, %d bytes", chars, length)
	}
	for end := range len(event) {
		if _, length := plainEvent([]byte(event[:end])); length != 0 {
			t.Errorf("%q passes for a whole event", event[:end])
		}
	}
}

// FuzzPlainDelta holds that the quick way counts what the thorough way counts.
func FuzzPlainDelta(f *testing.F) {
	f.Add(`Hello`, ` `)
	f.Add(`a\n\"\\\u00e9é`, ``)
	f.Add(`\u12`, `x`)
	f.Add(`\u0"00`, ``)
	f.Fuzz(func(t *testing.T, text, gap string) {
		data := []byte(`{"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"` + text + `"}` + gap + `}`)
		chars, length := plainDelta(data)
		if length != len(data) {
			return
		}
		delta, _ := jsonedit.Find(data, "delta")
		found, _ := jsonedit.Find(delta.Value, "text")
		if want := characters(found.Value); chars != want {
			t.Fatalf("%q: %d characters, want %d", data, chars, want)
		}
	})
}
