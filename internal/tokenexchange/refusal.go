package tokenexchange

import (
	"net/http"
	"slices"
	"time"
)

// refusal is why nobody got a key. why is its word in the audit log and in metrics;
// code is what RFC 6749 5.2 and RFC 8693 2.2.2 call it.
type refusal struct {
	why         string
	status      int
	code        string
	description string
	retry       time.Duration // when it makes sense to ask again; 0: not said
	cause       error
}

func (r *refusal) Error() string { return r.description }

// because returns a copy with its cause for operators.
func (r *refusal) because(cause error) *refusal {
	with := *r
	with.cause = cause
	return &with
}

func bad(why, code, description string) *refusal {
	return &refusal{why: why, status: http.StatusBadRequest, code: code, description: description}
}

const invalid = "invalid_request"

// The refusals. None quotes what was sent.
var (
	errForm        = bad("malformed_request", invalid, "the request could not be read; POST a form (application/x-www-form-urlencoded) of at most 64 KiB, each member once")
	errGrant       = bad("malformed_request", "unsupported_grant_type", "this address exchanges tokens only; send grant_type=urn:ietf:params:oauth:grant-type:token-exchange")
	errNoToken     = bad("malformed_request", invalid, "subject_token is missing; send the OIDC token of the job there")
	errType        = bad("malformed_request", invalid, "subject_token_type is missing or not known; send urn:ietf:params:oauth:token-type:jwt or urn:ietf:params:oauth:token-type:id_token")
	errRequested   = bad("malformed_request", invalid, "only an access token is issued here; leave requested_token_type out")
	errActor       = bad("malformed_request", invalid, "nobody acts for somebody else here; leave actor_token out")
	errToken       = bad("malformed_token", invalid, "the subject token is no JWT that is signed with RS256, RS384, RS512, ES256, ES384 or ES512; send the OIDC token of the job as its platform made it")
	errIssuer      = bad("unknown_issuer", invalid, "the subject token is of an issuer that this gateway does not know; an administrator adds it under token_exchange.issuers")
	errAudience    = bad("wrong_audience", invalid, "the subject token was made for another audience; ask the platform for one with the audience that token_exchange.audience of this gateway names")
	errExpired     = bad("expired", invalid, "the subject token has expired, or does not say when it will; ask the platform for a new one just before it is exchanged")
	errEarly       = bad("not_yet_valid", invalid, "the subject token is not valid yet; compare the clocks of the platform and of the gateway")
	errLong        = bad("too_long_lived", invalid, "the subject token lives for more than a day; ask the platform for one that lives an hour at most")
	errSignature   = bad("bad_signature", invalid, "the subject token is not signed with a key that its issuer publishes; if the issuer has just changed its keys, try again in ten seconds")
	errRule        = bad("no_rule", invalid, "no rule of this gateway lets this job in; compare repository, branch and environment with the rules under token_exchange.issuers")
	errName        = bad("bad_name", invalid, "the rule that matches makes no name of a service account from what the subject token claims: a claim is missing, or the name has more than 100 characters; an administrator changes its service")
	errReplayed    = bad("replayed", invalid, "this subject token was exchanged for a key before, and a token is good for one; ask the platform for a new token and exchange that")
	errPlace       = bad("misconfigured", invalid, "the service account cannot get a key: its team is missing or it is in another one; an administrator compares the rule's team with \"tollgate team list\" and \"tollgate key list\"")
	errUnreachable = &refusal{why: "issuer_unreachable", status: http.StatusServiceUnavailable, code: "temporarily_unavailable", description: "the keys of the subject token's issuer cannot be had just now; try again in ten seconds", retry: pause}
	errFault       = &refusal{why: "failed", status: http.StatusInternalServerError, code: "server_error", description: "the gateway could not do this because of a fault of its own; its log has the cause"}
	errAbsent      = &refusal{why: "off", status: http.StatusNotFound, code: invalid, description: "this gateway exchanges no tokens; an administrator writes token_exchange into its configuration"}
	errMethod      = &refusal{why: "malformed_request", status: http.StatusMethodNotAllowed, code: invalid, description: "send this with POST"}
)

// Issued is the outcome when a key was issued.
const Issued = "issued"

// Outcomes are the words for what can become of an exchange.
func Outcomes() []string {
	outcomes := []string{Issued}
	for _, each := range []*refusal{errForm, errToken, errIssuer, errAudience, errExpired, errEarly, errLong, errSignature, errRule, errName, errReplayed, errPlace, errUnreachable, errFault, errAbsent} {
		outcomes = append(outcomes, each.why)
	}
	slices.Sort(outcomes)
	return outcomes
}
