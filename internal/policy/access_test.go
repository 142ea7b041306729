package policy

import (
	"strings"
	"testing"

	"tollgate"
)

func TestAccess(t *testing.T) {
	for _, test := range []struct {
		globs []string
		model string
		want  bool
	}{
		{nil, "claude-opus-5-5", true},
		{[]string{"claude-haiku-*"}, "claude-haiku-5-5", true},
		{[]string{"claude-haiku-*"}, "claude-haiku-5-5[1m]", true},
		{[]string{"claude-haiku-*"}, "claude-opus-5-5", false},
		{[]string{"claude-haiku-*", "claude-opus-5-5"}, "claude-opus-5-5", true},
		{[]string{"claude-opus-5"}, "claude-opus-5-5", false},
	} {
		err := Access{}.Admit(tollgate.Principal{Key: "k1", Models: test.globs}, test.model)
		if (err == nil) != test.want {
			t.Errorf("%v, %s: %v", test.globs, test.model, err)
		}
		if err != nil && (!tollgate.IsKind(err, tollgate.Forbidden) || !strings.Contains(err.Error(), test.model) || !strings.Contains(err.Error(), "administrator")) {
			t.Errorf("the refusal does not help: %v", err)
		}
	}
}
