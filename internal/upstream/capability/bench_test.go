package capability

import (
	"fmt"
	"strings"
	"testing"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// conversation is a request of about 100 KB from which bedrock has nothing taken
// away: forty turns, a dozen tools, a long system prompt.
func conversation() []byte {
	var b strings.Builder
	b.WriteString(`{"model":"claude-opus-5-5","messages":[{"role":"user","content":"go"}`)
	for i := range 40 {
		fmt.Fprintf(&b, `,{"role":"assistant","content":[{"type":"text","text":"I shall read the file."},{"type":"tool_use","id":"toolu_%d","name":"Read","input":{"file_path":"/src/main.go"}}]}`, i)
		fmt.Fprintf(&b, `,{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":%q}]}`, i, strings.Repeat("func main() { fmt.Println(\"hello\") }\n", 30))
	}
	b.WriteString(`],"system":[{"type":"text","text":"` + strings.Repeat("You are a careful engineer. ", 300) + `","cache_control":{"type":"ephemeral"}}],"tools":[`)
	for i := range 12 {
		fmt.Fprintf(&b, `{"name":"tool%d","description":"%s","input_schema":{"type":"object","properties":{"file_path":{"type":"string","description":"%s"}},"required":["file_path"],"additionalProperties":false}},`, i, strings.Repeat("Reads what is there. ", 120), strings.Repeat("a path ", 20))
	}
	b.WriteString(`{"name":"last","defer_loading":true}],"max_tokens":128000,"thinking":{"type":"adaptive","display":"omitted"},"context_management":{"edits":[]},"output_config":{"effort":"medium"},"stream":true}`)
	return []byte(b.String())
}

func BenchmarkFit(b *testing.B) {
	body := conversation()
	object := jsonedit.Open(body)
	call := tollgate.Call{Model: opus, Betas: requestBetas}
	for _, provider := range clouds {
		b.Run(provider, func(b *testing.B) {
			table := newTable(provider)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				edits := object.Edit()
				if _, _, err := table.Fit(edits, call, opus); err != nil || edits.Changed() {
					b.Fatal(err)
				}
			}
		})
	}
}
