package cred

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"tollgate/internal/secret"
)

// googleScope is what a token for Google Cloud is asked for
// (providers.md 3.1, 2026-11-23).
const googleScope = "https://www.googleapis.com/auth/cloud-platform"

// NewGoogle makes a Token of a service account whose key is in a file, or,
// without one, of whatever Google's own chain finds: a file that the environment
// names, what gcloud left, the machine's metadata service. All of them are
// looked at again for each token.
func NewGoogle(serviceAccountFile string, now func() time.Time, log *slog.Logger) *Token {
	client := exchangeClient()
	return newToken(func(ctx context.Context) (none grant[secret.String], err error) {
		found, err := googleCredentials(context.WithValue(ctx, oauth2.HTTPClient, client), serviceAccountFile)
		if err != nil {
			return none, err
		}
		token, err := found.TokenSource.Token()
		if err != nil {
			return none, googleCause(err)
		}
		return grant[secret.String]{secret.New(token.AccessToken), until(token.Expiry, now())}, nil
	}, now, log)
}

func googleCredentials(ctx context.Context, file string) (*google.Credentials, error) {
	if file == "" {
		return google.FindDefaultCredentials(ctx, googleScope)
	}
	key, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	found, err := google.CredentialsFromJSONWithType(ctx, key, google.ServiceAccount, googleScope)
	if err != nil {
		return nil, fmt.Errorf("%s is no key of a service account", file) // what the parser says may quote it
	}
	return found, nil
}

// googleCause leaves out what was answered: it may repeat the assertion.
func googleCause(err error) error {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.Response != nil {
		return fmt.Errorf("the exchange for a token of Google was answered with status %d %s", refused.Response.StatusCode, http.StatusText(refused.Response.StatusCode))
	}
	return err
}
