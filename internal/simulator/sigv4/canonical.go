package sigv4

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonical is the request in the form that is signed.
func canonical(r *http.Request, target string, headers []string, digest string) string {
	path, query, _ := strings.Cut(target, "?")
	if path == "" {
		path = "/"
	}
	lines := []string{r.Method, escape(path, "/"), canonicalQuery(query)}
	for _, name := range headers {
		lines = append(lines, name+":"+header(r, name))
	}
	lines = append(lines, "", strings.Join(headers, ";"), digest)
	return strings.Join(lines, "\n")
}

// header is a header's value with its white space folded.
func header(r *http.Request, name string) string {
	values := slices.Clone(r.Header.Values(name))
	switch {
	case name == "host":
		values = []string{r.Host}
	case name == "content-length" && len(values) == 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	for i := range values {
		values[i] = strings.Join(strings.Fields(values[i]), " ")
	}
	return strings.Join(values, ",")
}

// canonicalQuery sorts the pairs by their escaped names and values.
func canonicalQuery(query string) string {
	if query == "" {
		return ""
	}
	var pairs []string
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		pairs = append(pairs, escape(unescape(name), "")+"="+escape(unescape(value), ""))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// escape writes every byte but the unreserved ones and those kept as %XX. A path
// is escaped as it was sent, and so once more than its names are.
func escape(text, kept string) string {
	var out strings.Builder
	for i := range len(text) {
		switch b := text[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', strings.IndexByte("-._~"+kept, b) >= 0:
			out.WriteByte(b)
		default:
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}
