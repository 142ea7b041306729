package deploytest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"sigs.k8s.io/yaml"
)

const alertFile = repository + "/deploy/prometheus/alerts.yaml"

// The rules are what Prometheus accepts, and each says how bad it is, what is
// the matter, what to do and where more is written.
func TestAlertRules(t *testing.T) {
	groups, problems := rulefmt.Parse([]byte(read(t, alertFile)), false, model.UTF8Validation)
	if len(problems) > 0 || len(groups.Groups) == 0 {
		t.Fatal(problems)
	}
	guide := read(t, repository+"/docs/operating.md")
	seen := map[string]bool{}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			if rule.Alert == "" || seen[rule.Alert] || !strings.HasPrefix(rule.Alert, "Tollgate") {
				t.Errorf("%q is no name for an alert, or another's", rule.Alert)
			}
			seen[rule.Alert] = true
			checkExpression(t, rule.Alert, rule.Expr)
			if severity := rule.Labels["severity"]; severity != "page" && severity != "ticket" {
				t.Errorf("%s: severity %q", rule.Alert, severity)
			}
			for _, name := range []string{"summary", "description"} {
				if len(rule.Annotations[name]) < 30 {
					t.Errorf("%s: %s %q", rule.Alert, name, rule.Annotations[name])
				}
			}
			anchor := strings.ToLower(rule.Alert)
			if rule.Annotations["runbook"] != "docs/operating.md#"+anchor || !strings.Contains(guide, fmt.Sprintf(`<a id=%q></a>`, anchor)) {
				t.Errorf("%s: runbook %q, and a row of that name in the guide", rule.Alert, rule.Annotations["runbook"])
			}
			if rule.For == 0 && !strings.Contains(rule.Expr, "increase(") && !strings.Contains(rule.Expr, "changes(") {
				t.Errorf("%s: a state is no alert until it has lasted: say for how long", rule.Alert)
			}
		}
	}
	for _, row := range regexp.MustCompile(`<a id="(tollgate[a-z]+)"></a>`).FindAllStringSubmatch(guide, -1) {
		if !strings.Contains(read(t, alertFile), "#"+row[1]+"\n") {
			t.Errorf("the guide has a row for %s, which no rule leads to", row[1])
		}
	}
}

// The piece of Prometheus' own configuration asks where tollgate answers.
func TestScrapeConfiguration(t *testing.T) {
	var scrape struct {
		Jobs []struct {
			Name          string `json:"job_name"`
			Authorization struct {
				File string `json:"credentials_file"`
			} `json:"authorization"`
		} `json:"scrape_configs"`
		Rules []string `json:"rule_files"`
	}
	if err := yaml.UnmarshalStrict([]byte(read(t, repository+"/deploy/prometheus/prometheus.yaml")), &struct {
		Jobs  any `json:"scrape_configs"`
		Rules any `json:"rule_files"`
	}{}); err != nil {
		t.Error(err)
	}
	if err := yaml.Unmarshal([]byte(read(t, repository+"/deploy/prometheus/prometheus.yaml")), &scrape); err != nil {
		t.Fatal(err)
	}
	if len(scrape.Jobs) != 1 || scrape.Jobs[0].Name != "tollgate" || scrape.Jobs[0].Authorization.File == "" || len(scrape.Rules) != 1 || scrape.Rules[0] != "alerts.yaml" {
		t.Errorf("%+v", scrape)
	}
}
