package simulator

import (
	"bytes"
	"encoding/json"
	"strings"
)

// conversation is a request's body, as far as the simulator reads it.
type conversation struct {
	Model        string        `json:"model"`
	Messages     []message     `json:"messages"`
	System       blocks        `json:"system"`
	Tools        []tool        `json:"tools"`
	MaxTokens    int64         `json:"max_tokens"`
	Stream       bool          `json:"stream"`
	Speed        string        `json:"speed"`
	InferenceGeo string        `json:"inference_geo"`
	Thinking     thinking      `json:"thinking"`
	OutputConfig outputConfig  `json:"output_config"`
	CacheControl *cacheControl `json:"cache_control"`
}

// message is one turn. Its role is user, assistant or, in the middle of the
// conversation, system.
type message struct {
	Role    string `json:"role"`
	Content blocks `json:"content"`
}

type tool struct {
	Type         string        `json:"type"` // empty: the client's own
	Name         string        `json:"name"`
	InputSchema  schema        `json:"input_schema"`
	CacheControl *cacheControl `json:"cache_control"`
	raw          []byte
}

type thinking struct {
	Type    string `json:"type"`    // enabled, adaptive or disabled
	Display string `json:"display"` // omitted: the reader gets signatures only
}

func (t thinking) wanted() bool { return t.Type == "enabled" || t.Type == "adaptive" }

type outputConfig struct {
	Format struct {
		Type   string `json:"type"`
		Schema schema `json:"schema"`
	} `json:"format"`
}

type cacheControl struct {
	TTL string `json:"ttl"` // "5m" when empty, or "1h"
}

// block is one content block.
type block struct {
	Type         string        `json:"type"`
	Text         string        `json:"text"`
	Content      blocks        `json:"content"` // of a tool_result
	IsError      bool          `json:"is_error"`
	ToolUseID    string        `json:"tool_use_id"`
	CacheControl *cacheControl `json:"cache_control"`
	raw          []byte
}

// blocks is a content, which the wire writes as a string or as an array.
type blocks []block

// UnmarshalJSON reads either form; a string is one text block.
func (b *blocks) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '"' {
		var text string
		err := json.Unmarshal(data, &text)
		*b = blocks{{Type: "text", Text: text}}
		return err
	}
	if len(data) > 0 && data[0] == '{' { // one result block without its array
		data = append(append([]byte{'['}, data...), ']')
	}
	var list []block
	err := json.Unmarshal(data, &list)
	*b = list
	return err
}

// UnmarshalJSON reads a block and keeps its bytes for counting.
func (b *block) UnmarshalJSON(data []byte) error {
	type plain block
	b.raw = bytes.Clone(data)
	return json.Unmarshal(data, (*plain)(b))
}

// UnmarshalJSON reads a tool and keeps its bytes for counting.
func (t *tool) UnmarshalJSON(data []byte) error {
	type plain tool
	t.raw = bytes.Clone(data)
	return json.Unmarshal(data, (*plain)(t))
}

// text joins the text blocks.
func (b blocks) text() string {
	var parts []string
	for _, one := range b {
		if one.Type == "text" {
			parts = append(parts, one.Text)
		}
	}
	return strings.Join(parts, "\n")
}

// last is the last message that is not a system message: what has to be
// answered.
func (c *conversation) last() message {
	for i := len(c.Messages) - 1; i >= 0; i-- {
		if c.Messages[i].Role != "system" {
			return c.Messages[i]
		}
	}
	return message{}
}

// typed is what the user typed last: the last text of the last message that
// is not a reminder which the client has put in.
func (c *conversation) typed() string {
	content := c.last().Content
	for i := len(content) - 1; i >= 0; i-- {
		if content[i].Type == "text" && !strings.HasPrefix(strings.TrimSpace(content[i].Text), "<system-reminder>") {
			return content[i].Text
		}
	}
	return ""
}

// prompt is what the user typed, without directives.
func (c *conversation) prompt() string {
	return strings.TrimSpace(directiveForm.ReplaceAllString(c.typed(), ""))
}

// results are the tool results in the last message.
func (c *conversation) results() []block {
	var found []block
	for _, one := range c.last().Content {
		if one.Type == "tool_result" {
			found = append(found, one)
		}
	}
	return found
}

// has says whether the client offers a tool of its own by this name.
func (c *conversation) has(name string) bool {
	_, ok := c.tool(name)
	return ok
}

func (c *conversation) tool(name string) (tool, bool) {
	for _, one := range c.Tools {
		if one.Name == name && (one.Type == "" || one.Type == "custom") {
			return one, true
		}
	}
	return tool{}, false
}

// serverTool says whether the client lets the provider run a tool of this kind.
func (c *conversation) serverTool(kind string) bool {
	for _, one := range c.Tools {
		if strings.HasPrefix(one.Type, kind) {
			return true
		}
	}
	return false
}
