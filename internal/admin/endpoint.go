package admin

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"tollgate"
	"tollgate/api"
)

// maxInput bounds the body of a request to the API, in bytes.
const maxInput = 64 << 10

// endpoint answers one request of a known caller with a value of package api.
type endpoint func(r *http.Request, caller Caller) (any, error)

// mount puts a pattern such as "GET /teams" below Base.
func mount(pattern string) string { return strings.Replace(pattern, " ", " "+Base, 1) }

// handle adapts an endpoint to HTTP.
func (f *face) handle(route route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		caller, err := f.known(r)
		if err != nil {
			f.fail(w, r, err)
			return
		}
		actor := "admin:" + caller.Name
		r = r.WithContext(tollgate.WithActor(r.Context(), actor))
		answer, err := route.answer(r, caller)
		if err != nil {
			f.service.refused(actor, err)
			f.fail(w, r, err)
			return
		}
		if long, isStream := answer.(stream); isStream {
			f.writeStream(w, r, long)
			return
		}
		writeJSON(w, route.status, answer)
	}
}

// stream is an answer that is too long to be made before it is written.
type stream struct {
	contentType string
	write       func(to io.Writer) error
}

// writeStream writes it. What fails before the first byte is told like any other
// failure; after that the connection is cut, so that nobody takes a part for all.
func (f *face) writeStream(w http.ResponseWriter, r *http.Request, s stream) {
	out := &lateHeader{ResponseWriter: w, contentType: s.contentType}
	err := s.write(out)
	switch {
	case err != nil && !out.begun:
		f.fail(w, r, err)
	case err != nil:
		f.log.ErrorContext(r.Context(), "an answer was cut", slog.String("route", r.Pattern), slog.Any("cause", err))
		panic(http.ErrAbortHandler)
	}
}

// lateHeader writes the header with the first byte.
type lateHeader struct {
	http.ResponseWriter
	contentType string
	begun       bool
}

// Write implements io.Writer.
func (l *lateHeader) Write(p []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.Header().Set("Cache-Control", "no-store")
		l.Header().Set("Content-Type", l.contentType)
	}
	return l.ResponseWriter.Write(p)
}

// known finds out who asks. Whoever is not let in leaves a line in the log.
func (f *face) known(r *http.Request) (Caller, error) {
	caller, err := f.authenticate(r)
	if err != nil {
		f.service.refused("", err)
		f.log.WarnContext(r.Context(), "an administrator was not let in", slog.String("from", r.RemoteAddr), slog.Any("cause", err))
	}
	return caller, err
}

// fail speaks the error and, where it is a fault of ours, leaves the cause in
// the log.
func (f *face) fail(w http.ResponseWriter, r *http.Request, err error) {
	known := tollgate.AsError(err)
	if known.Kind == tollgate.Internal {
		f.log.ErrorContext(r.Context(), "admin request failed",
			slog.String("route", r.Pattern), slog.Any("error", known)) // not the path: it may hold a key
	}
	if known.Kind == tollgate.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeJSON(w, known.Kind.Status(), api.Failure{Error: api.Error{Type: known.Kind.WireType(), Message: known.Message}})
}

// writeJSON answers. Nothing it writes may be kept by a cache: it may hold a key.
func writeJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // fails only when the caller is gone
}

// decode reads the body into In, strictly: an unknown member is an error that
// names it. An empty body is the zero In.
func decode[In any](sent io.ReadCloser) (In, error) {
	var input In
	body, err := io.ReadAll(http.MaxBytesReader(nil, sent, maxInput))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return input, tollgate.Errorf(tollgate.TooLarge, "the body is larger than %d bytes", maxInput)
	case err != nil:
		return input, tollgate.Errorf(tollgate.Invalid, "the body ended before it was whole").Because(err)
	case len(body) == 0:
		return input, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return input, tollgate.Errorf(tollgate.Invalid, "the body is not a JSON object").Because(err)
	}
	known, required := memberNames(reflect.TypeFor[In]())
	if err := checkMembers("member", maps.Keys(members), known); err != nil {
		return input, err
	}
	if err := checkRequired(members, required); err != nil {
		return input, err
	}
	if err := json.Unmarshal(body, &input); err != nil {
		return input, wrongType(err)
	}
	return input, nil
}

// wrongType names the member that holds something else than it should.
func wrongType(err error) error {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		member := mismatch.Field[strings.LastIndex(mismatch.Field, ".")+1:] // no member holds another, but a Go struct may
		return tollgate.Errorf(tollgate.Invalid, "%q cannot be a JSON %s", member, mismatch.Value).Because(err)
	}
	return tollgate.Errorf(tollgate.Invalid, "the body cannot be understood").Because(err)
}

// memberNames are the JSON names of a struct's fields, and of those among them
// that have to be sent.
func memberNames(input reflect.Type) (names, required []string) {
	for _, field := range reflect.VisibleFields(input) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			continue // embedded; its own fields are visible
		}
		names = append(names, name)
		if options != "omitempty" {
			required = append(required, name)
		}
	}
	return names, required
}

// checkRequired refuses a body without a member that has no default.
func checkRequired(members map[string]json.RawMessage, required []string) error {
	for _, name := range required {
		if value, sent := members[name]; !sent || string(value) == "null" {
			return tollgate.Errorf(tollgate.Invalid, "the body has no member %q, which this request needs", name)
		}
	}
	return nil
}

// query reads the parameters of a GET, of which only these are known.
func query(r *http.Request, known ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, tollgate.Errorf(tollgate.Invalid, "the query string cannot be understood; escape its values").Because(err)
	}
	return values, checkMembers("query parameter", maps.Keys(values), known)
}

// checkMembers refuses the first name that is not known.
func checkMembers(what string, names func(func(string) bool), known []string) error {
	for _, name := range slices.Sorted(names) {
		if len(known) == 0 {
			return tollgate.Errorf(tollgate.Invalid, "%q is not a %s of this request, which takes none", name, what)
		}
		if !slices.Contains(known, name) {
			return tollgate.Errorf(tollgate.Invalid, "%q is not a %s of this request; known are: %s", name, what, strings.Join(known, ", "))
		}
	}
	return nil
}
