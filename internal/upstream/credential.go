package upstream

import (
	"log/slog"
	"slices"
	"time"

	"tollgate/internal/cred"
	"tollgate/internal/secret"
)

// signing is everything of which a signer can be made.
type signing struct {
	config   Config
	provider provider
	upstream *Upstream
	now      func() time.Time
	log      *slog.Logger
}

// credential is one way to be known to a provider.
type credential struct {
	key    string // of the member that gives it
	given  func(Config) bool
	signer func(signing) Signer
}

var credentials = []credential{
	{"api_key", func(c Config) bool { return !c.APIKey.IsZero() }, apiKeySigner},
	{"bearer", func(c Config) bool { return !c.Bearer.IsZero() }, bearerSigner},
	{"bearer_file", func(c Config) bool { return c.BearerFile != "" }, bearerFileSigner},
	{"federation", func(c Config) bool { return c.Federation != nil }, federationSigner},
	{"aws_access_key_id", func(c Config) bool { return c.AWSAccessKeyID != "" }, awsSigner},
	{"aws_profile", func(c Config) bool { return c.AWSProfile != "" }, awsSigner},
	{"service_account_file", func(c Config) bool { return c.ServiceAccountFile != "" }, googleSigner},
	{"entra", func(c Config) bool { return c.Entra != nil }, entraSigner},
}

// credentials are the keys of those that the configuration gives.
func (c Config) credentials() (keys []string) {
	for _, each := range credentials {
		if each.given(c) {
			keys = append(keys, each.key)
		}
	}
	return keys
}

// signer puts on the one credential there is.
func (s signing) signer() Signer {
	at := slices.IndexFunc(credentials, func(each credential) bool { return each.given(s.config) })
	if at < 0 {
		return s.provider.standard(s)
	}
	return credentials[at].signer(s)
}

func apiKeySigner(s signing) Signer     { return s.provider.apiKey(s.config.APIKey) }
func bearerSigner(s signing) Signer     { return cred.Bearer(s.config.Bearer) }
func bearerFileSigner(s signing) Signer { return cred.BearerFile(s.config.BearerFile, s.now, s.log) }

func keyInHeader(key secret.String) Signer { return cred.APIKey(key) }
func keyAsBearer(key secret.String) Signer { return cred.Bearer(key) }

func awsSigner(s signing) Signer {
	config := cred.AWSConfig{
		Service: s.provider.service, Region: s.config.Region, Profile: s.config.AWSProfile,
		AccessKeyID: s.config.AWSAccessKeyID, SecretAccessKey: s.config.AWSSecretAccessKey, SessionToken: s.config.AWSSessionToken,
	}
	if role := s.config.AssumeRole; role != nil {
		config.Role = &cred.Role{ARN: role.RoleARN, ExternalID: role.ExternalID, SessionName: role.SessionName, SessionTags: role.SessionTags}
	}
	s.upstream.signs = true
	return cred.NewAWS(config, s.now, s.log)
}

func googleSigner(s signing) Signer { return cred.NewGoogle(s.config.ServiceAccountFile, s.now, s.log) }

func entraSigner(s signing) Signer {
	return cred.NewEntra(cred.EntraConfig{
		Tenant: s.config.Entra.Tenant, ClientID: s.config.Entra.ClientID,
		ClientSecret: s.config.Entra.ClientSecret, CertificateFile: s.config.Entra.CertificateFile,
	}, s.now, s.log)
}
