package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tollgate/api"
)

func newAuditHold(admin *adminFlags) *cobra.Command {
	return newGroup("hold", "Legal holds: nothing of whom one is on is removed or erased", "tollgate audit hold list",
		newHoldAdd(admin), newHoldList(admin), newHoldRemove(admin))
}

func newHoldAdd(admin *adminFlags) *cobra.Command {
	var out output
	var reason string
	cmd := out.add(&cobra.Command{
		Use:   "add SCOPE --reason TEXT",
		Short: "Put a legal hold on a developer or on everybody",
		Long: "Put a legal hold on developer:EMAIL, or on everybody with org. Until it is removed, no sealed body of theirs is\n" +
			"removed since its time is over or bodies are too many, and developer erase refuses them. The audit log keeps the\n" +
			"reason for good: name a case, not a person.",
		Example: "  tollgate audit hold add developer:ada@example.com --reason 'case 2026-17'\n  tollgate audit hold add org --reason 'audit of 2026'",
		Args:    one("SCOPE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return misuse("--reason is missing; the audit log keeps it")
			}
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			hold, err := gateway.AddHold(cmd.Context(), api.NewHold{Scope: args[0], Reason: reason})
			if err != nil {
				return err
			}
			return out.object(cmd, hold)
		},
	})
	cmd.Flags().StringVar(&reason, "reason", "", "why, as the audit log keeps it")
	return cmd
}

func newHoldList(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "list",
		Short:   "List the legal holds in force",
		Example: "  tollgate audit hold list",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			holds, err := gateway.Holds(cmd.Context())
			if err != nil {
				return err
			}
			rows := table{header: []string{"ID", "ON", "SINCE", "BY", "REASON"}}
			for _, h := range holds.Data {
				rows.rows = append(rows.rows, []string{h.ID, h.Scope, timestamp(h.CreatedAt), h.CreatedBy, h.Reason})
			}
			return out.list(cmd, holds, rows)
		},
	})
}

func newHoldRemove(admin *adminFlags) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:     "remove ID --reason TEXT",
		Short:   "Remove a legal hold",
		Example: "  tollgate audit hold remove hld_ABCDEFGHJKMNPQRS --reason 'case 2026-17 is settled'",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return misuse("--reason is missing; the audit log keeps it")
			}
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			hold, err := gateway.RemoveHold(cmd.Context(), args[0], reason)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "The legal hold %s on %s is removed.\n", hold.ID, hold.Scope)
			return nil
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, as the audit log keeps it")
	return cmd
}
