package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"tollgate/api"
)

// previewHelp says what a preview can tell.
const previewHelp = "Nothing is stored and nobody is refused. It is told from the rows of the ledger, so that it cannot know\n" +
	"what a developer would have done instead of what was refused."

func newBudgetPreview(admin *adminFlags) *cobra.Command {
	var out output
	var rule budgetFlags
	var span api.PreviewSpan
	cmd := out.add(&cobra.Command{
		Use:   "preview SCOPE --amount DOLLARS --period day|week|month|total",
		Short: "Say whom a budget would have refused, when and how often",
		Long:  "Say what a budget would have done to the requests of the last week, or of another time.\n" + previewHelp + "\n\n" + scopeHelp,
		Example: "  tollgate budget preview team:platform --amount 40 --period day --each\n" +
			"  tollgate budget preview org --amount 5000 --period month --since 2026-10-01 --until 2026-11-01 --json",
		Args: one("SCOPE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			budget, err := rule.budget(cmd, args[0])
			if err != nil {
				return err
			}
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			found, err := gateway.PreviewBudget(cmd.Context(), api.BudgetPreview{NewBudget: budget, PreviewSpan: span})
			if err != nil {
				return err
			}
			return out.preview(cmd, found)
		},
	})
	rule.add(cmd)
	addPreviewSpan(cmd, &span)
	return cmd
}

func newLimitPreview(admin *adminFlags) *cobra.Command {
	var out output
	var rule limitFlags
	var span api.PreviewSpan
	cmd := out.add(&cobra.Command{
		Use:     "preview SCOPE",
		Short:   "Say whom a limit would have refused, when and how often",
		Long:    "Say what a limit would have done to the requests of the last week, or of another time.\n" + previewHelp + "\n\n" + scopeHelp,
		Example: "  tollgate limit preview team:platform --each --requests-per-minute 60 --concurrent 32 --since 14d",
		Args:    one("SCOPE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			limit, err := rule.limit(args[0])
			if err != nil {
				return err
			}
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			found, err := gateway.PreviewLimit(cmd.Context(), api.LimitPreview{NewLimit: limit, PreviewSpan: span})
			if err != nil {
				return err
			}
			return out.preview(cmd, found)
		},
	})
	rule.add(cmd)
	addPreviewSpan(cmd, &span)
	return cmd
}

func addPreviewSpan(cmd *cobra.Command, span *api.PreviewSpan) {
	flags := cmd.Flags()
	flags.StringVar(&span.Since, "since", "7d", "from `when` on: a span such as 12h, 7d or 4w, a date such as 2026-11-01, or a time of RFC 3339")
	flags.StringVar(&span.Until, "until", "", "until `when`, exclusive, written likewise (default: now)")
}

// preview prints the totals as a sentence and a line for each who would have
// been refused.
func (o *output) preview(cmd *cobra.Command, found api.Preview) error {
	if o.json {
		return printJSON(cmd.OutOrStdout(), found)
	}
	for _, note := range found.Notes {
		fmt.Fprintln(cmd.ErrOrStderr(), printable(note))
	}
	zone := zoneNamed(found.TimeZone)
	if err := tell(cmd.OutOrStdout(), found, zone); err != nil || found.Refused == 0 {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout())
	return refusalTable(found.Refusals, zone).print(cmd.OutOrStdout())
}

func tell(w io.Writer, found api.Preview, zone *time.Location) error {
	span := fmt.Sprintf("From %s until %s", found.Since.In(zone).Format(time.RFC3339), found.Until.In(zone).Format(time.RFC3339))
	if found.Refused == 0 {
		_, err := fmt.Fprintf(w, "%s, none of %s would have been refused.\n", span, plural(found.Requests, "request"))
		return err
	}
	_, err := fmt.Fprintf(w, "%s, %d of %s would have been refused; they cost %s.\n",
		span, found.Refused, plural(found.Requests, "request"), rounded(found.SavedNanoUSD))
	return err
}

func refusalTable(refusals []api.PreviewRefusal, zone *time.Location) table {
	rows := table{
		header:  []string{"WHOM", "REFUSED", "OF", "FIRST", "LAST", "DAYS"},
		numbers: map[int]bool{1: true, 2: true, 5: true},
	}
	for _, refusal := range refusals {
		rows.rows = append(rows.rows, []string{
			refusal.Whom, count(refusal.Refused), count(refusal.Requests),
			timestamp(refusal.First.In(zone)), timestamp(refusal.Last.In(zone)), count(refusal.Days),
		})
	}
	return rows
}
