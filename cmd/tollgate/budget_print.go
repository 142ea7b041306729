package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tollgate"
	"tollgate/api"
)

// budget prints one budget, with its raises and members as tables.
func (o *output) budget(cmd *cobra.Command, budget api.Budget) error {
	if o.json {
		return printJSON(cmd.OutOrStdout(), budget)
	}
	budget = local(budget)
	tables := []table{describe(budget)}
	if len(budget.Raises) > 0 {
		tables = append(tables, raiseTable(budget.Raises))
	}
	if len(budget.Members) > 0 {
		tables = append(tables, memberTable(budget.Members))
	}
	for i, each := range tables {
		if i > 0 {
			fmt.Fprintln(cmd.OutOrStdout())
		}
		if err := each.print(cmd.OutOrStdout()); err != nil {
			return err
		}
	}
	if budget.MoreMembers > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "Members that have less of it and are not shown: %d. \"tollgate usage --by developer,service\" has everybody.\n", budget.MoreMembers)
	}
	return nil
}

// local is a budget with its times in the zone that its periods follow. The one
// that it is made from stays as it is.
func local(budget api.Budget) api.Budget {
	zone := zoneNamed(budget.TimeZone)
	for _, at := range []**time.Time{&budget.StartsAt, &budget.ResetsAt} {
		if *at != nil {
			*at = new((*at).In(zone))
		}
	}
	budget.CreatedAt = budget.CreatedAt.In(zone)
	budget.Raises = slices.Clone(budget.Raises)
	for i := range budget.Raises {
		raise := &budget.Raises[i]
		raise.From, raise.Until = raise.From.In(zone), raise.Until.In(zone)
	}
	return budget
}

// zoneNamed is UTC where this machine does not know the zone: a gateway may
// know more.
func zoneNamed(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil {
		return zone
	}
	return time.UTC
}

func budgetTable(budgets []api.Budget) table {
	rows := table{
		header:  []string{"ID", "SCOPE", "PERIOD", "MODELS", "LIMIT", "SPENT", "HELD", "%", "RESETS", "KIND"},
		numbers: map[int]bool{4: true, 5: true, 6: true, 7: true},
	}
	for _, budget := range budgets {
		budget = local(budget)
		rows.rows = append(rows.rows, []string{
			budget.ID, scopeCell(budget.Scope, budget.Each), budget.Period, text(&budget.Models), rounded(budget.LimitNanoUSD),
			rounded(budget.SpentNanoUSD), rounded(budget.HeldNanoUSD), fullness(budget), text(budget.ResetsAt), budgetKind(budget),
		})
	}
	return rows
}

// scopeCell tells what is for each member from what all share.
func scopeCell(scope string, each bool) string {
	if each {
		return scope + " (each)"
	}
	return scope
}

// fullness is the part of the limit that is spent, of the fullest member where
// each has its own, in whole per cent.
func fullness(budget api.Budget) string {
	switch {
	case !budget.Each:
		return percent(budget.SpentNanoUSD, budget.LimitNanoUSD)
	case budget.Fullest != nil:
		return percent(budget.Fullest.SpentNanoUSD, budget.Fullest.LimitNanoUSD)
	default:
		return percent(0, budget.LimitNanoUSD)
	}
}

// percent does not round up: 100 % is spent when it is.
func percent(spent, limit int64) string {
	if limit <= 0 {
		return "100%"
	}
	return fmt.Sprintf("%d%%", int64(float64(spent)/float64(limit)*100))
}

func budgetKind(budget api.Budget) string {
	if !budget.Hard {
		return "soft"
	}
	return "hard, " + budget.Enforce
}

func raiseTable(raises []api.Raise) table {
	rows := table{header: []string{"RAISE", "BY", "FOR", "FROM", "UNTIL", "IN FORCE", "MADE BY", "REASON"}, numbers: map[int]bool{1: true}}
	for _, raise := range raises {
		rows.rows = append(rows.rows, []string{
			raise.ID, rounded(raise.ByNanoUSD), orAll(raise.Member), timestamp(raise.From), timestamp(raise.Until),
			fmt.Sprint(raise.InForce), raise.CreatedBy, raise.Reason,
		})
	}
	return rows
}

func orAll(member *string) string {
	if member == nil {
		return "all"
	}
	return *member
}

func memberTable(members []api.BudgetMember) table {
	rows := table{header: []string{"MEMBER", "LIMIT", "SPENT", "HELD", "%"}, numbers: map[int]bool{1: true, 2: true, 3: true, 4: true}}
	for _, member := range members {
		rows.rows = append(rows.rows, []string{
			member.Member, rounded(member.LimitNanoUSD), rounded(member.SpentNanoUSD), rounded(member.HeldNanoUSD),
			percent(member.SpentNanoUSD, member.LimitNanoUSD),
		})
	}
	return rows
}

// rounded is money for people who compare.
func rounded(nano int64) string { return tollgate.Money(nano).Rounded() }

// plural is "1 request", "2 requests".
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}
