package upstream

import (
	"net/url"
	"slices"
	"strings"

	"tollgate"
)

// credentialParameters are those in which Google, AWS and Azure take a
// credential or a signature in place of a header, or who is to be billed.
var credentialParameters = []string{
	"key", "access_token", "oauth_token", "quotauser", "userproject",
	"api-key", "api_key", "x-api-key", "subscription-key", "authorization",
}

// passing is a query without what is, or may be, a credential of the client's.
// What is left of it is as it was written.
func passing(query string) string {
	if query == "" {
		return ""
	}
	parameters := strings.Split(query, "&")
	return strings.Join(slices.DeleteFunc(parameters, holdsCredential), "&")
}

func holdsCredential(parameter string) bool {
	plain, err := url.QueryUnescape(parameter)
	if err != nil {
		return true // whoever reads it may see another thing in it
	}
	name, _, _ := strings.Cut(strings.ToLower(plain), "=")
	return slices.Contains(credentialParameters, name) || tollgate.HoldsKey(plain) ||
		strings.HasPrefix(name, "x-amz-") || strings.HasPrefix(name, "x-goog-")
}
