package clienttest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
)

// inNamespace marks the process that already runs in a namespace of its own.
const inNamespace = "TOLLGATE_CLIENTTEST_NAMESPACE"

// unusable is the exit status of a process whose namespace cannot be set up.
// No test program ends with it by itself.
const unusable = 97

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(inNamespace) == "":
		os.Exit(start(runIsolated, m.Run, os.Stderr))
	case raiseLoopback() != nil:
		os.Exit(unusable)
	}
	os.Exit(m.Run())
}

// start runs the tests in a namespace, or here where there can be none.
func start(isolated func() (int, error), here func() int, said io.Writer) int {
	code, err := isolated()
	if err == nil && code == unusable {
		err = errors.New("its loopback does not come up")
	}
	if err == nil {
		return code
	}
	fmt.Fprintf(said, "clienttest: RUNS WITHOUT A NETWORK NAMESPACE OF ITS OWN, so that the client could reach other machines: %v\n", err)
	return here()
}

// TestStart: machines that allow no namespace, or none that can be used, run
// the tests all the same.
func TestStart(t *testing.T) {
	for _, test := range []struct {
		code int
		err  error
		want int
	}{
		{0, nil, 0},
		{1, nil, 1},
		{0, errors.New("not allowed"), 42},
		{unusable, nil, 42},
	} {
		got := start(func() (int, error) { return test.code, test.err }, func() int { return 42 }, io.Discard)
		if got != test.want {
			t.Errorf("a namespace that ends with %d, %v: status %d, want %d", test.code, test.err, got, test.want)
		}
	}
}
