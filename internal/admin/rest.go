package admin

import (
	"log/slog"
	"net/http"
	"path"
	"strings"

	"tollgate"
	"tollgate/api"
)

// Base is where the REST API begins.
const Base = "/api/v1"

// SocketFile is the name of the Unix socket in the data folder.
const SocketFile = "admin.sock"

// route is one line of the API.
type route struct {
	pattern string // of http.ServeMux, below Base
	status  int    // when it succeeds
	answer  endpoint
}

// routes is the whole API on one screen. Everything in it needs a caller.
func (f *face) routes() []route {
	return []route{
		{"GET /teams", http.StatusOK, f.listTeams},
		{"POST /teams", http.StatusCreated, f.createTeam},
		{"GET /teams/{name}", http.StatusOK, f.showTeam},
		{"DELETE /teams/{name}", http.StatusNoContent, f.removeTeam},

		{"GET /developers", http.StatusOK, f.listDevelopers},
		{"POST /developers", http.StatusCreated, f.createDeveloper},
		{"GET /developers/{email}", http.StatusOK, f.showDeveloper},
		{"DELETE /developers/{email}", http.StatusOK, f.removeDeveloper},
		{"POST /developers/{email}/erase", http.StatusOK, f.eraseDeveloper},

		{"GET /keys", http.StatusOK, f.listKeys},
		{"POST /keys", http.StatusCreated, f.createKey},
		{"GET /keys/{id}", http.StatusOK, f.showKey},
		{"POST /keys/{id}/rotate", http.StatusOK, f.rotateKey},
		{"POST /keys/{id}/revoke", http.StatusOK, f.revokeKey},

		{"GET /invitations", http.StatusOK, f.listInvitations},
		{"POST /invitations", http.StatusCreated, f.invite},
		{"POST /invitations/{id}/withdraw", http.StatusOK, f.withdrawInvitation},

		{"GET /budgets", http.StatusOK, f.listBudgets},
		{"PUT /budgets", http.StatusOK, f.setBudget},
		{"GET /budgets/{id}", http.StatusOK, f.showBudget},
		{"DELETE /budgets/{id}", http.StatusNoContent, f.removeBudget},
		{"POST /budgets/{id}/raises", http.StatusOK, f.raiseBudget},
		{"POST /budgets/preview", http.StatusOK, f.previewBudget},
		{"POST /budgets/alert-test", http.StatusOK, f.testAlerts},

		{"GET /limits", http.StatusOK, f.listLimits},
		{"PUT /limits", http.StatusOK, f.setLimit},
		{"GET /limits/{id}", http.StatusOK, f.showLimit},
		{"DELETE /limits/{id}", http.StatusNoContent, f.removeLimit},
		{"POST /limits/preview", http.StatusOK, f.previewLimit},

		{"GET /requests", http.StatusOK, f.listRequests},
		{"GET /requests/{id}", http.StatusOK, f.showRequest},
		{"GET /usage", http.StatusOK, f.usage},
		{"GET /ledger/check", http.StatusOK, f.checkLedger},

		{"GET /audit/records", http.StatusOK, f.listAudit},
		{"GET /audit/records/{id}", http.StatusOK, f.showAudit},
		{"GET /audit/holds", http.StatusOK, f.listHolds},
		{"POST /audit/holds", http.StatusCreated, f.addHold},
		{"POST /audit/holds/{id}/remove", http.StatusOK, f.removeHold},
		{"GET /audit/checkpoint", http.StatusOK, f.showCheckpoint},
		{"GET /audit/verify", http.StatusOK, f.verifyAudit},
		{"GET /audit/export", http.StatusOK, f.exportAudit},
		{"GET /audit/sinks", http.StatusOK, f.listAuditSinks},
		{"GET /audit/bodies/{id}", http.StatusOK, f.readAuditBody},

		{"GET /upstreams", http.StatusOK, f.listUpstreams},
		{"POST /upstreams/{name}/check", http.StatusOK, f.checkUpstream},
		{"POST /reload", http.StatusOK, f.reload},
	}
}

// Changes says whether a request to the API may change something. A preview is
// a question, although it takes a body.
func Changes(r *http.Request) bool {
	asks := r.Method == http.MethodGet || r.Method == http.MethodHead ||
		r.Method == http.MethodPost && strings.HasSuffix(r.URL.EscapedPath(), "/preview")
	return !asks
}

// face speaks REST for the service.
type face struct {
	service      *Service
	authenticate Authenticator
	log          *slog.Logger
}

// Handler is the REST API. It is mounted at the root of a listener that is its
// own, answers in JSON whatever it is asked, and never redirects. version is
// told to anybody, as a health check.
func Handler(service *Service, authenticate Authenticator, version string, log *slog.Logger) http.Handler {
	f := &face{service: service, authenticate: authenticate, log: log}
	mux := http.NewServeMux()
	for _, route := range f.routes() {
		mux.Handle(mount(route.pattern), f.handle(route))
	}
	mux.HandleFunc("GET "+Base+"/version", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, api.Version{Version: version})
	})
	mux.HandleFunc("/", f.nothingHere)
	return f.withoutRedirects(mux)
}

// withoutRedirects keeps from the mux what it would answer with a redirect: a
// client might send its key after one.
func (f *face) withoutRedirects(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked := r.URL.EscapedPath(); r.Method == http.MethodConnect || path.Clean(asked) != asked {
			f.nothingHere(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (f *face) nothingHere(w http.ResponseWriter, r *http.Request) {
	f.fail(w, r, tollgate.Errorf(tollgate.NotFound, "the admin API knows no %s at this address; see its OpenAPI document", r.Method))
}
