package deploytest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// grafana is what matters of a dashboard's JSON.
type grafana struct {
	UID           string
	Title         string
	SchemaVersion int
	Panels        []grafanaPanel
	Templating    struct{ List []grafanaVariable }
	Annotations   struct {
		List []struct{ Name, Expr string }
	}
}

type grafanaPanel struct {
	ID          int
	Type        string
	Title       string
	Description string
	Datasource  struct{ UID string }
	GridPos     struct{ H, W, X, Y int }
	FieldConfig struct {
		Defaults struct{ Unit string }
	}
	Targets []struct {
		RefID        string
		Expr         string
		LegendFormat string
		Datasource   struct{ UID string }
	}
}

type grafanaVariable struct {
	Name  string
	Type  string
	Query json.RawMessage
}

func dashboard(t *testing.T) grafana {
	t.Helper()
	var board grafana
	if err := json.Unmarshal([]byte(read(t, repository+"/deploy/grafana/tollgate.json")), &board); err != nil {
		t.Fatal(err)
	}
	return board
}

// panels are those that show something.
func (g grafana) panels() []grafanaPanel {
	return slices.DeleteFunc(slices.Clone(g.Panels), func(p grafanaPanel) bool { return p.Type == "row" })
}

func TestDashboard(t *testing.T) {
	board := dashboard(t)
	if board.UID != "tollgate" || board.Title == "" || board.SchemaVersion == 0 || len(board.panels()) < 30 {
		t.Errorf("%s %q, schema %d, %d panels", board.UID, board.Title, board.SchemaVersion, len(board.panels()))
	}
	ids, titles := map[int]bool{}, map[string]bool{}
	for _, panel := range board.Panels {
		if panel.ID == 0 || ids[panel.ID] {
			t.Errorf("%q: the id %d is none, or another's", panel.Title, panel.ID)
		}
		if panel.Title == "" || panel.Type != "row" && titles[panel.Title+panel.Type] {
			t.Errorf("%q: the title is missing, or another's", panel.Title)
		}
		ids[panel.ID], titles[panel.Title+panel.Type] = true, true
	}
	for _, panel := range board.panels() {
		checkPanel(t, panel)
	}
	for _, annotation := range board.Annotations.List {
		checkExpression(t, annotation.Name, annotation.Expr)
	}
}

func checkPanel(t *testing.T, panel grafanaPanel) {
	t.Helper()
	if panel.Description == "" || panel.FieldConfig.Defaults.Unit == "" || panel.Datasource.UID != "${datasource}" || len(panel.Targets) == 0 {
		t.Errorf("%s: a panel needs a description, a unit, the datasource and something to show", panel.Title)
	}
	refs := map[string]bool{}
	for _, target := range panel.Targets {
		if refs[target.RefID] || target.LegendFormat == "" || target.Datasource.UID != "${datasource}" {
			t.Errorf("%s: a target needs a ref of its own, a legend and the datasource", panel.Title)
		}
		if !strings.Contains(target.Expr, `job=~"$job"`) || !strings.Contains(target.Expr, `instance=~"$instance"`) {
			t.Errorf("%s: %s does not heed the choice of job and instance", panel.Title, target.Expr)
		}
		refs[target.RefID] = true
		checkExpression(t, panel.Title, target.Expr)
	}
}

// Panels neither overlap nor stick out.
func TestDashboardIsLaidOut(t *testing.T) {
	taken := map[[2]int]string{}
	for _, panel := range dashboard(t).Panels {
		at := panel.GridPos
		if at.W <= 0 || at.H <= 0 || at.X+at.W > 24 {
			t.Errorf("%s: %+v", panel.Title, at)
		}
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s lies on %s", panel.Title, other)
				}
				taken[[2]int{x, y}] = panel.Title
			}
		}
	}
}

// Whatever a panel refers to with a dollar sign is a variable, and what the
// variables ask for is there.
func TestDashboardVariables(t *testing.T) {
	board, known := dashboard(t), metrics(t)
	if first := board.Templating.List[0]; first.Name != "datasource" || first.Type != "datasource" {
		t.Errorf("the first variable is %s, a %s", first.Name, first.Type)
	}
	for _, name := range []string{"job", "instance", "upstream", "model"} {
		at := slices.IndexFunc(board.Templating.List, func(v grafanaVariable) bool { return v.Name == name })
		if at < 0 {
			t.Errorf("there is no variable %s", name)
			continue
		}
		var query struct{ Query string }
		if err := json.Unmarshal(board.Templating.List[at].Query, &query); err != nil {
			t.Error(err)
		}
		asked, _, _ := strings.Cut(strings.TrimPrefix(query.Query, "label_values("), ",")
		asked, _, _ = strings.Cut(asked, "{")
		if about, there := known[asked]; !there || !slices.Contains(append(about.labels, "job", "instance"), name) {
			t.Errorf("%s asks %s", name, query.Query)
		}
	}
}
