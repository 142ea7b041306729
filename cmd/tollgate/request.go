package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tollgate/api"
	"tollgate/client"
)

func newRequestCommand() *cobra.Command {
	var admin adminFlags
	return admin.add(newGroup("request", "The ledger, row by row; also of a gateway that is stopped", "tollgate request list --since 12h",
		newRequestList(&admin), newRequestShow(&admin)))
}

func newRequestList(admin *adminFlags) *cobra.Command {
	var out output
	var query client.RequestQuery
	cmd := out.add(&cobra.Command{
		Use:   "list",
		Short: "List requests, newest first",
		Long:  "List requests, newest first, one page at a time. The JSON of a page ends with the cursor of the\nnext, or with null." + attributeHelp(),
		Example: "  tollgate request list --since 12h --where developer=ada@example.com --where status=529\n" +
			"  tollgate request list --json --limit 1000",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if query.Limit < 1 {
				return misuse("--limit cannot be %d; a page has from 1 to 1000 rows", query.Limit)
			}
			ledger, err := admin.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			page, err := ledger.Requests(cmd.Context(), query)
			if err != nil {
				return err
			}
			ledger.warnUnstored(cmd, page.Unstored)
			if page.Next != nil && !out.json {
				fmt.Fprintf(cmd.ErrOrStderr(), "There are older ones: --cursor %s\n", *page.Next)
			}
			return out.list(cmd, page, requestTable(page.Data))
		},
	})
	addSpan(cmd, &query.Span)
	addWhere(cmd, &query.Where)
	cmd.Flags().IntVar(&query.Limit, "limit", 100, "`rows` on a page, at most 1000")
	cmd.Flags().StringVar(&query.Cursor, "cursor", "", "`cursor` from the page before")
	return cmd
}

func requestTable(requests []api.Request) table {
	rows := table{
		header:  []string{"TIME", "ID", "WHO", "TEAM", "OPERATION", "MODEL", "UPSTREAM", "STATUS", "PROMPT", "OUTPUT", "COST", ""},
		numbers: map[int]bool{7: true, 8: true, 9: true, 10: true},
	}
	for _, r := range requests {
		prompt := r.InputTokens + r.CacheWrite5mTokens + r.CacheWrite1hTokens + r.CacheReadTokens
		rows.rows = append(rows.rows, []string{
			timestamp(r.Time), r.ID, text(r.Developer) + text(r.Service), text(r.Team), text(r.Operation), text(r.Model), text(r.Upstream),
			status(r.Status), count(prompt), count(r.OutputTokens), dollars(r.CostNanoUSD), remark(r),
		})
	}
	return rows
}

// status is what the client got, if it got anything that is known.
func status(code int) string {
	if code == 0 {
		return "-"
	}
	return count(int64(code))
}

// remark says what makes a row less than certain.
func remark(r api.Request) string {
	switch {
	case r.Interrupted:
		return "interrupted"
	case r.Estimated:
		return "estimated"
	}
	return ""
}

func newRequestShow(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:   "show ID",
		Short: "Show one request",
		Long: "Show one request, by the id that the gateway gave it or by the provider's request id.\n\n" +
			"The member error, where there is one, says what went wrong: client_hung_up; upstream_cut, the\n" +
			"provider's answer broke off; usage_missing, it ended without the final usage; attempt_abandoned,\n" +
			"it was answered, but another upstream had it before; gateway_stopped, it was not done when\n" +
			"limits.drain was over; gateway_killed, tollgate died before it was done, and the cost is what\n" +
			"budgets held for it, or its input's by estimate if that is more; or the type of the error that the client was told, such as\n" +
			"permission_error or overloaded_error.",
		Example: "  tollgate request show req_03a9kx2n6b8c4d5e7f9g1h2j --json",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ledger, err := admin.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			request, err := ledger.Request(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return out.object(cmd, request)
		},
	})
}

// addSpan puts the bounds of a question to the ledger on a command.
func addSpan(cmd *cobra.Command, span *client.Span) {
	flags := cmd.Flags()
	flags.StringVar(&span.Since, "since", span.Since, "from `when` on: a span such as 90m, 12h, 30d or 2w (minutes, hours, days, weeks), a date such as 2026-11-01, or a time of RFC 3339")
	flags.StringVar(&span.Until, "until", "", "until `when`, exclusive, written likewise (default: now)")
	flags.StringVar(&span.TimeZone, "time-zone", "", "IANA `name` of the zone in which days begin (default: the organisation's)")
}

// addWhere puts conditions on a command.
func addWhere(cmd *cobra.Command, where *[]string) {
	cmd.Flags().StringArrayVar(where, "where", nil, "only requests with `attribute=value`; may be repeated, and one attribute twice means either")
}
