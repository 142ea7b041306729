package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"time"
)

// Usage is a report over the ledger: one row for every combination of the
// attributes in By, and the total of all rows.
type Usage struct {
	By       []string   `json:"by"`
	Since    time.Time  `json:"since"`     // inclusive
	Until    time.Time  `json:"until"`     // exclusive
	TimeZone string     `json:"time_zone"` // IANA name: where days begin
	Rows     []UsageRow `json:"rows"`
	Total    UsageSum   `json:"total"`
	Unstored int64      `json:"unstored"` // requests that had ended and were not in the ledger yet, whatever they are
}

// UsageSum is what some requests consumed together.
type UsageSum struct {
	Requests          int64 `json:"requests"`
	EstimatedRequests int64 `json:"estimated_requests"` // how many of them are estimates
	Tokens
	WebSearches int64 `json:"web_searches"`
	CostNanoUSD int64 `json:"cost_nano_usd"`
}

// UsageRow is one line of the report. On the wire the attributes stand beside
// the figures, under their own names and as in Request: a status is a number,
// stream and estimated are booleans, everything else is text, and what the
// requests did not have is null.
type UsageRow struct {
	By map[string]any
	UsageSum
}

// MarshalJSON writes attributes and figures into one object.
func (r UsageRow) MarshalJSON() ([]byte, error) {
	members, err := r.members()
	if err != nil {
		return nil, err
	}
	maps.Copy(members, r.By)
	return json.Marshal(members)
}

// UnmarshalJSON takes one object apart: the figures by their names, whatever
// is left are attributes.
func (r *UsageRow) UnmarshalJSON(data []byte) error {
	*r = UsageRow{}
	if err := json.Unmarshal(data, &r.UsageSum); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &r.By); err != nil {
		return err
	}
	figures, err := r.members()
	for name := range figures {
		delete(r.By, name)
	}
	return err
}

// members are the figures by their names on the wire.
func (s UsageSum) members() (map[string]any, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var members map[string]any
	reader := json.NewDecoder(bytes.NewReader(text))
	reader.UseNumber() // nano-dollars do not fit a float
	return members, reader.Decode(&members)
}
