package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func newAuditExport(gateway *adminFlags) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the whole audit log into a tar archive",
		Long: "Write the whole audit log into a tar archive: every record as it was hashed, the checkpoints, the public key,\n" +
			"and a page that says how to check them without tollgate. The log says that it was handed out, and to whom.",
		Example: "  tollgate audit export --out audit.tar",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ledger, err := gateway.openLedger(cmd)
			if err != nil {
				return err
			}
			defer ledger.Close()
			if out == "" {
				return ledger.ExportAudit(cmd.Context(), cmd.OutOrStdout())
			}
			return writeExport(cmd, ledger, out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write to `file` instead of to stdout")
	return cmd
}

// writeExport leaves no file that is not whole.
func writeExport(cmd *cobra.Command, ledger ledgerClient, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the export cannot be written: %w", err)
	}
	to := bufio.NewWriter(file)
	err = ledger.ExportAudit(cmd.Context(), to)
	err = errors.Join(err, to.Flush(), file.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
