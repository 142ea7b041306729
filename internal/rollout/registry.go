package rollout

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strings"
	"unicode/utf16"
)

// policyKey is where Claude Code looks in the registry of the machine.
const policyKey = `HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode`

// registry is a file for reg import and for Group Policy: the settings as one
// text. Windows writes such files in UTF-16 with a byte order mark and so do we.
func (s Settings) registry() File {
	settings, err := json.Marshal(s.document(windows))
	if err != nil {
		panic(err) // only maps and strings of this package
	}
	text := "Windows Registry Editor Version 5.00\r\n\r\n[" + policyKey + "]\r\n\"Settings\"=\"" + regEscaped(string(settings)) + "\"\r\n"
	return s.withKey("windows/tollgate.reg", toUTF16(text))
}

func regEscaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
}

func toUTF16(text string) []byte {
	var out bytes.Buffer
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		_ = binary.Write(&out, binary.LittleEndian, unit) // a buffer takes everything
	}
	return out.Bytes()
}
