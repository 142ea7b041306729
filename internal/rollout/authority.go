package rollout

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"

	"tollgate"
)

// ParseCA reads the certificates of an authority, in PEM, and leaves out
// whatever else stands between them. A private key among them is refused: it
// would be on every machine. The error is Invalid.
func ParseCA(text []byte) ([]byte, error) {
	var certificates bytes.Buffer
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, tollgate.Errorf(tollgate.Invalid, "this file holds a %s beside certificates; name one that has the authority's certificate only, since every machine gets a copy", block.Type)
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return nil, tollgate.Errorf(tollgate.Invalid, "this file holds a certificate that cannot be read; export it again, in PEM").Because(err)
		}
		certificates.Write(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
	}
	if certificates.Len() == 0 {
		return nil, tollgate.Errorf(tollgate.Invalid, "this file holds no certificate; name the authority's, in PEM (it begins with -----BEGIN CERTIFICATE-----)")
	}
	return certificates.Bytes(), nil
}

// Trusts says whether a machine like this one accepts the first of these
// certificates, in PEM, with the others as the way to an authority it knows.
// What cannot be read is accepted: others say so.
func Trusts(chain []byte) bool {
	block, rest := pem.Decode(chain)
	if block == nil {
		return true
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return true
	}
	between := x509.NewCertPool()
	between.AppendCertsFromPEM(rest)
	_, err = leaf.Verify(x509.VerifyOptions{Intermediates: between})
	return err == nil
}
