package simulator

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// inspection is one body being looked at by a provider that is strict. The
// first thing that is wrong is what is said.
type inspection struct {
	*acceptance
	at    Provider
	model string
	named bool // the path names the model
	sent  []string
	body  map[string]any
}

// objection is what the provider says against a body, in its own words; empty:
// nothing.
func (a *acceptance) objection(v *visit, c *conversation) string {
	i := inspection{acceptance: a, at: v.face.name, model: c.Model, named: v.asked != nil, sent: v.betas}
	if err := json.Unmarshal(v.body, &i.body); err != nil {
		return "The body is not JSON."
	}
	for _, look := range []func() string{i.version, i.flags, i.members, i.output, i.offers, i.turns, i.system} {
		if problem := look(); problem != "" {
			return problem
		}
	}
	return ""
}

func extra(path string) string { return path + ": Extra inputs are not permitted" }

// version looks at the envelope's.
func (i *inspection) version() string {
	if i.versions == nil {
		return ""
	}
	switch version, _ := i.body["anthropic_version"].(string); {
	case version == "":
		return "anthropic_version: Field required"
	case !slices.Contains(i.versions, version), version == "2026-10-21" && i.at == Bedrock && bedrockNames[i.model].id != "":
		return "anthropic_version: Invalid API version " + version
	}
	return ""
}

// flags looks at the betas.
func (i *inspection) flags() string {
	for _, name := range i.sent {
		if i.betas != nil && !slices.Contains(i.betas, name) {
			return strings.Replace(i.badBeta, "%s", name, 1)
		}
	}
	return ""
}

// members looks at the body's own.
func (i *inspection) members() string {
	for _, name := range slices.Sorted(maps.Keys(i.body)) {
		if !i.envelope(name) && !slices.Contains(core, name) && !i.may(name) {
			return extra(name)
		}
	}
	return ""
}

// envelope says whether a member is of what this provider wants around the
// conversation.
func (i *inspection) envelope(name string) bool {
	switch name {
	case "model":
		return i.modelIn && !i.named
	case "stream":
		return i.modelIn
	case "anthropic_version":
		return i.versions != nil
	case "anthropic_beta":
		return i.betasIn == name
	}
	return i.at == Bedrock && strings.HasPrefix(name, "amazon-bedrock-")
}

// may says whether the member at this place is taken, with the betas that came.
func (i *inspection) may(place string) bool {
	needed, known := pairs[place]
	switch {
	case !known || slices.Contains(i.never, place):
		return false
	case (place == "output_config.format" || place == "tools.strict") && i.at == Bedrock:
		return slices.Contains(structured, i.model)
	case place == "messages.role.system" && (i.at == Bedrock || i.at == BedrockMantle):
		return !slices.Contains(systemless, i.model)
	case place == "speed" && i.at == Vertex:
		return i.model == "claude-fable-5-2"
	}
	return len(needed) == 0 || slices.ContainsFunc(i.sent, func(beta string) bool {
		return slices.ContainsFunc(needed, func(prefix string) bool { return strings.HasPrefix(beta, prefix) })
	})
}

// within looks at the members of an object that stand in pairs under its place.
func (i *inspection) within(place, path string, value map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(value)) {
		if _, paired := pairs[place+"."+name]; paired && !i.may(place+"."+name) {
			return extra(path + "." + name)
		}
	}
	return ""
}

func (i *inspection) output() string {
	config, _ := i.body["output_config"].(map[string]any)
	return i.within("output_config", "output_config", config)
}

// offers looks at the tools. The inside of a schema is the client's own.
func (i *inspection) offers() string {
	for n, one := range objects(i.body["tools"]) {
		kind, _ := one["type"].(string)
		path := fmt.Sprintf("tools.%d", n)
		if slices.ContainsFunc(i.tools, func(prefix string) bool { return strings.HasPrefix(kind, prefix) }) ||
			strings.HasPrefix(kind, "tool_search_tool") && !i.may("tools.type.tool_search_tool") {
			return path + ": Input tag '" + kind + "' found using 'type' does not match any of the expected tags: 'bash_20250124', 'custom', 'memory_20250818', 'text_editor_20250728'"
		}
		if kind == "" {
			kind = "custom"
		}
		if problem := i.within("tools", path+"."+kind, one); problem != "" {
			return problem
		}
		if problem := i.cached(path+"."+kind, one); problem != "" {
			return problem
		}
	}
	return ""
}

func (i *inspection) system() string { return i.blocks("system", i.body["system"]) }

// turns looks at the messages.
func (i *inspection) turns() string {
	for n, one := range objects(i.body["messages"]) {
		path := fmt.Sprintf("messages.%d", n)
		if one["role"] == "system" && !i.may("messages.role.system") {
			return path + ".role: Input should be 'user' or 'assistant'"
		}
		if problem := i.within("messages", path, one); problem != "" {
			return problem
		}
		if problem := i.blocks(path+".content", one["content"]); problem != "" {
			return problem
		}
	}
	return ""
}

// blocks looks at content, and at what lies in tool results.
func (i *inspection) blocks(path string, content any) string {
	for n, one := range objects(content) {
		kind, _ := one["type"].(string)
		at := path + "." + strconv.Itoa(n)
		if _, paired := pairs["messages.type."+kind]; paired && !i.may("messages.type."+kind) {
			return at + ": Input tag '" + kind + "' found using 'type' does not match any of the expected tags: 'document', 'image', 'text', 'thinking', 'tool_result', 'tool_use'"
		}
		at += "." + kind
		for _, look := range []string{i.cached(at, one), i.linked(at, one), i.blocks(at+".content", one["content"])} {
			if look != "" {
				return look
			}
		}
	}
	return ""
}

func (i *inspection) cached(path string, block map[string]any) string {
	mark, _ := block["cache_control"].(map[string]any)
	return i.within("cache_control", path+".cache_control.ephemeral", mark)
}

// linked looks at where a document or an image comes from.
func (i *inspection) linked(path string, block map[string]any) string {
	source, _ := block["source"].(map[string]any)
	if kind := source["type"]; !i.links && (kind == "url" || kind == "file") {
		return fmt.Sprintf("%s.source: Input tag '%s' found using 'type' does not match any of the expected tags: 'base64', 'text'", path, kind)
	}
	return ""
}

// objects are those in a list, each with its place in it.
func objects(value any) iter.Seq2[int, map[string]any] {
	list, _ := value.([]any)
	return func(yield func(int, map[string]any) bool) {
		for n, one := range list {
			if members, ok := one.(map[string]any); ok && !yield(n, members) {
				return
			}
		}
	}
}
