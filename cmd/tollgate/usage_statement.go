package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tollgate/api"
	"tollgate/client"
)

// statement is what one team has consumed in one month. Each of its parts adds up to
// the total.
type statement struct {
	Team     *string         `json:"team"` // null: requests of nobody's team
	Month    string          `json:"month"`
	Since    time.Time       `json:"since"`
	Until    time.Time       `json:"until"`
	TimeZone string          `json:"time_zone"`
	Total    api.UsageSum    `json:"total"`
	Parts    []statementPart `json:"parts"`
}

// statementPart is the same, by one attribute.
type statementPart struct {
	By    string         `json:"by"`
	Lines []statementSum `json:"lines"` // dearest first

	at map[string]int // of a line, by its name
}

type statementSum struct {
	Name *string `json:"name"` // null: requests without any
	api.UsageSum
}

// statementParts are by what a statement is taken apart.
var statementParts = []string{"developer", "service", "project", "model", "upstream", "credential"}

// stating is what usage statement is told.
type stating struct {
	month, team, format, folder, zone string
	out                               output
}

func newUsageStatement(admin *adminFlags) *cobra.Command {
	var s stating
	cmd := s.out.add(&cobra.Command{
		Use:   "statement",
		Short: "What each team consumed in a month, for whoever pays",
		Long: "What each team consumed in a month, for whoever pays: in all, and by developer, service, project, model and\n" +
			"upstream. Each part adds up to the total, and all totals to what tollgate usage says of the month. HTML is for\n" +
			"printing and needs nothing but the file; with --out each team gets a file of its own.",
		Example: "  tollgate usage statement --month 2026-10 --format html --out statements\n" +
			"  tollgate usage statement --team payments --format csv",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd, admin) },
	})
	flags := cmd.Flags()
	flags.StringVar(&s.month, "month", "", "`month` as in 2026-10 (default: the last one that is over)")
	flags.StringVar(&s.team, "team", "", "`name` of one team (default: all)")
	flags.StringVar(&s.format, "format", "table", "`kind` of output: table, csv, json or html")
	flags.StringVar(&s.folder, "out", "", "`folder` for a file for each team (default: all of it on standard output)")
	flags.StringVar(&s.zone, "time-zone", "", "IANA `name` of the zone in which the month begins (default: the organisation's)")
	return cmd
}

// writeStatements writes statements in one format.
type writeStatements func(w io.Writer, all []statement) error

var statementFormats = map[string]writeStatements{
	"table": statementTables, "csv": statementCSV, "html": statementHTML,
	"json": func(w io.Writer, all []statement) error { return printJSON(w, api.List[statement]{Data: all}) },
}

func (s stating) run(cmd *cobra.Command, admin *adminFlags) error {
	if s.out.json {
		s.format = "json"
	}
	write, known := statementFormats[s.format]
	if !known {
		return misuse("%q is not a format; choose table, csv, json or html", s.format)
	}
	begin, err := monthOf(s.month, time.Now())
	if err != nil {
		return err
	}
	ledger, err := admin.openLedger(cmd)
	if err != nil {
		return err
	}
	defer ledger.Close()
	query := client.UsageQuery{
		Span: client.Span{Since: begin.Format(time.DateOnly), Until: begin.AddDate(0, 1, 0).Format(time.DateOnly), TimeZone: s.zone},
		By:   append([]string{"team"}, statementParts...),
	}
	if s.team != "" {
		query.Where = []string{"team=" + s.team}
	}
	usage, err := ledger.Usage(cmd.Context(), query)
	if err != nil {
		return err
	}
	ledger.warnUnstored(cmd, usage.Unstored)
	all := statementsOf(usage, begin.Format("2006-01"))
	if s.folder == "" {
		return write(cmd.OutOrStdout(), all)
	}
	return s.files(cmd, write, all)
}

// monthOf is the first day of a month; of the last one that is over when text is empty.
func monthOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Date(now.UTC().Year(), now.UTC().Month()-1, 1, 0, 0, 0, 0, time.UTC), nil
	}
	begin, err := time.Parse("2006-01", text)
	if err != nil {
		return begin, misuse("%q is not a month; write it as in 2026-10", text)
	}
	return begin, nil
}

// statementsOf takes a report apart, team by team.
func statementsOf(usage api.Usage, month string) (all []statement) {
	at := map[string]int{}
	for _, row := range usage.Rows {
		name, team := nameIn(row, "team")
		i, known := at[name]
		if !known {
			i = len(all)
			at[name] = i
			all = append(all, statement{Team: team, Month: month, Since: usage.Since, Until: usage.Until, TimeZone: usage.TimeZone})
			for _, by := range statementParts {
				all[i].Parts = append(all[i].Parts, statementPart{By: by, at: map[string]int{}})
			}
		}
		all[i].add(row)
	}
	for i := range all {
		for j := range all[i].Parts {
			slices.SortStableFunc(all[i].Parts[j].Lines, func(a, b statementSum) int { return cmp.Compare(b.CostNanoUSD, a.CostNanoUSD) })
		}
	}
	return all
}

// nameIn is the value of an attribute, with a text that tells none from any.
func nameIn(row api.UsageRow, attribute string) (key string, name *string) {
	text, some := row.By[attribute].(string)
	if !some {
		return "\x00", nil
	}
	return text, &text
}

func (s *statement) add(row api.UsageRow) {
	addSum(&s.Total, row.UsageSum)
	for i := range s.Parts {
		part := &s.Parts[i]
		key, name := nameIn(row, part.By)
		at, known := part.at[key]
		if !known {
			at = len(part.Lines)
			part.at[key] = at
			part.Lines = append(part.Lines, statementSum{Name: name})
		}
		addSum(&part.Lines[at].UsageSum, row.UsageSum)
	}
}

func addSum(to *api.UsageSum, of api.UsageSum) {
	to.Requests += of.Requests
	to.EstimatedRequests += of.EstimatedRequests
	to.InputTokens += of.InputTokens
	to.CacheWrite5mTokens += of.CacheWrite5mTokens
	to.CacheWrite1hTokens += of.CacheWrite1hTokens
	to.CacheReadTokens += of.CacheReadTokens
	to.OutputTokens += of.OutputTokens
	to.WebSearches += of.WebSearches
	to.CostNanoUSD += of.CostNanoUSD
}

// files writes a file for each team.
func (s stating) files(cmd *cobra.Command, write writeStatements, all []statement) error {
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return fmt.Errorf("the folder for the statements cannot be made: %w", err)
	}
	ending := map[string]string{"table": "txt"}[s.format]
	for _, one := range all {
		path := filepath.Join(s.folder, fmt.Sprintf("%s-%s.%s", url.PathEscape(one.title()), one.Month, cmp.Or(ending, s.format)))
		var text strings.Builder
		if err := write(&text, []statement{one}); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			return fmt.Errorf("the statement of %s cannot be written: %w", one.title(), err)
		}
		fmt.Fprintln(cmd.ErrOrStderr(), path)
	}
	return nil
}

// title is the team as people read it.
func (s statement) title() string {
	if s.Team == nil {
		return "no team"
	}
	return *s.Team
}

// label is a line's name as people read it.
func (s statementSum) label() string {
	if s.Name == nil {
		return "-"
	}
	return *s.Name
}

func statementTables(w io.Writer, all []statement) error {
	for _, one := range all {
		fmt.Fprintf(w, "%s, %s\n\n", printable(one.title()), one.Month)
		rows := table{header: []string{"", "", "REQUESTS", "INPUT", "CACHE WRITE 5M", "CACHE WRITE 1H", "CACHE READ", "OUTPUT", "COST"}, numbers: map[int]bool{2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true}}
		rows.rows = append(rows.rows, append([]string{"total", ""}, sumCells(one.Total)...))
		for _, part := range one.shown() {
			for _, line := range part.Lines {
				rows.rows = append(rows.rows, append([]string{part.By, line.label()}, sumCells(line.UsageSum)...))
			}
		}
		if err := rows.print(w); err != nil {
			return err
		}
		if n := one.Total.EstimatedRequests; n > 0 {
			fmt.Fprintf(w, "%d of %d requests are estimated in part\n", n, one.Total.Requests)
		}
		fmt.Fprintln(w)
	}
	return nil
}

// shown are the parts that say anything: one by projects does not when there is none.
func (s statement) shown() (parts []statementPart) {
	for _, part := range s.Parts {
		if len(part.Lines) > 1 || len(part.Lines) == 1 && part.Lines[0].Name != nil {
			parts = append(parts, part)
		}
	}
	return parts
}

// statementCSV has a line for each total and each line of a part. Whoever adds up
// takes those of one kind.
func statementCSV(w io.Writer, all []statement) error {
	header := []string{"month", "team", "by", "name"}
	for _, column := range usageColumns {
		header = append(header, column.name)
	}
	lines := [][]string{header}
	for _, one := range all {
		add := func(by, name string, sum api.UsageSum) {
			line := []string{one.Month, csvText(one.title()), by, csvText(name)}
			for _, column := range usageColumns {
				line = append(line, count(column.value(sum)))
			}
			lines = append(lines, line)
		}
		add("total", "", one.Total)
		for _, part := range one.shown() {
			for _, line := range part.Lines {
				add(part.By, text(line.Name), line.UsageSum)
			}
		}
	}
	return csv.NewWriter(w).WriteAll(lines)
}
