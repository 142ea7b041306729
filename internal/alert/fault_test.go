package alert

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"tollgate/internal/secret"
)

func TestPromise6_TamedErrors(t *testing.T) {
	odd := secret.New("p\"w\nö")
	for _, test := range []struct{ err, want string }{
		{"plain", "plain"},
		{"two\r\nlines\x1b[31m", "two  lines [31m"},
		{"it is " + canary + "!", "it is [redacted]!"},
		{"it is " + odd.Reveal(), "it is [redacted]"},
		{fmt.Sprintf("it is %q", "x"+odd.Reveal()), `it is "x[redacted]"`},
		{strings.Repeat("ö", errorBound), strings.Repeat("ö", errorBound/2) + "…"},
		{"a" + strings.Repeat("ö", errorBound), "a" + strings.Repeat("ö", errorBound/2-1) + "…"},
	} {
		wrapped := &url.Error{Op: "Post", URL: "https://" + canary, Err: errors.New(test.err)}
		for _, err := range []error{errors.New(test.err), wrapped, fmt.Errorf("wrapped: %w", wrapped)} {
			if got := tame(err, secret.String{}, secret.New(canary), odd).Error(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		}
	}
	if tame(nil, odd) != nil {
		t.Error("no error becomes one")
	}
}
