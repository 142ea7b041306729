package bedrock

// exception is an error after which a stream ends.
type exception struct {
	name    string // as a frame says it
	wire    string // error.type of the Messages API
	message string // what a client is told of it, who is a stranger to the account
}

// exceptions are those of a stream (providers.md 2.4, 2026-11-23). Where several
// have one type in the Messages API, the first is the one that clients of
// Bedrock are told.
var exceptions = []exception{
	{"throttlingException", "rate_limit_error", "the provider's rate limit was reached in the middle of the answer; try again in a moment"},
	{"serviceUnavailableException", "overloaded_error", "the provider became unavailable in the middle of the answer; try again in a moment"},
	{"modelTimeoutException", "timeout_error", "the model took too long in the middle of the answer; try again, or ask for less at once"},
	{"validationException", "invalid_request_error", "the provider found the request invalid in the middle of the answer"},
	{"internalServerException", "api_error", "the provider failed in the middle of the answer; try again"},
	{"modelStreamErrorException", "api_error", "the model failed in the middle of the answer; try again"},
}

// unnamed is an exception that none of the names is of.
var unnamed = exception{"internalServerException", "api_error", "the provider ended the answer with an error; try again"}

func exceptionOf(name string) exception {
	for _, e := range exceptions {
		if e.name == name {
			return e
		}
	}
	return unnamed
}

func exceptionFor(wire string) exception {
	for _, e := range exceptions {
		if e.wire == wire {
			return e
		}
	}
	return unnamed
}
