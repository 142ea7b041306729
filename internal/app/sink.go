package app

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"time"

	"tollgate"
	"tollgate/internal/audit/sink"
	"tollgate/internal/config"
	"tollgate/internal/cred"
)

// sinks hand the audit log to others, while this process holds the data folder.
// One process at a time may do so: two would deliver in each other's way.
type sinks struct {
	*sink.Desk
	shift
}

// newSinks makes those that deliver nothing yet.
func (a *App) newSinks(c *config.Config, version string) *sinks {
	desk := sink.NewDesk(c.Audit.Sinks, sink.Options{
		Surroundings: sink.Surroundings{Version: version, Stdout: standardOutput(), Signer: bucketSigner(a.log), Now: time.Now},
		Outbox:       a.store,
		Log:          a.log,
	})
	return &sinks{Desk: desk, shift: shift{work: desk.Run}}
}

// bucketSigner makes what signs requests to a bucket.
func bucketSigner(log *slog.Logger) func(sink.Config) sink.Signer {
	return func(c sink.Config) sink.Signer {
		return storageSigner{cred.NewAWS(cred.AWSConfig{
			Service: "s3", Region: c.Region,
			AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken, Profile: c.Profile,
		}, time.Now, log)}
	}
}

type storageSigner struct{ aws *cred.AWS }

// Sign implements sink.Signer.
func (s storageSigner) Sign(ctx context.Context, r *http.Request, digest [sha256.Size]byte) error {
	return s.aws.Sign(ctx, r, func() cred.Sum { return digest }, tollgate.Principal{})
}
