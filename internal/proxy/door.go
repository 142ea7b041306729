package proxy

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/dialect/bedrock"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/dialect/vertex"
	"tollgate/internal/jsonedit"
	"tollgate/internal/upstream"
)

// door is an address at which clients come in that take the gateway for one
// provider. What lies behind it has nothing to do with that.
type door struct {
	name    string // in the ledger; that of the provider, but for the Messages API's own
	prefix  string // of the path
	dialect dialect.Dialect
	// serves says what is served here, to whoever asks for something else.
	serves string
	// knock says what a path behind the prefix asks for; nil when nothing
	// that is served here.
	knock func(path string) *knock
}

// knock is what a path asks for.
type knock struct {
	door      *door
	operation tollgate.Operation
	model     string // as the path names it; empty where the body does
	stream    *bool  // nil where the body says
}

// doors are all of them. A new one is a line here, and a dialect if it has one
// of its own.
var doors = [...]door{
	{
		"messages", "",
		messages.Dialect{},
		"this gateway serves POST /v1/messages, POST /v1/messages/count_tokens and GET /v1/models; if a client asks for something else, check its ANTHROPIC_BASE_URL, which must not end in /v1",
		knockMessages,
	},
	{
		"bedrock", "/bedrock",
		bedrock.Dialect{},
		"behind /bedrock this gateway serves POST /model/{id}/invoke, invoke-with-response-stream and count-tokens and GET /inference-profiles; if a client asks for something else, check its ANTHROPIC_BEDROCK_BASE_URL, which must end in /bedrock",
		knockBedrock,
	},
	{
		"vertex", "/vertex",
		vertex.Dialect{},
		"behind /vertex this gateway serves POST …/publishers/anthropic/models/{id}:rawPredict, {id}:streamRawPredict and count-tokens:rawPredict; if a client asks for something else, check its ANTHROPIC_VERTEX_BASE_URL, which must end in /vertex or /vertex/v1",
		knockVertex,
	},
	{
		"foundry", "/foundry",
		messages.Dialect{},
		"behind /foundry this gateway serves POST /v1/messages and POST /v1/messages/count_tokens; if a client asks for something else, check its ANTHROPIC_FOUNDRY_BASE_URL, which must end in /foundry",
		knockMessages,
	},
	{
		"anthropic-aws", "/anthropic-aws",
		messages.Dialect{},
		"behind /anthropic-aws this gateway serves POST /v1/messages and POST /v1/messages/count_tokens; if a client asks for something else, check its ANTHROPIC_AWS_BASE_URL, which must end in /anthropic-aws",
		knockMessages,
	},
}

// find returns what a path, as it is escaped, asks of a model; nil when nothing.
func find(path string) *knock {
	for i := range doors {
		d := &doors[i]
		if rest, below := strings.CutPrefix(path, d.prefix); below && strings.HasPrefix(rest, "/") {
			if k := d.knock(rest); k != nil {
				k.door = d
				return k
			}
		}
	}
	return nil
}

// Source of all paths: contract.md 1.1 to 1.7 and client-behaviour.md 1, 2026-11-23.

func knockMessages(path string) *knock {
	switch path {
	case "/v1/messages":
		return &knock{operation: tollgate.Messages}
	case "/v1/messages/count_tokens":
		return &knock{operation: tollgate.CountTokens}
	}
	return nil
}

func knockBedrock(path string) *knock {
	model, verb, ok := cutLast(strings.TrimPrefix(path, "/model/"), "/")
	if !ok || !strings.HasPrefix(path, "/model/") {
		return nil
	}
	return bedrockVerbs[verb].of(model)
}

// verb is what the end of a path asks for.
type verb struct {
	operation tollgate.Operation
	stream    bool
}

var bedrockVerbs = map[string]verb{
	"invoke":                      {tollgate.Messages, false},
	"invoke-with-response-stream": {tollgate.Messages, true},
	"count-tokens":                {tollgate.CountTokens, false},
}

func (v verb) of(model string) *knock {
	model, err := url.PathUnescape(model)
	if v.operation == "" || err != nil || model == "" {
		return nil
	}
	return &knock{operation: v.operation, model: model, stream: &v.stream}
}

var vertexVerbs = map[string]verb{
	"rawPredict":       {tollgate.Messages, false},
	"streamRawPredict": {tollgate.Messages, true},
}

func knockVertex(path string) *knock {
	rest, found := strings.CutPrefix(strings.TrimPrefix(path, "/v1"), "/projects/")
	_, last, named := cutLast(rest, "/publishers/anthropic/models/")
	model, ask, asked := cutLast(last, ":")
	switch {
	case !found || !named || !asked || strings.Contains(model, "/"):
		return nil
	case model == "count-tokens" && ask == "rawPredict":
		return &knock{operation: tollgate.CountTokens}
	}
	return vertexVerbs[ask].of(model)
}

func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}

// call is what a request at this door asks. body is written in the door's
// dialect; the errors are refusals.
func (k *knock) call(body *jsonedit.Object, r *http.Request) (tollgate.Call, error) {
	if k.operation == tollgate.CountTokens && k.door.dialect.Name() == dialect.Bedrock {
		inner, err := bedrock.UnwrapCount(body.Bytes())
		if err != nil {
			return tollgate.Call{Header: r.Header}, err
		}
		body = jsonedit.Open(inner)
	}
	call, err := messages.Read(body, k.model)
	call.Operation, call.Door, call.Dialect = k.operation, k.door.name, k.door.dialect.Name()
	call.Header, call.RawQuery = r.Header, r.URL.RawQuery
	if k.stream != nil {
		call.Stream = *k.stream
	}
	call.Spelled = call.Model
	if call.Dialect != dialect.Messages {
		call.Model = tollgate.ParseModel(call.Model).String()
	}
	call.Version = cmp.Or(call.Version, r.Header.Get("Anthropic-Version"))
	call.Betas = upstream.Values(slices.Concat(r.Header["Anthropic-Beta"], call.Betas))
	return call, err
}

// dialectOf is the dialect that is spoken at a door.
func dialectOf(name string) dialect.Dialect { return doorNamed(name).dialect }

// doorNamed is the door of this name; the first one when there is none.
func doorNamed(name string) *door {
	at := slices.IndexFunc(doors[:], func(d door) bool { return d.name == name })
	return &doors[max(at, 0)]
}

// doorAt is the door that a path lies behind, whatever it asks for.
func doorAt(path string) string {
	for i := range doors[1:] {
		if strings.HasPrefix(path, doors[i+1].prefix+"/") {
			return doors[i+1].name
		}
	}
	return doors[0].name
}

// behindDoor is a path as it is at the door of the Messages API, if it lies
// behind one where the same is served.
func behindDoor(path string) string {
	for _, prefix := range []string{"/foundry", "/anthropic-aws"} {
		if rest, below := strings.CutPrefix(path, prefix); below && strings.HasPrefix(rest, "/") {
			return rest
		}
	}
	return path
}
