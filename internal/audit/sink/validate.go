package sink

import (
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tollgate"
)

// Validate returns every mistake in a list of sinks at once. Paths are relative
// to the list, such as "[0].name".
func Validate(sinks []Config) (problems []tollgate.Problem) {
	taken := map[string]int{} // what no two of them may have
	for i, each := range sinks {
		for _, p := range slices.Concat(each.problems(), each.unique(i, taken)) {
			p.Path = fmt.Sprintf("[%d].%s", i, p.Path)
			problems = append(problems, p)
		}
	}
	return problems
}

func problem(path, message, remedy string) tollgate.Problem {
	return tollgate.Problem{Path: path, Message: message, Remedy: remedy}
}

// unique notes what no other sink may have.
func (c Config) unique(i int, taken map[string]int) (problems []tollgate.Problem) {
	for _, each := range []struct {
		path, what string
		counts     bool
	}{
		{"name", "name " + c.Name, c.Name != ""},
		{"path", "file " + filepath.Clean(c.Path), c.Path != ""},
		{"kind", c.Kind, c.Kind == stdoutName},
	} {
		if before, again := taken[each.what]; again && each.counts {
			problems = append(problems, problem(each.path, fmt.Sprintf("is that of sinks[%d] too", before), "give each sink its own, or remove one of the two"))
		} else if each.counts {
			taken[each.what] = i
		}
	}
	return problems
}

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

func (c Config) problems() []tollgate.Problem {
	problems := c.nameProblems()
	k := kindOf(c.Kind)
	switch {
	case c.Kind == "":
		return append(problems, problem("kind", "is missing", "write one of "+kindNames()))
	case k == nil:
		return append(problems, problem("kind", "is not a kind of sink", "write one of "+kindNames()))
	}
	if c.From != FromNow && c.From != FromBeginning {
		problems = append(problems, problem("from", "is not where a sink can begin", "write now or beginning"))
	}
	if c.Every <= 0 {
		problems = append(problems, problem("every", "must be more than 0", "write a duration such as 1s"))
	}
	problems = append(problems, c.strangers(k)...)
	if k.problems != nil {
		problems = append(problems, k.problems(c)...)
	}
	return problems
}

func (c Config) nameProblems() []tollgate.Problem {
	switch {
	case c.Name == "":
		return []tollgate.Problem{problem("name", "is missing", "write a name such as archive")}
	case !validName.MatchString(c.Name):
		return []tollgate.Problem{problem("name", "must be lower case letters, digits and hyphens, at most 63", "write a name such as archive")}
	}
	return nil
}

// everySink are the members that all kinds take.
var everySink = []string{"name", "kind", "from", "every"}

// strangers are members that belong to sinks of another kind.
func (c Config) strangers(k *kind) (problems []tollgate.Problem) {
	value := reflect.ValueOf(c)
	for i := range value.NumField() {
		name := value.Type().Field(i).Tag.Get("yaml")
		if value.Field(i).IsZero() || slices.Contains(everySink, name) || slices.Contains(k.members, name) {
			continue
		}
		problems = append(problems, problem(name, "does not belong to a sink of the kind "+k.name, "remove it; beside name, kind, from and every there may be "+list(k.members)))
	}
	return problems
}

func list(members []string) string {
	if len(members) == 0 {
		return "nothing"
	}
	return strings.Join(members, ", ")
}

// addressProblems are about an address that records are sent to. They never
// repeat it, since it may hold a credential.
func addressProblems(path, address string, plain bool) []tollgate.Problem {
	at, err := url.Parse(address)
	switch {
	case address == "":
		return []tollgate.Problem{problem(path, "is missing", "write the address that takes records, such as https://siem.example.com/tollgate")}
	case err != nil, at.Scheme != "http" && at.Scheme != "https", at.Hostname() == "", at.Fragment != "", !validPort(at):
		return []tollgate.Problem{problem(path, "is not an address", "write one such as https://siem.example.com/tollgate")}
	case at.User != nil:
		return []tollgate.Problem{problem(path, "must not hold a user or a password before the host", "remove what stands before the @")}
	case at.Scheme == "http" && !isLoopback(at.Hostname()) && !plain:
		return []tollgate.Problem{problem(path, "would send records over the network in clear text", "write https://")}
	}
	return nil
}

func validPort(at *url.URL) bool {
	if at.Port() == "" {
		return !strings.HasSuffix(at.Host, ":")
	}
	port, err := strconv.ParseUint(at.Port(), 10, 16)
	return err == nil && port > 0
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback() || host == "localhost"
}
