package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"tollgate/api"
	"tollgate/internal/admin"
	"tollgate/internal/audit"
)

// verifying is a verification that is asked for.
type verifying struct {
	held   []string // files with checkpoints
	key    string
	export string
	out    output
}

func newAuditVerify(gateway *adminFlags) *cobra.Command {
	var v verifying
	cmd := v.out.add(&cobra.Command{
		Use:   "verify",
		Short: "Find out whether the audit log was changed",
		Long: "Find out whether the audit log was changed: every record is held against the one before it, every checkpoint\n" +
			"against its signature and the records it commits to, every row of the ledger against its record and the\n" +
			"other way round. The first wrong place of each chain is named, and then the exit status is 1.\n\n" +
			"A checkpoint that was kept elsewhere (tollgate audit checkpoint, or a sink) also shows that nothing was\n" +
			"written anew since, be it by somebody with the signing key. --export reads an export, with nothing but the\n" +
			"public key: name one that you have from elsewhere, since the export's own is as good as the export.",
		Example: "  tollgate audit verify --checkpoint monday.txt\n" +
			"  tollgate audit verify --export audit.tar --key verify.key",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return v.run(cmd, gateway) },
	})
	cmd.Flags().StringArrayVar(&v.held, "checkpoint", nil, "`file` with a checkpoint that was kept elsewhere; may be repeated")
	cmd.Flags().StringVar(&v.key, "key", "", "`file` with the public key; only beside --export")
	cmd.Flags().StringVar(&v.export, "export", "", "`file` that tollgate audit export has written, in place of a gateway")
	return cmd
}

func (v verifying) run(cmd *cobra.Command, gateway *adminFlags) error {
	held, err := readAll(v.held)
	if err != nil {
		return err
	}
	found, err := v.verify(cmd, gateway, held)
	if err != nil {
		return err
	}
	if err := v.out.list(cmd, found, verificationTable(found)); err != nil {
		return err
	}
	return damaged(cmd, found, v.out.json)
}

func (v verifying) verify(cmd *cobra.Command, gateway *adminFlags, held []string) (found api.AuditVerification, err error) {
	if v.export != "" {
		return v.verifyExport(cmd, held)
	}
	if v.key != "" {
		return found, misuse("--key belongs to --export: a gateway has its key in its data folder")
	}
	ledger, err := gateway.openLedger(cmd)
	if err != nil {
		return found, err
	}
	defer ledger.Close()
	return ledger.VerifyAudit(cmd.Context(), held)
}

func (v verifying) verifyExport(cmd *cobra.Command, held []string) (found api.AuditVerification, err error) {
	if v.key == "" {
		return found, misuse("--key is missing: the file verify.key of the gateway, from where you trust it")
	}
	text, err := readAll([]string{v.key})
	if err != nil {
		return found, err
	}
	key, err := note.NewVerifier(strings.TrimSpace(text[0]))
	if err != nil {
		return found, fmt.Errorf("%s holds no public key of an audit log: %w", v.key, err)
	}
	file, err := os.Open(v.export)
	if err != nil {
		return found, fmt.Errorf("the export cannot be read: %w", err)
	}
	defer file.Close()
	archive, err := audit.OpenArchive(file)
	if err != nil {
		return found, err
	}
	report, err := audit.Verify(cmd.Context(), archive, nil, note.VerifierList(key), held)
	return admin.WireVerification(report), err
}

func readAll(paths []string) (texts []string, err error) {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("it cannot be read: %w", err)
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}

func verificationTable(found api.AuditVerification) table {
	newest, rows := "none", "not compared"
	if found.Newest != nil {
		newest = timestamp(*found.Newest)
	}
	if found.RowsCompared {
		rows = count(found.Rows)
	}
	proved := table{header: []string{"PROVED", ""}, rows: [][]string{
		{"records, each bound to the one before it", count(found.Records)},
		{"chains, one for each process", strconv.Itoa(found.Chains)},
		{"checkpoints whose signature holds", strconv.Itoa(found.Checkpoints)},
		{"checkpoints kept elsewhere that agree", strconv.Itoa(found.Held)},
		{"newest checkpoint", newest},
		{"records after it, signed by none yet", count(found.Uncommitted)},
		{"rows of the ledger that say the same", rows},
	}}
	if found.Retired > 0 {
		proved.rows = append(proved.rows,
			[]string{"records given up when their time was over", count(found.Retired)},
			[]string{"rows of the ledger that had those", count(found.RowsRetired)})
	}
	return proved
}

// damaged names what is wrong, and is the error that anything is.
func damaged(cmd *cobra.Command, found api.AuditVerification, named bool) error {
	if len(found.Faults) == 0 {
		return nil
	}
	if !named {
		for _, fault := range found.Faults {
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "\n%s: %s\n", fault.Kind, printable(fault.Says)); err != nil {
				return err
			}
		}
	}
	return errors.New("the audit log is not what was recorded")
}
