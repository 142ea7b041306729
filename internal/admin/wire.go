package admin

import (
	"strconv"
	"time"

	"tollgate"
	"tollgate/api"
)

// What follows writes nouns as the wire types of package api. Nothing else
// does, so that the API and the command line cannot disagree.

func wireTeam(team tollgate.Team) api.Team { return api.Team{Name: team.Name} }

func wireDeveloper(developer tollgate.Developer) api.Developer {
	return api.Developer{Email: developer.Email, Name: optional(developer.Name), Team: optional(developer.Team)}
}

func wireKey(key tollgate.Key) api.Key {
	return api.Key{
		ID:         key.ID,
		Developer:  optional(key.Developer),
		Service:    optional(key.Service),
		Team:       optional(key.Team),
		Label:      optional(key.Label),
		Style:      key.Style.String(),
		Models:     list(key.Models),
		CreatedAt:  key.CreatedAt.UTC(),
		ExpiresAt:  moment(key.ExpiresAt),
		LastUsedAt: moment(key.LastUsedAt),
		RevokedAt:  moment(key.RevokedAt),

		OldSecretExpiresAt: oldSecretExpiry(key),
	}
}

// oldSecretExpiry is null unless a rotation's grace time runs.
func oldSecretExpiry(key tollgate.Key) *time.Time {
	for _, secret := range key.Secrets {
		if !secret.ExpiresAt.IsZero() {
			return moment(secret.ExpiresAt)
		}
	}
	return nil
}

// wireIssuedKey is the one place that lets a whole key out.
func wireIssuedKey(key IssuedKey) api.Key {
	wire := wireKey(key.Key)
	wire.Key = key.Whole.Reveal()
	return wire
}

func wireRequest(x *tollgate.Exchange) api.Request {
	return api.Request{
		ID:   x.ID,
		Time: x.Time.UTC(),

		Key:          optional(x.Key),
		Developer:    optional(x.Developer),
		Service:      optional(x.Service),
		Team:         optional(x.Team),
		Session:      optional(x.Session),
		Agent:        optional(x.Agent),
		ParentAgent:  optional(x.ParentAgent),
		RequestClass: optional(x.RequestClass),
		Prompt:       optional(x.Prompt),
		Client:       optional(x.Client),
		Project:      optional(x.Project),
		Device:       optional(x.Device),
		Account:      optional(x.Account),

		Door:          optional(x.Door),
		Operation:     optional(string(x.Operation)),
		Model:         optional(x.Model),
		Upstream:      optional(x.Upstream),
		Credential:    optional(x.Credential),
		UpstreamModel: optional(x.UpstreamModel),
		ServedModel:   optional(x.ServedModel),
		MovedFrom:     optional(x.MovedFrom),
		MovedTokens:   x.MovedTokens,
		Status:        x.Status,
		Stream:        x.Stream,

		Tokens:         wireTokens(x.Usage.Tokens),
		ThinkingTokens: x.Thought,
		WebSearches:    x.Usage.WebSearches,
		Speed:          optional(x.Usage.Speed),
		InferenceGeo:   optional(x.Usage.Geo),
		ServiceTier:    optional(x.Usage.ServiceTier),
		CostNanoUSD:    int64(x.Cost),
		Estimated:      x.Estimated,
		Interrupted:    x.Interrupted,

		FirstByteMS: firstByte(x),
		DurationMS:  x.Duration.Milliseconds(),
		StopReason:  optional(x.StopReason),

		UpstreamRequestID: optional(x.UpstreamRequestID),
		RequestDigest:     optional(x.RequestDigest),
		ForwardedDigest:   optional(x.ForwardedDigest),
		RequestBody:       optional(string(x.RequestBody)),
		ResponseBody:      optional(string(x.ResponseBody)),
		ResponseDigest:    optional(x.ResponseDigest),
		RequestBytes:      x.RequestBytes,
		ResponseBytes:     x.ResponseBytes,
		Splices:           list(x.Splices),
		Error:             optional(x.Error),
	}
}

func wireRequests(page tollgate.RequestPage) api.RequestList {
	return api.RequestList{
		List:     api.List[api.Request]{Data: each(page.Rows, wireRequest), Next: optional(page.Next)},
		Unstored: page.Unstored,
	}
}

// firstByte is in whole milliseconds, 0 for less than one.
func firstByte(x *tollgate.Exchange) *int64 {
	if x.FirstByte == 0 {
		return nil
	}
	return new(x.FirstByte.Milliseconds())
}

func wireTokens(tokens tollgate.Tokens) api.Tokens {
	return api.Tokens{
		InputTokens:        tokens.Input,
		CacheWrite5mTokens: tokens.CacheWrite5m,
		CacheWrite1hTokens: tokens.CacheWrite1h,
		CacheReadTokens:    tokens.CacheRead,
		OutputTokens:       tokens.Output,
	}
}

func wireUsage(report tollgate.UsageReport) api.Usage {
	return api.Usage{
		By:       list(report.By),
		Since:    report.Since.UTC(),
		Until:    report.Until.UTC(),
		TimeZone: report.Location.String(),
		Rows:     each(report.Rows, wireUsageRow),
		Total:    wireUsageSum(report.Total),
		Unstored: report.Unstored,
	}
}

func wireUsageRow(row tollgate.UsageRow) api.UsageRow {
	by := make(map[string]any, len(row.By))
	for name, text := range row.By {
		by[name] = attributeValue(name, text)
	}
	return api.UsageRow{By: by, UsageSum: wireUsageSum(row)}
}

func wireUsageSum(row tollgate.UsageRow) api.UsageSum {
	return api.UsageSum{
		Requests:          row.Requests,
		EstimatedRequests: row.Estimated,
		Tokens:            wireTokens(row.Tokens),
		WebSearches:       row.WebSearches,
		CostNanoUSD:       int64(row.Cost),
	}
}

// attributeValue is the attribute as it stands in a request: the few that are
// not text become what they are there.
func attributeValue(name, text string) any {
	switch kind, _ := tollgate.KindOfAttribute(name); kind {
	case tollgate.NumberAttribute:
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			return number
		}
	case tollgate.BooleanAttribute:
		if truth, err := strconv.ParseBool(text); err == nil {
			return truth
		}
	}
	return optional(text)
}

// page is a list that is answered whole.
func page[Noun, Wire any](nouns []Noun, wire func(Noun) Wire) api.List[Wire] {
	return api.List[Wire]{Data: each(nouns, wire)}
}

// each is never nil, so that an empty list is written [].
func each[Noun, Wire any](nouns []Noun, wire func(Noun) Wire) []Wire {
	wires := make([]Wire, len(nouns))
	for i, noun := range nouns {
		wires[i] = wire(noun)
	}
	return wires
}

func list(texts []string) []string {
	return each(texts, func(text string) string { return text })
}

// optional is nil, null on the wire, for the zero value.
func optional[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return new(at.UTC())
}
