package proxy

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	s := &Snapshot{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	for _, test := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:5", nil, "192.0.2.1"},
		{"192.0.2.1:5", []string{"198.51.100.9"}, "192.0.2.1"},
		{"10.0.0.1:5", []string{"198.51.100.9"}, "198.51.100.9"},
		{"10.0.0.1:5", []string{"203.0.113.7, 198.51.100.9, 10.2.3.4"}, "198.51.100.9"},
		{"10.0.0.1:5", []string{"203.0.113.7", "198.51.100.9"}, "198.51.100.9"},
		{"10.0.0.1:5", []string{"nonsense"}, "10.0.0.1"},
		{"10.0.0.1:5", []string{"198.51.100.9, nonsense"}, "10.0.0.1"},
		{"10.0.0.1:5", nil, "10.0.0.1"},
		{"[::ffff:10.0.0.1]:5", []string{"198.51.100.9"}, "198.51.100.9"},
		{"[::1]:5", []string{"2001:db8::7"}, "2001:db8::7"},
		{"@", []string{"198.51.100.9"}, ""},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = test.peer
		r.Header["X-Forwarded-For"] = test.forwarded
		if got := s.clientAddress(r); got != test.want {
			t.Errorf("%s with %q is %s, want %s", test.peer, test.forwarded, got, test.want)
		}
	}
}
