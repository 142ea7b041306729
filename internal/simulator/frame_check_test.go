package simulator

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strings"
)

// readFrames reads an event stream by providers.md 2.4 into the server-sent
// events that it stands for, and reports the first breach. It shares no code with
// the writer. An exception becomes an error event.
func readFrames(body []byte) (string, error) {
	var out strings.Builder
	for len(body) > 0 {
		headers, payload, rest, err := readOneFrame(body)
		if err != nil {
			return out.String(), err
		}
		body = rest
		name, data, err := readChunk(headers, payload)
		if err != nil {
			return out.String(), err
		}
		fmt.Fprintf(&out, "event: %s\ndata: %s\n\n", name, data)
	}
	return out.String(), nil
}

func readOneFrame(body []byte) (headers map[string]string, payload, rest []byte, err error) {
	if len(body) < 16 {
		return nil, nil, nil, fmt.Errorf("%d bytes are no frame", len(body))
	}
	total, head := int(binary.BigEndian.Uint32(body)), int(binary.BigEndian.Uint32(body[4:]))
	if total > len(body) || head > total-16 {
		return nil, nil, nil, fmt.Errorf("a frame of %d bytes with %d of headers in %d", total, head, len(body))
	}
	if crc32.ChecksumIEEE(body[:8]) != binary.BigEndian.Uint32(body[8:]) || crc32.ChecksumIEEE(body[:total-4]) != binary.BigEndian.Uint32(body[total-4:]) {
		return nil, nil, nil, fmt.Errorf("a checksum is wrong")
	}
	headers = map[string]string{}
	for list := body[12 : 12+head]; len(list) > 0; {
		name := string(list[1 : 1+list[0]])
		list = list[1+list[0]:]
		if list[0] != 7 {
			return nil, nil, nil, fmt.Errorf("header %s is of type %d", name, list[0])
		}
		size := binary.BigEndian.Uint16(list[1:])
		headers[name], list = string(list[3:3+size]), list[3+size:]
	}
	return headers, body[12+head : total-4], body[total:], nil
}

func readChunk(headers map[string]string, payload []byte) (name string, data []byte, err error) {
	if headers[":message-type"] == "exception" {
		var said struct{ Message string }
		err := json.Unmarshal(payload, &said)
		data, _ := json.Marshal(map[string]any{"type": "error", "error": map[string]string{"type": headers[":exception-type"], "message": said.Message}})
		return "error", data, err
	}
	var chunk struct {
		Bytes   []byte `json:"bytes"`
		Padding string `json:"p"`
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&chunk); err != nil {
		return "", nil, err
	}
	var event struct{ Type string }
	if headers[":message-type"] != "event" || headers[":event-type"] != "chunk" || chunk.Padding == "" {
		return "", nil, fmt.Errorf("not a chunk: %v, padding %q", headers, chunk.Padding)
	}
	err = json.Unmarshal(chunk.Bytes, &event)
	return event.Type, chunk.Bytes, err
}
