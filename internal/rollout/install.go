package rollout

import (
	_ "embed"
	"strings"
)

//go:embed install.sh
var installScript string

//go:embed ansible.yml
var ansibleTask string

// part is the name under which the settings are installed: one of the parts that
// Claude Code merges, so that a policy that is there stays as it is.
const part = "managed-settings.d/50-tollgate.json"

// installers put the settings of Linux and macOS in their place.
func installers(s Settings) []File {
	return []File{
		{"install.sh", executable, []byte(installScript)},
		{"ansible/tollgate.yml", open, []byte(s.ansible())},
	}
}

// ansible is a task file. Settings with a key are for the group of those who
// use it alone.
func (s Settings) ansible() string {
	mode := "0644"
	if !s.key().IsZero() {
		mode = "0640"
	}
	return strings.ReplaceAll(ansibleTask, "MODE", mode)
}
