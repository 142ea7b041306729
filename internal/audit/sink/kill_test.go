//go:build unix

package sink_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/audit/sink"
	"tollgate/internal/store"
)

// victimFolder names the data folder in a process that is to be killed.
const victimFolder = "TOLLGATE_TEST_VICTIM"

func TestMain(m *testing.M) {
	if folder := os.Getenv(victimFolder); folder != "" {
		if err := recordAndDeliver(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func fileIn(folder string) sink.Config {
	return sink.Config{
		Name: "file", Kind: "jsonl", From: sink.FromBeginning, Every: time.Millisecond,
		Path: filepath.Join(folder, "audit.jsonl"), MaxBytes: 200 << 10, MaxAge: 24 * time.Hour,
	}.WithDefaults()
}

// recordAndDeliver goes on until the process is killed, and says what it recorded.
func recordAndDeliver(folder string) error {
	ctx := context.Background()
	kept, err := store.Open(ctx, filepath.Join(folder, "tollgate.db"))
	if err != nil {
		return err
	}
	if err := kept.BeginChain(ctx, audit.Scribe{}, time.Now()); err != nil {
		return err
	}
	options := sink.Options{Surroundings: around(), Outbox: kept, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	go sink.NewDesk([]sink.Config{fileIn(folder)}, options).Run(ctx)
	for n := 1; ; n++ {
		event := tollgate.AuditEvent{Time: time.Now(), Action: "team.create", Actor: "admin:terraform", Object: "core", Outcome: "done"}
		if err := kept.Note(ctx, event, event, event); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// TestPromise5_Kill9: whenever the process dies, the file goes on where it was,
// with repetitions at most.
func TestPromise5_Kill9(t *testing.T) {
	folder := t.TempDir()
	for _, after := range []string{"1", "2", "40", "90", "150"} {
		kill(t, folder, after)
	}
	l := &log{t: t, path: filepath.Join(folder, "tollgate.db"), wrap: func(o sink.Outbox) sink.Outbox { return o }}
	l.open()
	l.note(1)
	desk, end := l.desk(fileIn(folder))
	eventually(t, "everything was delivered", func() bool { s := desk.States()[0]; return s.Records > 0 && s.Waiting == 0 })
	end()
	var got []string
	for _, name := range filesIn(t, folder) {
		if filepath.Ext(name) == ".jsonl" {
			got = append(got, linesOf(t, readFile(t, filepath.Join(folder, name)))...)
		}
	}
	inOrder(t, got)
	if once, all := unique(got), l.all(); !slices.Equal(once, all) {
		t.Errorf("the file has %d records and the log %d, or in another order", len(once), len(all))
	}
}

// kill runs a process until it has said so, and kills it.
func kill(t *testing.T, folder, after string) {
	t.Helper()
	victim := exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), victimFolder+"="+folder)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != after {
	}
	if err := victim.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = victim.Wait() // it was killed
	if lines.Text() != after {
		t.Fatal("the process ended before it was killed")
	}
}
