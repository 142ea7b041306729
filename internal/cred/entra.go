package cred

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"tollgate/internal/secret"
)

// entraScope is what a token for Foundry is asked for
// (providers.md 4, 2026-11-23).
const entraScope = "https://ai.azure.com/.default"

// EntraConfig names an application of Microsoft Entra, with its secret or its
// certificate. Without one, Azure's own chain finds a credential: the
// environment, a workload's or a machine's identity, what az left.
type EntraConfig struct {
	Tenant, ClientID string
	ClientSecret     secret.String
	CertificateFile  string // PEM or PKCS #12, with its key, without a password; read for each token
}

// entra asks for tokens. client is the way to Entra.
type entra struct {
	config EntraConfig
	client *http.Client
	now    func() time.Time
}

// NewEntra makes a Token of Entra's.
func NewEntra(config EntraConfig, now func() time.Time, log *slog.Logger) *Token {
	return newToken((&entra{config, exchangeClient(), now}).fetch, now, log)
}

// fetch asks anew each time: what the library keeps, it would keep to the end.
func (e *entra) fetch(ctx context.Context) (none grant[secret.String], err error) {
	known, err := e.credential()
	if err != nil {
		return none, err
	}
	token, err := known.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{entraScope}})
	if err != nil {
		return none, entraCause(err)
	}
	return grant[secret.String]{secret.New(token.Token), until(token.ExpiresOn, e.now())}, nil
}

func (e *entra) credential() (azcore.TokenCredential, error) {
	client := azcore.ClientOptions{Transport: e.client}
	switch {
	case !e.config.ClientSecret.IsZero():
		return azidentity.NewClientSecretCredential(e.config.Tenant, e.config.ClientID, e.config.ClientSecret.Reveal(),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: client, DisableInstanceDiscovery: true})
	case e.config.CertificateFile != "":
		return e.certificate(client)
	}
	return azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: client, TenantID: e.config.Tenant})
}

func (e *entra) certificate(client azcore.ClientOptions) (azcore.TokenCredential, error) {
	file, err := os.ReadFile(e.config.CertificateFile)
	if err != nil {
		return nil, err
	}
	chain, key, err := azidentity.ParseCertificates(file, nil)
	if err != nil {
		return nil, fmt.Errorf("%s holds no certificate with its key, or has a password", e.config.CertificateFile)
	}
	return azidentity.NewClientCertificateCredential(e.config.Tenant, e.config.ClientID, chain, key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: client, DisableInstanceDiscovery: true})
}

// entraCause leaves out what was asked and answered.
func entraCause(err error) error {
	if refused, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok && refused.RawResponse != nil {
		return fmt.Errorf("the request to Entra for a token was answered with status %d", refused.RawResponse.StatusCode)
	}
	return err
}
