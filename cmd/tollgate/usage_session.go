package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tollgate/api"
	"tollgate/client"
)

// agent is one of a session's, with those that it has started.
type agent struct {
	Agent *string `json:"agent"` // null: the session itself
	// Own is what it has consumed itself, All that and what those below it have.
	Own    api.UsageSum `json:"own"`
	All    api.UsageSum `json:"all"`
	Agents []*agent     `json:"agents"`
}

func newUsageSession(admin *adminFlags) *cobra.Command {
	var out output
	since := "90d"
	cmd := out.add(&cobra.Command{
		Use:   "session [ID]",
		Short: "What a session cost, agent by agent; or the dearest sessions",
		Long: "What a session cost: its own requests, those of the agents that it started, those of the agents that they\n" +
			"started. Without an ID the dearest sessions are listed.",
		Example: "  tollgate usage session --since 7d\n  tollgate usage session 0b54c7f2-7d1e-4c86-9d3c-5a1be1f0a7c2",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ledger, err := admin.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			query := client.UsageQuery{Span: client.Span{Since: since}, By: []string{"session", "developer"}}
			if len(args) == 1 {
				query.By, query.Where = []string{"agent", "parent_agent"}, []string{"session=" + args[0]}
			}
			usage, err := ledger.Usage(cmd.Context(), query)
			if err != nil {
				return err
			}
			ledger.warnUnstored(cmd, usage.Unstored)
			if len(args) == 0 {
				return dearest(cmd, out, usage)
			}
			if len(usage.Rows) == 0 {
				return fmt.Errorf("no request of the session %q arrived since %s; look further back with --since", args[0], since)
			}
			tree := treeOf(usage)
			rows := table{header: []string{"AGENT", "REQUESTS", "OWN COST", "COST"}, numbers: map[int]bool{1: true, 2: true, 3: true}}
			tree.lines(&rows, 0)
			if out.json {
				return printJSON(cmd.OutOrStdout(), tree)
			}
			return rows.print(cmd.OutOrStdout())
		},
	})
	cmd.Flags().StringVar(&since, "since", since, "from `when` on: a span such as 7d, a date or a time")
	return cmd
}

// mostSessions are listed.
const mostSessions = 50

func dearest(cmd *cobra.Command, out output, usage api.Usage) error {
	usage.Rows = slices.DeleteFunc(usage.Rows, func(row api.UsageRow) bool { return row.By["session"] == nil })
	slices.SortStableFunc(usage.Rows, func(a, b api.UsageRow) int { return cmp.Compare(b.CostNanoUSD, a.CostNanoUSD) })
	usage.Rows = usage.Rows[:min(len(usage.Rows), mostSessions)]
	rows := table{header: []string{"SESSION", "DEVELOPER", "REQUESTS", "CACHE READ", "OUTPUT", "COST"}, numbers: map[int]bool{2: true, 3: true, 4: true, 5: true}}
	for _, row := range usage.Rows {
		cells := attributeCells(usage.By, row)
		rows.rows = append(rows.rows, []string{cells[0], cells[1], count(row.Requests), count(row.CacheReadTokens), count(row.OutputTokens), dollars(row.CostNanoUSD)})
	}
	return out.list(cmd, api.List[api.UsageRow]{Data: usage.Rows}, rows)
}

// treeOf puts each agent below the one that started it. One whose parent made no
// request is the session's, and so is one that would stand below itself.
func treeOf(usage api.Usage) *agent {
	root := &agent{Agents: []*agent{}}
	agents, parents := map[string]*agent{}, map[string]string{}
	var names []string
	for _, row := range usage.Rows {
		name, _ := row.By["agent"].(string)
		if name == "" {
			addSum(&root.Own, row.UsageSum)
			continue
		}
		if agents[name] == nil {
			agents[name] = &agent{Agent: &name, Agents: []*agent{}}
			names = append(names, name)
		}
		addSum(&agents[name].Own, row.UsageSum)
		if parent, some := row.By["parent_agent"].(string); some {
			parents[name] = parent
		}
	}
	for _, name := range names {
		above := agents[parents[name]]
		if above == nil || below(name, parents[name], parents) {
			above = root
		}
		above.Agents = append(above.Agents, agents[name])
	}
	root.sum()
	return root
}

// below says whether an agent is among those above one.
func below(name, one string, parents map[string]string) bool {
	for range parents {
		if one == name {
			return true
		}
		one = parents[one]
	}
	return false
}

func (a *agent) sum() {
	a.All = a.Own
	for _, each := range a.Agents {
		each.sum()
		addSum(&a.All, each.All)
	}
	slices.SortStableFunc(a.Agents, func(a, b *agent) int { return cmp.Compare(b.All.CostNanoUSD, a.All.CostNanoUSD) })
}

func (a *agent) lines(rows *table, depth int) {
	name := "session"
	if a.Agent != nil {
		name = strings.Repeat("  ", depth) + *a.Agent
	}
	rows.rows = append(rows.rows, []string{name, count(a.All.Requests), dollars(a.Own.CostNanoUSD), dollars(a.All.CostNanoUSD)})
	for _, each := range a.Agents {
		each.lines(rows, depth+1)
	}
}
