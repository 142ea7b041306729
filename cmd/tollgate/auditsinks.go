package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tollgate/api"
)

func newAuditSinks(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:   "sinks",
		Short: "List who is handed the audit log, and how far each has come",
		Long: "List who is handed the audit log as it grows: how many records each has not got, since when the first of them\n" +
			"waits, what it took last, and, where it fails, since when and why. What a sink does not take is kept for it.",
		Example: "  tollgate audit sinks\n  tollgate audit sinks --json",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			found, err := gateway.AuditSinks(cmd.Context())
			if err != nil {
				return err
			}
			return out.list(cmd, found, sinkTable(found.Data))
		},
	})
}

func sinkTable(sinks []api.AuditSink) table {
	rows := table{header: []string{"NAME", "KIND", "WAITING", "OLDEST", "LAST", "DELIVERED", "STATE"}, numbers: map[int]bool{2: true}}
	for _, each := range sinks {
		last := ""
		if each.Chain != nil {
			last = fmt.Sprintf("%s %d", *each.Chain, *each.Number)
		}
		state := "takes everything"
		if each.FailingSince != nil {
			state = fmt.Sprintf("fails since %s: %s", timestamp(*each.FailingSince), *each.Error)
		}
		rows.rows = append(rows.rows, []string{each.Name, each.Kind, count(each.Waiting), text(each.Oldest), last, text(each.Delivered), state})
	}
	return rows
}
