package main

import (
	"bytes"
	"fmt"
	"strings"
)

// The models are in the gateway's price list, so that every request is priced,
// and are of one length. Each goes to a provider of its own.
const (
	model        = "claude-opus-5-5"
	bedrockModel = "claude-opus-4-8"
	vertexModel  = "claude-opus-4-7"
)

// body makes a request of exactly size bytes in the shape Claude Code gives
// its own: model first, then the conversation, the instructions and the tools,
// stream last; long texts full of escapes. size is at least 2 KB.
func body(model string, size int, stream bool) []byte {
	head := `{"model":"` + model + `","messages":[{"role":"user","content":[{"type":"text","text":"`
	tail := `"}]}],"system":[{"type":"text","text":"` + text(300) +
		`","cache_control":{"type":"ephemeral"}}],"tools":[` + tool("Bash") + "," + tool("Edit") +
		`],"metadata":{"user_id":"{\"device_id\":\"0f3c\",\"account_uuid\":\"\",\"session_id\":\"23ea72a8\"}"},` +
		`"max_tokens":64000,"thinking":{"type":"adaptive"},"output_config":{"effort":"medium"},` +
		fmt.Sprintf(`"stream":%v}`, stream)
	return []byte(head + text(size-len(head)-len(tail)) + tail)
}

func tool(name string) string {
	return `{"name":"` + name + `","description":"` + text(200) + `","input_schema":{"type":"object",` +
		`"properties":{"command":{"description":"What to run","type":"string"}},"required":["command"],"additionalProperties":false}}`
}

// text is n bytes of the inside of a JSON string that holds source code:
// quotes, newlines and tabs are escaped, as they are on the wire.
func text(n int) string {
	const code = `func greet(name string) {\n\tfmt.Printf(\"Hello, %s\\n\", name)\n\t// a comment of ordinary length\n}\n\n`
	whole := strings.Repeat(code, n/len(code))
	return whole + strings.Repeat(".", n-len(whole))
}

// request is the bytes of one HTTP request with the headers of Claude Code.
// answer tells the sink how to reply.
func request(host, key, answer string, body []byte) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "POST /v1/messages?beta=true HTTP/1.1\r\nHost: %s\r\n", host)
	for _, header := range []string{
		"Accept: application/json",
		"Authorization: Bearer " + key,
		"Content-Type: application/json",
		"User-Agent: claude-cli/2.1.330 (external, sdk-cli)",
		"X-Claude-Code-Session-Id: 23ea72a8-356c-414f-9f34-c23425c4de2b",
		"X-Stainless-Arch: x64",
		"X-Stainless-Lang: js",
		"X-Stainless-OS: Linux",
		"X-Stainless-Package-Version: 0.128.0",
		"X-Stainless-Retry-Count: 0",
		"X-Stainless-Runtime: node",
		"X-Stainless-Runtime-Version: v26.12.1",
		"X-Stainless-Timeout: 600",
		"anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,effort-2025-11-24",
		"anthropic-dangerous-direct-browser-access: true",
		"anthropic-version: 2023-06-01",
		"x-app: cli",
		"Accept-Encoding: gzip, deflate, br, zstd",
		answerHeader + ": " + answer,
	} {
		out.WriteString(header + "\r\n")
	}
	fmt.Fprintf(&out, "Content-Length: %d\r\n\r\n", len(body))
	out.Write(body)
	return out.Bytes()
}
