package rollout

import (
	"fmt"
	"strings"
)

// posix is for bash, zsh and every other shell like them.
func (s Settings) posix() File {
	var text strings.Builder
	text.WriteString("# Claude Code by way of the gateway. Add this line to ~/.bashrc or ~/.zshrc:\n#   . /path/to/env.sh\n# README.md beside this folder says what each variable is for.\n")
	for _, each := range s.assignments(linux) {
		fmt.Fprintf(&text, "export %s=%s\n", each.name, posixQuoted(each.value))
		if isFile(s, each.name) {
			fmt.Fprintf(&text, "if [ \"$(uname)\" = Darwin ]; then %s=%s; fi\n", each.name, posixQuoted(s.on(macos)[each.name]))
		}
	}
	if s.Credential.Helper != "" {
		fmt.Fprintf(&text, "# A shell has no apiKeyHelper: the key is taken here, once, and a new shell takes the next one.\n"+
			"if %[1]s=$(%[2]s); then export %[1]s; else unset %[1]s; echo %[3]s >&2; fi\n",
			s.keyVariable, s.Credential.Helper, posixQuoted("no gateway key: "+s.Credential.Helper+" has failed, see its message above"))
	}
	return s.withKey("shell/env.sh", []byte(text.String()))
}

func posixQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// powershell is for both of them, on Windows.
func (s Settings) powershell() File {
	var text strings.Builder
	text.WriteString("# Claude Code by way of the gateway. Add this line to $PROFILE:\n#   . C:\\path\\to\\env.ps1\n# README.md beside this folder says what each variable is for.\n")
	for _, each := range s.assignments(windows) {
		fmt.Fprintf(&text, "$env:%s = %s\n", each.name, powershellQuoted(each.value))
	}
	if s.Credential.Helper != "" {
		fmt.Fprintf(&text, "# A shell has no apiKeyHelper: the key is taken here, once, and a new shell takes the next one.\n"+
			"$env:%s = (cmd /c %s | Out-String).Trim()\n", s.keyVariable, powershellQuoted(s.Credential.Helper))
	}
	return s.withKey("shell/env.ps1", []byte(strings.ReplaceAll(text.String(), "\n", "\r\n")))
}

func powershellQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
