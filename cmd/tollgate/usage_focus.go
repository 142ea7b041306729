package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tollgate/api"
	"tollgate/client"
)

// focusBy is what a charge is told apart by.
var focusBy = []string{"day", "team", "developer", "service", "project", "model", "upstream"}

// charge is one row of the export.
type charge struct {
	api.UsageRow
	begin time.Time // the day, UTC
}

// focusColumns are those of the FinOps Open Cost and Usage Specification, version 1.2
// (focus.finops.org, 2026-11-24), that say something here, in the order of the alphabet;
// the x_ ones are our own, as it allows. Costs are exact to the nano-dollar.
var focusColumns = []struct {
	name  string
	value func(c charge) string
}{
	{"BilledCost", charge.cost},
	{"BillingAccountId", func(c charge) string { return c.text("upstream") }},
	{"BillingAccountName", func(c charge) string { return c.text("upstream") }},
	{"BillingCurrency", func(charge) string { return "USD" }},
	{"BillingPeriodEnd", func(c charge) string { return focusTime(c.month().AddDate(0, 1, 0)) }},
	{"BillingPeriodStart", func(c charge) string { return focusTime(c.month()) }},
	{"ChargeCategory", func(charge) string { return "Usage" }},
	{"ChargeClass", func(charge) string { return "" }}, // no correction of what was charged before
	{"ChargeDescription", func(c charge) string { return "Claude Code, " + c.text("model") }},
	{"ChargeFrequency", func(charge) string { return "Usage-Based" }},
	{"ChargePeriodEnd", func(c charge) string { return focusTime(c.begin.AddDate(0, 0, 1)) }},
	{"ChargePeriodStart", func(c charge) string { return focusTime(c.begin) }},
	{"ConsumedQuantity", func(c charge) string { return count(c.tokens()) }},
	{"ConsumedUnit", func(charge) string { return "Tokens" }},
	{"ContractedCost", charge.cost},
	{"EffectiveCost", charge.cost},
	{"InvoiceIssuerName", func(c charge) string { return c.text("upstream") }},
	{"ListCost", charge.cost},
	{"PricingCategory", func(charge) string { return "Standard" }},
	{"PricingQuantity", func(c charge) string { return count(c.tokens()) }},
	{"PricingUnit", func(charge) string { return "Tokens" }},
	{"ProviderName", func(c charge) string { return c.text("upstream") }},
	{"PublisherName", func(charge) string { return "Anthropic" }},
	{"ResourceId", func(c charge) string { return c.text("model") }},
	{"ServiceCategory", func(charge) string { return "AI and Machine Learning" }},
	{"ServiceName", func(charge) string { return "Claude" }},
	{"SkuId", func(c charge) string { return c.text("model") }},
	{"SubAccountId", func(c charge) string { return c.text("team") }},
	{"SubAccountName", func(c charge) string { return c.text("team") }},
	{"Tags", charge.tags},
	{"x_CacheReadTokens", func(c charge) string { return count(c.CacheReadTokens) }},
	{"x_CacheWrite1hTokens", func(c charge) string { return count(c.CacheWrite1hTokens) }},
	{"x_CacheWrite5mTokens", func(c charge) string { return count(c.CacheWrite5mTokens) }},
	{"x_EstimatedRequests", func(c charge) string { return count(c.EstimatedRequests) }},
	{"x_InputTokens", func(c charge) string { return count(c.InputTokens) }},
	{"x_OutputTokens", func(c charge) string { return count(c.OutputTokens) }},
	{"x_Requests", func(c charge) string { return count(c.Requests) }},
}

func newUsageFocus(admin *adminFlags) *cobra.Command {
	query := client.UsageQuery{Span: client.Span{Since: "30d"}, By: focusBy}
	cmd := &cobra.Command{
		Use:   "focus",
		Short: "Export charges in the FinOps Open Cost and Usage Specification",
		Long: "Export charges as CSV in the FinOps Open Cost and Usage Specification (FOCUS), version 1.2: one row for each day of\n" +
			"UTC, team, developer or service, project, model and upstream. Costs are what the ledger has, exact to the\n" +
			"nano-dollar; provider and invoice issuer are the configured names of upstreams. Columns that say nothing here are\n" +
			"left out; those with x_ are tollgate's own.",
		Example: "  tollgate usage focus --since 2026-10-01 --until 2026-11-01 > focus.csv",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ledger, err := admin.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			query.TimeZone = "UTC"
			usage, err := ledger.Usage(cmd.Context(), query)
			if err != nil {
				return err
			}
			ledger.warnUnstored(cmd, usage.Unstored)
			return writeFocus(cmd, usage)
		},
	}
	cmd.Flags().StringVar(&query.Since, "since", query.Since, "from `when` on: a span such as 30d, a date or a time")
	cmd.Flags().StringVar(&query.Until, "until", "", "until `when`, exclusive (default: now)")
	addWhere(cmd, &query.Where)
	return cmd
}

func writeFocus(cmd *cobra.Command, usage api.Usage) error {
	var header []string
	for _, column := range focusColumns {
		header = append(header, column.name)
	}
	lines := [][]string{header}
	for _, row := range usage.Rows {
		begin, err := time.Parse(time.DateOnly, csvText(row.By["day"]))
		if err != nil {
			return fmt.Errorf("the gateway's report has a day that is none: %w", err)
		}
		var line []string
		for _, column := range focusColumns {
			line = append(line, column.value(charge{row, begin}))
		}
		lines = append(lines, line)
	}
	return csv.NewWriter(cmd.OutOrStdout()).WriteAll(lines)
}

func (c charge) text(attribute string) string { return csvText(c.By[attribute]) }

func (c charge) cost() string {
	return fmt.Sprintf("%d.%09d", c.CostNanoUSD/1e9, c.CostNanoUSD%1e9)
}

func (c charge) month() time.Time {
	return time.Date(c.begin.Year(), c.begin.Month(), 1, 0, 0, 0, 0, time.UTC)
}

func (c charge) tokens() int64 {
	return c.InputTokens + c.CacheWrite5mTokens + c.CacheWrite1hTokens + c.CacheReadTokens + c.OutputTokens
}

// tags are what a charge is for, as a JSON object.
func (c charge) tags() string {
	tags := map[string]string{}
	for _, name := range []string{"developer", "service", "project"} {
		if value, some := c.By[name].(string); some {
			tags[name] = value
		}
	}
	text, _ := json.Marshal(tags) // texts always marshal
	return string(text)
}

func focusTime(at time.Time) string { return at.UTC().Format(time.RFC3339) }
