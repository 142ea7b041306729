package simulator

import (
	"path"
	"regexp"
	"strings"
)

// ToolCall is a call of one of the client's tools.
type ToolCall struct {
	Name  string         `yaml:"name"`
	Input map[string]any `yaml:"input"`
}

// The phrases in a prompt that make the simulator call a tool.
var (
	agentPhrase   = regexp.MustCompile(`(?is)\b(?:spawn|start|use|launch)\s+(?:an?\s+|the\s+)?(?:sub-?)?agent\b[\s:,]*(?:(?:to|that|which)\s+)?(.*)`)
	searchPhrase  = regexp.MustCompile(`(?is)\bsearch\s+the\s+web\s+(?:for\s+|about\s+)?(.+)`)
	commandPhrase = regexp.MustCompile("(?is)\\b(?:run|execute)\\b[^`]*`([^`]+)`")
	commandColon  = regexp.MustCompile(`(?im)\b(?:run|execute)(?:\s+the)?\s+command\s*:?\s+(.+)$`)
	fileName      = regexp.MustCompile(`(?:~?/)?(?:[\w.@+-]+/)*[\w@+-][\w.@+-]*\.[A-Za-z][A-Za-z0-9]{0,7}\b`)
	workingFolder = regexp.MustCompile(`(?i)working directory:\s*(/[^\n<]*)`)
)

// maxReads is how many files are read in one turn.
const maxReads = 4

// toolCalls are the tools that the prompt asks for, as far as the client
// offers them.
func toolCalls(c *conversation, prompt string) []ToolCall {
	if found := agentPhrase.FindStringSubmatch(prompt); found != nil {
		if call, ok := agentCall(c, found[1]); ok {
			return []ToolCall{call}
		}
	}
	if found := searchPhrase.FindStringSubmatch(prompt); found != nil && c.has("WebSearch") {
		return []ToolCall{{Name: "WebSearch", Input: map[string]any{"query": strings.TrimSpace(found[1])}}}
	}
	if command := commandIn(prompt); command != "" && c.has("Bash") {
		return []ToolCall{{Name: "Bash", Input: map[string]any{"command": command, "description": "Run what was asked for"}}}
	}
	if c.has("Read") {
		return readCalls(c, prompt)
	}
	return nil
}

// agentCall asks the client's agent tool, whichever name it has, to do task.
func agentCall(c *conversation, task string) (ToolCall, bool) {
	for _, name := range []string{"Agent", "Task"} {
		offered, ok := c.tool(name)
		if !ok {
			continue
		}
		if task = strings.TrimSpace(task); task == "" {
			task = "Say hello."
		}
		input := map[string]any{"description": title(task), "prompt": task, "subagent_type": "general-purpose"}
		if _, ok := offered.InputSchema.Properties["run_in_background"]; ok {
			input["run_in_background"] = false
		}
		return ToolCall{Name: name, Input: input}, true
	}
	return ToolCall{}, false
}

func commandIn(prompt string) string {
	for _, phrase := range []*regexp.Regexp{commandPhrase, commandColon} {
		if found := phrase.FindStringSubmatch(prompt); found != nil {
			return strings.TrimSpace(found[1])
		}
	}
	return ""
}

// readCalls reads the files that the prompt mentions, relative to the folder
// the client says it works in.
func readCalls(c *conversation, prompt string) []ToolCall {
	var calls []ToolCall
	seen := map[string]bool{}
	for _, name := range fileName.FindAllString(prompt, -1) {
		if len(calls) == maxReads || seen[name] {
			continue
		}
		seen[name] = true
		calls = append(calls, ToolCall{Name: "Read", Input: map[string]any{"file_path": c.resolve(name)}})
	}
	return calls
}

func (c *conversation) resolve(name string) string {
	if path.IsAbs(name) || strings.HasPrefix(name, "~") {
		return name
	}
	return path.Join(c.workingFolder(), name)
}

// workingFolder is the folder the client names in its system text or in a
// reminder; empty when it names none.
func (c *conversation) workingFolder() string {
	texts := []string{c.System.text()}
	for _, turn := range c.Messages {
		texts = append(texts, turn.Content.text())
	}
	for _, text := range texts {
		if found := workingFolder.FindStringSubmatch(text); found != nil {
			return strings.TrimSpace(found[1])
		}
	}
	return ""
}
