package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
)

func newAuditList(gateway *adminFlags) *cobra.Command {
	var out output
	var query client.AuditQuery
	cmd := out.add(&cobra.Command{
		Use:   "list",
		Short: "List records, newest first",
		Long: "List records of the audit log, newest first, one page at a time: requests and everything else that was\n" +
			"recorded. The JSON has each record as it was hashed, and ends with the cursor of the next page or with null.\n\n" +
			"An action is request, or what was done, as in key.create; key.* stands for all that begin so. The outcome of\n" +
			"a request is answered, refused (no provider has seen it) or failed; of anything else done, refused or failed.\n" +
			"A person is a pseudonym of the records, psn_…, or an address." + auditAttributeHelp(),
		Example: "  tollgate audit list --since 7d --where outcome=refused\n" +
			"  tollgate audit list --where 'action=key.*' --where actor=admin:finance\n" +
			"  tollgate audit list --where developer=ada@example.com --since 2026-11-01 --until 2026-12-01 --json",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if query.Limit < 1 {
				return misuse("--limit cannot be %d; a page has from 1 to 1000 records", query.Limit)
			}
			ledger, err := gateway.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			page, err := ledger.AuditRecords(cmd.Context(), query)
			if err != nil {
				return err
			}
			if page.Next != nil && !out.json {
				fmt.Fprintf(cmd.ErrOrStderr(), "There are older ones: --cursor %s\n", *page.Next)
			}
			return out.list(cmd, page, auditTable(page.Data))
		},
	})
	addSpan(cmd, &query.Span)
	cmd.Flags().StringArrayVar(&query.Where, "where", nil, "only records with `attribute=value`; may be repeated, and one attribute twice means either")
	cmd.Flags().IntVar(&query.Limit, "limit", 100, "`records` on a page, at most 1000")
	cmd.Flags().StringVar(&query.Cursor, "cursor", "", "`cursor` from the page before")
	return cmd
}

// auditAttributeHelp names what --where takes.
func auditAttributeHelp() string {
	names := slices.Concat(tollgate.AuditAttributes(), tollgate.Attributes())
	slices.Sort(names)
	return "\n\nAttributes for --where:\n" + wrapped(names)
}

func auditTable(entries []api.AuditEntry) table {
	rows := table{header: []string{"TIME", "ID", "ACTION", "WHO", "ABOUT", "OUTCOME"}}
	for _, e := range entries {
		rows.rows = append(rows.rows, []string{timestamp(e.Time), e.ID, e.Action, text(e.Actor), text(e.Object), e.Outcome})
	}
	return rows
}

func newAuditShow(gateway *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:   "show ID",
		Short: "Show one record, and what commits to it",
		Long: "Show one record of the audit log, letter by letter as it was hashed, with the checkpoint that commits to it:\n" +
			"by the id of a request or an event, or by its chain and number. People appear in it by their pseudonyms; whom\n" +
			"one stands for, tollgate audit list says.",
		Example: "  tollgate audit show req_03a9kx2n6b8c4d5e7f9g1h2j\n  tollgate audit show chn_03a9kx2n6b8c4d5e7f9g1h2j/12 --json",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ledger, err := gateway.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			found, err := ledger.AuditRecord(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if out.json {
				return printJSON(cmd.OutOrStdout(), found)
			}
			return printRecord(cmd, found)
		},
	})
}

func printRecord(cmd *cobra.Command, found api.AuditRecord) error {
	committed := "no checkpoint commits to it yet"
	if found.Checkpoint != nil {
		committed = *found.Checkpoint
	}
	head := table{rows: [][]string{{"chain", found.Chain}, {"number", strconv.FormatInt(found.Number, 10)}, {"sha256", found.Hash}}}
	if found.Leaf != nil {
		head.rows = append(head.rows, []string{"leaf", *found.Leaf})
	}
	if err := head.print(cmd.OutOrStdout()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "\n%s\n\n%s\n", printable(string(found.Record)), committed)
	return err
}
