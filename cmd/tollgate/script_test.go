package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tollgate"
)

// programs are what a process of the test binary can be, by its name.
var programs = map[string]func(){"tollgate": main}

func TestMain(m *testing.M) { testscript.Main(m, programs) }

// Every behaviour of the commands that talk to a gateway is a script in
// testdata/script. Besides what testscript knows, a script may say
//
//	admin-server         start an admin API on tollgate-data, over the socket and at $ADMIN_URL
//	admin-server N       the same, with N requests that are not in the ledger yet
//	admin-server stop    stop it and close its database
//	sinks NAME[=ERROR]…  have these told of alerts, without errors or with one
//	fleet a|MISTAKE      a configuration with an upstream, or with a mistake
//	record FILE          add the rows in FILE (JSON, one a line) to the ledger
//	seal REQUEST ANSWER  add a row to the ledger whose bodies are sealed, in these
//	                     words, for the identity that it writes to auditor.txt;
//	                     the digest of the answer is another's
//	checkpoint           take a checkpoint of the audit log
//	status N COMMAND…    run the command and want this exit status
//	capture NAME REGEXP  put the group that matches stdout into $NAME
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[serverOfScript{}] = new(adminServer)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"admin-server": runAdminServer,
			"sinks":        runSinks,
			"fleet":        runFleet,
			"record":       runRecord,
			"seal":         runSeal,
			"checkpoint":   runCheckpoint,
			"status":       runStatus,
			"capture":      runCapture,
		},
	})
}

// serverOfScript is the key under which a script keeps its server.
type serverOfScript struct{}

func serverOf(ts *testscript.TestScript) *adminServer {
	return ts.Value(serverOfScript{}).(*adminServer)
}

func runAdminServer(ts *testscript.TestScript, neg bool, args []string) {
	server := serverOf(ts)
	switch {
	case neg || len(args) > 1:
		ts.Fatalf("usage: admin-server [N|stop]")
	case len(args) == 1 && args[0] == "stop":
		ts.Check(server.stop())
	default:
		_, err := fmt.Sscan(strings.Join(append(args, "0"), " "), &server.unstored)
		ts.Check(err)
		ts.Check(server.start(ts.MkAbs("tollgate-data")))
		ts.Defer(func() { _ = server.stop() })
		ts.Setenv("ADMIN_URL", server.network.URL)
	}
}

func runSinks(ts *testscript.TestScript, _ bool, args []string) {
	var tests []tollgate.AlertTest
	for _, each := range args {
		name, trouble, _ := strings.Cut(each, "=")
		tests = append(tests, tollgate.AlertTest{Sink: name, Error: trouble})
	}
	serverOf(ts).rules.tests.Store(&tests)
}

// row is a request to record: when it arrived, or how long before now.
type row struct {
	Ago string
	At  *time.Time
	tollgate.Exchange
}

func runRecord(ts *testscript.TestScript, _ bool, args []string) {
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		x := row{Exchange: tollgate.Exchange{Upstream: "anthropic", Status: 200}}
		ts.Check(json.Unmarshal([]byte(line), &x))
		if x.At == nil {
			ago, err := time.ParseDuration(x.Ago)
			ts.Check(err)
			x.At = new(time.Now().Add(-ago))
		}
		x.Time = *x.At
		x.ID = tollgate.NewRequestID(x.Time)
		ts.Check(serverOf(ts).store.Append(context.Background(), []*tollgate.Exchange{&x.Exchange}))
	}
}

func runCheckpoint(ts *testscript.TestScript, _ bool, _ []string) {
	server := serverOf(ts)
	_, err := server.store.TakeCheckpoint(context.Background(), server.notary, time.Now())
	ts.Check(err)
}

func runStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if failure, ok := errors.AsType[*exec.ExitError](ts.Exec(args[1], args[2:]...)); ok {
		got = failure.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func runCapture(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("stdout does not match %s", args[1])
	}
	ts.Setenv(args[0], found[1])
}
