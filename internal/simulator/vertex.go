package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// vertex is Google's Agent Platform. Source: providers.md 3.1, 2026-11-23.
func (s *Simulator) vertex() *face {
	f := &face{
		name: Vertex, maxBody: 30 << 20, format: serverSentEvents, ids: "msg_vrtx_01", routes: http.NewServeMux(),
		headers: func(h http.Header, _ time.Time) { h.Set("Request-Id", newID("req_vrtx_01")) },
		fault:   ownOr(googleFault), accept: acceptances[Vertex],
	}
	f.admit, f.model, f.stranger = s.admitGoogle, vertexModel, http.StatusNotFound
	for _, version := range []string{"/v1", ""} {
		f.handle("POST "+version+"/projects/{project}/locations/{location}/publishers/anthropic/models/{call}", s.predict)
	}
	return f
}

func (s *Simulator) admitGoogle(v *visit) bool {
	if v.caller = bearer(v.request.Header); s.knows(v.caller) && !foreign(v.caller, Google) {
		return true
	}
	v.deny(http.StatusUnauthorized, "", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.")
	return false
}

// predict answers a call to the model in the path.
func (s *Simulator) predict(v *visit) {
	id, verb, _ := strings.Cut(v.request.PathValue("call"), ":")
	v.served.Stream = verb == "streamRawPredict"
	if verb != "rawPredict" && verb != "streamRawPredict" || !s.located(v) {
		v.deny(http.StatusNotFound, "", "The requested URL was not found on this server.")
		return
	}
	if id == "count-tokens" {
		s.countTokens(v)
		return
	}
	model, ok := vertexModel(id)
	if !ok || !served(model, v.request.PathValue("location")) {
		v.deny(http.StatusNotFound, "", "Publisher Model `projects/"+v.request.PathValue("project")+"/locations/"+v.request.PathValue("location")+"/publishers/anthropic/models/"+id+"` was not found or your project does not have access to it.")
		return
	}
	if wantsStream(v.body) != v.served.Stream {
		v.error(http.StatusBadRequest, "stream: streamRawPredict is for streams, and rawPredict for everything else.")
		return
	}
	v.asked = &asked{model: model, stream: v.served.Stream}
	s.messages(v)
}

// located says whether this is the project and the location of the account.
func (s *Simulator) located(v *visit) bool {
	cloud := s.config.Cloud
	return (cloud.Project == "" || cloud.Project == v.request.PathValue("project")) &&
		(cloud.Location == "" || cloud.Location == v.request.PathValue("location"))
}

// vertexModel is the API's name of a model: Google writes a date behind @.
func vertexModel(id string) (string, bool) {
	name, date, at := strings.Cut(id, "@")
	if _, alias := aliases[name]; alias && !at || dated.MatchString(name) || !strings.HasPrefix(name, "claude-") {
		return "", false
	}
	if !at {
		return name, true
	}
	return name + "-" + date, dated.MatchString("-" + date)
}

// regional are the newest models that single regions serve. Source: providers.md
// 3.1, 2026-11-23.
var regional = []string{"claude-sonnet-4-6", "claude-opus-4-6"}

func served(model, location string) bool {
	return slices.Contains([]string{"global", "us", "eu"}, location) || slices.Contains(regional, model) || dated.MatchString(model)
}
