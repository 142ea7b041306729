package cred

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"tollgate"
	"tollgate/internal/secret"
)

// AWSConfig says with what requests are signed, and for whom.
type AWSConfig struct {
	Service, Region string // as the signature names them

	AccessKeyID                   string
	SecretAccessKey, SessionToken secret.String
}

// AWS signs requests by Signature Version 4, in headers
// (providers.md 2.2, 2026-11-23).
type AWS struct {
	config AWSConfig
	now    func() time.Time
	signer *v4.Signer
}

// NewAWS makes an AWS.
func NewAWS(config AWSConfig, now func() time.Time) *AWS {
	return &AWS{config: config, now: now, signer: v4.NewSigner()}
}

// Sign signs the request as it stands.
func (a *AWS) Sign(ctx context.Context, r *http.Request, body []byte, _ tollgate.Principal) error {
	return a.sign(ctx, r, body, aws.Credentials{
		AccessKeyID:     a.config.AccessKeyID,
		SecretAccessKey: a.config.SecretAccessKey.Reveal(),
		SessionToken:    a.config.SessionToken.Reveal(),
	})
}

// signatureHeaders are set by a signature. What a client sent under these names
// belongs to a signature of its own.
var signatureHeaders = []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"}

// sign signs a copy that has only what is to be signed, and takes the signature
// over. The path is signed as the services expect it: what stands escaped on
// the wire is escaped once more.
func (a *AWS) sign(ctx context.Context, r *http.Request, body []byte, with aws.Credentials) error {
	digest := sha256.Sum256(body)
	address := *r.URL
	signed := &http.Request{Method: r.Method, URL: &address, Host: r.Host, Header: toSign(r.Header), ContentLength: r.ContentLength}
	err := a.signer.SignHTTP(ctx, with, signed, hex.EncodeToString(digest[:]), a.config.Service, a.config.Region, a.now().UTC())
	if err != nil {
		return err
	}
	for _, name := range signatureHeaders {
		delete(r.Header, name)
		if lines, set := signed.Header[name]; set {
			r.Header[name] = lines
		}
	}
	return nil
}

// toSign are the headers that mean something to the service. The others are
// left out, so that a proxy on the way may write them anew.
func toSign(header http.Header) http.Header {
	signed := http.Header{}
	for name, lines := range header {
		if name == "Content-Type" || strings.HasPrefix(name, "Anthropic-") {
			signed[name] = lines
		}
	}
	return signed
}
