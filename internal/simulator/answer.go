package simulator

import (
	"fmt"
	"strings"
)

// answer is what the model says: its blocks and why it stopped.
type answer struct {
	parts    []part
	stop     string
	searches int64 // web searches the provider ran
}

// reply decides what to answer, by the first rule that fits.
func reply(c *conversation, counted bool) answer {
	if c.MaxTokens == 1 {
		return answer{parts: []part{textPart("Yes")}, stop: "max_tokens"}
	}
	said := say(c)
	if c.Thinking.wanted() {
		thought := "This is a simulation, so there is nothing to think about; the answer follows from a rule."
		thinking := thinkingPart(thought, c.Thinking.Display == "omitted", counted)
		said.parts = append([]part{thinking}, said.parts...)
	}
	return said.within(c.MaxTokens)
}

// within stops in the middle of the text that goes beyond limit tokens.
// Thoughts and tool calls are let through whole.
func (a answer) within(limit int64) answer {
	for i, one := range a.parts {
		if one.whole[1] == "text" && one.tokens > limit {
			text := one.whole[3].(string)
			short := strings.ToValidUTF8(text[:min(len(text), int(max(limit, 1))*bytesPerToken)], "")
			return answer{parts: append(a.parts[:i:i], textPart(short)), stop: "max_tokens", searches: a.searches}
		}
		limit -= one.tokens
	}
	return a
}

func say(c *conversation) answer {
	prompt := c.prompt()
	switch results := c.results(); {
	case c.OutputConfig.Format.Type == "json_schema":
		value := c.OutputConfig.Format.Schema.example(title(prompt), 0)
		return spoken(string(mustJSON(value)))
	case len(results) > 0:
		return spoken(readOut(results))
	case c.serverTool("web_search_"):
		return searched(prompt)
	}
	if calls := toolCalls(c, prompt); len(calls) > 0 {
		return calling("Let me see.", calls)
	}
	return spoken(greeting(c, prompt))
}

func spoken(text string) answer {
	return answer{parts: []part{textPart(text)}, stop: "end_turn"}
}

func calling(preface string, calls []ToolCall) answer {
	said := answer{parts: []part{textPart(preface)}, stop: "tool_use"}
	for _, call := range calls {
		said.parts = append(said.parts, toolPart(call))
	}
	return said
}

// quoteLimit is how many bytes of a tool's result are read out.
const quoteLimit = 2000

// readOut quotes what the tools answered.
func readOut(results []block) string {
	var text strings.Builder
	for i, result := range results {
		if i > 0 {
			text.WriteString("\n\n")
		}
		said := strings.TrimSpace(result.Content.text())
		switch {
		case result.IsError:
			fmt.Fprintf(&text, "That did not work: %s", quote(said))
		case said == "":
			text.WriteString("It worked, and said nothing.")
		default:
			fmt.Fprintf(&text, "It says: %s", quote(said))
		}
	}
	return text.String()
}

func quote(text string) string {
	if len(text) > quoteLimit {
		text = strings.ToValidUTF8(text[:quoteLimit], "") + " …"
	}
	return text
}

// greeting is the answer to everything else.
func greeting(c *conversation, prompt string) string {
	text := "Hello from a simulated " + c.Model + ". No model is thinking here; this text comes from a rule."
	if prompt != "" {
		text += fmt.Sprintf(" You said %q.", title(prompt))
	}
	if c.has("Read") {
		text += " Ask me to read a file, to run `a command` or to spawn an agent, and I shall call your tools."
	}
	return text
}

// title is the beginning of a text: six words, sixty bytes.
func title(text string) string {
	words := strings.Fields(text)
	short := strings.Join(words[:min(6, len(words))], " ")
	if len(short) > 60 {
		short = strings.ToValidUTF8(short[:60], "")
	}
	if short == "" {
		return "Simulated"
	}
	return short
}

// searched is a turn in which the provider itself has searched the web.
func searched(prompt string) answer {
	query := strings.TrimSpace(prompt[strings.LastIndexByte(prompt, ':')+1:])
	id := newID("srvtoolu_01")
	result := object{
		"type", "web_search_tool_result", "tool_use_id", id,
		"content",
		[]object{{
			"type", "web_search_result", "title", "A simulated page", "url", "https://example.com/simulated",
			"encrypted_content", "c2ltdWxhdGVk", "page_age", nil,
		}},
	}
	return answer{
		parts: []part{
			callPart("server_tool_use", id, ToolCall{Name: "web_search", Input: map[string]any{"query": query}}),
			wholePart(result),
			textPart("I found one simulated page about " + title(query) + ": https://example.com/simulated"),
		},
		stop:     "end_turn",
		searches: 1,
	}
}
