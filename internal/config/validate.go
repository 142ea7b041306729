package config

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tollgate"
)

// validate gathers what every part says of its own options and adds the rules
// between the parts.
func (c *Config) validate() []tollgate.Problem {
	var names []string // each once
	var problems []tollgate.Problem
	for i, upstream := range c.Upstreams {
		if upstream.Name != "" && !slices.Contains(names, upstream.Name) {
			names = append(names, upstream.Name)
		}
		problems = append(problems, under(fmt.Sprintf("upstreams[%d]", i), upstream.Validate())...)
	}
	problems = append(problems, c.Config.Validate(names)...)
	problems = append(problems, under("admin", c.Admin.Validate())...)
	problems = append(problems, under("prices", c.Prices.Validate())...)
	problems = append(problems, under("alerts", c.Alerts.Validate())...)
	problems = append(problems, under("audit", c.Audit.Validate())...)
	problems = append(problems, under("journal", c.Journal.Validate())...)
	problems = append(problems, under("limits", c.Limits.Validate())...)
	problems = append(problems, under("token_exchange", c.TokenExchange.Validate())...)
	problems = append(problems, under("subscriptions", c.Subscriptions.Validate())...)
	problems = append(problems, under("telemetry", c.Telemetry.Validate())...)
	problems = append(problems, under("listen", c.Listen.validate())...)
	problems = append(problems, c.addressProblems()...)
	problems = append(problems, c.upstreamProblems(names)...)
	return append(problems, c.ownProblems()...)
}

// under puts the problems of a part below the key at which it stands.
func under(key string, problems []tollgate.Problem) []tollgate.Problem {
	for i := range problems {
		problems[i].Path = strings.TrimSuffix(key+"."+problems[i].Path, ".")
	}
	return problems
}

// upstreamProblems are about the list as a whole and about who else names one.
func (c *Config) upstreamProblems(names []string) (problems []tollgate.Problem) {
	if len(c.Upstreams) == 0 {
		return []tollgate.Problem{{
			Path: "upstreams", Message: "is missing: there is nowhere to send requests to",
			Remedy: `add upstreams: [{name: anthropic, provider: anthropic, api_key: "${ANTHROPIC_API_KEY}"}]`,
		}}
	}
	first := map[string]int{}
	for i, upstream := range c.Upstreams {
		if before, again := first[upstream.Name]; again && upstream.Name != "" {
			problems = append(problems, tollgate.Problem{
				Path: fmt.Sprintf("upstreams[%d].name", i), Message: fmt.Sprintf("is the name of upstreams[%d] too", before), Remedy: "give each upstream a name of its own",
			})
			continue
		}
		first[upstream.Name] = i
	}
	for i, override := range c.Prices.Overrides {
		if _, known := first[override.Upstream]; !known && override.Upstream != "" && len(names) > 0 {
			problems = append(problems, tollgate.Problem{
				Path: fmt.Sprintf("prices.overrides[%d].upstream", i), Message: "is not the name of an upstream", Remedy: "there are: " + strings.Join(names, ", "),
			})
		}
	}
	for _, upstream := range slices.Sorted(maps.Keys(c.Prices.Multipliers)) {
		if _, known := first[upstream]; !known && len(names) > 0 {
			problems = append(problems, tollgate.Problem{
				Path: "prices.multipliers." + upstream, Message: "is not the name of an upstream", Remedy: "there are: " + strings.Join(names, ", "),
			})
		}
	}
	return problems
}

func (l Listen) validate() (problems []tollgate.Problem) {
	if at, err := url.Parse(l.PublicURL); l.PublicURL != "" &&
		(err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || at.User != nil || at.RawQuery != "" || at.Fragment != "") {
		problems = append(problems, tollgate.Problem{
			Path: "public_url", Message: "is not an address that developers could use", Remedy: "write one such as https://llm-gateway.example.com",
		})
	}
	if l.TLS != nil && (l.TLS.Cert == "") != (l.TLS.Key == "") {
		problems = append(problems, tollgate.Problem{
			Path: "tls", Message: "has only one of cert and key", Remedy: "name both files",
		})
	} else if l.TLS != nil && l.TLS.Cert == "" {
		problems = append(problems, tollgate.Problem{
			Path: "tls", Message: "names no certificate", Remedy: "name cert and key, or remove tls",
		})
	}
	return problems
}

// addressProblems are about the two listeners.
func (c *Config) addressProblems() (problems []tollgate.Problem) {
	for _, listener := range []struct{ path, address string }{
		{"listen.address", c.Listen.Address},
		{"admin.address", c.Admin.Address},
	} {
		if !isAddress(listener.address) && (listener.address != "" || listener.path == "listen.address") {
			problems = append(problems, tollgate.Problem{
				Path: listener.path, Message: "is not an address to listen at", Remedy: "write host:port, such as 127.0.0.1:8080",
			})
		}
	}
	if _, port, _ := net.SplitHostPort(c.Admin.Address); c.Admin.Address == c.Listen.Address && port != "0" {
		problems = append(problems, tollgate.Problem{
			Path: "admin.address", Message: "is the address of the gateway itself", Remedy: "choose another port",
		})
	}
	if len(c.Admin.Keys) > 0 && isAddress(c.Admin.Address) && !isLoopback(c.Admin.Address) && c.Listen.TLS == nil && !c.Admin.AllowPlainHTTP {
		problems = append(problems, tollgate.Problem{
			Path: "admin.address", Message: "would let the admin keys cross the network in clear text",
			Remedy: "give listen.tls a certificate, choose an address of this machine such as 127.0.0.1:8081, or write allow_plain_http: true beside it if something in front ends TLS",
		})
	}
	return problems
}

// isLoopback says whether only this machine can reach a host:port.
func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || host == "localhost"
}

func isAddress(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// ownProblems are about the options that belong to no part.
func (c *Config) ownProblems() (problems []tollgate.Problem) {
	if c.DataDir == "" {
		problems = append(problems, tollgate.Problem{
			Path: "data_dir", Message: "is empty", Remedy: "name a folder, or leave the line out for ./tollgate-data",
		})
	}
	if c.Store.URL != "" {
		problems = append(problems, tollgate.Problem{
			Path: "store.url", Message: "is not in this version of tollgate", Remedy: "leave it empty for SQLite in data_dir",
		})
	}
	if c.Log.Format != LogText && c.Log.Format != LogJSON {
		problems = append(problems, tollgate.Problem{Path: "log.format", Message: "is not a format", Remedy: "write text or json"})
	}
	return problems
}
