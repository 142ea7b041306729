package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tollgate/api"
	"tollgate/client"
)

func newUsageCommand() *cobra.Command {
	var admin adminFlags
	var out output
	var format string
	query := client.UsageQuery{Span: client.Span{Since: "30d"}}
	cmd := admin.add(out.add(&cobra.Command{
		Use:   "usage",
		Short: "Report what was consumed, by any attributes; also of a gateway that is stopped",
		Long: "Report what was consumed, by any attributes of a request, and by hour, day, week or month. The total\n" +
			"is the sum of the rows. CSV has money in nano-dollars (10⁻⁹ USD) and no total row." + byHelp(),
		Example: "  tollgate usage --by developer,model --since 7d\n" +
			"  tollgate usage --by month,team --since 2026-01-01 --time-zone Europe/Berlin --format csv",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show, err := usageFormat(format, cmd.Flags().Changed("format"), out.json)
			if err != nil {
				return err
			}
			ledger, err := admin.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			usage, err := ledger.Usage(cmd.Context(), query)
			if err != nil {
				return err
			}
			ledger.warnUnstored(cmd, usage.Unstored)
			return show(cmd, usage)
		},
	}))
	cmd.Flags().StringSliceVar(&query.By, "by", nil, "`attributes` to report by, separated by commas, such as developer,model or team,month")
	cmd.Flags().StringVar(&format, "format", "table", "`kind` of output: table, csv or json")
	addSpan(cmd, &query.Span)
	addWhere(cmd, &query.Where)
	cmd.AddCommand(newUsageStatement(&admin), newUsageSession(&admin), newUsageFocus(&admin))
	return cmd
}

type showUsage func(cmd *cobra.Command, usage api.Usage) error

func usageFormat(format string, named, asJSON bool) (showUsage, error) {
	if asJSON && named && format != "json" {
		return nil, misuse("--json and --format %s are two formats; keep one of them", format)
	}
	if asJSON {
		format = "json"
	}
	formats := map[string]showUsage{"table": usageTable, "csv": usageCSV, "json": usageJSON}
	show, known := formats[format]
	if !known {
		return nil, misuse("%q is not a format; choose table, csv or json", format)
	}
	return show, nil
}

func usageJSON(cmd *cobra.Command, usage api.Usage) error {
	return printJSON(cmd.OutOrStdout(), usage)
}

// usageTable has a line for each row and the total below them.
func usageTable(cmd *cobra.Command, usage api.Usage) error {
	by := usage.By
	if len(by) == 0 {
		usage.Rows, by = nil, []string{""} // the total says it all; its word needs a column
	}
	rows := table{numbers: map[int]bool{}}
	for _, attribute := range by {
		rows.header = append(rows.header, strings.ToUpper(strings.ReplaceAll(attribute, "_", " ")))
	}
	for _, figure := range []string{"REQUESTS", "INPUT", "CACHE WRITE 5M", "CACHE WRITE 1H", "CACHE READ", "OUTPUT", "COST"} {
		rows.numbers[len(rows.header)] = true
		rows.header = append(rows.header, figure)
	}
	for _, row := range usage.Rows {
		rows.rows = append(rows.rows, append(attributeCells(by, row), sumCells(row.UsageSum)...))
	}
	total := make([]string, len(by))
	total[0] = "TOTAL"
	rows.rows = append(rows.rows, append(total, sumCells(usage.Total)...))
	introduce(cmd.ErrOrStderr(), usage)
	return rows.print(cmd.OutOrStdout())
}

// introduce says over which time the report is, and how much of it the
// provider did not say itself.
func introduce(w io.Writer, usage api.Usage) {
	zone := zoneNamed(usage.TimeZone)
	fmt.Fprintf(w, "From %s until %s", usage.Since.In(zone).Format(time.RFC3339), usage.Until.In(zone).Format(time.RFC3339))
	if n := usage.Total.EstimatedRequests; n > 0 {
		fmt.Fprintf(w, "; %d of %d requests are estimated in part", n, usage.Total.Requests)
	}
	fmt.Fprintln(w)
}

// attributeCells are the row's values of the attributes, in their order.
func attributeCells(by []string, row api.UsageRow) []string {
	values := make([]string, len(by))
	for i, attribute := range by {
		if value := row.By[attribute]; value != nil {
			values[i] = fmt.Sprint(value)
		} else {
			values[i] = "-"
		}
	}
	return values
}

func sumCells(sum api.UsageSum) []string {
	return []string{
		count(sum.Requests), count(sum.InputTokens), count(sum.CacheWrite5mTokens), count(sum.CacheWrite1hTokens),
		count(sum.CacheReadTokens), count(sum.OutputTokens), dollars(sum.CostNanoUSD),
	}
}
