// Command tollgate is the gateway and everything that goes with it: one
// binary, one file for each command.
package main

import (
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the whole program: 0 done, 1 refused or failed, 2 wrong usage.
// Results go to stdout, everything else to stderr.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	started := watchStart(root)
	command, err := root.ExecuteC()
	return report(stderr, command, err, *started)
}
