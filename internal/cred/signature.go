package cred

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Sum is the digest of a body.
type Sum = [sha256.Size]byte

// signatureHeaders are set by a signature. What a client sent under these names
// belongs to a signature of its own.
var signatureHeaders = []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"}

// sign signs a copy that has only what is to be signed, and takes the signature
// over. The path is signed as the services expect it: what stands escaped on
// the wire is escaped once more.
func (a *AWS) sign(ctx context.Context, r *http.Request, sum Sum, with aws.Credentials) error {
	address := *r.URL
	signed := &http.Request{Method: r.Method, URL: &address, Host: r.Host, Header: toSign(r.Header), ContentLength: r.ContentLength}
	digest := hex.EncodeToString(sum[:])
	if a.config.Service == storage {
		describe(r.Header, signed.Header, digest)
	}
	err := a.signer.SignHTTP(ctx, with, signed, digest, a.config.Service, a.config.Region, a.now().UTC(), a.asIs)
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

// storage is S3, which differs from the other services: it wants the body's digest
// and the object's description signed, and takes the path as it stands on the wire
// (AWS Signature Version 4, 2026-11-24).
const storage = "s3"

// describe adds what is to be signed for S3.
func describe(header, signed http.Header, digest string) {
	for name, lines := range header {
		if strings.HasPrefix(name, "X-Amz-") || name == "Content-Md5" {
			signed[name] = lines
		}
	}
	for _, name := range signatureHeaders {
		delete(signed, name)
	}
	signed.Set("X-Amz-Content-Sha256", digest)
}

func (a *AWS) asIs(options *v4.SignerOptions) {
	options.DisableURIPathEscaping = a.config.Service == storage
}
