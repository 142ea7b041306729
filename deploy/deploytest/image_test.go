package deploytest

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long something that does happen may take on a busy machine.
const patience = time.Minute

func TestTheImageRunsReadOnlyAndWithoutRoot(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a release")
	}
	root, environment := buildImage(t)
	checkStatic(t, filepath.Join(root, "usr/local/bin/tollgate"))
	checkConfig(t, read(t, filepath.Join(root, "etc/tollgate/tollgate.yaml")), "ANTHROPIC_API_KEY=sk-ant-test")
	needContainer(t)

	// A user's own file, mounted over the one in the image: any free port will do.
	own := strings.Replace(read(t, filepath.Join(root, "etc/tollgate/tollgate.yaml")), `":8080"`, `"127.0.0.1:0"`, 1)
	put(t, filepath.Join(root, "etc/tollgate/tollgate.yaml"), own, 0o644)
	before := tree(t, filepath.Join(root, "usr"))

	gateway := contained(root, environment, "serve", "--config", "/etc/tollgate/tollgate.yaml")
	gateway.Env = append(gateway.Env, "ANTHROPIC_API_KEY=sk-ant-test")
	url := start(t, gateway)
	for _, probe := range []string{"/healthz", "/readyz"} {
		answer, err := http.Get(url + probe)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", probe, answer.Status)
		}
	}
	// docker exec CONTAINER tollgate …: the commands find the data folder.
	for _, args := range [][]string{{"developer", "create", "ann@example.com"}, {"key", "create", "--developer", "ann@example.com"}, {"usage"}} {
		if out, err := contained(root, environment, args...).CombinedOutput(); err != nil {
			t.Errorf("tollgate %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	stop(t, gateway)

	if after := tree(t, filepath.Join(root, "usr")); !slices.Equal(before, after) {
		t.Error("the image was written to")
	}
	info, err := os.Stat(filepath.Join(root, "data/tollgate"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder is %v (%v), want it open to its user alone", info, err)
	}
}

// contained runs tollgate as the image would: the image is the root of the
// file system and cannot be written, but for /data, and the user is not root.
// There is no /proc, /dev or /tmp, which is less than any engine gives.
func contained(root string, environment []string, args ...string) *exec.Cmd {
	const script = `
mount --bind "$0" "$0"
mount --bind "$0/data" "$0/data"
mount -o remount,bind,ro "$0"
exec chroot --userspec=65532:65532 "$0" /usr/local/bin/tollgate "$@"`
	command := exec.Command("unshare", append([]string{"--mount", "sh", "-ec", script, root}, args...)...)
	command.Env = environment
	return command
}

// needContainer skips where a mount of one's own is not allowed.
func needContainer(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		skip(t, "the image is not run: that takes root, for a file system of its own")
	}
	if out, err := exec.Command("unshare", "--mount", "mount", "--bind", t.TempDir(), "/mnt").CombinedOutput(); err != nil {
		skip(t, "the image is not run: this machine allows no mounts: "+string(out))
	}
}

var listens = regexp.MustCompile(`"url":"([^"]+)"`)

// start returns the address at which the gateway says that it listens.
func start(t *testing.T, gateway *exec.Cmd) string {
	t.Helper()
	out, err := gateway.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gateway.Process.Kill(); _ = gateway.Wait() })
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			t.Log(lines.Text())
			if address := listens.FindStringSubmatch(lines.Text()); address != nil {
				found <- address[1]
				break
			}
		}
		_, _ = io.Copy(io.Discard, out)
		close(found)
	}()
	select {
	case address := <-found:
		if address == "" {
			t.Fatal("the gateway ended before it listened")
		}
		return address
	case <-time.After(patience):
		t.Fatal("the gateway does not listen")
	}
	return ""
}

func stop(t *testing.T, gateway *exec.Cmd) {
	t.Helper()
	if err := gateway.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := gateway.Wait(); err != nil {
		t.Errorf("the gateway ended with %v", err)
	}
}
