package deploytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const units = "../systemd"

// exposure is the most that "systemd-analyze security" may find, in tenths:
// it goes from 0, locked in, to 100.
const exposure = "15"

func TestTheUnitsAreWhatSystemdUnderstands(t *testing.T) {
	needSystemd(t)
	root := t.TempDir()
	for name, content := range map[string]string{
		"etc/systemd/system/tollgate.service": read(t, filepath.Join(units, "tollgate.service")),
		"etc/systemd/system/tollgate.socket":  read(t, filepath.Join(units, "tollgate.socket")),
	} {
		put(t, filepath.Join(root, name), content, 0o644)
	}
	for _, program := range []string{"usr/local/bin/tollgate", "usr/bin/kill"} {
		put(t, filepath.Join(root, program), "", 0o755)
	}
	for _, target := range []string{"sysinit", "basic", "shutdown", "multi-user", "sockets", "network", "network-online"} {
		put(t, filepath.Join(root, "usr/lib/systemd/system", target+".target"), "[Unit]\nDescription="+target+"\n", 0o644)
	}
	out, err := exec.Command("systemd-analyze", "verify", "--root="+root, "tollgate.service", "tollgate.socket").CombinedOutput()
	if err != nil || len(out) != 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

func TestTheServiceIsHardened(t *testing.T) {
	needSystemd(t)
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold="+exposure, filepath.Join(units, "tollgate.service")).CombinedOutput()
	if err != nil {
		t.Errorf("the service is more exposed than %s tenths: %v\n%s", exposure, err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "Overall") {
			t.Log(strings.TrimSpace(line))
		}
	}
}

func TestSystemdWaitsLongerThanADrain(t *testing.T) {
	drain := regexp.MustCompile("(?m)^\\| `drain` \\| duration \\| `([^`]+)`").FindStringSubmatch(read(t, repository+"/docs/reference/configuration.md"))
	if drain == nil {
		t.Fatal("the reference does not say what limits.drain is by default")
	}
	stop := regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)min$`).FindStringSubmatch(read(t, filepath.Join(units, "tollgate.service")))
	if stop == nil {
		t.Fatal("the service has no TimeoutStopSec in minutes")
	}
	longest, err := time.ParseDuration(drain[1])
	if err != nil {
		t.Fatal(err)
	}
	if patience, err := time.ParseDuration(stop[1] + "m"); err != nil || patience < longest+time.Minute {
		t.Errorf("systemd kills after %sm, but answers may take %s to finish and their rows have to be written", stop[1], longest)
	}
}

func TestTheConfigurationForSystemdIsRight(t *testing.T) {
	const credential = "/run/credentials/tollgate.service/anthropic"
	text := read(t, filepath.Join(units, "tollgate.yaml"))
	service := read(t, filepath.Join(units, "tollgate.service"))
	if !strings.Contains(text, "${file:"+credential+"}") || !strings.Contains(service, "\nLoadCredential=anthropic:") {
		t.Fatalf("the service and its configuration do not agree on the credential %s", credential)
	}
	if !strings.Contains(service, "\nStateDirectory=tollgate\n") || !strings.Contains(text, "\ndata_dir: /var/lib/tollgate\n") {
		t.Error("the service and its configuration do not agree on the data folder")
	}
	key := filepath.Join(t.TempDir(), "key")
	put(t, key, "sk-ant-test\n", 0o600)
	checkConfig(t, strings.ReplaceAll(text, credential, key))
}

// needSystemd skips where systemd's tools are not. make test installs them
// where it may.
func needSystemd(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		skip(t, "systemd-analyze is not here (Debian: apt-get install systemd)")
	}
}

// put writes a file and the folders above it.
func put(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}
