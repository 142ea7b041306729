package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tollgate/internal/gatewaytest"
)

// TestAConnectionAtRestIsClosed after limits.idle, on every listener.
func TestAConnectionAtRestIsClosed(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere + "limits: {idle: 10ms}\n"})
	for network, address := range map[string]string{"tcp": strings.TrimPrefix(gateway.URL, "http://"), "unix": gateway.App().Socket} {
		connection, err := net.Dial(network, address)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(connection, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		incoming := bufio.NewReader(connection)
		response, err := http.ReadResponse(incoming, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(response.Body); err != nil {
			t.Fatal(err)
		}
		if _, err := incoming.ReadByte(); err != io.EOF {
			t.Errorf("%s: %v, want the connection to be closed", network, err)
		}
	}
}

// TestAnAdministratorWhoNeverFinishes a request is not waited for longer than
// limits.read_request.
func TestAnAdministratorWhoNeverFinishes(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere + "limits: {read_request: 100ms}\n"})
	connection, err := net.Dial("unix", gateway.App().Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(connection, "POST /api/v1/teams HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
	if answer, err := io.ReadAll(connection); err != nil {
		t.Errorf("it is waited for: %q, %v", answer, err)
	}
}
