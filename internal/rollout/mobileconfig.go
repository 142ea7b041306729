package rollout

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
)

// domain is Claude Code's preferences domain, and so the type of its payload.
const domain = "com.anthropic.claudecode"

// mobileconfig is a macOS configuration profile with the settings as managed
// preferences. Its identifiers come from the gateway's address: a profile
// that is made again replaces the one before it.
func (s Settings) mobileconfig(url string) File {
	settings := s.document(macos)
	settings["PayloadType"] = domain
	settings["PayloadVersion"] = 1
	settings["PayloadIdentifier"] = "tollgate.claudecode.settings"
	settings["PayloadUUID"] = uuid("settings of " + url)
	settings["PayloadDisplayName"] = "Claude Code"
	profile := map[string]any{
		"PayloadType":         "Configuration",
		"PayloadVersion":      1,
		"PayloadScope":        "System",
		"PayloadIdentifier":   "tollgate.claudecode",
		"PayloadUUID":         uuid("profile of " + url),
		"PayloadDisplayName":  "Claude Code by way of the gateway",
		"PayloadDescription":  "Sends Claude Code's requests to " + url + ".",
		"PayloadOrganization": "tollgate",
		"PayloadContent":      []any{settings},
	}
	return s.withKey("macos/tollgate.mobileconfig", plist(profile))
}

// uuid is one made of a name (RFC 9562, version 8).
func uuid(name string) string {
	sum := sha256.Sum256([]byte(name))
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// plist writes a property list in XML.
func plist(value any) []byte {
	var text bytes.Buffer
	text.WriteString(xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n<plist version=\"1.0\">\n")
	writePlist(&text, value, "")
	text.WriteString("</plist>\n")
	return text.Bytes()
}

func writePlist(text *bytes.Buffer, value any, indent string) {
	switch value := value.(type) {
	case string:
		fmt.Fprintf(text, "%s<string>%s</string>\n", indent, escaped(value))
	case int:
		fmt.Fprintf(text, "%s<integer>%d</integer>\n", indent, value)
	case []any:
		fmt.Fprintf(text, "%s<array>\n", indent)
		for _, each := range value {
			writePlist(text, each, indent+"\t")
		}
		fmt.Fprintf(text, "%s</array>\n", indent)
	case map[string]string:
		writeDict(text, value, indent)
	case map[string]any:
		writeDict(text, value, indent)
	default:
		panic(fmt.Sprintf("rollout: no property list has a %T", value))
	}
}

func writeDict[V any](text *bytes.Buffer, dict map[string]V, indent string) {
	fmt.Fprintf(text, "%s<dict>\n", indent)
	for _, key := range slices.Sorted(maps.Keys(dict)) {
		fmt.Fprintf(text, "%s\t<key>%s</key>\n", indent, escaped(key))
		writePlist(text, dict[key], indent+"\t")
	}
	fmt.Fprintf(text, "%s</dict>\n", indent)
}

func escaped(plain string) string {
	var text bytes.Buffer
	_ = xml.EscapeText(&text, []byte(plain)) // a buffer takes everything
	return text.String()
}
