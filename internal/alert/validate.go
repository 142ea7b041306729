package alert

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tollgate"
	"tollgate/internal/secret"
)

// Validate returns every mistake at once. Paths are relative to this Config.
func (c Config) Validate() []tollgate.Problem {
	problems := c.thresholdProblems()
	first := map[string]string{} // paths by name
	for _, kind := range kinds {
		for i, entry := range kind.entries(c) {
			path := fmt.Sprintf("%s[%d]", kind.key, i)
			problems = append(problems, under(path, entry.problems())...)
			problems = append(problems, under(path, nameProblems(entry.name(), first))...)
			if _, again := first[entry.name()]; !again {
				first[entry.name()] = path
			}
		}
	}
	return problems
}

func under(path string, problems []tollgate.Problem) []tollgate.Problem {
	for i := range problems {
		problems[i].Path = path + "." + problems[i].Path
	}
	return problems
}

// maxThreshold is ten times the budget.
const maxThreshold = 1000

func (c Config) thresholdProblems() (problems []tollgate.Problem) {
	if len(c.At) == 0 {
		problems = append(problems, problem("at", "is empty", "write percentages such as [80, 100], or leave it out; nobody is told where nobody is named"))
	}
	for i, percent := range c.At {
		path := fmt.Sprintf("at[%d]", i)
		switch {
		case percent < 1 || percent > maxThreshold:
			problems = append(problems, problem(path, fmt.Sprintf("must be a percentage from 1 to %d", maxThreshold), "write a whole number such as 80"))
		case slices.Index(c.At, percent) < i:
			problems = append(problems, problem(path, "is there already", "keep one of the two"))
		}
	}
	return problems
}

func problem(path, message, remedy string) tollgate.Problem {
	return tollgate.Problem{Path: path, Message: message, Remedy: remedy}
}

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// nameProblems are about the name of an entry; first has those before it.
func nameProblems(name string, first map[string]string) []tollgate.Problem {
	before, again := first[name]
	switch {
	case name == "":
		return []tollgate.Problem{problem("name", "is missing", "write a name such as finance")}
	case !validName.MatchString(name):
		return []tollgate.Problem{problem("name", "must be lower case letters, digits and hyphens, at most 63", "write a name such as finance")}
	case again:
		return []tollgate.Problem{problem("name", "is the name of "+before+" too", "give everybody who is told a name of their own")}
	}
	return nil
}

func (w Webhook) problems() []tollgate.Problem {
	return append(urlProblems(w.URL), secretProblems(w.Secret)...)
}

func (s Slack) problems() []tollgate.Problem { return urlProblems(s.URL) }

// urlProblems never repeat the URL, which may hold a credential.
func urlProblems(address secret.String) []tollgate.Problem {
	at, err := url.Parse(address.Reveal())
	switch {
	case address.IsZero():
		return []tollgate.Problem{problem("url", "is missing", "write the address that takes alerts, such as ${HOOK_URL} for one in an environment variable")}
	case err != nil, at.Scheme != "http" && at.Scheme != "https", at.Hostname() == "", at.Fragment != "", !validPort(at.Port(), true):
		return []tollgate.Problem{problem("url", "is not an address", "write one such as https://hooks.example.com/tollgate")}
	case at.User != nil:
		return []tollgate.Problem{problem("url", "must not hold a user or a password before the host", "remove what stands before the @")}
	case at.Scheme == "http" && !isLoopback(at.Hostname()):
		return []tollgate.Problem{problem("url", "would send alerts over the network in clear text", "write https://")}
	}
	return nil
}

// leastSecret is the shortest key that signs, in bytes.
const leastSecret = 16

func secretProblems(text secret.String) []tollgate.Problem {
	key, err := signingKey(text)
	switch {
	case text.IsZero():
		return []tollgate.Problem{problem("secret", "is missing", "write one of at least 16 characters, such as ${HOOK_SECRET} for one in an environment variable")}
	case err != nil:
		return []tollgate.Problem{problem("secret", "begins with whsec_ and does not go on in base64", "copy it anew")}
	case len(key) < leastSecret:
		return []tollgate.Problem{problem("secret", fmt.Sprintf("is shorter than %d characters", leastSecret), "make one with: openssl rand -hex 32")}
	}
	return nil
}

// signingKey is what a secret signs with: its bytes, or those that are in
// base64 behind whsec_ (Standard Webhooks, 2026-11-23).
func signingKey(text secret.String) ([]byte, error) {
	if encoded, marked := strings.CutPrefix(text.Reveal(), "whsec_"); marked {
		return base64.StdEncoding.DecodeString(encoded)
	}
	return []byte(text.Reveal()), nil
}

func (m Mail) problems() []tollgate.Problem {
	return slices.Concat(m.serverProblems(), m.addressProblems(), m.credentialProblems())
}

func (m Mail) serverProblems() []tollgate.Problem {
	host, port, err := net.SplitHostPort(m.Server)
	switch {
	case m.Server == "":
		return []tollgate.Problem{problem("server", "is missing", "write host:port, such as smtp.example.com:587")}
	case err != nil, !validHost.MatchString(host), !validPort(port, false):
		return []tollgate.Problem{problem("server", "is not the address of a server", "write host:port, such as smtp.example.com:587")}
	}
	return nil
}

var validHost = regexp.MustCompile(`^[0-9A-Za-z.:_%-]+$`)

func (m Mail) addressProblems() (problems []tollgate.Problem) {
	if _, err := parseAddress(m.From); err != nil {
		problems = append(problems, problem("from", "is missing or not an address", "write one such as tollgate@example.com"))
	}
	if len(m.To) == 0 {
		problems = append(problems, problem("to", "is missing", "write the addresses of those who are told, such as [finance@example.com]"))
	}
	for i, to := range m.To {
		if _, err := parseAddress(to); err != nil {
			problems = append(problems, problem(fmt.Sprintf("to[%d]", i), "is not an address", "write one such as finance@example.com"))
		}
	}
	return problems
}

// parseAddress reads a mail address. Those that only some servers take, for
// they are not ASCII, are refused.
func parseAddress(text string) (*mail.Address, error) {
	address, err := mail.ParseAddress(text)
	if err == nil && !validAddress.MatchString(address.Address) {
		err = fmt.Errorf("%q is not an address that every mail server takes", text)
	}
	return address, err
}

var validAddress = regexp.MustCompile(`^[!-~]+@[0-9A-Za-z.:\[\]-]+$`)

func (m Mail) credentialProblems() (problems []tollgate.Problem) {
	if m.Username == "" && !m.Password.IsZero() {
		problems = append(problems, problem("username", "is missing beside a password", "write the name that the password belongs to, or remove the password"))
	}
	if m.Username != "" && m.Password.IsZero() {
		problems = append(problems, problem("password", "is missing beside a username", "write it, such as ${SMTP_PASSWORD}, or remove the username"))
	}
	switch {
	case m.TLS != StartTLS && m.TLS != Implicit && m.TLS != Plain:
		problems = append(problems, problem("tls", "is not a way to encrypt", "write starttls, tls or none"))
	case m.TLS == Plain && (m.Username != "" || !m.Password.IsZero()):
		problems = append(problems, problem("tls", "would send the password over the network in clear text", "write starttls or tls, or remove username and password"))
	}
	return problems
}

func validPort(port string, mayBeMissing bool) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && number > 0 || port == "" && mayBeMissing
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback() || host == "localhost"
}
