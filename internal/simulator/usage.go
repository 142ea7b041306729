package simulator

// tally is what one answer cost, in the provider's own fields.
type tally struct {
	prompt
	output   int64
	thought  int64
	searches int64
	speed    string
	geo      string

	iterations []object // billed hop by hop; usually none
}

func (c *conversation) tally(p prompt, said answer) tally {
	sum := tally{prompt: p, searches: said.searches, speed: c.Speed, geo: c.InferenceGeo}
	for _, one := range said.parts {
		sum.output += one.tokens
		if one.whole[1] == "thinking" {
			sum.thought += one.tokens
		}
	}
	return sum
}

// whole is the usage of a message that is not streamed.
// Source: providers.md 1.7, 2026-11-23.
func (t tally) whole() object {
	return append(t.opening(), t.details()...).with("output_tokens", t.output)
}

// opening is the usage in message_start: everything about the prompt, and one
// token of output.
func (t tally) opening() object {
	geo, speed := t.geo, t.speed
	if geo == "" {
		geo = "not_available"
	}
	if speed == "" {
		speed = "standard"
	}
	return object{
		"input_tokens", t.input,
		"cache_creation_input_tokens", t.write5m + t.write1h,
		"cache_read_input_tokens", t.read,
		"cache_creation",
		object{"ephemeral_5m_input_tokens", t.write5m, "ephemeral_1h_input_tokens", t.write1h},
		"output_tokens", 1,
		"service_tier", "standard",
		"inference_geo", geo,
		"speed", speed,
	}
}

// closing is the cumulative usage in message_delta, which does not repeat the
// split of the cache, the speed, the geography and the tier.
func (t tally) closing() object {
	totals := object{
		"input_tokens", t.input,
		"cache_creation_input_tokens", t.write5m + t.write1h,
		"cache_read_input_tokens", t.read,
		"output_tokens", t.output,
	}
	return append(totals, t.details()...)
}

func (t tally) details() object {
	var more object
	if t.thought > 0 {
		more = append(more, "output_tokens_details", object{"thinking_tokens", t.thought})
	}
	if t.searches > 0 {
		more = append(more, "server_tool_use", object{"web_search_requests", t.searches, "web_fetch_requests", 0})
	}
	if t.iterations != nil {
		more = append(more, "iterations", t.iterations)
	}
	return more
}

// iteration is one hop of the request at one model.
func (t tally) iteration(kind, model string, output int64) object {
	return object{
		"type", kind, "model", model,
		"input_tokens", t.input,
		"cache_creation_input_tokens", t.write5m + t.write1h,
		"cache_read_input_tokens", t.read,
		"cache_creation",
		object{"ephemeral_5m_input_tokens", t.write5m, "ephemeral_1h_input_tokens", t.write1h},
		"output_tokens", output,
	}
}
