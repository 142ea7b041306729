package doctor

import (
	"os"
	"strings"
	"testing"
)

// TestEveryCheckIsOnThePage, in its order.
func TestEveryCheckIsOnThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "| Check | What it is about |")
	for _, each := range checks {
		_, after, found := strings.Cut(rest, "\n| `"+each.name+"` | ")
		if !found {
			t.Fatalf("%s is not in the table, or not in its place", each.name)
		}
		rest = after
	}
	if next, _, _ := strings.Cut(rest, "\n\n"); strings.Count(next, "\n| ") > 0 {
		t.Error("the table has a check that there is not")
	}
}
