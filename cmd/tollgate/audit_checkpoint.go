package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newAuditCheckpoint(gateway *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "checkpoint",
		Short: "Print the newest signed checkpoint",
		Long: "Print the newest signed checkpoint of the audit log, after taking one if anything was recorded since the last.\n" +
			"Keep it where nobody who runs the gateway can change it: tollgate audit verify --checkpoint then shows that\n" +
			"nothing was changed that had been recorded by then.",
		Example: "  tollgate audit checkpoint > checkpoint-$(date +%F).txt",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ledger, err := gateway.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			newest, err := ledger.Checkpoint(cmd.Context())
			if err != nil {
				return err
			}
			if newest.Note == "" {
				return errors.New("there is no checkpoint yet: nothing was ever recorded")
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), newest.Note)
			return err
		},
	}
}
