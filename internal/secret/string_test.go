package secret_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"go.yaml.in/yaml/v4"

	"tollgate/internal/secret"
)

const canary = "sk-ant-canary-0123456789"

// holder has the secret wherever a printer may find it: where methods can be
// called and where they cannot.
type holder struct {
	Open    secret.String
	Pointer *secret.String
	List    []secret.String
	Map     map[string]secret.String
	Any     any
	closed  secret.String
	list    []secret.String
	pointer *secret.String
}

func newHolder() holder {
	s := secret.New(canary)
	return holder{s, &s, []secret.String{s}, map[string]secret.String{"k": s}, s, s, []secret.String{s}, &s}
}

// leaks looks for the canary as it is, in hexadecimal and as a list of bytes.
func leaks(text string) bool {
	hex := fmt.Sprintf("%x", canary)
	bare := strings.NewReplacer(" ", "", "0x", "", ",", "").Replace(strings.ToLower(text))
	return strings.Contains(text, canary) || strings.Contains(bare, hex) ||
		strings.Contains(text, strings.Trim(fmt.Sprint([]byte(canary)), "[]"))
}

func TestPromise6_EveryVerbIsRedacted(t *testing.T) {
	if !leaks(canary) || !leaks(fmt.Sprintf("% #x", canary)) || !leaks(fmt.Sprint([]byte(canary))) {
		t.Fatal("the test cannot see a leak")
	}
	s := secret.New(canary)
	for _, flags := range []string{"", "+", "#", "-30", "030", " ", "+#", ".3"} {
		for verb := 'A'; verb <= 'z'; verb++ {
			if verb > 'Z' && verb < 'a' {
				continue
			}
			// %T, %p and %w are fmt's own: no method is called for them.
			format := "%" + flags + string(verb)
			if !strings.ContainsRune("Tpw", verb) && fmt.Sprintf(format, s) != secret.Redacted {
				t.Errorf("%s prints %q", format, fmt.Sprintf(format, s))
			}
			for _, value := range []any{s, &s, newHolder(), []secret.String{s}, [1]secret.String{s}, struct{ s secret.String }{s}} {
				if got := fmt.Sprintf(format, value); leaks(got) {
					t.Errorf("%s of %T shows the secret: %s", format, value, got)
				}
			}
		}
	}
}

func TestPromise6_EveryEncodingIsRedacted(t *testing.T) {
	type plain struct{ Key secret.String }
	value := plain{secret.New(canary)}
	encoders := map[string]func() ([]byte, error){
		"json": func() ([]byte, error) { return json.Marshal(newHolder()) },
		"yaml": func() ([]byte, error) { return yaml.Dump(value) },
		"xml":  func() ([]byte, error) { return xml.Marshal(value) },
		"gob": func() ([]byte, error) {
			var out bytes.Buffer
			err := gob.NewEncoder(&out).Encode(value)
			return out.Bytes(), err
		},
		"error": func() ([]byte, error) {
			return []byte(errors.Join(fmt.Errorf("no: %v %s", value, value.Key)).Error()), nil
		},
	}
	for name, encode := range encoders {
		t.Run(name, func(t *testing.T) {
			out, err := encode()
			if err != nil {
				t.Fatal(err)
			}
			if leaks(string(out)) || !bytes.Contains(out, []byte(secret.Redacted)) {
				t.Errorf("%s", out)
			}
		})
	}
}

func TestPromise6_LogsAreRedacted(t *testing.T) {
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(handler).Info("m", "key", secret.New(canary), "holder", newHolder(), slog.Group("g", "key", secret.New(canary)))
	}
	if leaks(out.String()) || strings.Count(out.String(), secret.Redacted) < 4 {
		t.Errorf("%s", out.String())
	}
}

// A printer built on reflection, which fmt is one of, sees no string anywhere
// inside.
func TestPromise6_ReflectionFindsNoText(t *testing.T) {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Pointer, reflect.Interface:
			walk(v.Elem())
		case reflect.Func:
		default:
			t.Errorf("a %s can be read", v.Kind())
		}
	}
	walk(reflect.ValueOf(secret.New(canary)))
	if size := unsafe.Sizeof(secret.String{}); size != unsafe.Sizeof(uintptr(0)) {
		t.Errorf("a String takes %d bytes: it holds more than the closure", size)
	}
}

func TestReveal(t *testing.T) {
	var decoded struct{ Key secret.String }
	if err := json.Unmarshal([]byte(`{"Key":"`+canary+`"}`), &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.Key.Reveal() != canary || decoded.Key.IsZero() {
		t.Errorf("got %q", decoded.Key.Reveal())
	}
}

func TestZeroHoldsNothing(t *testing.T) {
	for _, s := range []secret.String{{}, secret.New("")} {
		if !s.IsZero() || s.Reveal() != "" || fmt.Sprint(s) != "" {
			t.Errorf("zero prints %q and reveals %q", fmt.Sprint(s), s.Reveal())
		}
	}
}
