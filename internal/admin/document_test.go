package admin

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// The document describes every route and no other, with its status.
func TestDocumentMatchesRoutes(t *testing.T) {
	text, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]yaml.Node `yaml:"paths"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	var written []string
	for path, operations := range document.Paths {
		for method, node := range operations {
			if method != "parameters" {
				written = append(written, strings.ToUpper(method)+" "+path+" "+success(t, node))
			}
		}
	}
	served := []string{"GET " + Base + "/version 200"}
	for _, route := range new(face).routes() {
		served = append(served, mount(route.pattern)+" "+strconv.Itoa(route.status))
	}
	slices.Sort(written)
	slices.Sort(served)
	if !slices.Equal(written, served) {
		t.Errorf("the document has\n%s\nserved is\n%s", strings.Join(written, "\n"), strings.Join(served, "\n"))
	}
}

// success is the one status below 400 of an operation.
func success(t *testing.T, operation yaml.Node) string {
	t.Helper()
	var body struct {
		Responses map[string]yaml.Node `yaml:"responses"`
	}
	if err := operation.Decode(&body); err != nil {
		t.Fatal(err)
	}
	for status := range body.Responses {
		if status != "default" {
			return status
		}
	}
	return "none"
}
