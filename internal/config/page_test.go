package config

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"tollgate/internal/meter"
)

//go:generate go test . -run TestReferencePageIsFresh -update

const pageFile = "../../docs/reference/configuration.md"

// The page is written from the structs, their doc comments and their defaults.
// It is fresh when writing it again changes nothing.
func TestReferencePageIsFresh(t *testing.T) {
	text, err := os.ReadFile("testdata/page.md")
	if err != nil {
		t.Fatal(err)
	}
	noEnv := func(string) (string, bool) { return "", false }
	p := page{t: t, docs: map[string]string{}}
	p.text.Write(text)
	p.sections(reflect.ValueOf(defaults(noEnv)))
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(pageFile, []byte(p.text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if current, err := os.ReadFile(pageFile); err != nil || string(current) != p.text.String() {
		t.Errorf("%s is stale: run go generate ./internal/config (%v)", pageFile, err)
	}
}

// The examples of the page are valid.
func TestReferencePageExamples(t *testing.T) {
	text, err := os.ReadFile("testdata/page.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(examples) == 0 {
		t.Fatal("there is none")
	}
	look := Lookup{
		Env:  func(name string) (string, bool) { return "sixteen-characters-" + name, true },
		File: exampleFile,
	}
	for _, example := range examples {
		if _, err := Parse("the example", []byte(example[1]), look); err != nil {
			t.Error(err)
		}
	}
}

func exampleFile(path string) ([]byte, error) {
	if strings.HasPrefix(path, "/etc/tollgate/tls.") {
		return Pair, nil
	}
	return []byte(path), nil
}

type page struct {
	t    *testing.T
	text strings.Builder
	docs map[string]string // by "package.Type" and "package.Type.Field"
}

// sections writes one section for each key of the file.
func (p *page) sections(config reflect.Value) {
	for _, field := range reflect.VisibleFields(config.Type()) {
		if field.Anonymous {
			continue
		}
		owner := config.Type()
		if len(field.Index) > 1 {
			owner = config.Type().FieldByIndex(field.Index[:1]).Type
		}
		about, fallback := p.about(owner, field, config.FieldByIndex(field.Index))
		fmt.Fprintf(&p.text, "\n## `%s`\n\n%s\n", keyOf(field), about)
		if t := element(field.Type); t.Kind() == reflect.Struct && !isScalar(t) {
			if fallback != "–" {
				fmt.Fprintf(&p.text, "\nDefault: %s.\n", fallback)
			}
			fmt.Fprint(&p.text, "\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n")
			p.rows("", orZero(config.FieldByIndex(field.Index), t))
		} else {
			fmt.Fprintf(&p.text, "\nType: %s. Default: %s.\n", typeName(field.Type), fallback)
		}
	}
}

// rows writes one row for each key below.
func (p *page) rows(prefix string, structure reflect.Value) {
	for i := range structure.NumField() {
		field := structure.Type().Field(i)
		if field.Anonymous {
			p.rows(prefix, structure.Field(i))
			continue
		}
		path := prefix + keyOf(field)
		about, fallback := p.about(structure.Type(), field, structure.Field(i))
		fmt.Fprintf(&p.text, "| `%s` | %s | %s | %s |\n", path, typeName(field.Type), fallback, about)
		if t := element(field.Type); t.Kind() == reflect.Struct && !isScalar(t) {
			if field.Type.Kind() == reflect.Slice {
				path += "[]"
			}
			p.rows(path+".", orZero(structure.Field(i), t))
		}
	}
}

var fallbackClause = regexp.MustCompile(`\s*Default: (.*)\.$`)

// about splits a field's doc comment into what it means and what it is when
// nobody says; the value itself says so where the comment does not.
func (p *page) about(owner reflect.Type, field reflect.StructField, value reflect.Value) (meaning, fallback string) {
	meaning, fallback = p.doc(owner, field.Name), "–"
	if said := fallbackClause.FindStringSubmatch(meaning); said != nil {
		return strings.TrimSuffix(meaning, said[0]), said[1]
	}
	kind := field.Type.Kind() // the zero boolean and the zero level are defaults too
	if isScalar(field.Type) && (!value.IsZero() || kind == reflect.Bool || kind == reflect.Int) {
		fallback = "`" + shown(value.Interface()) + "`"
	}
	return meaning, fallback
}

// shown writes a default as one would in the file.
func shown(value any) string {
	if wait, ok := value.(time.Duration); ok {
		return formatDuration(wait)
	}
	return strings.ToLower(fmt.Sprint(value))
}

// doc returns the comment on a field, without the field's name in front.
func (p *page) doc(owner reflect.Type, field string) string {
	if _, read := p.docs[owner.PkgPath()]; !read {
		p.read(owner.PkgPath())
	}
	text := p.docs[owner.String()+"."+field]
	if text == "" {
		p.t.Errorf("%s.%s has no comment", owner, field)
	}
	for _, opening := range []string{" is ", " are "} {
		if rest, found := strings.CutPrefix(text, field+opening); found {
			text = strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	if rest, found := strings.CutPrefix(text, field+" "); found {
		text = strings.ToUpper(rest[:1]) + rest[1:]
	}
	return strings.ReplaceAll(text, "|", `\|`)
}

// read gathers the doc comments of a package's config.go.
func (p *page) read(pkg string) {
	p.docs[pkg] = "read"
	file := filepath.Join("../..", strings.TrimPrefix(pkg, "tollgate/"), "config.go")
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		p.t.Fatal(err)
	}
	ast.Inspect(source, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if structure, ok := spec.Type.(*ast.StructType); ok {
			maps.Copy(p.docs, fieldDocs(source.Name.Name+"."+spec.Name.Name, structure))
		}
		return false
	})
}

func fieldDocs(owner string, structure *ast.StructType) map[string]string {
	docs := map[string]string{}
	for _, field := range structure.Fields.List {
		for _, name := range field.Names {
			docs[owner+"."+name.Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
		}
	}
	return docs
}

func keyOf(field reflect.StructField) string {
	key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	return key
}

func element(t reflect.Type) reflect.Type {
	if kind := t.Kind(); !isScalar(t) && (kind == reflect.Slice || kind == reflect.Pointer) {
		return t.Elem()
	}
	return t
}

// orZero is the value itself, or a zero one of a list's or pointer's element.
func orZero(value reflect.Value, element reflect.Type) reflect.Value {
	if value.Type() == element {
		return value
	}
	return reflect.Zero(element)
}

func typeName(t reflect.Type) string {
	switch known, scalar := formOf(t); {
	case scalar:
		return known.name
	case t.Kind() == reflect.Slice && isScalar(t.Elem()):
		return "list of " + typeName(t.Elem())
	case t.Kind() == reflect.Slice:
		return "list"
	case t.Kind() == reflect.Map:
		return "mapping of text to " + typeName(t.Elem())
	default:
		return "mapping"
	}
}

// Every type that appears in the configuration can be decoded, and has words.
func TestEveryTypeHasItsForm(t *testing.T) {
	var walk func(path string, at reflect.Type)
	walk = func(path string, at reflect.Type) {
		switch {
		case isScalar(at):
		case at.Kind() == reflect.Struct:
			for _, index := range fieldsOf(at) {
				field := at.FieldByIndex(index)
				walk(path+"."+field.Name, field.Type)
			}
		case at.Kind() == reflect.Slice, at.Kind() == reflect.Map, at.Kind() == reflect.Pointer:
			walk(path, at.Elem())
		default:
			t.Errorf("%s: nothing decodes a %s", path, at)
		}
	}
	walk("Config", reflect.TypeFor[Config]())
	if !isScalar(reflect.TypeFor[meter.Decimal]()) {
		t.Error("a price is not a scalar")
	}
}
