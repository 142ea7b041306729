//go:build unix

package main

import (
	"net"
	"strings"
	"testing"
)

// TestPromise7_AKeyThatIsMadeAfterAHandOver opens the process before, too, which
// connections of before still lead to.
func TestPromise7_AKeyThatIsMadeAfterAHandOver(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	s.newKey(t)
	connection, err := net.Dial("tcp", strings.TrimPrefix(first.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	s.askOn(t, connection)
	second := s.serve(t, takeoverFlag)
	first.says(t, "another process serves now")
	s.newKey(t)
	s.askOn(t, connection)
	first.ends(t)
	second.stops(t)
	checkRows(t, s)
}
