package rollout

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"slices"

	"tollgate"
)

// Target is a kind of machine or program to write settings for.
type Target string

// The targets.
const (
	Linux         Target = "linux"
	MacOS         Target = "macos"
	Windows       Target = "windows"
	VSCode        Target = "vscode"
	Shell         Target = "shell"
	GitHubActions Target = "github-actions"
)

// Targets are all of them.
var Targets = []Target{Linux, MacOS, Windows, VSCode, Shell, GitHubActions}

// ParseTarget reads the name of a target. The error is Invalid.
func ParseTarget(text string) (Target, error) {
	if slices.Contains(Targets, Target(text)) {
		return Target(text), nil
	}
	return "", tollgate.Errorf(tollgate.Invalid, "%q is no target; write %s", text, join(Targets))
}

// File is one that is written.
type File struct {
	Path string // with slashes, below the folder of the rollout
	Mode fs.FileMode
	Text []byte
}

// The modes of files: a key is for its owner alone.
const (
	open       fs.FileMode = 0o644
	executable fs.FileMode = 0o755
	private    fs.FileMode = 0o600
)

// Files are all that a rollout to these targets consists of.
func Files(g Gateway, c Credential, targets []Target) []File {
	s := NewSettings(g, c)
	var files []File
	for _, target := range targets {
		files = append(files, s.filesFor(target, g)...)
	}
	files = append(files, agentSDK(s)...)
	files = append(files, providerFormats(g, c)...)
	if slices.Contains(targets, Linux) || slices.Contains(targets, MacOS) {
		files = append(files, installers(s)...)
	}
	if len(g.CA) > 0 {
		files = append(files, File{caFile, open, g.CA})
	}
	return append(files, readme(s, g, targets))
}

func (s Settings) filesFor(target Target, g Gateway) []File {
	switch target {
	case Linux:
		return []File{s.managed(linux)}
	case MacOS:
		return []File{s.managed(macos), s.mobileconfig(g.URL)}
	case Windows:
		return []File{s.managed(windows), s.registry()}
	case VSCode:
		return []File{s.vscode()}
	case Shell:
		return []File{s.posix(), s.powershell()}
	default:
		return []File{s.actions()}
	}
}

// withKey is a file that holds the key, if one is in the settings.
func (s Settings) withKey(path string, text []byte) File {
	if s.key().IsZero() {
		return File{path, open, text}
	}
	return File{path, private, text}
}

// managed is the file of managed settings.
func (s Settings) managed(at system) File {
	return s.withKey(at.name+"/managed-settings.json", indented(s.document(at)))
}

// vscode is what the extension reads. It reads apiKeyHelper from Claude Code's
// own settings.
func (s Settings) vscode() File {
	type pair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	var pairs []pair
	for _, each := range s.assignments(linux) {
		if !isFile(s, each.name) { // where it is depends on the machine, and the managed settings say it
			pairs = append(pairs, pair{each.name, each.value})
		}
	}
	return s.withKey("vscode/settings.json", indented(map[string]any{
		"claudeCode.environmentVariables": pairs,
		"claudeCode.disableLoginPrompt":   true,
	}))
}

// assignment is a variable and what it is on some system.
type assignment struct{ name, value string }

// assignments are in the order of the settings, the key last.
func (s Settings) assignments(at system) (all []assignment) {
	env := s.on(at)
	for _, variable := range s.Variables {
		all = append(all, assignment{variable.Name, env[variable.Name]})
	}
	if key := s.key(); !key.IsZero() {
		all = append(all, assignment{s.keyVariable, key.Reveal()})
	}
	return all
}

func isFile(s Settings, name string) bool {
	return slices.ContainsFunc(s.Variables, func(v Variable) bool { return v.Name == name && v.inDir })
}

// providerFormats are the same settings for clients that take the gateway for
// each of the providers.
func providerFormats(g Gateway, c Credential) (files []File) {
	for _, format := range Formats {
		g.Format = format
		s := NewSettings(g, c)
		files = append(files, s.withKey("provider-formats/"+string(format)+".json", indented(s.document(linux))))
	}
	return files
}

// indented is a value as JSON for people.
func indented(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		panic(err) // only maps, slices and strings of this package
	}
	return text.Bytes()
}
