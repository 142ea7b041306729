package config

import (
	"encoding"
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"tollgate"
	"tollgate/internal/meter"
	"tollgate/internal/observe"
	"tollgate/internal/secret"
)

// form says in words what the text of a scalar type is: in the messages about
// it, and in the reference page.
type form struct{ name, must, example string }

func (f form) remedy() string { return "write " + f.example }

var formsOfType = map[reflect.Type]form{
	reflect.TypeFor[secret.String]():     {"secret", "a text", "${NAME} for an environment variable, or ${file:/path}"},
	reflect.TypeFor[time.Duration]():     {"duration", "a duration", "a number with its unit, such as 90s, 10m or 7d"},
	reflect.TypeFor[meter.Date]():        {"date", "a date", "a day such as 2026-11-01"},
	reflect.TypeFor[meter.Decimal]():     {"decimal", "a number", "a number such as 4.40"},
	reflect.TypeFor[tollgate.ByteSize](): {"size", "a number of bytes", "a whole number, alone or with KiB, MiB or GiB behind it, such as 64MiB"},
	reflect.TypeFor[observe.Share]():     {"share", "a share", "a number from 0 to 1, such as 0.1"},
	reflect.TypeFor[netip.Prefix]():      {"network", "a network", "one such as 10.0.0.0/8, or 10.1.2.3/32 for a single address"},
	reflect.TypeFor[slog.Level]():        {"level", "a level", "debug, info, warn or error"},
	reflect.TypeFor[TimeZone]():          {"time zone", "an IANA time zone", "a name such as UTC or Europe/Berlin"},
}

var formsOfKind = map[reflect.Kind]form{
	reflect.String: {"text", "a text", "a single value, in quotes if it has special characters"},
	reflect.Bool:   {"true or false", "true or false", "one of the two"},
	reflect.Int64:  {"number", "a whole number", "digits only"},
}

func formOf(t reflect.Type) (form, bool) {
	if known, ok := formsOfType[t]; ok {
		return known, true
	}
	known, ok := formsOfKind[t.Kind()]
	return known, ok
}

func isScalar(t reflect.Type) bool {
	_, ok := formOf(t)
	return ok
}

// leastSecret is the length from which what a reference stands for is looked
// for in messages: anything shorter would be found in every sentence.
const leastSecret = 6

// unknown stands in for a value that is there but cannot be read, so that no
// rule calls it missing.
const unknown = "?"

// scalar takes over one text. Messages say what the value must be and never
// what it is, for it may be a secret in the wrong place.
func (d *decoder) scalar(node *yaml.Node, into reflect.Value, path string) {
	must, _ := formOf(into.Type())
	if node.Kind != yaml.ScalarNode {
		d.fail(path, node, "must be "+must.must+", not a list or a mapping", must.remedy())
		_ = setScalar(into, unknown)
		return
	}
	text, problem := d.look.expand(node.Value)
	if problem != nil {
		d.fail(path, node, problem.Message, problem.Remedy)
		_ = setScalar(into, unknown)
		return
	}
	if text != node.Value && len(text) >= leastSecret {
		d.resolved[text] = node.Value
	}
	if err := setScalar(into, text); err != nil {
		d.fail(path, node, "must be "+must.must, must.remedy())
	}
}

func setScalar(into reflect.Value, text string) (err error) {
	switch value := into.Addr().Interface().(type) {
	case *time.Duration:
		*value, err = parseDuration(text)
	case encoding.TextUnmarshaler:
		err = value.UnmarshalText([]byte(text))
	default:
		err = setKind(into, text)
	}
	return err
}

func setKind(into reflect.Value, text string) error {
	switch into.Kind() {
	case reflect.Bool:
		if text != "true" && text != "false" {
			return errForm
		}
		into.SetBool(text == "true")
	case reflect.Int64:
		number, err := strconv.ParseInt(text, 10, 64)
		into.SetInt(number)
		return err
	default:
		into.SetString(text)
	}
	return nil
}

var errForm = errors.New("not of the form")

// formatDuration leaves out the units that stand at nought, as people do.
func formatDuration(d time.Duration) string {
	text := d.String()
	for _, nought := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, nought) {
			text = text[:len(text)-len("0s")]
		}
	}
	return text
}

// parseDuration reads what package time reads, and whole days.
func parseDuration(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	if days, found := strings.CutSuffix(text, "d"); found {
		count, err := strconv.ParseInt(days, 10, 16)
		return time.Duration(count) * day, err
	}
	return time.ParseDuration(text)
}
