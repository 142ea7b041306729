package sigv4

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzVerify wants an answer to every header, and never a yes.
func FuzzVerify(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIA/20261123/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=00", "/model/a%3Ab/invoke?x=%zz&y")
	f.Add("Bearer x", "")
	f.Add("AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;, Signature==", "?")
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	check := Check{Services: []string{"bedrock"}, Now: now, Key: func(string) (Key, bool) { return Key{Secret: "unguessable"}, true }}
	f.Fuzz(func(t *testing.T, authorization, target string) {
		r := &http.Request{Method: "POST", Host: "h", Header: http.Header{"X-Amz-Date": {"20261123T000000Z"}}}
		r.Header["Authorization"] = []string{authorization}
		if _, failure := check.Verify(r, target, nil); failure == nil || failure.Code == "" {
			t.Error("was let through")
		}
	})
}

func TestCanonicalQueryIsSortedAndEscaped(t *testing.T) {
	for query, want := range map[string]string{"": "", "b=2&a=x+y&a=~": "a=x%20y&a=~&b=2", "k": "k=", "a=%2F&a=*": "a=%2A&a=%2F"} {
		if got := canonicalQuery(query); got != want {
			t.Errorf("%s becomes %s, want %s", query, got, want)
		}
	}
	if got := escape("/a:b/%3A", "/"); got != "/a%3Ab/%253A" || strings.Contains(got, ":") {
		t.Errorf("the path becomes %s", got)
	}
}
