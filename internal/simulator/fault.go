package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// fault is an error before it has a provider's form.
type fault struct {
	status    int
	said      ErrorValue
	request   string // its id
	streaming bool   // a stream was asked for
}

// error answers with an error of this status, in the provider's form.
func (v *visit) error(status int, message string) {
	v.fail(fault{status: status, said: ErrorValue{Message: message}})
}

// deny answers with an error of the provider's platform, which has a form of its
// own where the model's errors have that of the Messages API.
func (v *visit) deny(status int, code, message string) {
	v.fail(fault{status: status, said: ErrorValue{Type: code, Message: message, Platform: true}})
}

func (v *visit) fail(f fault) {
	f.request, f.streaming = v.requestID(), v.served.Stream
	header := jsonHeader()
	body := v.face.fault(header, f)
	setOver(v.Header(), header)
	v.send(f.status, body)
}

// envelope is an error of the Messages API.
func envelope(_ http.Header, f fault) []byte {
	if f.said.Type == "" {
		f.said.Type = errorType(f.status)
	}
	return mustJSON(errorBody{Type: "error", Error: f.said, RequestID: f.request})
}

// modelsOwn says whether an error is of the model and not of the platform around
// it: those come in the envelope of the Messages API even from the clouds.
// Source: providers.md 3.1, 4 and 6.3, 2026-11-23.
func (f fault) modelsOwn() bool {
	return !f.said.Platform && (f.status == http.StatusBadRequest || f.status == http.StatusRequestEntityTooLarge)
}

// awsErrors are the names of Bedrock's errors. Source: providers.md 2.5,
// 2026-11-23.
var awsErrors = map[int]string{
	400: "ValidationException", 403: "AccessDeniedException", 404: "ResourceNotFoundException",
	408: "ModelTimeoutException", 413: "ValidationException", 424: "ModelErrorException",
	429: "ThrottlingException", 500: "InternalServerException", 503: "ServiceUnavailableException",
}

// awsFault is an error of an AWS service: a message, and a header that names it.
func awsFault(header http.Header, f fault) []byte {
	name := f.said.Type
	if !strings.HasSuffix(name, "Exception") {
		name = awsErrors[f.status]
	}
	if name == "" {
		name = "InternalServerException"
	}
	header.Set("X-Amzn-Errortype", name+":http://internal.amazon.com/coral/com.amazon.bedrock/")
	return mustJSON(object{"message", f.words("User: " + roleARN + " in account " + accountID)})
}

// googleStates are the names of Google's errors.
var googleStates = map[int]string{
	400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 408: "DEADLINE_EXCEEDED",
	429: "RESOURCE_EXHAUSTED", 499: "CANCELLED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}

// googleFault is an error of Google's platform, inside an array where a stream
// was asked for. Source: providers.md 3.1, 2026-11-23.
func googleFault(_ http.Header, f fault) []byte {
	state := googleStates[f.status]
	if state == "" {
		state = "UNKNOWN"
	}
	body := object{"error", object{
		"code", f.status, "message", f.words("projects/" + projectID + "/locations/global"), "status", state,
	}}
	if f.streaming {
		return mustJSON([]object{body})
	}
	return mustJSON(body)
}

// azureFault is an error of Azure's platform. Source: providers.md 4, 2026-11-23.
func azureFault(_ http.Header, f fault) []byte {
	code := f.said.Type
	if code == "" {
		code = fmt.Sprint(f.status)
	}
	return mustJSON(object{"error", object{"code", code, "message", f.words("resource " + resourceID + " of tenant " + tenantID)}})
}

// words are the message, and who it is about: what a platform says names the
// operator's things.
func (f fault) words(about string) string { return f.said.Message + " (" + about + ")" }

// ownOr uses the envelope of the Messages API for what is the model's own.
func ownOr(platform func(http.Header, fault) []byte) func(http.Header, fault) []byte {
	return func(header http.Header, f fault) []byte {
		if f.modelsOwn() {
			return envelope(header, f)
		}
		return platform(header, f)
	}
}
