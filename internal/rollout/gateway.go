package rollout

import (
	"net/url"
	"strings"

	"tollgate"
	"tollgate/internal/secret"
)

// Gateway is what developers' machines have to know of it.
type Gateway struct {
	URL    string // where they reach it; see ParseURL
	Format Format // what their clients take it for
	Cloud  Cloud
	Models []tollgate.Model        // what it lists for them
	Serves func(model string) bool // whether a request that names this model is served
	Fast   bool                    // some upstream has a fast mode
	CA     []byte                  // the authority behind its certificate, in PEM, where machines do not know it
}

// Cloud is what clients put into paths and headers when they take the gateway
// for a cloud. The gateway passes none of it on.
type Cloud struct {
	AWSRegion    string
	AWSWorkspace string
	Project      string // of Google Cloud
	Location     string // of Google Cloud
}

// Credential is what machines show to the gateway: the key that a program
// prints, or one that is in the settings.
type Credential struct {
	Helper string // a command for the shell; empty when there is a Key
	Key    secret.String
}

// ParseURL reads the gateway's address as developers use it. The result has no
// slash at the end. The error is Invalid.
func ParseURL(text string) (string, error) {
	at, err := url.Parse(text)
	switch {
	case err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "":
		return "", tollgate.Errorf(tollgate.Invalid, "the gateway's address has to be one that developers can use, such as https://llm-gateway.example.com")
	case at.User != nil || at.RawQuery != "" || at.Fragment != "":
		return "", tollgate.Errorf(tollgate.Invalid, "the gateway's address holds more than a scheme, a host and a path; leave the rest out")
	case strings.HasSuffix(strings.TrimRight(at.Path, "/"), "/v1"):
		return "", tollgate.Errorf(tollgate.Invalid, "the gateway's address must not end in /v1: clients add it themselves")
	}
	return strings.TrimRight(at.String(), "/"), nil
}

// IsPlain says whether keys and prompts cross a network in clear text on
// their way to this address.
func IsPlain(address string) bool {
	at, err := url.Parse(address)
	return err == nil && at.Scheme == "http" && !isLoopback(at.Hostname())
}

func isLoopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// ParseKey reads a gateway key in either of its styles. The error is Invalid,
// and says nothing of what was written.
func ParseKey(text string) (secret.String, error) {
	key, _ := tollgate.ReadKey(text)
	if _, ok := tollgate.KeyIDOf(key); ok {
		return secret.New(text), nil
	}
	if strings.HasPrefix(text, "sk-ant-") {
		return secret.String{}, tollgate.Errorf(tollgate.Invalid, "this is a credential of the provider, which belongs on the gateway and on no other machine; make a gateway key with tollgate key create")
	}
	return secret.String{}, tollgate.Errorf(tollgate.Invalid, "this is no gateway key; it begins with tgk_ and is printed once, by tollgate key create")
}
