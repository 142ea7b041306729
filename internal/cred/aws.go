package cred

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"tollgate"
	"tollgate/internal/secret"
)

// AWSConfig says with what requests are signed, and for whom. Without a fixed
// key it is what AWS's own chain finds.
type AWSConfig struct {
	Service, Region string // as the signature names them

	AccessKeyID                   string
	SecretAccessKey, SessionToken secret.String
	Profile                       string // of the shared configuration
	Role                          *Role  // that is assumed; nil: none
}

// AWS signs requests by Signature Version 4, in headers
// (providers.md 2.2, 2026-11-23).
type AWS struct {
	config AWSConfig
	now    func() time.Time
	log    *slog.Logger
	signer *v4.Signer
	own    source[aws.Credentials] // this gateway's, by which roles are assumed
	roles  sessions
}

// NewAWS makes an AWS. Credentials are looked for by the first request.
func NewAWS(config AWSConfig, now func() time.Time, log *slog.Logger) *AWS {
	a := &AWS{config: config, now: now, log: log, signer: v4.NewSigner()}
	a.own = source[aws.Credentials]{fetch: a.find, now: now, log: log}
	return a
}

// Sign signs the request as it stands, with the credentials of the role's
// session where there is a role.
func (a *AWS) Sign(ctx context.Context, r *http.Request, sum func() Sum, who tollgate.Principal) error {
	from := &a.own
	if a.config.Role != nil {
		from = a.assumed(who)
	}
	with, err := from.current(ctx)
	if err != nil {
		return err
	}
	return a.sign(ctx, r, sum(), with)
}

// find looks for the gateway's own credentials.
func (a *AWS) find(ctx context.Context) (none grant[aws.Credentials], err error) {
	if a.config.AccessKeyID != "" {
		return grant[aws.Credentials]{value: aws.Credentials{
			AccessKeyID:     a.config.AccessKeyID,
			SecretAccessKey: a.config.SecretAccessKey.Reveal(),
			SessionToken:    a.config.SessionToken.Reveal(),
		}}, nil
	}
	loaded, err := a.load(ctx, awsconfig.WithSharedConfigProfile(a.config.Profile))
	if err != nil {
		return none, err
	}
	found, err := loaded.Credentials.Retrieve(ctx)
	if err != nil {
		return none, awsCause(err)
	}
	return grant[aws.Credentials]{found, a.life(found)}, nil
}

func (a *AWS) life(of aws.Credentials) time.Duration {
	if !of.CanExpire {
		return 0
	}
	return until(of.Expires, a.now())
}

func (a *AWS) load(ctx context.Context, more func(*awsconfig.LoadOptions) error) (aws.Config, error) {
	return awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(a.config.Region), awsconfig.WithLogger(logging.Nop{}), more)
}

// awsCause keeps what the service calls the mistake. What it says of it is left
// out but where it names the permission: of a wrong signature it shows what was
// signed, and with it the session's token.
func awsCause(err error) error {
	refused, ok := errors.AsType[smithy.APIError](err)
	switch {
	case !ok:
		return err
	case refused.ErrorCode() == "AccessDenied":
		said, _, _ := strings.Cut(refused.ErrorMessage(), "\n")
		return fmt.Errorf("AWS refused the credentials: %s: %s", refused.ErrorCode(), said)
	}
	return fmt.Errorf("AWS refused the credentials: %s", refused.ErrorCode())
}
