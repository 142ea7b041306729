package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"tollgate/internal/audit"
)

// What stands in the folder of the audit log.
const (
	auditFolder    = "audit"
	signingKeyFile = "signing.key"
	verifyKeyFile  = "verify.key"
	checkpointFile = "checkpoint"
)

// auditKey is the key that signs checkpoints, with the public one that proves
// them. It is made once; newest is the last checkpoint that was signed, empty
// when none was: beside one it is never made again, since nobody could tell the
// new key from a forger's.
func (f *folder) auditKey(newest string) (notary *audit.Notary, public string, err error) {
	path := filepath.Join(f.path, auditFolder, signingKeyFile)
	private, err := os.ReadFile(path)
	switch {
	case err == nil:
		public, err = readKey(filepath.Join(f.path, auditFolder, verifyKeyFile))
	case !errors.Is(err, fs.ErrNotExist):
		return nil, "", fmt.Errorf("%s cannot be read: %w", path, err)
	case newest != "":
		return nil, "", fmt.Errorf("%s is missing, and the audit log has checkpoints that were signed with it; restore the folder %s from your backup", path, filepath.Dir(path))
	default:
		private, public, err = makeAuditKey(filepath.Dir(path))
	}
	if err != nil {
		return nil, "", err
	}
	if notary, err = audit.NewNotary(strings.TrimSpace(string(private))); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return notary, public, signedBy(path, newest, public)
}

// signedBy makes sure that the newest checkpoint is proved by the key at hand.
func signedBy(path, newest, public string) error {
	if newest == "" {
		return nil
	}
	key, err := note.NewVerifier(public)
	if err == nil {
		_, err = audit.Open(newest, note.VerifierList(key))
	}
	if err != nil {
		return fmt.Errorf("%s is not the key that signed the audit log's checkpoints (%w); restore the folder %s from the backup that the database is from", path, err, filepath.Dir(path))
	}
	return nil
}

func readKey(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the public key of the audit log cannot be read: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// makeAuditKey makes the pair, under a name of its own: the origin of every
// checkpoint.
func makeAuditKey(folder string) (private []byte, public string, err error) {
	var random [6]byte
	rand.Read(random[:]) // never fails since Go 1.24
	secret, public, err := audit.GenerateKey("tollgate-" + hex.EncodeToString(random[:]))
	if err != nil {
		return nil, "", err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, "", err
	}
	err = errors.Join(writeOnce(filepath.Join(folder, verifyKeyFile), public+"\n"), writeOnce(filepath.Join(folder, signingKeyFile), secret+"\n"))
	return []byte(secret), public, err
}
