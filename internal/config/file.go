package config

import (
	"crypto/tls"
	"fmt"
	"strings"

	"tollgate"
)

// fileProblems looks into the files that the configuration only names. What is
// wrong with one would otherwise come out at the start, or with a request.
func (c *Config) fileProblems(look Lookup) []tollgate.Problem {
	problems := c.Listen.TLS.fileProblems(look)
	for i, upstream := range c.Upstreams {
		path := fmt.Sprintf("upstreams[%d].", i)
		problems = append(problems, tokenFileProblems(look, path+"bearer_file", upstream.BearerFile)...)
		problems = append(problems, tokenFileProblems(look, path+"service_account_file", upstream.ServiceAccountFile)...)
		if upstream.Entra != nil {
			problems = append(problems, tokenFileProblems(look, path+"entra.certificate_file", upstream.Entra.CertificateFile)...)
		}
		if upstream.Federation != nil {
			problems = append(problems, tokenFileProblems(look, path+"federation.token_file", upstream.Federation.TokenFile)...)
		}
	}
	return problems
}

func tokenFileProblems(look Lookup, path, file string) []tollgate.Problem {
	if file == "" {
		return nil
	}
	token, problem := look.file(file)
	if problem == nil && strings.TrimSpace(token) == "" {
		problem = emptyFile(file)
	}
	return at(path, problem)
}

// at puts a problem, if there is one, in its place.
func at(path string, problem *tollgate.Problem) []tollgate.Problem {
	if problem == nil {
		return nil
	}
	problem.Path = path
	return []tollgate.Problem{*problem}
}

// fileProblems makes sure that a handshake would succeed.
func (t *TLS) fileProblems(look Lookup) []tollgate.Problem {
	if t == nil || t.Cert == "" || t.Key == "" {
		return nil // which is a mistake of its own
	}
	chain, wrongChain := look.file(t.Cert)
	key, wrongKey := look.file(t.Key)
	if wrongChain != nil || wrongKey != nil {
		return append(at("listen.tls.cert", wrongChain), at("listen.tls.key", wrongKey)...)
	}
	if _, err := tls.X509KeyPair([]byte(chain), []byte(key)); err != nil {
		return []tollgate.Problem{{
			Path: "listen.tls", Message: fmt.Sprintf("the certificate %s with the key %s cannot be used: %v", t.Cert, t.Key, err),
			Remedy: "name a certificate chain and the private key that it was made for, both in PEM",
		}}
	}
	return nil
}
