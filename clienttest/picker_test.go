package clienttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// checkPicker reads the file in which the client keeps the models it has
// discovered, which is what its picker shows.
func (c *client) checkPicker(t *testing.T, url string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.home, ".claude", "cache", "gateway-models.json"))
	if err != nil {
		t.Fatalf("the client has kept no models: %v", err)
	}
	var kept struct {
		BaseURL string `json:"baseUrl"`
		Models  []struct {
			ID string `json:"id"`
		} `json:"models"`
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var ids []string
	for _, one := range kept.Models {
		ids = append(ids, one.ID)
	}
	if kept.BaseURL != url || !slices.Contains(ids, "claude-opus-5-5") || !slices.Contains(ids, "claude-haiku-5-5") {
		t.Errorf("from %s the client has kept %v", kept.BaseURL, ids)
	}
}
