package rollout

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// registryHead is how a registry file begins.
const registryHead = "Windows Registry Editor"

func isRegistry(text []byte) bool {
	return bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte(registryHead)) || bytes.HasPrefix(text, []byte("\ufeff"+registryHead))
}

// fromRegistry is the JSON in the value Settings of Claude Code's policy.
func fromRegistry(text []byte) (string, error) {
	ours := false
	for line := range strings.Lines(fromUTF16(text)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "[") {
			ours = strings.HasSuffix(strings.ToLower(line), `\software\policies\claudecode]`)
			continue
		}
		value, is := strings.CutPrefix(line, `"Settings"=`)
		if !ours || !is {
			continue
		}
		if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
			return "", unreadable("its value Settings is no text (REG_SZ), which is all that Claude Code reads")
		}
		return regUnescaped(value[1 : len(value)-1]), nil
	}
	return "", unreadable(`it is a registry file without the value Settings of SOFTWARE\Policies\ClaudeCode`)
}

func regUnescaped(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(text)
}

// fromUTF16 reads what has the mark of UTF-16, and leaves everything else.
func fromUTF16(text []byte) string {
	if !bytes.HasPrefix(text, []byte{0xff, 0xfe}) {
		return string(text)
	}
	units := make([]uint16, len(text)/2-1)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(text[2*i+2:])
	}
	return string(utf16.Decode(units))
}
