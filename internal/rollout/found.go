package rollout

import (
	"bytes"
	"encoding/json"
	"strings"

	"tollgate"
)

// Found is what a settings file that is there tells a client.
type Found struct {
	Env      map[string]string
	Helper   string   // apiKeyHelper
	Model    string   // the setting, which is no variable
	Login    []string // the settings that enforce a login
	NotText  []string // variables whose value is no text, so that the file is refused or the value ignored
	Settings bool     // it is Claude Code's own file, not the extension's
}

// unreadable is the error for a file that is no settings file.
func unreadable(what string) error {
	return tollgate.Errorf(tollgate.Invalid, "%s", what)
}

// Read reads a settings file: a JSON file of Claude Code (managed, user's or
// project's), the settings of VS Code, a configuration profile or property list
// in XML, or a registry file. The error is Invalid, and repeats nothing of the
// file.
func Read(text []byte) (*Found, error) {
	switch {
	case isRegistry(text):
		settings, err := fromRegistry(text)
		if err != nil {
			return nil, err
		}
		return fromJSON([]byte(settings))
	case bytes.HasPrefix(text, []byte("bplist")):
		return nil, unreadable("it is a binary property list; run plutil -convert xml1 on a copy of it first")
	case bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")):
		settings, err := fromProfile(text)
		if err != nil {
			return nil, err
		}
		return fromMap(settings)
	}
	return fromJSON(text)
}

func fromJSON(text []byte) (*Found, error) {
	var settings map[string]any
	if err := json.Unmarshal(plainJSON(text), &settings); err != nil {
		return nil, unreadable("it is no JSON object; Claude Code ignores it, or refuses to start").(*tollgate.Error).Because(err)
	}
	return fromMap(settings)
}

// fromMap takes what matters out of settings.
func fromMap(settings map[string]any) (*Found, error) {
	f := &Found{Env: map[string]string{}, Settings: true}
	if pairs, is := settings["claudeCode.environmentVariables"]; is {
		f.Settings = false
		return f, f.takePairs(pairs)
	}
	if env, is := settings["env"]; is {
		members, ok := env.(map[string]any)
		if !ok {
			return nil, unreadable("its env is no object of names and values")
		}
		for name, value := range members {
			f.take(name, value)
		}
	}
	f.Helper, _ = settings["apiKeyHelper"].(string)
	f.Model, _ = settings["model"].(string)
	for _, name := range []string{"forceLoginMethod", "forceLoginOrgUUID"} {
		if _, is := settings[name]; is {
			f.Login = append(f.Login, name)
		}
	}
	return f, nil
}

func (f *Found) take(name string, value any) {
	if text, is := value.(string); is {
		f.Env[name] = text
		return
	}
	f.NotText = append(f.NotText, name)
}

// takePairs reads the list of the VS Code extension.
func (f *Found) takePairs(value any) error {
	pairs, ok := value.([]any)
	if !ok {
		return unreadable("its claudeCode.environmentVariables is no list of {\"name\", \"value\"}")
	}
	for _, each := range pairs {
		pair, _ := each.(map[string]any)
		name, ok := pair["name"].(string)
		if !ok {
			return unreadable("its claudeCode.environmentVariables has an entry without a name; each is {\"name\": …, \"value\": …}")
		}
		f.take(name, pair["value"])
	}
	return nil
}

// plainJSON takes out what editors allow in their settings: a byte order mark,
// comments, and a comma before the end of a list or an object.
func plainJSON(text []byte) []byte {
	var plain bytes.Buffer
	rest := strings.TrimPrefix(string(text), "\ufeff")
	for rest != "" {
		n := 1
		switch {
		case rest[0] == '"':
			n = quotedLength(rest)
			plain.WriteString(rest[:n])
		case strings.HasPrefix(rest, "//"):
			n = lengthUpTo(rest, "\n", 0)
		case strings.HasPrefix(rest, "/*"):
			n = lengthUpTo(rest, "*/", 2)
		case rest[0] == ',' && endsList(rest[1:]):
		default:
			plain.WriteByte(rest[0])
		}
		rest = rest[n:]
	}
	return plain.Bytes()
}

// quotedLength is how long the string at the beginning is, with its quotes.
func quotedLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func lengthUpTo(text, end string, included int) int {
	if at := strings.Index(text[1:], end); at >= 0 {
		return 1 + at + included
	}
	return len(text)
}

func endsList(rest string) bool {
	for {
		rest = strings.TrimLeft(rest, " \t\r\n")
		switch {
		case strings.HasPrefix(rest, "//"):
			rest = rest[lengthUpTo(rest, "\n", 0):]
		case strings.HasPrefix(rest, "/*"):
			rest = rest[lengthUpTo(rest, "*/", 2):]
		default:
			return strings.HasPrefix(rest, "}") || strings.HasPrefix(rest, "]")
		}
	}
}
