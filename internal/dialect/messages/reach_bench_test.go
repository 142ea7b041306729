package messages

import (
	"strings"
	"testing"

	"tollgate/internal/jsonedit"
)

// BenchmarkReachOf looks at a request of 100 KB, half of which is tools and half
// source code with escaped quotes, as the client sends them.
func BenchmarkReachOf(b *testing.B) {
	tool := `{"name":"Read","description":"` + strings.Repeat(`Reads a file; the \"path\" is absolute. `, 80) + `","input_schema":{"type":"object","properties":{"path":{"type":"string"}}}},`
	tools := strings.Repeat(tool, 15)
	text := strings.Repeat(`func main() {\n\tfmt.Println(\"hello\")\n}\n`, 1200)
	body := []byte(`{"model":"claude-opus-5-5","messages":[{"role":"user","content":[{"type":"text","text":"` + text + `"}]}],"tools":[` + tools[:len(tools)-1] + `],"max_tokens":32000,"stream":true}`)
	object := jsonedit.Open(body)
	if ReachOf(object).Beyond {
		b.Fatal("nothing in it is beyond its bytes")
	}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		ReachOf(object)
	}
}
