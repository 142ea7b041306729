package main

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tollgate/api"
)

// usageColumns are the figures of a report as CSV, under their JSON names.
var usageColumns = []struct {
	name  string
	value func(api.UsageSum) int64
}{
	{"requests", func(s api.UsageSum) int64 { return s.Requests }},
	{"estimated_requests", func(s api.UsageSum) int64 { return s.EstimatedRequests }},
	{"input_tokens", func(s api.UsageSum) int64 { return s.InputTokens }},
	{"cache_write_5m_tokens", func(s api.UsageSum) int64 { return s.CacheWrite5mTokens }},
	{"cache_write_1h_tokens", func(s api.UsageSum) int64 { return s.CacheWrite1hTokens }},
	{"cache_read_tokens", func(s api.UsageSum) int64 { return s.CacheReadTokens }},
	{"output_tokens", func(s api.UsageSum) int64 { return s.OutputTokens }},
	{"web_searches", func(s api.UsageSum) int64 { return s.WebSearches }},
	{"cost_nano_usd", func(s api.UsageSum) int64 { return s.CostNanoUSD }},
}

// usageCSV writes a header and the rows. There is no total, since whoever sums
// the column would count everything twice.
func usageCSV(cmd *cobra.Command, usage api.Usage) error {
	header := slices.Clone(usage.By)
	for _, column := range usageColumns {
		header = append(header, column.name)
	}
	lines := [][]string{header}
	for _, row := range usage.Rows {
		var line []string
		for _, attribute := range usage.By {
			line = append(line, csvText(row.By[attribute]))
		}
		for _, column := range usageColumns {
			line = append(line, count(column.value(row.UsageSum)))
		}
		lines = append(lines, line)
	}
	return csv.NewWriter(cmd.OutOrStdout()).WriteAll(lines)
}

// csvText keeps a spreadsheet from taking for a formula what a client chose
// as its session or its name: such a text gets an apostrophe before it.
func csvText(value any) string {
	if value == nil {
		return ""
	}
	text := fmt.Sprint(value)
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
