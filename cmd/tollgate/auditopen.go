package main

import (
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"tollgate"
	"tollgate/internal/audit/body"
	"tollgate/internal/store"
)

// opening is a body that is to be opened.
type opening struct {
	identity string
	out      string
	request  bool
	response bool
}

func newAuditOpen(admin *adminFlags) *cobra.Command {
	var o opening
	cmd := &cobra.Command{
		Use:   "open ID --identity FILE",
		Short: "Open a sealed body",
		Long: "Open the sealed body of a request with the identity of one of audit.recipients, and write it. It is decrypted\n" +
			"here: the identity does not leave this machine. Fetching it needs the role write and is recorded in the\n" +
			"audit log; from the data folder of a gateway that is stopped, nothing is recorded.\n\n" +
			"What was redacted stands in it as «redacted:NAME». Where nothing was, it is compared with the digest in\n" +
			"the record of the request.",
		Example: "  tollgate audit open req_03a9kx2n6b8c4d5e7f9g1h2j --identity auditor.txt\n" +
			"  tollgate audit open req_03a9kx2n6b8c4d5e7f9g1h2j --identity auditor.txt --response --out answer.txt",
		Args: one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, admin, args[0]) },
	}
	cmd.Flags().StringVar(&o.identity, "identity", "", "`file` with the identity, as age-keygen writes it")
	cmd.Flags().StringVar(&o.out, "out", "", "write to `file` instead of to stdout")
	cmd.Flags().BoolVar(&o.request, "request", false, "the body of the request (default)")
	cmd.Flags().BoolVar(&o.response, "response", false, "the body of the answer")
	return cmd
}

func (o opening) run(cmd *cobra.Command, admin *adminFlags, id string) error {
	if o.identity == "" {
		return misuse("--identity is missing: the file that age-keygen wrote")
	}
	if o.request && o.response {
		return misuse("--request and --response cannot be written at once")
	}
	identities, err := o.identities()
	if err != nil {
		return err
	}
	sealed, err := o.fetch(cmd, admin, id)
	if err != nil {
		return err
	}
	opened, err := body.Open(sealed.Sealed, sealed.Keys, identities)
	if err != nil {
		return err
	}
	said, err := opened.Compare(sealed.Digest())
	if err != nil {
		return err
	}
	fmt.Fprintln(cmd.ErrOrStderr(), said)
	return o.write(cmd, opened.Text)
}

func (o opening) identities() ([]age.Identity, error) {
	file, err := os.Open(o.identity)
	if err != nil {
		return nil, fmt.Errorf("the identity cannot be read: %w", err)
	}
	defer file.Close()
	return body.ReadIdentities(file)
}

func (o opening) part() tollgate.BodyPart {
	if o.response {
		return tollgate.ResponsePart
	}
	return tollgate.RequestPart
}

// fetch asks the running gateway, else its data folder.
func (o opening) fetch(cmd *cobra.Command, admin *adminFlags, id string) (found tollgate.SealedBody, err error) {
	ledger, err := admin.openLedger(cmd)
	if err != nil {
		return found, err
	}
	defer ledger.Close()
	if ledger.stopped {
		return o.read(cmd, admin.folder(), id)
	}
	answer, err := ledger.SealedBody(cmd.Context(), id, string(o.part()))
	if err != nil {
		return found, err
	}
	found = tollgate.SealedBody{
		Request: &tollgate.Exchange{ID: answer.Request, RequestDigest: answer.Digest, ResponseDigest: answer.Digest},
		Part:    tollgate.BodyPart(answer.Part), Person: answer.Person, Sealed: answer.Sealed,
	}
	for _, key := range answer.Keys {
		found.Keys = append(found.Keys, tollgate.PersonKey{Public: key.Public, Wrapped: key.Wrapped, CreatedAt: key.CreatedAt})
	}
	return found, nil
}

func (o opening) read(cmd *cobra.Command, folder, id string) (found tollgate.SealedBody, err error) {
	kept, err := store.OpenReadOnly(cmd.Context(), filepath.Join(folder, store.File))
	if err != nil {
		return found, err
	}
	defer kept.Close()
	x, err := kept.Request(cmd.Context(), id)
	if err != nil {
		return found, err
	}
	return body.Fetch(cmd.Context(), kept, filepath.Join(folder, body.Folder), x, o.part())
}

// write keeps to itself what it writes into a file: it is a conversation.
func (o opening) write(cmd *cobra.Command, text []byte) error {
	if o.out == "" {
		_, err := cmd.OutOrStdout().Write(text)
		return err
	}
	return os.WriteFile(o.out, text, 0o600)
}
