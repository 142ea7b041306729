package jsonedit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestMembers(t *testing.T) {
	for _, test := range []struct {
		doc  string
		want string // key=value pairs as found, then "!" for ErrNotObject
	}{
		{`{}`, ``},
		{" {\n} \t", ``},
		{`{"model":"m","n":1}`, `model="m" n=1`},
		{` { "a" : [1, {"b":"]}"}] , "c":null } `, `a=[1, {"b":"]}"}] c=null`},
		{`{"a":"x\"y","b":"\\"}`, `a="x\"y" b="\\"`},
		{`{"a":"\\\\\\\"","b":2}`, `a="\\\\\\\"" b=2`},
		{`{"a":1,"a":2}`, `a=1 a=2`},
		{`{"a":12345678901234567890123.50e+3}`, `a=12345678901234567890123.50e+3`},
		{``, `!`},
		{`hello`, `!`},
		{`[1]`, `!`},
		{`"text"`, `!`},
		{`{"a":1`, `a=1 !`},
		{`{"a":"x`, `!`},
		{`{"a":[1}`, `!`},
		{`{"a":[1,2}]`, `!`},
		{`{"a":1,}`, `a=1 !`},
		{`{"a":1 "b":2}`, `a=1 !`},
		{`{"a"}`, `!`},
		{`{"a":}`, `!`},
		{`{a:1}`, `!`},
		{`{"a":1}{"a":2}`, `a=1 !`},
		{`{} x`, `!`},
		{"\ufeff{}", `!`},
	} {
		if got := spell(test.doc); got != test.want {
			t.Errorf("Members(%s)\n got %s\nwant %s", test.doc, got, test.want)
		}
	}
}

func spell(doc string) string {
	var out []string
	for member, err := range Members([]byte(doc)) {
		if err != nil {
			out = append(out, "!")
			break
		}
		out = append(out, string(member.rawKey)+"="+string(member.Value))
	}
	return strings.Join(out, " ")
}

func TestIsSeesThroughEscapes(t *testing.T) {
	for _, key := range []string{`model`, `\u006dodel`, `m\u006Fdel`, `\u006d\u006f\u0064\u0065\u006c`} {
		member, ok := Find([]byte(`{"`+key+`":1}`), "model")
		if !ok || string(member.Value) != "1" {
			t.Errorf("%q is not seen to be model", key)
		}
	}
	for _, key := range []string{`\u006d\u006f\u0064\u0065\u006c\u006c`, `Model`, `model `, `mod\\el`, `\ud800model`} {
		if _, ok := Find([]byte(`{"`+key+`":1}`), "model"); ok {
			t.Errorf("%q is taken for model", key)
		}
	}
}

func TestElements(t *testing.T) {
	for doc, want := range map[string]string{
		`[]`: "", ` [ ] `: "", `{}`: "", ``: "", `"a"`: "", `[`: "",
		`["a", {"b":[1,2]} ,3]`: `"a"|{"b":[1,2]}|3`,
		`[1,]`:                  `1`,
		`[1 2]`:                 `1`,
	} {
		var got []string
		for value := range Elements([]byte(doc)) {
			got = append(got, string(value))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("Elements(%s) = %q, want %s", doc, got, want)
		}
	}
}

// FuzzIs holds that two spellings are the same name when encoding/json says so.
func FuzzIs(f *testing.F) {
	f.Add(`model`)
	f.Add(`m\u006fdel`)
	f.Add(`\u006D\u006F\u0064\u0065\u006C`)
	f.Add(`\u016dodel`)
	f.Fuzz(func(t *testing.T, raw string) {
		var key string
		if json.Unmarshal([]byte(`"`+raw+`"`), &key) != nil {
			return
		}
		if got := (Member{rawKey: []byte(raw)}).Is("model"); got != (key == "model") {
			t.Fatalf("%q: %v, and it reads %q", raw, got, key)
		}
	})
}

func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{"model":"m","messages":[{"role":"user","content":"a\\\"b"}],"stream":true}`,
		`{"a":{"b":[{},[],"",0]}}`, `{"\u0061":1,"a":2}`, `{"a":1e5,"b":-0.5}`, `{"a":"\\"`, "{\"\xff\":1}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		found, failed := map[string]string{}, false
		for member, err := range Members(doc) {
			if err != nil {
				failed = true
				break
			}
			if !bytes.Equal(doc[member.At:member.At+len(member.Value)], member.Value) {
				t.Fatalf("value %q does not stand at %d", member.Value, member.At)
			}
			var key string
			if json.Unmarshal(append(append([]byte{'"'}, member.rawKey...), '"'), &key) == nil {
				found[key] = string(member.Value)
			}
		}
		var want map[string]json.RawMessage
		if json.Unmarshal(doc, &want) != nil || want == nil {
			return
		}
		if failed {
			t.Fatalf("a valid object was refused: %q", doc)
		}
		for key, value := range want {
			if found[key] != string(value) {
				t.Fatalf("%q: found %q, encoding/json has %q", key, found[key], value)
			}
		}
	})
}

func BenchmarkMembers(b *testing.B) {
	// The shape of a coding request: long texts with escapes, then schemas of short strings.
	text := strings.Repeat(`func main() {\n\tfmt.Println(\"hello\")\n}\n`+strings.Repeat("plain words ", 20), 200)
	tool := `{"name":"Read","input_schema":{"type":"object","properties":{"path":{"type":"string","description":"The absolute path"}},"required":["path"]}},`
	doc := []byte(`{"model":"claude-opus-5-5","messages":[{"role":"user","content":"` + text + `"}],"tools":[` +
		strings.TrimSuffix(strings.Repeat(tool, 300), ",") + `],"stream":true}`)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range Members(doc) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
