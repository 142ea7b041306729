package simulator

import (
	"net/http"
	"strings"
	"time"

	"tollgate/internal/simulator/sigv4"
)

// face is one provider that the simulator stands for.
type face struct {
	name    Provider
	maxBody int64
	format  format
	ids     string // with which the names of its messages begin
	headers func(h http.Header, now time.Time)
	fault   func(header http.Header, f fault) []byte
	// admit finds out who is calling, or answers that nobody is.
	admit  func(v *visit) bool
	accept *acceptance // nil: whatever the Messages API takes
	routes *http.ServeMux
	// model is the API's name of a model that the body names; nil: it is that.
	model    func(name string) (string, bool)
	stranger int // the status with which it refuses one
}

// format is the form of a stream.
type format struct {
	contentType string
	encode      func(event) []byte
	binary      bool // no pings, no comments, no lines
}

var (
	serverSentEvents = format{contentType: "text/event-stream; charset=utf-8", encode: encode}
	eventStream      = format{contentType: "application/vnd.amazon.eventstream", encode: encodeFrame, binary: true}
)

func (f *face) streamHeader() http.Header {
	if f.format.binary {
		return http.Header{"Content-Type": {f.format.contentType}}
	}
	return http.Header{"Content-Type": {f.format.contentType}, "Cache-Control": {"no-cache"}}
}

// handle serves a pattern with an answer to whoever is admitted.
func (f *face) handle(pattern string, answer func(*visit)) {
	f.open(pattern, func(v *visit) {
		if f.admit(v) {
			answer(v)
		}
	})
}

// open serves a pattern for everybody.
func (f *face) open(pattern string, answer func(*visit)) {
	f.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := w.(*visit) // ServeHTTP passed it in
		v.request = r
		answer(v)
	})
}

// face finds out whom a request takes the simulator for, and what it asks of
// that provider.
func (s *Simulator) face(r *http.Request) (*face, *http.Request) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if f, ok := s.faces[Provider(name)]; ok && f.name != Anthropic {
		inner := new(*r)
		inner.URL = new(*r.URL)
		inner.URL.Path = "/" + rest
		inner.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, "/"+name)
		return f, inner
	}
	return s.faces[recognise(r)], r
}

// recognise tells providers apart by their own paths, and those that have the
// same ones by the service for which a request is signed.
func recognise(r *http.Request) Provider {
	scope, signed := sigv4.ScopeOf(r.Header)
	path := r.URL.Path
	switch under := func(prefix string) bool { return strings.HasPrefix(path, prefix) }; {
	case under("/model/"), under("/inference-profiles"):
		return Bedrock
	case under("/v1/projects/"), under("/projects/"):
		return Vertex
	case under("/anthropic/") && (signed || bedrockKey(bearer(r.Header))):
		return BedrockMantle
	case under("/anthropic/"):
		return Foundry
	case under("/v1/messages") && signed && scope.Service == awsService:
		return AnthropicAWS
	case path == "/" && r.Method == http.MethodPost:
		return STS
	case path == "/token":
		return Google
	case strings.HasSuffix(path, "/oauth2/v2.0/token"), strings.HasSuffix(path, "/.well-known/openid-configuration"):
		return Entra
	}
	return Anthropic
}

// newFaces makes all of them.
func (s *Simulator) newFaces() map[Provider]*face {
	faces := map[Provider]*face{}
	for _, f := range []*face{
		s.anthropic(), s.bedrock(), s.bedrockMantle(), s.vertex(), s.foundry(), s.anthropicAWS(),
		s.sts(), s.google(), s.entra(),
	} {
		f.open("/", notFound)
		faces[f.name] = f
	}
	return faces
}
