package jsonedit

import (
	"testing"
)

func TestSet(t *testing.T) {
	for name, test := range map[string]struct {
		doc      string
		settings []Setting
		want     string
	}{
		"a value is replaced, spacing stays": {`{ "a" : 1 ,"model":  "old" , "z":"\u00e9"}`, []Setting{{"model", []byte(`"new"`)}}, `{ "a" : 1 ,"model":  "new" , "z":"\u00e9"}`},
		"what is right stays":                {`{"a":1}`, []Setting{{"a", []byte("1")}, {"b", nil}}, `{"a":1}`},
		"first, middle, last go":             {`{"a":1, "b":2, "c":3, "d":4}`, []Setting{{"a", nil}, {"d", nil}, {"c", nil}}, `{"b":2}`},
		"all go":                             {`{ "a":1, "b":2 }`, []Setting{{"a", nil}, {"b", nil}}, `{  }`},
		"missing ones are put in front":      {`{ "c":3}`, []Setting{{"a", []byte("1")}, {"b", []byte("2")}}, `{"a":1,"b":2, "c":3}`},
		"into an empty one":                  {`{}`, []Setting{{"a", []byte("1")}}, `{"a":1}`},
		"one comes, the only one goes":       {`{"b":2}`, []Setting{{"a", []byte("1")}, {"b", nil}}, `{"a":1}`},
		"of two one remains":                 {`{"a":1,"b":2,"\u0061":3}`, []Setting{{"a", []byte("5")}}, `{"a":5,"b":2}`},
	} {
		edits := Edit([]byte(test.doc))
		edits.Set(0, []byte(test.doc), test.settings...)
		if got := string(edits.Bytes()); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}
