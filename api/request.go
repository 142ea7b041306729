package api

import "time"

// Request is one row of the ledger.
type Request struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"` // arrival

	Key          *string `json:"key"` // public id
	Developer    *string `json:"developer"`
	Service      *string `json:"service"`
	Team         *string `json:"team"`
	Session      *string `json:"session"`
	Agent        *string `json:"agent"`
	ParentAgent  *string `json:"parent_agent"`
	RequestClass *string `json:"request_class"`
	Prompt       *string `json:"prompt"`  // the prompt's id, never its text
	Client       *string `json:"client"`  // user agent
	Project      *string `json:"project"` // x-tollgate-project
	Device       *string `json:"device"`
	Account      *string `json:"account"`

	Door          *string `json:"door"`
	Operation     *string `json:"operation"`
	Model         *string `json:"model"` // as asked for
	Upstream      *string `json:"upstream"`
	Credential    *string `json:"credential"` // subscription: the developer's own paid; null: the gateway's
	UpstreamModel *string `json:"upstream_model"`
	ServedModel   *string `json:"served_model"`
	MovedFrom     *string `json:"moved_from"`   // the upstream that served the session before, where it had to move
	MovedTokens   int64   `json:"moved_tokens"` // of the conversation in that one's cache
	Status        int     `json:"status"`
	Stream        bool    `json:"stream"`

	Tokens
	ThinkingTokens int64   `json:"thinking_tokens"` // a part of output_tokens
	WebSearches    int64   `json:"web_searches"`
	Speed          *string `json:"speed"`
	InferenceGeo   *string `json:"inference_geo"`
	ServiceTier    *string `json:"service_tier"`
	CostNanoUSD    int64   `json:"cost_nano_usd"`
	Estimated      bool    `json:"estimated"`
	Interrupted    bool    `json:"interrupted"`

	FirstByteMS *int64  `json:"first_byte_ms"` // null when there was none
	DurationMS  int64   `json:"duration_ms"`
	StopReason  *string `json:"stop_reason"`

	UpstreamRequestID *string  `json:"upstream_request_id"`
	RequestDigest     *string  `json:"request_digest"`
	ForwardedDigest   *string  `json:"forwarded_digest"`
	ResponseDigest    *string  `json:"response_digest"`
	RequestBytes      int64    `json:"request_bytes"`
	ResponseBytes     int64    `json:"response_bytes"`
	RequestBody       *string  `json:"request_body"` // null: not kept; sealed; or dropped_ and why
	ResponseBody      *string  `json:"response_body"`
	Splices           []string `json:"splices"`
	Error             *string  `json:"error"`
}

// RequestList is a page of the ledger.
type RequestList struct {
	List[Request]
	Unstored int64 `json:"unstored"` // requests that had ended and were not in the ledger yet, whatever they are
}

// Tokens counts tokens by class. The classes are disjoint.
type Tokens struct {
	InputTokens        int64 `json:"input_tokens"` // uncached
	CacheWrite5mTokens int64 `json:"cache_write_5m_tokens"`
	CacheWrite1hTokens int64 `json:"cache_write_1h_tokens"`
	CacheReadTokens    int64 `json:"cache_read_tokens"`
	OutputTokens       int64 `json:"output_tokens"`
}
