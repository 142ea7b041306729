package api

// AlertTest is what became of a trial message to one of those who are told of
// alerts.
type AlertTest struct {
	Sink  string  `json:"sink"`  // its name in the configuration
	Error *string `json:"error"` // null: it was taken
}
