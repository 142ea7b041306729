package simulator

import (
	"net/http"
	"slices"
	"strings"

	"tollgate/internal/simulator/sigv4"
)

// awsService is the service for which calls of Claude Platform on AWS are
// signed. Source: providers.md 5, 2026-11-23.
const awsService = "aws-external-anthropic"

// admitAWS takes a signature for one of the services, or a key.
func (s *Simulator) admitAWS(v *visit, services ...string) bool {
	key := bearer(v.request.Header)
	if key == "" && v.face.name != Bedrock {
		key = v.request.Header.Get("X-Api-Key")
	}
	if key != "" {
		if v.caller = key; s.knows(key) {
			return true
		}
		v.deny(http.StatusForbidden, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.")
		return false
	}
	scope, failure := s.signature(v, services...)
	if failure != nil {
		v.deny(http.StatusForbidden, failure.Code, failure.Message)
		return false
	}
	v.caller, v.region = scope.AccessKeyID, scope.Region
	return true
}

func (s *Simulator) signature(v *visit, services ...string) (sigv4.Scope, *sigv4.Failure) {
	check := sigv4.Check{Services: services, Region: s.config.Cloud.Region, Now: s.config.Now(), Key: s.key}
	return check.Verify(v.request, v.request.RequestURI, v.body)
}

// key is the account's own, or one of a role that was assumed here.
func (s *Simulator) key(id string) (sigv4.Key, bool) {
	if cloud := s.config.Cloud; id == cloud.AccessKeyID {
		return sigv4.Key{Secret: cloud.SecretAccessKey, Session: cloud.SessionToken}, true
	}
	return s.roles.key(id)
}

// bearer is the token in the authorization header, empty when there is none.
func bearer(h http.Header) string {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// bedrockKey says whether a key has the form of those that Bedrock issues.
func bedrockKey(key string) bool {
	return slices.ContainsFunc([]string{"ABSK", "bedrock-api-key-"}, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}
