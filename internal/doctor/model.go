package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// checkCatalog lists models as the client does at its start: within three seconds
// and without a redirect (contract 6.1).
func checkCatalog(v *visit, ctx context.Context) {
	answer, err := v.ask(ctx, question{path: "/v1/models?limit=1000", patience: patience})
	if err != nil {
		says, remedy := explain(v.URL, err)
		v.report("catalog", Failed, says, remedy)
		return
	}
	var page struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	switch {
	case answer.StatusCode == http.StatusNotFound:
		v.report("catalog", Warning, "the gateway lists no models, so the client shows its own list", "leave CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY out")
		return
	case answer.StatusCode != http.StatusOK || json.Unmarshal(answer.body, &page) != nil:
		v.report("catalog", Failed, v.otherwise(answer), "ask whoever runs the gateway")
		return
	case answer.took > catalogPatience:
		v.report("catalog", Warning, fmt.Sprintf("the list took %s, and the client waits 3 s for it", answer.took.Round(100*time.Millisecond)), "find out what is slow in between: everything else waits for it too")
	default:
		v.report("catalog", OK, fmt.Sprintf("%d models", len(page.Data)), "")
	}
	v.offered = true
	for _, each := range page.Data {
		v.models = append(v.models, each.ID)
	}
}

// mostModels are asked when nobody says which.
const mostModels = 20

// checkModels asks each model for one word, or a tollgate whether it would.
func checkModels(v *visit, ctx context.Context) {
	names := v.Models
	if len(names) == 0 {
		names = v.named()
	}
	if len(names) == 0 {
		names = v.models[:min(len(v.models), mostModels)]
	}
	if len(names) == 0 {
		v.report("models", Skipped, "nobody says which models there are", "name them with --model")
		return
	}
	var cost int64
	var good []string
	for _, name := range names {
		likely, wrong, remedy := v.askModel(ctx, name)
		if wrong != "" {
			v.report("models", Failed, name+": "+wrong, remedy)
			continue
		}
		cost += likely
		good = append(good, name)
	}
	if len(good) > 0 {
		v.report("models", OK, v.answered(good, cost), "")
	}
}

func (v *visit) answered(names []string, cost int64) string {
	list := strings.Join(names, ", ")
	switch {
	case v.Spend:
		return "answered: " + list
	case v.tollgate:
		return fmt.Sprintf("would be asked: %s; with --yes each is asked for one word, for about $%.4f together", list, float64(cost)/1e9)
	}
	return "listed: " + list + "; with --yes each is asked for one word, which costs some hundredths of a cent"
}

// named are the models that the settings speak of.
func (v *visit) named() (names []string) {
	for _, name := range []string{"ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"} {
		if model := v.variable(name); strings.Contains(model, "claude") && !slices.Contains(names, model) {
			names = append(names, model)
		}
	}
	return names
}

// askModel says what is wrong with a model, or about what asking it costs.
func (v *visit) askModel(ctx context.Context, name string) (cost int64, wrong, remedy string) {
	q := question{path: "/tollgate/plan?model=" + url.QueryEscape(name)}
	if v.Spend {
		body, _ := json.Marshal(map[string]any{"model": name, "max_tokens": 1, "messages": []any{map[string]string{"role": "user", "content": "."}}}) // such values always marshal
		q = question{method: http.MethodPost, path: "/v1/messages", body: body}
	} else if !v.tollgate {
		if v.offered && !slices.Contains(v.models, name) {
			return 0, "the gateway does not list it", "have it routed, or choose another one"
		}
		return 0, "", ""
	}
	answer, err := v.ask(ctx, q)
	if err != nil {
		wrong, remedy = explain(v.URL, err)
		return 0, wrong, remedy
	}
	var plan struct {
		Type string `json:"type"`
		Cost int64  `json:"likely_cost_nano_usd"`
	}
	if answer.StatusCode == http.StatusOK && json.Unmarshal(answer.body, &plan) == nil && (!v.Spend || plan.Type == "message") {
		return plan.Cost, "", ""
	}
	switch answer.StatusCode {
	case http.StatusNotFound:
		remedy = "have the model routed by whoever runs the gateway, or choose another one with /model"
	case http.StatusForbidden:
		remedy = "ask for a key that may use this model"
	case http.StatusUnauthorized:
		remedy = "it is the gateway's own credential that the provider refuses: tell whoever runs it"
	default:
		remedy = "tell whoever runs the gateway"
	}
	return 0, v.otherwise(answer), remedy
}

// checkSmallModel: Claude Code asks a small model too, for titles and summaries.
func checkSmallModel(v *visit, _ context.Context) {
	if named := v.variable("ANTHROPIC_DEFAULT_HAIKU_MODEL"); named != "" {
		v.judgeSmall(named)
		return
	}
	if !v.offered {
		v.report("small_model", Skipped, "nobody says which models there are", "")
		return
	}
	if slices.ContainsFunc(v.models, func(name string) bool { return strings.Contains(name, "haiku") }) {
		v.report("small_model", OK, "a small model is served", "")
		return
	}
	v.report("small_model", Warning, "no small model is served, which Claude Code asks for background tasks", "have one routed, or set ANTHROPIC_DEFAULT_HAIKU_MODEL to a model that is")
}

func (v *visit) judgeSmall(named string) {
	if v.offered && !slices.Contains(v.models, named) {
		v.report("small_model", Failed, "ANTHROPIC_DEFAULT_HAIKU_MODEL names "+quoted(named)+", which the gateway does not serve", "set it to one that is served")
		return
	}
	v.report("small_model", OK, named, "")
}
