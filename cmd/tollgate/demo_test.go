package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"strings"
	"testing"
)

func TestDemoTellsTheWayOutOfATakenAddress(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var stdout, stderr bytes.Buffer
	status := run([]string{"demo", "--listen", taken.Addr().String()}, strings.NewReader(""), &stdout, &stderr)
	if says := stderr.String(); status != failed || !strings.Contains(says, "cannot listen on "+taken.Addr().String()) ||
		!strings.Contains(says, "--listen") || !strings.Contains(says, "make demo LISTEN=") || strings.Contains(says, "listen.address") {
		t.Errorf("%d\n%s%s", status, &stdout, &stderr)
	}
}

// What it tells people to type is the program that they called.
func TestDemoNamesTheProgramAsItWasCalled(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- demo(ctx, "127.0.0.1:0", io.Discard, out)
		out.Close()
	}()
	hint := ""
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "Ask the ledger") {
			hint = lines.Text()
			stop()
		}
	}
	if err := <-ended; err != nil || !strings.Contains(hint, " "+os.Args[0]+" usage --by model --data-dir ") {
		t.Errorf("said %q, ended with %v", hint, err)
	}
	stop()
}
