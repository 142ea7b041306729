package clienttest

import (
	"fmt"
	"os"
	"testing"
)

// inNamespace marks the process that already runs in a namespace of its own.
const inNamespace = "TOLLGATE_CLIENTTEST_NAMESPACE"

func TestMain(m *testing.M) {
	if os.Getenv(inNamespace) == "" {
		if code, err := runIsolated(); err == nil {
			os.Exit(code)
		} else {
			fmt.Fprintf(os.Stderr, "clienttest: runs without a network namespace of its own: %v\n", err)
		}
	} else if err := raiseLoopback(); err != nil {
		fmt.Fprintf(os.Stderr, "clienttest: the loopback of the namespace does not come up: %v\n", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
