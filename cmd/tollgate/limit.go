package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tollgate/api"
)

func newLimitCommand() *cobra.Command {
	var admin adminFlags
	return admin.add(newGroup("limit", "How fast requests may come", "tollgate limit set team:platform --each --concurrent 32",
		newLimitSet(&admin), newLimitList(&admin), newLimitShow(&admin), newLimitRemove(&admin), newLimitPreview(&admin)))
}

func newLimitSet(admin *adminFlags) *cobra.Command {
	var out output
	var rule limitFlags
	cmd := out.add(&cobra.Command{
		Use:   "set SCOPE",
		Short: "Set a limit, or change the one that is there",
		Long: "Set a limit. The figures per minute refill continuously and may be used up at once. The limit that is\n" +
			"there for the same scope, models and --each takes the figures, all of them: what is left out is not\n" +
			"limited any more. It is in force when the command returns.\n\n" + scopeHelp + "\n\n" +
			"One developer's Claude Code sends title calls beside its turns, agents send in parallel, and one\n" +
			"/context is 25 requests to count_tokens at once: allow a developer 60 requests a minute and 32 at once\n" +
			"at least. Requests to count_tokens cost nothing and meet --count-tokens-per-minute alone.",
		Example: "  tollgate limit set org --each --requests-per-minute 120 --concurrent 48\n" +
			"  tollgate limit set service:nightly --input-tokens-per-minute 400000 --models 'claude-opus-*'",
		Args: one("SCOPE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			limit, err := rule.limit(args[0])
			if err != nil {
				return err
			}
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			set, err := gateway.SetLimit(cmd.Context(), limit)
			if err != nil {
				return err
			}
			return out.object(cmd, set)
		},
	})
	rule.add(cmd)
	return cmd
}

func newLimitList(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "list",
		Short:   "List limits",
		Example: "  tollgate limit list",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			limits, err := gateway.Limits(cmd.Context())
			if err != nil {
				return err
			}
			return out.list(cmd, limits, limitTable(limits.Data))
		},
	})
}

func limitTable(limits []api.Limit) table {
	rows := table{
		header:  []string{"ID", "SCOPE", "MODELS", "REQUESTS/MIN", "INPUT/MIN", "OUTPUT/MIN", "CONCURRENT", "COUNT TOKENS/MIN"},
		numbers: map[int]bool{3: true, 4: true, 5: true, 6: true, 7: true},
	}
	for _, limit := range limits {
		rows.rows = append(rows.rows, []string{
			limit.ID, scopeCell(limit.Scope, limit.Each), text(&limit.Models), orDash(limit.RequestsPerMinute), orDash(limit.InputTokensPerMinute),
			orDash(limit.OutputTokensPerMinute), orDash(limit.Concurrent), orDash(limit.CountTokensPerMinute),
		})
	}
	return rows
}

func orDash(figure *int64) string {
	if figure == nil {
		return "-"
	}
	return count(*figure)
}

func newLimitShow(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "show ID",
		Short:   "Show one limit",
		Example: "  tollgate limit show lim_4Zk7Qm1xYb2P --json",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			limit, err := gateway.Limit(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return out.object(cmd, limit)
		},
	})
}

func newLimitRemove(admin *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "remove ID",
		Short:   "Remove a limit",
		Example: "  tollgate limit remove lim_4Zk7Qm1xYb2P",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			if err := gateway.RemoveLimit(cmd.Context(), args[0]); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Limit %s is removed.\n", args[0])
			return nil
		},
	}
}
