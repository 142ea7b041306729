package simulator

import (
	"encoding/json"
	"fmt"
	"strings"
)

// heard is what an independent reader makes of a stream.
type heard struct {
	names  []string
	kinds  []string // of the content blocks
	texts  []string // what each block's deltas add up to
	model  string
	stop   string
	start  map[string]any // usage in message_start
	end    map[string]any // usage in the last message_delta
	errors []string
}

// readStream reads a stream by the grammar of providers.md 1.6 and reports
// the first breach. It shares no code with the writer.
func readStream(body string) (*heard, error) {
	h := new(heard)
	if !strings.HasSuffix(body, "\n\n") {
		return h, fmt.Errorf("the last event is not ended by an empty line")
	}
	open, done := -1, false
	for i, frame := range strings.Split(strings.TrimSuffix(body, "\n\n"), "\n\n") {
		name, data, err := readFrame(frame)
		if err != nil {
			return h, fmt.Errorf("event %d: %w", i, err)
		}
		if done {
			return h, fmt.Errorf("event %d, %s, comes after the end", i, name)
		}
		h.names = append(h.names, name)
		if open, err = h.step(name, data, open); err != nil {
			return h, fmt.Errorf("event %d, %s: %w", i, name, err)
		}
		done = name == "message_stop" || name == "error"
	}
	if !done {
		return h, fmt.Errorf("the stream has no end")
	}
	return h, nil
}

func readFrame(frame string) (string, map[string]any, error) {
	lines := strings.Split(frame, "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "event: ") || !strings.HasPrefix(lines[1], "data: ") {
		return "", nil, fmt.Errorf("not an event line and a data line: %q", frame)
	}
	name := strings.TrimPrefix(lines[0], "event: ")
	var data map[string]any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(lines[1], "data: ")), &data); err != nil {
		return name, nil, err
	}
	if data["type"] != name {
		return name, nil, fmt.Errorf("the type is %v", data["type"])
	}
	return name, data, nil
}

// step follows one event; open is the index of the open block, or -1.
func (h *heard) step(name string, data map[string]any, open int) (int, error) {
	if h.start == nil && name != "message_start" && name != "ping" && name != "error" {
		return open, fmt.Errorf("comes before message_start")
	}
	switch name {
	case "message_start":
		if h.start != nil {
			return open, fmt.Errorf("comes twice")
		}
		message := data["message"].(map[string]any)
		h.start, h.model = message["usage"].(map[string]any), message["model"].(string)
	case "content_block_start":
		if open >= 0 || int(data["index"].(float64)) != len(h.kinds) || h.end != nil {
			return open, fmt.Errorf("out of order")
		}
		h.kinds = append(h.kinds, data["content_block"].(map[string]any)["type"].(string))
		h.texts = append(h.texts, "")
		return len(h.kinds) - 1, nil
	case "content_block_delta":
		if open != int(data["index"].(float64)) {
			return open, fmt.Errorf("no such block is open")
		}
		return open, h.delta(open, data["delta"].(map[string]any))
	case "content_block_stop":
		if open != int(data["index"].(float64)) {
			return open, fmt.Errorf("no such block is open")
		}
		return -1, nil
	case "message_delta":
		h.end, _ = data["usage"].(map[string]any)
		h.stop, _ = data["delta"].(map[string]any)["stop_reason"].(string)
	case "message_stop":
		if open >= 0 || h.stop == "" {
			return open, fmt.Errorf("comes too early")
		}
	case "error":
		h.errors = append(h.errors, data["error"].(map[string]any)["type"].(string))
	case "ping":
	default:
		return open, fmt.Errorf("unknown event")
	}
	return open, nil
}

// delta adds a delta to its block, if it is of the block's kind.
func (h *heard) delta(open int, delta map[string]any) error {
	fields := map[string][2]string{ // delta type: the block's kind, the field
		"text_delta":       {"text", "text"},
		"thinking_delta":   {"thinking", "thinking"},
		"signature_delta":  {"thinking", ""},
		"input_json_delta": {"tool_use", "partial_json"},
	}
	kind, _ := delta["type"].(string)
	want, known := fields[kind]
	if !known || !strings.HasSuffix(h.kinds[open], strings.TrimPrefix(want[0], "server_")) {
		return fmt.Errorf("%s inside a block of %s", kind, h.kinds[open])
	}
	text, _ := delta[want[1]].(string)
	h.texts[open] += text
	return nil
}
