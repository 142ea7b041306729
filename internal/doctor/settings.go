package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// settingsFile is one of the client's.
type settingsFile struct {
	source, path string
	wrong        error // it is there and cannot be read
	content      struct {
		Env         map[string]string `json:"env"`
		Helper      string            `json:"apiKeyHelper"`
		LoginMethod string            `json:"forceLoginMethod"`
		LoginOrg    json.RawMessage   `json:"forceLoginOrgUUID"`
		Model       string            `json:"model"`
	}
}

// readSettings reads those that are there, what counts most first: managed ones,
// the project's local and shared ones, the user's. The environment that the client
// is started with counts less than any of them (docs of the client, 2026-11-23).
func (v *visit) readSettings() (files []settingsFile) {
	places := [][2]string{}
	for _, path := range v.Managed {
		places = append(places, [2]string{"managed", path})
	}
	if v.Project != "" {
		places = append(places, [2]string{"project, local", filepath.Join(v.Project, ".claude", "settings.local.json")}, [2]string{"project", filepath.Join(v.Project, ".claude", "settings.json")})
	}
	if v.Home != "" {
		places = append(places, [2]string{"user", filepath.Join(v.Home, ".claude", "settings.json")})
	}
	for _, place := range places {
		text, err := os.ReadFile(place[1])
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		file := settingsFile{source: place[0], path: place[1], wrong: err}
		if err == nil {
			file.wrong = json.Unmarshal(text, &file.content)
		}
		files = append(files, file)
	}
	return files
}

// variable is what the client sees under that name.
func (v *visit) variable(name string) string {
	value, _ := v.variableFrom(name)
	return value
}

func (v *visit) variableFrom(name string) (value, source string) {
	for _, file := range v.settings {
		if value, set := file.content.Env[name]; set {
			return value, file.source + " settings (" + file.path + ")"
		}
	}
	if v.Environment == nil {
		return "", ""
	}
	return v.Environment(name), "the environment"
}

// checkSettings holds the client's settings against the address that is examined.
func checkSettings(v *visit, _ context.Context) {
	for _, file := range v.settings {
		if file.wrong != nil {
			v.report("settings", Failed, fmt.Sprintf("the %s settings, %s, cannot be read: %v", file.source, file.path, file.wrong), "mend the file: the client leaves out all that is in it")
			return
		}
	}
	address, source := v.variableFrom("ANTHROPIC_BASE_URL")
	for _, other := range []string{"ANTHROPIC_BEDROCK_BASE_URL", "ANTHROPIC_VERTEX_BASE_URL", "ANTHROPIC_FOUNDRY_BASE_URL", "ANTHROPIC_AWS_BASE_URL"} {
		if address == "" {
			address, source = v.variableFrom(other)
		}
	}
	switch set, err := url.Parse(address); {
	case address == "":
		v.report("settings", Warning, "nothing on this machine points Claude Code to a gateway", "set ANTHROPIC_BASE_URL to "+v.URL.String())
	case err != nil || set.Host != v.URL.Host:
		v.report("settings", Warning, fmt.Sprintf("Claude Code on this machine asks %s, as %s says, and not %s", quoted(address), source, v.URL.Host), "correct it there, or ask about that address")
	default:
		v.report("settings", OK, "ANTHROPIC_BASE_URL is from "+source, "")
	}
}

// checkCredentials looks for what gets in each other's way.
func checkCredentials(v *visit, _ context.Context) {
	var given []string
	for _, name := range []string{"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"} {
		if v.variable(name) != "" {
			given = append(given, name)
		}
	}
	for _, file := range v.settings {
		if file.content.Helper != "" {
			given = append(given, "apiKeyHelper")
			break
		}
	}
	for _, file := range v.settings {
		if (file.content.LoginMethod != "" || len(file.content.LoginOrg) > 0) && len(given) > 0 {
			v.report("credentials", Failed, fmt.Sprintf("forceLoginMethod or forceLoginOrgUUID stands in %s beside %s: Claude Code does not start", file.path, given[0]), "take it out: with a gateway's key nobody logs in")
			return
		}
	}
	switch {
	case len(given) == 2 && given[0] == "ANTHROPIC_AUTH_TOKEN" && given[1] == "ANTHROPIC_API_KEY" && v.variable(given[0]) == v.variable(given[1]):
		v.report("credentials", OK, "one key, in two variables", "")
	case len(given) > 1:
		v.report("credentials", Warning, "there are several credentials: "+strings.Join(given, " and "), "keep one of them, so that nobody has to guess which one a 401 is about")
	case len(given) == 1:
		v.report("credentials", OK, given[0], "")
	case v.hasLogin():
		v.report("credentials", Warning, "Claude Code on this machine is logged in to claude.ai and has no gateway key: it sends that login", "set ANTHROPIC_AUTH_TOKEN or apiKeyHelper, unless the gateway passes subscriptions through")
	default:
		v.report("credentials", Warning, "Claude Code on this machine has no credential for a gateway", "set ANTHROPIC_AUTH_TOKEN to the key, or apiKeyHelper")
	}
}

// hasLogin says whether the client has saved one.
func (v *visit) hasLogin() bool {
	if v.Home == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(v.Home, ".claude", ".credentials.json"))
	return err == nil
}

// proxyFor is the proxy through which the client would go.
func (v *visit) proxyFor(r *http.Request) (*url.URL, error) {
	return v.proxies().ProxyFunc()(r.URL)
}

func (v *visit) proxies() *httpproxy.Config {
	either := func(name string) string {
		if value := v.variable(name); value != "" {
			return value
		}
		return v.variable(strings.ToLower(name))
	}
	return &httpproxy.Config{HTTPProxy: either("HTTP_PROXY"), HTTPSProxy: either("HTTPS_PROXY"), NoProxy: either("NO_PROXY")}
}

// checkProxy says through whom requests go.
func checkProxy(v *visit, _ context.Context) {
	through, err := v.proxies().ProxyFunc()(v.URL)
	switch {
	case err != nil:
		v.report("proxy", Failed, "HTTP_PROXY or HTTPS_PROXY cannot be read", "write it as http://HOST:PORT")
	case through != nil:
		v.report("proxy", Warning, "requests go through the proxy "+through.Host, "if the gateway is inside the organisation, add "+v.URL.Hostname()+" to NO_PROXY: a proxy may hold streams back or cut them")
	default:
		v.report("proxy", OK, "none is in between, as the environment says", "")
	}
}

// Setup is what the client on this machine is set to.
type Setup struct {
	URL, Key string
	Helper   string // the command that prints the key; empty: none
}

// Look reads it.
func Look(c Config) Setup {
	v := &visit{Config: c}
	v.settings = v.readSettings()
	found := Setup{URL: v.variable("ANTHROPIC_BASE_URL"), Key: v.variable("ANTHROPIC_AUTH_TOKEN")}
	if found.Key == "" {
		found.Key = v.variable("ANTHROPIC_API_KEY")
	}
	for _, file := range v.settings {
		if file.content.Helper != "" {
			found.Helper = file.content.Helper
			break
		}
	}
	return found
}
