package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tollgate/api"
)

func newLedgerCommand() *cobra.Command {
	var admin adminFlags
	return admin.add(newGroup("ledger", "The ledger as a whole; also of a gateway that is stopped", "tollgate ledger check",
		newLedgerCheck(&admin)))
}

func newLedgerCheck(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:   "check",
		Short: "Compare the ledger with everything that has to agree with it",
		Long: "Compare the ledger with everything that has to agree with it: the database with its own rules, the\n" +
			"journal with the rows, each row with itself, reports with the rows that they add up, the register\n" +
			"with the rows that name it. Each difference is named, with the row and both values, and then the\n" +
			"exit status is 1. It only reads; it takes a minute or two for a million rows.",
		Example: "  tollgate ledger check\n" +
			"  tollgate ledger check --json --data-dir /var/lib/tollgate",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ledger, err := admin.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			found, err := ledger.CheckLedger(cmd.Context())
			if err != nil {
				return err
			}
			for _, note := range found.Notes {
				fmt.Fprintln(cmd.ErrOrStderr(), printable(note))
			}
			if err := out.list(cmd, found, checkTable(found)); err != nil {
				return err
			}
			return differ(cmd, found, out.json)
		},
	})
}

func checkTable(found api.LedgerCheck) table {
	rows := table{header: []string{"CHECK", "DIFFERENCES", "COMPARES"}, numbers: map[int]bool{1: true}}
	for _, each := range found.Checks {
		rows.rows = append(rows.rows, []string{each.Name, count(each.Differences), each.About})
	}
	return rows
}

// differ names the differences, and is the error that there are any.
func differ(cmd *cobra.Command, found api.LedgerCheck, named bool) error {
	if found.Differences == 0 {
		return nil
	}
	var text strings.Builder
	for _, each := range found.Checks {
		for _, sentence := range each.Sentences {
			fmt.Fprintf(&text, "%s: %s\n", each.Name, printable(sentence))
		}
		if more := each.Differences - int64(len(each.Sentences)); more > 0 {
			fmt.Fprintf(&text, "%s: and %d more\n", each.Name, more)
		}
	}
	if !named {
		if _, err := fmt.Fprint(cmd.OutOrStdout(), "\n"+text.String()); err != nil {
			return err
		}
	}
	return fmt.Errorf("differences in the ledger: %d", found.Differences)
}
