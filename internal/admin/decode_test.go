package admin

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"tollgate"
	"tollgate/api"
)

// Whatever is sent, decode takes it or refuses it as the sender's mistake, and
// what it takes says what was sent.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		"", "{}", "null", `{"developer":"a@b.c","models":["x"]}`, `{"Developer":"a"}`, `{"service":null}`, `{"label":"\ud800"}`, `{"models":[1]}`, `{}{}`, "{",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		input, err := decode[api.NewKey](io.NopCloser(strings.NewReader(body)))
		if err != nil {
			if !tollgate.IsKind(err, tollgate.Invalid) && !tollgate.IsKind(err, tollgate.TooLarge) {
				t.Errorf("%q: %v", body, err)
			}
			return
		}
		var sent map[string]any
		if body != "" && json.Unmarshal([]byte(body), &sent) != nil {
			t.Fatalf("%q was taken and is no JSON", body)
		}
		if label, _ := sent["label"].(string); label != input.Label {
			t.Errorf("%q: label %q became %q", body, label, input.Label)
		}
	})
}
