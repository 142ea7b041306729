package explain

import (
	"net/http"
	"slices"
	"strings"
)

// meaning is how a provider's error is told.
type meaning struct {
	wire     string // error.type of the Messages API
	final    bool
	sentence string
}

// meanings is the one table from a provider's status to what is said of it.
// The types are those of providers.md 1.5, the statuses those of 2.5, 3.1 and 4
// (2026-11-23). A sentence tells a developer whose turn it is: theirs, the
// operator's or nobody's.
var meanings = map[int]meaning{
	400: {"invalid_request_error", true, "the model provider rejected the request; the gateway's log says why, under this request's id"},
	401: {"authentication_error", true, "the model provider does not accept the gateway's own credential; your key is not the cause: tell your administrator"},
	402: {"billing_error", true, "the model provider does not serve the gateway's account for a matter of billing; tell your administrator"},
	403: {"permission_error", true, "the model provider has not granted the gateway's own account this model; your key is not the cause: pick another with /model, or tell your administrator"},
	404: {"not_found_error", true, "the model provider does not have this model where the gateway asks for it; pick another with /model, or tell your administrator"},
	408: {"timeout_error", false, "the model provider took too long over this request; try again"},
	409: {"conflict_error", false, "the model provider is busy with something that this request conflicts with; try again"},
	413: {"request_too_large", true, "the request is too large for this model provider; use /compact, or attach less"},
	422: {"invalid_request_error", true, "the model provider rejected the request; the gateway's log says why, under this request's id"},
	424: {"api_error", false, "the model failed while it worked on this request; try again"},
	429: {"rate_limit_error", false, "the model provider's limit on the gateway's requests is reached; try again in a moment"},
	501: {"not_supported", true, "the model provider does not serve requests of this kind"},
	503: {"overloaded_error", false, "the model provider has no capacity just now; try again in a moment"},
	504: {"timeout_error", false, "the model provider took too long over this request; try again"},
	529: {"overloaded_error", false, "the model provider has no capacity just now; try again in a moment"},
}

func meaningOf(status int) meaning {
	if known, ok := meanings[status]; ok {
		return known
	}
	if status < http.StatusInternalServerError {
		return meanings[http.StatusBadRequest]
	}
	return meaning{"api_error", false, "the model provider failed; try again in a moment"}
}

// code is a cloud's own name for an error that says more than its status.
type code struct {
	names   []string
	status  int // with which it comes
	meaning meaning
}

// codes are those of AWS, Google and Azure (providers.md 2.5, 3.1 and 4,
// 2026-11-23).
var codes = []code{
	{[]string{"ServiceQuotaExceededException"}, 400, meaning{"invalid_request_error", true, "a quota of the gateway's account at the model provider is used up; tell your administrator"}},
	{[]string{"ModelNotReadyException"}, 429, meaning{"rate_limit_error", false, "the model is not ready yet at the model provider; try again in a moment"}},
	{[]string{"FAILED_PRECONDITION"}, 400, meaning{"invalid_request_error", true, "the model provider does not serve this model to the gateway's account as it is set up; pick another with /model, or tell your administrator"}},
	{[]string{"ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignature", "InvalidClientTokenId"}, 0, meanings[401]},
	{[]string{"DeploymentNotFound"}, 404, meaning{"not_found_error", true, "the model provider has no deployment under the name that the gateway is configured with; pick another model with /model, or tell your administrator"}},
}

// codeOf finds the code that an answer carries.
func codeOf(said words) code {
	at := slices.IndexFunc(codes, func(c code) bool {
		return slices.Contains(c.names, said.code)
	})
	if at < 0 {
		return code{}
	}
	return codes[at]
}

// overrides says whether the code tells more than this status.
func (c code) overrides(status int) bool {
	return c.names != nil && (c.status == status || c.status == 0 && status < http.StatusInternalServerError)
}

// uncountable is told where tokens cannot be counted. Claude Code then asks the
// model with max_tokens 1 (providers.md 2.6, 2026-11-23).
var uncountable = meaning{"not_supported", true, "this model provider does not count the tokens of this model"}

// cannotCount says whether an answer to count_tokens is that there is no such
// thing.
func cannotCount(status int, message string) bool {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusBadRequest:
		message = strings.ToLower(message)
		return strings.Contains(message, "support counting tokens") || strings.Contains(message, "support count") || strings.Contains(message, "counttokens")
	}
	return false
}
