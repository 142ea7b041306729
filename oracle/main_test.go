package oracle

import (
	"os"
	"strings"
	"testing"
)

// TestMain takes away whatever of the environment the libraries would read.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "oracle")
	if err != nil {
		panic(err)
	}
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		for _, prefix := range []string{"AWS_", "ANTHROPIC_", "GOOGLE_", "CLOUD", "GCE_", "AZURE_"} {
			if strings.HasPrefix(name, prefix) {
				os.Unsetenv(name)
			}
		}
	}
	os.Setenv("HOME", home)
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	code := m.Run()
	os.RemoveAll(home)
	os.Exit(code)
}
