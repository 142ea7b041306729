package api_test

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"tollgate/api"
)

// described are the types that the document describes, by their names there.
var described = map[string]reflect.Type{
	"Failure":           reflect.TypeFor[api.Failure](),
	"Error":             reflect.TypeFor[api.Error](),
	"Version":           reflect.TypeFor[api.Version](),
	"Team":              reflect.TypeFor[api.Team](),
	"NewTeam":           reflect.TypeFor[api.NewTeam](),
	"TeamList":          reflect.TypeFor[api.List[api.Team]](),
	"Developer":         reflect.TypeFor[api.Developer](),
	"NewDeveloper":      reflect.TypeFor[api.NewDeveloper](),
	"DeveloperList":     reflect.TypeFor[api.List[api.Developer]](),
	"Key":               reflect.TypeFor[api.Key](),
	"NewKey":            reflect.TypeFor[api.NewKey](),
	"KeyRotation":       reflect.TypeFor[api.KeyRotation](),
	"KeyList":           reflect.TypeFor[api.List[api.Key]](),
	"Request":           reflect.TypeFor[api.Request](),
	"RequestList":       reflect.TypeFor[api.RequestList](),
	"Usage":             reflect.TypeFor[api.Usage](),
	"UsageSum":          reflect.TypeFor[api.UsageSum](),
	"LedgerCheck":       reflect.TypeFor[api.LedgerCheck](),
	"Check":             reflect.TypeFor[api.Check](),
	"Budget":            reflect.TypeFor[api.Budget](),
	"BudgetMember":      reflect.TypeFor[api.BudgetMember](),
	"Raise":             reflect.TypeFor[api.Raise](),
	"NewBudget":         reflect.TypeFor[api.NewBudget](),
	"NewRaise":          reflect.TypeFor[api.NewRaise](),
	"BudgetPreview":     reflect.TypeFor[api.BudgetPreview](),
	"BudgetList":        reflect.TypeFor[api.List[api.Budget]](),
	"Limit":             reflect.TypeFor[api.Limit](),
	"NewLimit":          reflect.TypeFor[api.NewLimit](),
	"LimitPreview":      reflect.TypeFor[api.LimitPreview](),
	"LimitList":         reflect.TypeFor[api.List[api.Limit]](),
	"Preview":           reflect.TypeFor[api.Preview](),
	"PreviewRefusal":    reflect.TypeFor[api.PreviewRefusal](),
	"Reload":            reflect.TypeFor[api.Reload](),
	"Erasure":           reflect.TypeFor[api.Erasure](),
	"Invitation":        reflect.TypeFor[api.Invitation](),
	"InvitationList":    reflect.TypeFor[api.List[api.Invitation]](),
	"NewInvitation":     reflect.TypeFor[api.NewInvitation](),
	"Hold":              reflect.TypeFor[api.Hold](),
	"HoldList":          reflect.TypeFor[api.List[api.Hold]](),
	"NewHold":           reflect.TypeFor[api.NewHold](),
	"RemoveHold":        reflect.TypeFor[api.RemoveHold](),
	"AuditEntry":        reflect.TypeFor[api.AuditEntry](),
	"AuditEntryList":    reflect.TypeFor[api.List[api.AuditEntry]](),
	"AuditRecord":       reflect.TypeFor[api.AuditRecord](),
	"AuditCheckpoint":   reflect.TypeFor[api.AuditCheckpoint](),
	"AuditVerification": reflect.TypeFor[api.AuditVerification](),
	"AuditFault":        reflect.TypeFor[api.AuditFault](),
	"SealedBody":        reflect.TypeFor[api.SealedBody](),
	"PersonKey":         reflect.TypeFor[api.PersonKey](),
	"AuditSink":         reflect.TypeFor[api.AuditSink](),
	"AuditSinkList":     reflect.TypeFor[api.List[api.AuditSink]](),
	"Upstream":          reflect.TypeFor[api.Upstream](),
	"UpstreamList":      reflect.TypeFor[api.List[api.Upstream]](),
	"UpstreamModel":     reflect.TypeFor[api.UpstreamModel](),
	"UpstreamRest":      reflect.TypeFor[api.UpstreamRest](),
	"UpstreamRule":      reflect.TypeFor[api.UpstreamRule](),
	"UpstreamCheck":     reflect.TypeFor[api.UpstreamCheck](),
	"AlertTest":         reflect.TypeFor[api.AlertTest](),
	"AlertTestList":     reflect.TypeFor[api.List[api.AlertTest]](),
	"UsageRow":          reflect.TypeFor[api.UsageSum](), // its attributes are additional properties
}

// schema is what the test reads of a schema in the document.
type schema struct {
	Type       any               `yaml:"type"`
	Format     string            `yaml:"format"`
	Ref        string            `yaml:"$ref"`
	Items      *schema           `yaml:"items"`
	AnyOf      []schema          `yaml:"anyOf"`
	Properties map[string]schema `yaml:"properties"`
	Required   []string          `yaml:"required"`
}

func TestDocumentMatchesTypes(t *testing.T) {
	schemas := document(t)
	for name, goType := range described {
		t.Run(name, func(t *testing.T) {
			written, ok := schemas[name]
			if !ok {
				t.Fatal("openapi.yaml does not describe it")
			}
			properties, required := members(goType)
			if got := slices.Sorted(maps.Keys(written.Properties)); !slices.Equal(got, slices.Sorted(maps.Keys(properties))) {
				t.Errorf("properties\n in the document %v\n in Go           %v", got, slices.Sorted(maps.Keys(properties)))
			}
			for member, want := range properties {
				if got := kind(written.Properties[member]); got != want {
					t.Errorf("%s is %q in the document and %q in Go", member, got, want)
				}
			}
			slices.Sort(written.Required)
			if !slices.Equal(written.Required, required) {
				t.Errorf("required\n in the document %v\n in Go           %v", written.Required, required)
			}
		})
	}
	for name := range schemas {
		if described[name] == nil {
			t.Errorf("openapi.yaml describes %s, which this test does not know", name)
		}
	}
}

func document(t *testing.T) map[string]schema {
	t.Helper()
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas map[string]schema `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return document.Components.Schemas
}

// members are the JSON members of a struct, with their kinds, and the names of
// those that are always there.
func members(goType reflect.Type) (kinds map[string]string, required []string) {
	kinds = map[string]string{}
	for _, field := range reflect.VisibleFields(goType) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			continue // embedded; its own members are visible
		}
		kinds[name] = goKind(field.Type)
		if !strings.Contains(options, "omitempty") {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	return kinds, required
}

func goKind(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "string date-time"
	case t.Kind() == reflect.Pointer:
		return "nullable " + goKind(t.Elem())
	case t == reflect.TypeFor[json.RawMessage]():
		return "object"
	case t == reflect.TypeFor[[]byte]():
		return "string"
	case t.Kind() == reflect.Slice:
		return "array of " + goKind(t.Elem())
	case t.Kind() == reflect.Struct:
		return "object " + t.Name()
	}
	return map[reflect.Kind]string{
		reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer",
	}[t.Kind()]
}

// kind says the same of a schema.
func kind(s schema) string {
	if name, isRef := strings.CutPrefix(s.Ref, "#/components/schemas/"); isRef {
		return "object " + name
	}
	if len(s.AnyOf) == 2 && s.AnyOf[1].Type == "null" {
		return "nullable " + kind(s.AnyOf[0])
	}
	plain, nullable := s.Type, ""
	if several, ok := s.Type.([]any); ok && len(several) == 2 && several[1] == "null" {
		plain, nullable = several[0], "nullable "
	}
	switch {
	case plain == "array":
		return nullable + "array of " + kind(*s.Items)
	case s.Format == "date-time":
		return nullable + "string date-time"
	}
	text, _ := plain.(string)
	return nullable + text
}
