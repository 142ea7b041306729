package jsonedit

import (
	"fmt"
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

// TestMembersTwice: who goes through an object a second time, for reasons of his
// own, may take away what stands beside what is gone already.
func TestMembersTwice(t *testing.T) {
	const doc = `{"a":1,"b":2,"c":3,"d":4}`
	names := "abcd"
	for first := range 16 {
		for second := range 16 {
			edits := Edit([]byte(doc))
			drop := func(set int) {
				var settings []Setting
				for i := range names {
					if set>>i&1 == 1 {
						settings = append(settings, Setting{Name: names[i : i+1]})
					}
				}
				edits.Set(0, []byte(doc), append(settings, Setting{"z", []byte("9")})...)
			}
			edits.Members(0, []byte(doc), func(m Member) bool { return first>>(m.Key()[0]-'a')&1 == 0 }, nil)
			drop(second)
			want := `{"z":9`
			for i := range names {
				if (first|second)>>i&1 == 0 {
					want += fmt.Sprintf(`,%q:%d`, names[i:i+1], i+1)
				}
			}
			if got := string(edits.Bytes()); got != want+"}" {
				t.Errorf("%b then %b: %s, want %s}", first, second, got, want)
			}
		}
	}
}
