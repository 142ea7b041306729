package admin

import (
	"log/slog"
	"net/http"
)

// MetricsPath is where a monitoring system looks for figures.
const MetricsPath = "/metrics"

// Metrics serves figures at MetricsPath to whoever may read, and leaves every
// other address to next.
func Metrics(service *Service, authenticate Authenticator, log *slog.Logger, figures, next http.Handler) http.Handler {
	f := &face{service: service, authenticate: authenticate, log: log}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.Method == http.MethodGet || r.Method == http.MethodHead
		if !asked || r.URL.EscapedPath() != MetricsPath {
			next.ServeHTTP(w, r)
			return
		}
		caller, err := f.known(r)
		if err == nil {
			err = f.service.authorize(caller, readMetrics)
		}
		if err != nil {
			f.fail(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		figures.ServeHTTP(w, r)
	})
}

// Anybody is the authenticator of what is open to all who can reach it.
func Anybody() Authenticator {
	return func(*http.Request) (Caller, error) { return Caller{Name: "anybody", Role: Read}, nil }
}
