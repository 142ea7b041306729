package proxy

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tollgate"
	"tollgate/internal/upstream/naming"
)

// profilesPath is where clients at Bedrock's door ask for inference profiles
// (contract.md 1.8, 2026-11-23).
const profilesPath = "/bedrock/inference-profiles"

// profile is an inference profile as Bedrock's ListInferenceProfiles and
// GetInferenceProfile show it.
type profile struct {
	ARN       string         `json:"inferenceProfileArn"`
	ID        string         `json:"inferenceProfileId"`
	Name      string         `json:"inferenceProfileName"`
	Models    []profileModel `json:"models"`
	Status    string         `json:"status"`
	Type      string         `json:"type"`
	CreatedAt string         `json:"createdAt"`
	UpdatedAt string         `json:"updatedAt"`
}

type profileModel struct {
	ARN string `json:"modelArn"`
}

type profilePage struct {
	Summaries []profile `json:"inferenceProfileSummaries"`
	NextToken string    `json:"nextToken,omitempty"`
}

// serveProfiles answers what lies behind profilesPath from what is routed and
// what the key may use: no provider is asked, and what lies behind the door need
// not be Bedrock. rest is the path behind, escaped.
func (p *Proxy) serveProfiles(w http.ResponseWriter, r *http.Request, rest string) {
	models, ok := p.allowedModels(w, r)
	if !ok {
		return
	}
	profiles := profilesOf(models)
	if rest == "" {
		p.listProfiles(w, r, profiles)
		return
	}
	id, _ := url.PathUnescape(rest[1:])
	at := indexOfProfile(profiles, id[strings.LastIndexByte(id, '/')+1:]) // an ARN ends in it
	if at < 0 {
		p.refuseOther(w, r, tollgate.Errorf(tollgate.NotFound, "inference profile %.100q is not served to your key", id))
		return
	}
	writeJSON(w, profiles[at])
}

func (p *Proxy) listProfiles(w http.ResponseWriter, r *http.Request, profiles []profile) {
	query := r.URL.Query()
	if asked := query.Get("type"); asked != "" && asked != "SYSTEM_DEFINED" {
		profiles = nil // there are no others
	}
	most := largestPage
	if text := query.Get("maxResults"); text != "" {
		var err error
		if most, err = strconv.Atoi(text); err != nil || most < 1 || most > largestPage {
			p.refuseOther(w, r, tollgate.Errorf(tollgate.Invalid, "maxResults: must be a whole number from 1 to %d", largestPage))
			return
		}
	}
	if at := indexOfProfile(profiles, query.Get("nextToken")); at >= 0 {
		profiles = profiles[at+1:]
	}
	page := profilePage{Summaries: slices.Concat([]profile{}, profiles)}
	if len(profiles) > most {
		page = profilePage{profiles[:most], profiles[most-1].ID}
	}
	writeJSON(w, page)
}

func indexOfProfile(profiles []profile, id string) int {
	return slices.IndexFunc(profiles, func(one profile) bool { return one.ID == id })
}

// profilesOf are the profiles under which Bedrock documents these models. Their
// ARNs name no account: there is none behind the gateway that clients may know.
func profilesOf(models []tollgate.Model) (profiles []profile) {
	for _, model := range models {
		created := model.CreatedAt.UTC().Format(time.RFC3339)
		for _, id := range naming.Profiles(model.ID) {
			geography, foundation, _ := strings.Cut(id, ".")
			profiles = append(profiles, profile{
				ARN: "arn:aws:bedrock:us-east-1::inference-profile/" + id, ID: id, Name: strings.ToUpper(geography) + " " + model.DisplayName,
				Models: []profileModel{{"arn:aws:bedrock:us-east-1::foundation-model/" + foundation}},
				Status: "ACTIVE", Type: "SYSTEM_DEFINED", CreatedAt: created, UpdatedAt: created,
			})
		}
	}
	return profiles
}
