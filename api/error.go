package api

// Failure is the body of every answer whose status is 400 or above.
type Failure struct {
	Error Error `json:"error"`
}

// Error says what went wrong. Type comes from the same table as the status,
// Message is a sentence: what happened and what to do.
type Error struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}
