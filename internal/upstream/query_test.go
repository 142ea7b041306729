package upstream

import "testing"

func TestPassing(t *testing.T) {
	for query, want := range map[string]string{
		"":                               "",
		"beta=true":                      "beta=true",
		"a=%20b&&c":                      "a=%20b&&c",
		"key=AIza1&beta=true":            "beta=true",
		"beta=true&k%65y=AIza1":          "beta=true",
		"Access_Token=ya29.x":            "",
		"a=1&X-Amz-Security-Token=x&b=2": "a=1&b=2",
		"x%2Damz-signature=x":            "",
		"api-key=x&api-version=2":        "api-version=2",
		"keys=1&monkey=2":                "keys=1&monkey=2",
		"a=%zz&b=1":                      "b=1",
		"q=1&r=tgk_0123456789Ab_0123456789abcdef": "q=1",
	} {
		if got := passing(query); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
}
