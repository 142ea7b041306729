package observe

import (
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tollgate"
	"tollgate/internal/secret"
)

// Validate returns every mistake at once. Paths are relative to this Telemetry.
func (t Telemetry) Validate() (problems []tollgate.Problem) {
	if t.OTLP == nil {
		return nil
	}
	for _, problem := range t.OTLP.problems() {
		problem.Path = "otlp." + problem.Path
		problems = append(problems, problem)
	}
	return problems
}

var validShare = regexp.MustCompile(`^(0(\.\d{1,9})?|1(\.0{1,9})?)$`)

func (o *OTLP) problems() []tollgate.Problem {
	problems := o.endpointProblems()
	if !validShare.MatchString(string(o.Sample)) {
		problems = append(problems, tollgate.Problem{Path: "sample", Message: "must be a share of all requests", Remedy: "write a number from 0 to 1, such as 0.1"})
	}
	if o.MaxPerSecond <= 0 {
		problems = append(problems, tollgate.Problem{Path: "max_per_second", Message: "must not be less than 0", Remedy: "write a number such as 100, or remove otlp to have no traces"})
	}
	return append(problems, o.headerProblems()...)
}

// endpointProblems: what leaves for the collector names teams, models and
// costs, and brings a credential along.
func (o *OTLP) endpointProblems() []tollgate.Problem {
	problem := tollgate.Problem{Path: "endpoint"}
	at, err := url.Parse(o.Endpoint)
	switch {
	case o.Endpoint == "":
		problem.Message, problem.Remedy = "is missing", "write the collector's address, such as https://otel.example.com:4318, or remove otlp to have no traces"
	case err != nil, at.Scheme != "http" && at.Scheme != "https", at.Hostname() == "", !validPort(at):
		problem.Message, problem.Remedy = "is not an address", "write one such as https://otel.example.com:4318"
	case at.User != nil:
		problem.Message, problem.Remedy = "must not hold a credential", "use headers"
	case at.RawQuery != "" || at.ForceQuery || strings.Contains(o.Endpoint, "#"):
		problem.Message, problem.Remedy = "must end with the path", "leave out what begins with ? or #"
	case strings.HasSuffix(strings.TrimSuffix(at.Path, "/"), tracesPath):
		problem.Message, problem.Remedy = "is the address of one signal alone", "leave out "+tracesPath+", which tollgate adds itself"
	case at.Scheme == "http" && !isLoopback(at.Hostname()) && !o.AllowPlainHTTP:
		problem.Message = "would send traces and their credential over the network in clear text"
		problem.Remedy = "write https://, or allow_plain_http: true if the network may see everything"
	default:
		return nil
	}
	return []tollgate.Problem{problem}
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

// exporterHeaders are set by the exporter or belong to the connection.
var exporterHeaders = []string{
	"accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host", "keep-alive",
	"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
}

// headerName is a token, and headerText a field value, of RFC 9110, 5.
var (
	headerName = regexp.MustCompile("^[0-9A-Za-z!#$%&'*+.^_`|~-]+$")
	headerText = regexp.MustCompile("^[\t\x20-\x7e\u0080-\U0010ffff]*$")
)

func (o *OTLP) headerProblems() (problems []tollgate.Problem) {
	for _, name := range slices.Sorted(maps.Keys(o.Headers)) {
		problem := tollgate.Problem{Path: "headers." + name}
		switch {
		case !headerName.MatchString(name):
			problem.Message, problem.Remedy = "is not the name of a header", "use letters, digits and hyphens"
		case slices.Contains(exporterHeaders, strings.ToLower(name)):
			problem.Message, problem.Remedy = "is a header that tollgate sets itself", "remove it"
		case !headerText.MatchString(o.Headers[name].Reveal()):
			problem.Message, problem.Remedy = "has a character that no header may have", "leave out line breaks and control characters"
		default:
			continue
		}
		problems = append(problems, problem)
	}
	return problems
}

// same says whether nothing differs that a running exporter would notice.
func (o *OTLP) same(other *OTLP) bool {
	equal := func(a, b secret.String) bool { return a.Reveal() == b.Reveal() }
	return o.Endpoint == other.Endpoint && maps.EqualFunc(o.Headers, other.Headers, equal)
}
