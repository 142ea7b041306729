package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestPromise7_AChangedFileIsRead once it is whole: however it came, whatever
// refers to it, and no more often than it changes.
func TestPromise7_AChangedFileIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "tollgate.yaml")
		write := func(name, text string) string {
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		}
		write("tollgate.yaml", "one")
		w := newLookout(path)
		ctx, stop := context.WithCancel(t.Context())
		var seen []string
		go w.run(ctx, func() {
			text, _ := os.ReadFile(path)
			seen = append(seen, string(text))
		})
		pass := func(looks int) {
			time.Sleep(time.Duration(looks)*watchEvery + time.Millisecond) // of the bubble's clock
			synctest.Wait()
		}
		pass(3)
		write("tollgate.yaml", "tw")
		pass(1)
		write("tollgate.yaml", "two")
		pass(4)
		if err := os.Rename(write("next", "three"), path); err != nil {
			t.Fatal(err)
		}
		pass(3)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		pass(1)
		if err := os.Symlink(write("linked", "four"), path); err != nil {
			t.Fatal(err)
		}
		pass(3)
		stop()
		synctest.Wait()
		if want := []string{"two", "three", "four"}; !slices.Equal(seen, want) {
			t.Errorf("read were %q, want %q", seen, want)
		}
	})
}

// TestWithoutAFileNothingIsWatched.
func TestWithoutAFileNothingIsWatched(t *testing.T) {
	newLookout("").run(t.Context(), func() { t.Error("something has changed") })
}
